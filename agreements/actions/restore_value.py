"""Bring back the value that one field of an agreement or of a part had before a change."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q

from agreements.domain import procedure
from agreements.domain.lifecycle import State
from agreements.domain.procedure import TEXT_FIELDS, TextLock
from agreements.models import ActionItem, Agreement, CooperationField, Party, SearchDocument
from agreements.models.agreement import TERM_FIELDS
from municipalities import access, audit
from municipalities.choices import AuditKind
from municipalities.models import Department, StaffMember

from .register import ChangedMeanwhile

_PARTS: tuple[Any, ...] = (Agreement, Party, CooperationField, ActionItem)
# What other verbs write, or what moves together with other rows.
_NOT_BY_ITSELF: dict[type, frozenset[str]] = {
    Agreement: frozenset(
        {
            "municipality",
            "state",
            "backfilled",
            "ended_on",
            "ended_reason",
            "publication",
            "published_on",
            "created_at",
            "updated_at",
        }
    ),
    Party: frozenset({"agreement", "municipality", "company", "order"}),
    CooperationField: frozenset({"agreement", "number"}),
    ActionItem: frozenset(
        {
            "agreement",
            "state",
            "result_value",
            "result_text",
            "completed_on",
            "cancelled_reason",
            "depends_on",
            "created_at",
            "updated_at",
        }
    ),
}


def is_restorable(model: Any, name: str) -> bool:
    """Whether the field's old value can be brought back by itself."""
    return model in _NOT_BY_ITSELF and name not in _NOT_BY_ITSELF[model] and _field(model, name) is not None


def _field(model: Any, name: str) -> Any | None:
    fields = {field.name: field for field in (*model._meta.fields, *model._meta.many_to_many)}
    field = fields.get(name)
    return field if field is not None and field.editable and not field.primary_key else None


@dataclass(frozen=True, slots=True)
class PastValue:
    """What a field holds now and what it held before the change `record`; relations as keys or lists of keys.

    `seen` is the newest record of the row: whoever decides has seen the row as of it.
    """

    agreement: Agreement
    row: Any
    field: Any
    record: Any
    current: Any
    past: Any
    seen: int

    @property
    def is_text(self) -> bool:
        """Whether the field belongs to the text that the 決裁 decides about."""
        if isinstance(self.row, Agreement):
            return self.field.name in TEXT_FIELDS
        return isinstance(self.row, Party | CooperationField)

    @property
    def lock(self) -> TextLock:
        return self.agreement.text_lock if self.is_text else TextLock.OPEN

    @property
    def lock_reason(self) -> str:
        """Why the value may not be brought back; empty when it may."""
        return procedure.lock_reason(State(self.agreement.state)) if self.lock is TextLock.LOCKED else ""


def change_record(*, model_name: str, history_id: int) -> Any | None:
    """The record of a change of an agreement or of a part, by the name of its model."""
    model = next((each for each in _PARTS if each._meta.model_name == model_name), None)
    return model and model.history.filter(history_id=history_id, history_type="~").first()


def agreement_id_of(record: Any) -> int:
    return record.id if record.instance_type is Agreement else record.agreement_id


def past_value(agreement: Agreement, record: Any, name: str) -> PastValue | None:
    """The value a field had before the recorded change; None when there is none to go back to."""
    model = record.instance_type
    if not is_restorable(model, name):
        return None
    row = model._base_manager.filter(pk=record.id).first()
    before = _before(record)
    if row is None or getattr(row, "deleted_at", None) or before is None:
        return None
    field = _field(model, name)
    return PastValue(
        agreement=agreement,
        row=row,
        field=field,
        record=record,
        current=_current(row, field),
        past=_recorded(before, field),
        seen=_newest(model, row.pk),
    )


def _before(record: Any) -> Any | None:
    records = record.instance_type.history.filter(id=record.id)
    earlier = Q(history_date__lt=record.history_date) | Q(
        history_date=record.history_date, history_id__lt=record.history_id
    )
    return records.filter(earlier).order_by("-history_date", "-history_id").first()


def _newest(model: Any, pk: int) -> int:
    return model.history.filter(id=pk).aggregate(newest=models.Max("history_id"))["newest"] or 0


def _current(row: Any, field: Any) -> Any:
    if field.many_to_many:
        return sorted(getattr(row, field.name).values_list("pk", flat=True))
    return getattr(row, field.attname)


def _recorded(record: Any, field: Any) -> Any:
    if field.many_to_many:
        return sorted(
            getattr(record, field.name).values_list(f"{field.m2m_reverse_field_name()}_id", flat=True)
        )
    return getattr(record, field.attname)


@transaction.atomic
def restore_value(
    *, value: PastValue, version: int, seen: int, reason: str, by: StaffMember, today: date
) -> None:
    """Write the past value; version, history and search documents follow, and the audit tells why.

    `version` and `seen` are those the person decided on: raises `ChangedMeanwhile` when somebody saved after.
    Raises `ValidationError` with Japanese messages when the value does not fit what stands there today.
    """
    agreement, field = value.agreement, value.field
    claimed = Agreement.objects.alive().filter(pk=agreement.pk, version=version)
    if not claimed.update(version=F("version") + 1):
        raise ChangedMeanwhile
    model = type(value.row)
    row = model._base_manager.select_for_update().get(pk=value.row.pk)
    if _newest(model, row.pk) != seen:
        raise ChangedMeanwhile
    if value.lock_reason:
        raise ValidationError(value.lock_reason)
    if value.lock is TextLock.CORRECTABLE and not reason:
        raise ValidationError("協定の文言を直すときは、理由を入力してください。")
    _check_reach(value, by)
    row._change_reason = reason or None
    if field.many_to_many:
        _write_list(row, field, value.past)
    else:
        _write(row, field, value.past, today)
    SearchDocument.objects.refresh([agreement.pk])
    audit.record(
        AuditKind.RESTORATION,
        actor=by,
        target=agreement,
        部分=f"{model._meta.verbose_name} {row.pk}",
        項目=str(field.verbose_name),
        理由=reason,
    )


def _check_reach(value: PastValue, by: StaffMember) -> None:
    """A 課 that the person may not make responsible, a parent that hangs on this very agreement."""
    if not isinstance(value.row, Agreement):
        return
    if value.field.name == "department" and not access.is_manager(by):
        allowed = Department.objects.assignable_by(by).filter(pk=value.past)
        if not allowed.exists():
            raise ValidationError("主担当課をこの課に戻せるのは、管理者（企画課）だけです。")
    if value.field.name == "parent":
        above, seen = value.past, set()
        while above and above not in seen:
            if above == value.row.pk:
                raise ValidationError("この協定に基づく協定を、親協定にはできません。")
            seen.add(above)
            above = Agreement._base_manager.filter(pk=above).values_list("parent_id", flat=True).first()


def _write(row: Any, field: Any, past: Any, today: date) -> None:
    setattr(row, field.attname, field.clean(past, row))
    row.clean()
    row.validate_unique()
    row.validate_constraints()
    if isinstance(row, Agreement) and field.name in TERM_FIELDS:
        row.set_expiry(today)
    row.save()


def _write_list(row: Any, field: Any, keys: list[int]) -> None:
    found = field.related_model._base_manager.filter(pk__in=keys)
    if len(found) != len(keys):
        raise ValidationError("戻す先の一部がすでに削除されているため、元に戻せません。")
    getattr(row, field.name).set(found)
