"""One step of a bulk change, and its undoing: each row by itself, so that one that fails stops no other.

`before` and `after` are plain JSON and go into the row of the job (`JobRow`). A change is taken back only
where the row still holds what the change left there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F

from agreements.choices import AgreementState, FieldCategory, JobKind, Publication, RowOutcome
from agreements.domain.publication_steps import refusal
from agreements.models import (
    ActionItem,
    Agreement,
    BackgroundJob,
    CooperationField,
    CooperationFieldCategory,
    SearchDocument,
)
from municipalities import access, audit
from municipalities.choices import AuditKind
from municipalities.models import Department, StaffMember

from .jobs import order_job
from .publication import PublicationRefused, prepare, publish, unprepare, withdraw

_OVER = (AgreementState.ENDED, AgreementState.DECLINED)
_OWNERS = ("department", "person_in_charge")
_GONE = "見つかりません（削除されたか、見られなくなりました）。"


class Refusal(ValueError):
    """The row cannot be changed so; the message says why."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one row."""

    label: str
    agreement: int | None
    outcome: RowOutcome
    message: str = ""
    before: Any = None
    after: Any = None


@transaction.atomic
def order_bulk(
    *,
    list_key: str,
    action: str,
    title: str,
    rows: list[int],
    values: dict[str, Any],
    reason: str,
    by: StaffMember,
) -> BackgroundJob:
    """Order a change of exactly these rows. The audit records the order, the job each row."""
    parameters = {"list": list_key, "action": action, "rows": rows, "values": values, "reason": reason}
    job = order_job(kind=JobKind.BULK, title=title, by=by, parameters=parameters, total=len(rows))
    audit.record(AuditKind.BULK_CHANGE, actor=by, 内容=title, 件数=len(rows), 理由=reason, 処理=job.pk)
    return job


@transaction.atomic
def order_undo(*, job: BackgroundJob, by: StaffMember) -> BackgroundJob:
    """Order that what this job changed is taken back."""
    rows = job.rows.filter(outcome=RowOutcome.DONE)  # type: ignore[attr-defined]
    title = f"取消し：{job.title}"
    undo = order_job(
        kind=JobKind.BULK_UNDO, title=title, by=by, parameters={"job": job.pk}, total=rows.count()
    )
    audit.record(AuditKind.BULK_CHANGE, actor=by, 内容=title, 件数=undo.total, 処理=undo.pk)
    return undo


def change_row(
    *, list_key: str, action: str, pk: int, values: dict[str, Any], reason: str, by: StaffMember, today: date
) -> Changed:
    """Do the change to one row. Needs a transaction; never raises for what the row or the rights forbid."""
    row = _locked(list_key, pk, by)
    if row is None:
        return Changed(f"番号{pk}", None, RowOutcome.FAILED, _GONE)
    agreement = row if isinstance(row, Agreement) else row.agreement
    try:
        if not access.may_edit(by, agreement):
            raise Refusal("編集できる協定ではありません。")
        before, after, message = _CHANGES[action](row, {**values, "reason": reason}, by, today)
        outcome = RowOutcome.UNCHANGED if before == after else RowOutcome.DONE
        if outcome is RowOutcome.DONE:
            _save(row, agreement, reason)
    except Refusal as why:
        return Changed(str(row)[:300], agreement.pk, RowOutcome.FAILED, str(why)[:300])
    return Changed(str(row)[:300], agreement.pk, outcome, message[:300], before, after)


def undo_row(
    *,
    list_key: str,
    action: str,
    pk: int,
    before: Any,
    after: Any,
    reason: str,
    by: StaffMember,
    today: date,
) -> Changed:
    """Take the change of one row back, unless somebody has changed it since."""
    row = _locked(list_key, pk, by)
    if row is None:
        return Changed(f"番号{pk}", None, RowOutcome.FAILED, _GONE)
    agreement = row if isinstance(row, Agreement) else row.agreement
    label = str(row)[:300]
    if not access.may_edit(by, agreement):
        return Changed(label, agreement.pk, RowOutcome.FAILED, "編集できる協定ではありません。")
    current = _state(action, row, after)
    if current == before:
        return Changed(label, agreement.pk, RowOutcome.UNCHANGED, "すでに元の値です。")
    if current != after:
        message = "一括変更の後に変更されたため、元に戻しませんでした。"
        return Changed(label, agreement.pk, RowOutcome.FAILED, message)
    try:
        _put_back(action, row, before, by, reason, today)
    except PublicationRefused as why:
        return Changed(label, agreement.pk, RowOutcome.FAILED, str(why)[:300])
    _save(row, agreement, reason)
    return Changed(label, agreement.pk, RowOutcome.DONE, "元に戻しました。", after, before)


def _locked(list_key: str, pk: int, by: StaffMember) -> Any:
    if list_key == "agreements":
        return Agreement.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    actions = ActionItem.objects.internal_to(by).select_for_update(of=("self",))
    return actions.select_related("agreement").filter(pk=pk).first()


def _save(row: Any, agreement: Agreement, reason: str) -> None:
    """With history; a form opened before must not write the old value back unseen."""
    row._change_reason = reason
    row.save()
    Agreement.objects.filter(pk=agreement.pk).update(version=F("version") + 1)
    SearchDocument.objects.refresh([agreement.pk])


