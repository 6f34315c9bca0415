"""取組 as a table. The agreement's 管理番号 says to which agreement a row belongs."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from agreements.choices import ActionState
from agreements.models import ActionItem

from . import relations
from .table import Column, Kind, Row, Table


def _of(name: str, kind: Kind = Kind.TEXT, width: int = 14) -> Column:
    return Column(name, str(ActionItem._meta.get_field(name).verbose_name), kind, width)  # type: ignore[union-attr]


COLUMNS = (
    Column("ledger_number", "協定の管理番号"),
    Column("agreement", "協定名称", width=40),
    _of("title", width=40),
    _of("description", width=50),
    Column("item_numbers", "連携事項の番号"),
    _of("department", width=20),
    _of("person_in_charge"),
    _of("partner_in_charge", width=20),
    _of("starts_on", Kind.DATE),
    _of("due_on", Kind.DATE),
    _of("state", width=10),
    Column("is_overdue", "期限超過", Kind.FLAG, 10),
)
_PATHS = {
    "ledger_number": "agreement__ledger_number",
    "agreement": "agreement__title",
    "department": "department__name",
    "person_in_charge": "person_in_charge__name",
}
_COMPUTED = {"item_numbers", "is_overdue"}
_state = relations.labels(ActionState)


def load(pks: Sequence[int], keys: Sequence[str], user: Any, today: date) -> dict[int, Row]:
    """The actions of the own municipality: whoever sees them may see all of them."""
    paths = {key: _PATHS.get(key, key) for key in keys if key not in _COMPUTED}
    found = ActionItem.objects.filter(pk__in=pks)
    rows = {
        values["pk"]: {key: values[path] for key, path in paths.items()}
        for values in found.values("pk", *set(paths.values()))
    }
    numbers: dict[int, list[str]] = defaultdict(list)
    if "item_numbers" in keys:
        through = ActionItem.cooperation_fields.through._default_manager.filter(actionitem__in=pks)
        for pk, number in through.order_by("cooperationfield__number").values_list(
            "actionitem_id", "cooperationfield__number"
        ):
            numbers[pk].append(str(number))
    late = set(found.overdue(today).values_list("pk", flat=True)) if "is_overdue" in keys else set()
    for pk, row in rows.items():
        if "state" in row:
            row["state"] = _state(row["state"])
        if "item_numbers" in keys:
            row["item_numbers"] = "、".join(numbers[pk])
        if "is_overdue" in keys:
            row["is_overdue"] = pk in late
    return rows


TABLE = Table("actions", "取組", ActionItem, COLUMNS, load)
