"""The story of an agreement: what people changed in it and its parts, save by save, newest first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone

from agreements.actions.restore_value import is_restorable
from agreements.models import (
    ActionItem,
    Agreement,
    AgreementDocument,
    AnnualReport,
    AnnualReportLine,
    Approval,
    CooperationField,
    DepartmentOpinion,
    DiagnosisResponse,
    ExpectationAnswer,
    ExpectationConfirmation,
    ExpectationRound,
    ExpectationRow,
    FairnessLink,
    Meeting,
    MeetingTask,
    Party,
    PlanLink,
    ProgressEntry,
    Proposal,
    Restart,
    ShareLink,
    SigningCeremony,
    TextVersion,
)
from municipalities import change_log
from municipalities.change_log import Entry, FieldChange
from municipalities.fiscal_year import label
from municipalities.wareki import format_wareki

_MODELS = (
    Agreement,
    Party,
    CooperationField,
    ActionItem,
    Proposal,
    DepartmentOpinion,
    Approval,
    SigningCeremony,
    ShareLink,
    AgreementDocument,
    Meeting,
    MeetingTask,
    PlanLink,
    ProgressEntry,
    DiagnosisResponse,
    Restart,
    FairnessLink,
    ExpectationRound,
    ExpectationRow,
    ExpectationAnswer,
    ExpectationConfirmation,
    AnnualReport,
    AnnualReportLine,
    TextVersion,
)
# From a record to its agreement, where that is not `agreement`.
_PATHS: dict[type, str] = {
    Agreement: "id",
    AnnualReportLine: "report__agreement",
    MeetingTask: "meeting__agreement",
    ProgressEntry: "action__agreement",
    FairnessLink: "action__agreement",
    ExpectationRow: "round__agreement",
    ExpectationAnswer: "row__round__agreement",
    ExpectationConfirmation: "row__round__agreement",
}
# What a record's subject names beside the record itself.
_NAMED: dict[type, tuple[str, ...]] = {
    DepartmentOpinion: ("department",),
    PlanLink: ("plan_item",),
    ProgressEntry: ("action",),
    FairnessLink: ("action", "meeting"),
    ExpectationAnswer: ("row",),
    ExpectationConfirmation: ("row",),
}
_MOST_RECORDS = 2_000
"""Of each model, the newest are read: the story of an agreement with 60 items and 30 saves is complete."""
_ONE_SAVE = timedelta(seconds=3)
_DELETED_AT = str(Agreement._meta.get_field("deleted_at").verbose_name)


@dataclass(frozen=True, slots=True)
class PartChange:
    """What happened to the agreement itself or to one part; `verb` is 登録, 変更, 削除 or 復元.

    `model` names the part's kind; of the fields in `restorable` the old value can be brought back.
    """

    subject: str
    verb: str
    changes: tuple[FieldChange, ...]
    model: str = ""
    restorable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """One save by one person, `at` in local time, with the `reason` given for it.

    When the whole agreement was registered, `summary` says how many parts it began with and `parts` is empty.
    """

    at: datetime
    by: str
    verb: str
    summary: str
    parts: tuple[PartChange, ...]
    reason: str = ""


def story(agreement: Agreement) -> list[Change]:
    """Every save of this agreement, its parties, items and actions that changed something.

    The number of queries does not depend on the number of records.
    """
    records: list[Any] = []
    for model in _MODELS:
        records += _records(model, **{_PATHS.get(model, "agreement"): agreement.pk})
    entries = [
        entry
        for entry in change_log.compare(_pairs(records))
        # A bulk change of 分野 leaves a record of the agreement that has only its reason.
        if entry.changes or entry.kind != "変更" or entry.record.history_change_reason
    ]
    entries.sort(key=lambda entry: (entry.record.history_date, entry.record.history_id))
    gone = _gone(records)
    return [_change(entries_of_save, gone) for entries_of_save in reversed(_saves(entries))]


def _gone(records: Iterable[Any]) -> set[tuple[type, int]]:
    """Parts that are no more, or put away: nothing of theirs can be brought back by itself."""
    last: dict[tuple[type, int], Any] = {}
    for record in records:  # of each row the newest first
        last.setdefault((record.instance_type, record.id), record)
    return {
        row
        for row, record in last.items()
        if record.history_type == "-" or getattr(record, "deleted_at", None)
    }


def _records(model: Any, **row: int) -> list[Any]:
    history = model.history.model
    found = history.objects.filter(**row).select_related("history_user__department", *_NAMED.get(model, ()))
    return list(found.order_by("-history_date", "-history_id")[:_MOST_RECORDS])


def _pairs(records: Iterable[Any]) -> list[tuple[Any, Any | None]]:
    """Each record with the one before it. A change whose past was not read tells nothing and is left out."""
    rows: dict[tuple[type, int], list[Any]] = {}
    for record in records:
        rows.setdefault((type(record), record.id), []).append(record)
    pairs = [pair for of_row in rows.values() for pair in zip(of_row, [*of_row[1:], None], strict=True)]
    return [(record, before) for record, before in pairs if before is not None or record.history_type != "~"]


def _saves(entries: list[Entry]) -> list[list[Entry]]:
    """Entries in order of time, cut where another person or another moment begins."""
    saves: list[list[Entry]] = []
    for entry in entries:
        last = saves[-1][-1].record if saves else None
        if (
            last is not None
            and last.history_user_id == entry.record.history_user_id
            and entry.record.history_date - last.history_date <= _ONE_SAVE
        ):
            saves[-1].append(entry)
        else:
            saves.append([entry])
    return saves


def _change(entries: list[Entry], gone: set[tuple[type, int]]) -> Change:
    parts = tuple(_part_change(entry, gone) for entry in _merged(entries))
    own = next((part for part in parts if part.subject == "協定"), None)
    is_registration = own is not None and own.verb == "登録"
    record = entries[-1].record
    return Change(
        at=timezone.localtime(record.history_date),
        by=_name(record.history_user),
        verb=own.verb if own else "変更",
        summary=_summary(parts) if is_registration else "",
        parts=()
        if is_registration
        else tuple(part for part in parts if part.changes or part.subject != "協定"),
        reason=next(filter(None, (entry.record.history_change_reason for entry in entries)), ""),
    )


def _merged(entries: list[Entry]) -> Iterable[Entry]:
    """One entry for each row: a save with a many-to-many field leaves two records of the same row."""

    def row(entry: Entry) -> tuple[int, int]:
        return _MODELS.index(entry.record.instance_type), entry.record.id

    for _row, of_row in groupby(sorted(entries, key=row), key=row):
        first, *rest = list(of_row)
        if rest:
            changes = [change for entry in (first, *rest) for change in entry.changes]
            yield Entry(rest[-1].record, first.kind, changes)
        else:
            yield first


def _part_change(entry: Entry, gone: set[tuple[type, int]]) -> PartChange:
    verb = entry.kind
    deletion = next((change for change in entry.changes if change.label == _DELETED_AT), None)
    if verb == "変更" and deletion is not None:
        verb = "削除" if deletion.new else "復元"
    changes = tuple(change for change in entry.changes if change is not deletion) if verb == "変更" else ()
    model = entry.record.instance_type
    is_gone = (model, entry.record.id) in gone
    restorable = () if is_gone else (each.name for each in changes if is_restorable(model, each.name))
    return PartChange(
        _subject(entry.record), verb, changes, model._meta.model_name or "", frozenset(restorable)
    )


_SUBJECTS: dict[type, Callable[[Any], str]] = {
    Agreement: lambda record: "協定",
    Party: lambda record: f"当事者「{record.name_as_signed}」" if record.name_as_signed else "当事者",
    CooperationField: lambda record: f"連携事項({record.number})「{_shorten(record.text)}」",
    ActionItem: lambda record: f"取組「{_shorten(record.title)}」",
    AgreementDocument: lambda record: f"書類「{_shorten(record.title)}」（第{record.version}版）",
    Meeting: lambda record: f"{format_wareki(record.held_on)}の会議",
    MeetingTask: lambda record: f"宿題「{_shorten(record.what)}」",
    ShareLink: lambda record: f"相手方リンク（{record.get_purpose_display()}）",
    ExpectationRound: lambda record: f"第{record.number}回すり合わせ",
    ExpectationRow: lambda record: f"すり合わせ({record.item_number})「{_shorten(record.item_text)}」",
    ExpectationAnswer: lambda record: f"{_row_of(record)}の期待",
    ExpectationConfirmation: lambda record: f"{_row_of(record)}の確認",
    DepartmentOpinion: lambda record: f"庁内意見（{record.department}）",
    ProgressEntry: lambda record: (
        f"取組「{_shorten(record.action.title)}」の進捗（{format_wareki(record.on)}）"
    ),
    DiagnosisResponse: lambda record: f"診断の指摘{record.rule}への回答",
    FairnessLink: lambda record: (
        f"公平性の記録（{format_wareki(record.meeting.held_on)}の会議と取組「{_shorten(record.action.title)}」）"
    ),
    Restart: lambda record: f"{format_wareki(record.begun_on)}からの仕切り直し",
    AnnualReport: lambda record: f"{label(record.fiscal_year)}実績報告（第{record.version}版）",
    AnnualReportLine: lambda record: f"実績報告の取組「{_shorten(record.title)}」",
    TextVersion: lambda record: f"協定書案（第{record.number}版）",
    PlanLink: lambda record: f"施策「{_shorten(str(record.plan_item))}」",
}


def _subject(record: Any) -> str:
    """「取組「…」」「会議…」: what the record is, in words."""
    model = record.instance_type
    return _SUBJECTS[model](record) if model in _SUBJECTS else str(model._meta.verbose_name)


def _row_of(record: Any) -> str:
    return f"すり合わせ({record.row.item_number})の{record.get_side_display()}"


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 30 else f"{line[:30]}…"


def _summary(parts: tuple[PartChange, ...]) -> str:
    counts = {
        noun: sum(part.subject.startswith(noun) and part.verb == "登録" for part in parts)
        for noun in ("当事者", "連携事項", "取組")
    }
    return "、".join(f"{noun}{count}件" for noun, count in counts.items() if count)


def _name(person: Any) -> str:
    if person is None:
        return "システム"
    return f"{person.department} {person}" if person.department else str(person)
