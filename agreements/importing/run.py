"""An import from the file to the registry: stage, settle the columns, check every row, write, take back.

Nothing is written before a person has seen what becomes of every row. Writing is one transaction: it is
checked again with what is registered by then, and a process that dies on the way leaves nothing behind.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from agreements.choices import ImportOutcome, ImportState
from agreements.domain.uploads import Refused, clean_name
from agreements.models import ActionItem, Agreement, Company, ImportMapping, ImportRow, LedgerImport
from municipalities import audit
from municipalities.choices import AuditKind
from municipalities.models import Department, Municipality, Plan, PlanItem, StaffMember

from .columns import guess_mapping, letter
from .importable import Importable, Judgement, LedgerRow, Scope, Tell, quiet
from .kinds import importable
from .reader import Sheet, SheetRow, kind_of, read_sheet
from .table import Table, guess_header_row, table_of

IN_BACKGROUND_ABOVE = 200
"""More rows than this are checked, written and taken back as a 処理."""
_BATCH = 500
LONGEST_SAMPLE = 60


class NotPossible(ValueError):
    """The step cannot be taken; the message says why, in Japanese."""


# --- The file ---


def stage(
    *, kind: str, file: File, name: str, by: StaffMember, options: Mapping[str, Any] | None = None
) -> LedgerImport:
    """Look the file over and keep it. Raises `Refused`; then nothing is kept.

    `options`: what the way here has chosen already.
    """
    name = clean_name(name)
    content = cast(BinaryIO, file)
    file_kind = kind_of(content, name=name, size=file.size)
    sheet = read_sheet(content, kind=file_kind, sheet=importable(kind).label)
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    ledger = LedgerImport(
        municipality=by.municipality,
        by=by,
        kind=kind,
        original_name=name,
        file_kind=file_kind,
        size=file.size,
        sha256=digest.hexdigest(),
        sheet=sheet.name[:100],
        header_row=guess_header_row(sheet, importable(kind).columns),
        options=dict(options or {}),
    )
    file.seek(0)
    ledger.file.save(name, file, save=False)
    try:
        with transaction.atomic():
            ledger.save()
            audit.record(AuditKind.UPLOAD, actor=by, target=ledger, SHA256=ledger.sha256)
    except BaseException:
        ledger.file.storage.delete(str(ledger.file.name))
        raise
    return ledger


def open_sheet(ledger: LedgerImport, sheet: str | None = None) -> Sheet:
    """The sheet as rows. Raises `Refused`."""
    if not ledger.file:
        raise NotPossible("ファイルの保存期間が過ぎました。もう一度ファイルを選んでください。")
    with ledger.file.open("rb") as file:
        return read_sheet(
            cast(BinaryIO, file), kind=ledger.file_kind, sheet=ledger.sheet if sheet is None else sheet
        )


def suggested_mapping(ledger: LedgerImport, table: Table) -> tuple[dict[str, int], dict[str, Any], bool]:
    """Mapping, options, and whether they are those a person settled for such a file before."""
    kind = importable(ledger.kind)
    known = ImportMapping.objects.filter(
        municipality=ledger.municipality_id, kind=ledger.kind, signature=_signature(table)
    ).first()
    if known is not None:
        keys = {column.key for column in kind.columns}
        return {key: place for key, place in known.mapping.items() if key in keys}, known.options, True
    return guess_mapping(table.headers, kind.columns), {}, False


def _signature(table: Table) -> str:
    return hashlib.sha256(table.signature.encode()).hexdigest()


@transaction.atomic
def settle(
    *,
    ledger: LedgerImport,
    table: Table,
    sheet: str,
    mapping: Mapping[str, int],
    options: Mapping[str, Any],
    by: StaffMember,
) -> None:
    """Note which column is what, for this file and for the next with the same headers."""
    ledger.sheet, ledger.header_row = sheet, table.header_row
    ledger.headers = list(table.headers)
    ledger.mapping, ledger.options = dict(mapping), dict(options)
    ledger.choices = {}
    ledger.dropped = list(table.dropped)
    ledger.counts = {"rows": len(table.rows)}
    ledger.state = ImportState.UPLOADED
    ledger.save()
    ledger.rows.all().delete()
    ImportMapping.objects.update_or_create(
        municipality_id=ledger.municipality_id,
        kind=ledger.kind,
        signature=_signature(table),
        defaults={"mapping": dict(mapping), "options": dict(options), "by": str(by)[:60]},
    )


def choose(*, ledger: LedgerImport, answers: Mapping[str, Mapping[str, str]]) -> bool:
    """Note a person's answers for some rows; whether any of them is new. The rows must be checked again."""
    choices = {number: dict(given) for number, given in ledger.choices.items()}
    for number, given in answers.items():
        choices.setdefault(number, {}).update(given)
    if choices == ledger.choices:
        return False
    ledger.choices = choices
    ledger.save(update_fields=["choices"])
    return True