# -- What can be changed ------------------------------------------------------------------------------
def _assign(row: Any, values: dict[str, Any], by: StaffMember, today: date) -> tuple[Any, Any, str]:
    agreement = row if isinstance(row, Agreement) else row.agreement
    if agreement.state in _OVER:
        raise Refusal("終了・見送りの協定の担当は変えられません。")
    before = _owners(row, values)
    if department := values.get("department"):
        allowed = Department.objects.assignable_by(by).valid(today)
        if not allowed.filter(pk=department, municipality=agreement.municipality_id).exists():
            raise Refusal("この課を担当にする権限がないか、協定の自治体の課ではありません。")
        row.department_id = department
    if person := values.get("person_in_charge"):
        people = StaffMember.objects.filter(is_active=True, municipality=agreement.municipality_id)
        if not people.filter(pk=person).exists():
            raise Refusal("担当者が協定の自治体の職員ではないか、ログインできなくなっています。")
        row.person_in_charge_id = person
    return before, _owners(row, values), ""


def _owners(row: Any, values: dict[str, Any]) -> dict[str, int | None]:
    return {name: getattr(row, f"{name}_id") for name in _OWNERS if name in values}


def _categorise(row: Agreement, values: dict[str, Any], by: StaffMember, today: date) -> tuple[Any, Any, str]:
    category, mode = values["category"], values["mode"]
    before = _categories(row)
    if not before:
        raise Refusal("連携事項が登録されていません。")
    after = {key: list(chosen) for key, chosen in before.items()}
    for chosen in after.values():
        if mode == "remove":
            chosen[:] = [each for each in chosen if each != category]
        elif category not in chosen and (mode == "all" or not chosen):
            chosen[:] = sorted([*chosen, category])
    changed = sum(before[key] != after[key] for key in before)
    if changed:
        _write_categories(after)
    verb = "外した" if mode == "remove" else "付けた"
    return (
        before,
        after,
        f"連携事項{changed}項目：「{FieldCategory(category).label}」を{verb}" if changed else "",
    )


def _categories(row: Agreement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {
        str(pk): [] for pk in CooperationField.objects.filter(agreement=row).values_list("pk", flat=True)
    }
    rows = CooperationFieldCategory.objects.filter(cooperation_field__agreement=row).order_by("category")
    for pk, category in rows.values_list("cooperation_field_id", "category"):
        found[str(pk)].append(category)
    return found


def _write_categories(wanted: dict[str, list[str]]) -> None:
    for key, categories in wanted.items():
        rows = CooperationFieldCategory.objects.filter(cooperation_field=int(key))
        rows.exclude(category__in=categories).delete()
        known = set(rows.values_list("category", flat=True))
        CooperationFieldCategory.objects.bulk_create(
            CooperationFieldCategory(cooperation_field_id=int(key), category=category)
            for category in categories
            if category not in known
        )


def _publish(row: Agreement, values: dict[str, Any], by: StaffMember, today: date) -> tuple[Any, Any, str]:
    wanted = values["publication"]
    if not access.is_manager(by):
        raise Refusal("公開区分を変えられるのは管理者（企画課）だけです。")
    if why := refusal(state=row.state, current=row.publication, wanted=wanted):
        raise Refusal(why)
    before = _publication(row)
    if wanted != row.publication:
        try:
            _take_publication_to(row, wanted, by, values["reason"], today)
        except PublicationRefused as refused:
            raise Refusal(str(refused)) from refused
    return before, _publication(row), ""


def _take_publication_to(row: Agreement, wanted: str, by: StaffMember, reason: str, today: date) -> None:
    """By the verbs of the publication, so that an edition goes out, or a tombstone stays."""
    common: dict[str, Any] = {"agreement": row, "by": by, "version": row.version}
    if wanted == Publication.PUBLISHED:
        publish(**common, today=today, reason=reason)
    elif row.publication == Publication.PUBLISHED:
        withdraw(**common, today=today, reason=reason)
    elif wanted == Publication.PREPARING:
        prepare(**common)
    elif row.publication == Publication.PREPARING:
        unprepare(**common)
    row.refresh_from_db()


def _publication(row: Agreement) -> dict[str, str | None]:
    day = row.published_on
    return {"publication": row.publication, "published_on": day.isoformat() if day else None}


_CHANGES: dict[str, Callable[[Any, dict[str, Any], StaffMember, date], tuple[Any, Any, str]]] = {
    "assign": _assign,
    "category": _categorise,
    "publish": _publish,
}


def _state(action: str, row: Any, like: Any) -> Any:
    """What the row holds now, in the form of `before` and `after`."""
    if action == "assign":
        return _owners(row, dict.fromkeys(like, None))
    return _categories(row) if action == "category" else _publication(row)


def _put_back(action: str, row: Any, before: Any, by: StaffMember, reason: str, today: date) -> None:
    """What was public meanwhile is withdrawn, not made unseen: its tombstone stays."""
    if action == "assign":
        for name, value in before.items():
            setattr(row, f"{name}_id", value)
    elif action == "category":
        _write_categories(before)
    else:
        _take_publication_to(row, before["publication"], by, reason, today)