_BEFORE = {
    ImportState.CHECKING: ImportState.UPLOADED,
    ImportState.IMPORTING: ImportState.CHECKED,
    ImportState.UNDOING: ImportState.DONE,
}


def recover(ledger: LedgerImport) -> None:
    """A 処理 that was stopped before it began leaves the import where it was."""
    before = _BEFORE.get(ImportState(ledger.state))
    if before is not None and (ledger.job is None or ledger.job.is_over):
        LedgerImport.objects.filter(pk=ledger.pk, state=ledger.state).update(state=before)
        ledger.refresh_from_db()


def discard(*, ledger: LedgerImport) -> None:
    """Drop a file of which nothing was registered."""
    if ledger.is_registered or ledger.state in (ImportState.IMPORTING, ImportState.UNDOING):
        raise NotPossible("登録した取込みは取り消してください。")
    storage, name = ledger.file.storage, ledger.file.name
    with transaction.atomic():
        ledger.delete()
        if name:
            transaction.on_commit(lambda: storage.delete(str(name)))


def clean_imports(*, now: datetime) -> int:
    """Drop files that nobody went on with for a week; returns how many."""
    forgotten = list(LedgerImport.objects.unfinished(now))
    for ledger in forgotten:
        discard(ledger=ledger)
    return len(forgotten)


# --- Rows ---


def records(kind: Importable, table: Table, mapping: Mapping[str, int]) -> list[LedgerRow]:
    """The rows of the table as records. Rows in one merged cell of an identity column are one record."""
    identities = {mapping[each.key] for each in kind.columns if each.is_identity and each.key in mapping}
    mapped = set(mapping.values())
    groups: list[list[SheetRow]] = []
    for row in table.rows:
        if groups and identities & row.continued:
            groups[-1].append(row)
        else:
            groups.append([row])
    return [
        LedgerRow(
            group[0].number,
            {key: _joined(group, place) for key, place in mapping.items()},
            {
                header: text
                for place, header in enumerate(table.headers)
                if header and place not in mapped and (text := _joined(group, place))
            }
            if kind.keeps_others
            else {},
        )
        for group in groups
    ]


def _joined(group: Sequence[SheetRow], place: int) -> str:
    texts = [row.cells[place] for row in group if place < len(row.cells) and row.cells[place]]
    return "\n".join(dict.fromkeys(texts)) if len(texts) > 1 else "".join(texts)


def _judged(ledger: LedgerImport, today: date, tell: Tell) -> tuple[Importable, Scope, list[Judgement]]:
    kind = importable(ledger.kind)
    scope = Scope(
        municipality=ledger.municipality,
        by=ledger.by,
        today=today,
        source=ledger.original_name,
        options=ledger.options,
        headers={
            key: ledger.headers[place] for key, place in ledger.mapping.items() if place < len(ledger.headers)
        },
    )
    if not kind.may_import(ledger.by):
        raise NotPossible(f"{kind.label}を取り込む権限がありません。")
    table = table_of(open_sheet(ledger), ledger.header_row or 1)
    rows = records(kind, table, ledger.mapping)
    return kind, scope, kind.judge_all(rows, scope, ledger.choices, tell)


def check(*, ledger: LedgerImport, today: date, tell: Tell = quiet) -> None:
    """Judge every row and keep the result for the preview."""
    try:
        _kind, _scope, judged = _judged(ledger, today, tell)
        with transaction.atomic():
            ledger.rows.all().delete()
            for start in range(0, len(judged), _BATCH):
                ImportRow.objects.bulk_create([_row(ledger, each) for each in judged[start : start + _BATCH]])
            ledger.counts = _counts(judged)
            ledger.state = ImportState.CHECKED
            ledger.save(update_fields=["counts", "state"])
    except BaseException:
        LedgerImport.objects.filter(pk=ledger.pk).update(state=ImportState.UPLOADED)
        raise


def _row(ledger: LedgerImport, judged: Judgement) -> ImportRow:
    return ImportRow(
        ledger_import=ledger,
        number=judged.row.number,
        label=judged.label,
        outcome=judged.outcome,
        has_warnings=bool(judged.warnings),
        cells=dict(judged.row.cells),
        errors=[_problem(ledger, judged, *each) for each in judged.errors],
        warnings=[_problem(ledger, judged, *each) for each in judged.warnings],
        questions=[
            {"key": each.key, "text": each.text, "options": each.options, "chosen": each.chosen}
            for each in judged.questions
        ],
        changes=[list(each) for each in judged.changes],
        agreement_id=judged.agreement_id,
        written=judged.written,
    )


def _problem(ledger: LedgerImport, judged: Judgement, key: str, message: str) -> dict[str, str]:
    """A problem at its cell: the letter over the column in Excel and its header."""
    place = ledger.mapping.get(key)
    if place is None:
        labels = {column.key: column.label for column in importable(ledger.kind).columns}
        return {"cell": "", "column": labels.get(key, ""), "value": "", "message": message}
    header = ledger.headers[place] if place < len(ledger.headers) else ""
    return {
        "cell": f"{letter(place)}{judged.row.number}",
        "column": header,
        "value": " ".join(judged.row.cells.get(key, "").split())[:LONGEST_SAMPLE],
        "message": message,
    }


def _counts(judged: Sequence[Judgement]) -> dict[str, int]:
    counts = Counter(str(each.outcome) for each in judged)
    warned = sum(bool(each.warnings) for each in judged)
    return {
        **{str(outcome): counts[outcome] for outcome in ImportOutcome.values},
        "warnings": warned,
        "rows": sum(counts.values()),
    }


# --- Writing ---


def register(
    *, ledger: LedgerImport, only_good: bool, today: date, tell: Tell = quiet, on_written: Any = None
) -> None:
    """Write all rows or none; with `only_good` those without errors, and the others are handed back.

    The rows are judged again, with the registry as it is now. Raises `NotPossible` when that is not what the
    person has seen. `on_written` is called inside the transaction, last.
    """
    if ledger.is_registered:
        raise NotPossible("この取込みは、すでに登録されています。")
    try:
        # Judged before the transaction: while it is open nobody sees the progress, nor can stop it.
        as_seen = _newest_changes()
        judged_before = _judged(ledger, today, tell)
        tell(0, len(judged_before[2]), "まとめて登録しています")
        with transaction.atomic():
            locked = LedgerImport.objects.select_for_update(of=("self",)).get(pk=ledger.pk)
            Municipality.objects.select_for_update().get(pk=locked.municipality_id)
            if locked.is_registered:
                raise NotPossible("この取込みは、すでに登録されています。")
            unchanged = as_seen == _newest_changes() and locked.choices == ledger.choices
            kind, scope, judged = judged_before if unchanged else _judged(locked, today, quiet)
            if [str(each.outcome) for each in judged] != list(locked.rows.values_list("outcome", flat=True)):
                raise NotPossible("確認した後に登録の内容が変わりました。もう一度確認してください。")
            bad = sum(each.outcome == ImportOutcome.ERROR for each in judged)
            if bad and not only_good:
                raise NotPossible(f"エラーの行が{bad}件あるため、登録していません。")
            kind.save(judged, scope, quiet)
            _note(locked, judged)
            locked.only_good = only_good
            locked.counts = _counts(judged)
            locked.state, locked.done_at = ImportState.DONE, timezone.now()
            storage, name = locked.file.storage, str(locked.file.name)
            locked.file = ""
            locked.save()
            audit.record(
                AuditKind.IMPORT,
                actor=locked.by,
                target=locked,
                対象=kind.label,
                新規=locked.counts[ImportOutcome.CREATE],
                更新=locked.counts[ImportOutcome.UPDATE],
                SHA256=locked.sha256,
            )
            if on_written is not None:
                on_written()
            transaction.on_commit(lambda: storage.delete(str(name)))
    except BaseException:
        LedgerImport.objects.filter(pk=ledger.pk, state=ImportState.IMPORTING).update(
            state=ImportState.CHECKED
        )
        raise


def _newest_changes() -> tuple[Any, ...]:
    """Whatever a row may be compared with: the same values mean that nothing has changed."""
    models: tuple[Any, ...] = (Agreement, Company, ActionItem, StaffMember, Department, Plan, PlanItem)
    return tuple(model.history.aggregate(last=Max("history_id"))["last"] for model in models)


def _note(ledger: LedgerImport, judged: Sequence[Judgement]) -> None:
    """What was done for each row; the cells are kept of those that were handed back."""
    ledger.rows.all().delete()
    for start in range(0, len(judged), _BATCH):
        rows = [_row(ledger, each) for each in judged[start : start + _BATCH]]
        for row in rows:
            if row.outcome != ImportOutcome.ERROR:
                row.cells = {}
            row.questions = []
        ImportRow.objects.bulk_create(rows)


def undo(
    *, ledger: LedgerImport, by: StaffMember, today: date, tell: Tell = quiet, on_written: Any = None
) -> int:
    """Take everything back that nobody changed since; what was changed is reported and stays.

    Returns how many objects were taken back.
    """
    tell(0, ledger.rows.exclude(written=[]).count(), "まとめて取り消しています")
    try:
        with transaction.atomic():
            locked = LedgerImport.objects.select_for_update(of=("self",)).get(pk=ledger.pk)
            if locked.state not in (ImportState.DONE, ImportState.UNDOING):
                raise NotPossible("この取込みは、取り消せる状態ではありません。")
            kind = importable(locked.kind)
            scope = Scope(municipality=locked.municipality, by=by, today=today, source=locked.original_name)
            taken, report = _take_back(kind, locked, scope)
            locked.undo_report = report
            locked.state, locked.undone_at = ImportState.UNDONE, timezone.now()
            locked.save()
            audit.record(
                AuditKind.BULK_CHANGE,
                actor=by,
                target=locked,
                内容=f"{locked.original_name}の取込みの取消し",
                件数=taken,
            )
            if on_written is not None:
                on_written()
            return taken
    except BaseException:
        LedgerImport.objects.filter(pk=ledger.pk, state=ImportState.UNDOING).update(state=ImportState.DONE)
        raise


def _take_back(kind: Importable, ledger: LedgerImport, scope: Scope) -> tuple[int, list[dict[str, Any]]]:
    """The records themselves first, then what they needed (companies)."""
    rows = [row for row in ledger.rows.all() if row.written]
    notes = [(row, note) for row in rows for note in row.written]
    main: list[tuple[Any, dict[str, Any]]] = []
    rest: list[tuple[Any, dict[str, Any]]] = []
    for pair in notes:
        is_extra = pair[1]["model"] == "agreements.company" and kind.key != "companies"
        (rest if is_extra else main).append(pair)
    taken, report = [], []
    for row, note in [*reversed(main), *reversed(rest)]:
        why = kind.undo(note, scope)
        if why:
            report.append({"number": row.number, "label": row.label, "message": why})
        else:
            taken.append(note)
    kind.after_undo(taken)
    return len(taken), sorted(report, key=lambda each: each["number"])


__all__ = [
    "IN_BACKGROUND_ABOVE",
    "NotPossible",
    "Refused",
    "check",
    "discard",
    "register",
    "settle",
    "stage",
    "undo",
]
