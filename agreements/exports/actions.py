"""取組 as a table. The agreement's 管理番号 says to which agreement a row belongs."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from agreements.choices import ActionState, BudgetRound, BudgetStatus, ContractMethod, Fairness, Funding
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
    _of("fiscal_year", Kind.NUMBER, 8),
    _of("is_repeated", Kind.FLAG, 12),
    _of("baseline_value", Kind.NUMBER, 10),
    _of("target_value", Kind.NUMBER, 10),
    _of("target_unit", width=8),
    _of("plan_item", width=30),
    _of("sub_plan_items", Kind.LINES, 30),
    _of("funding", width=16),
    _of("budget_account", width=12),
    _of("budget_project", width=30),
    _of("budget_line", width=14),
    _of("budget_round", width=10),
    _of("budget_thousands", Kind.NUMBER, 12),
    _of("budget_status", width=12),
    _of("contract_method", width=14),
    _of("contract_reason", width=30),
    _of("fairness"),
    _of("fairness_note", width=30),
    _of("result_value", Kind.NUMBER, 10),
    _of("result_text", width=50),
    _of("completed_on", Kind.DATE),
    _of("cancelled_reason", width=30),
    _of("effect_yen", Kind.NUMBER, 14),
    _of("effect_method", width=30),
)
# What an import of the same file does not read back: it follows from the rest.
COMPUTED = frozenset({"is_overdue", "fiscal_year"})
_PATHS = {
    "ledger_number": "agreement__ledger_number",
    "agreement": "agreement__title",
    "department": "department__name",
    "person_in_charge": "person_in_charge__name",
}
_LISTED = {"item_numbers", "is_overdue", "plan_item", "sub_plan_items"}
_FIGURES = ("baseline_value", "target_value", "result_value")
_LABELS = {
    "state": relations.labels(ActionState),
    "funding": relations.labels(Funding),
    "budget_round": relations.labels(BudgetRound),
    "budget_status": relations.labels(BudgetStatus),
    "contract_method": relations.labels(ContractMethod),
    "fairness": relations.labels(Fairness),
}


def load(pks: Sequence[int], keys: Sequence[str], user: Any, today: date) -> dict[int, Row]:
    """The actions of the own municipality: whoever sees them may see all of them."""
    paths = {key: _PATHS.get(key, key) for key in keys if key not in _LISTED}
    found = ActionItem.objects.filter(pk__in=pks)
    rows = {
        values["pk"]: {key: values[path] for key, path in paths.items()}
        for values in found.values("pk", *set(paths.values()))
    }
    numbers = _item_numbers(pks) if "item_numbers" in keys else {}
    main = (
        _plan_items(found.exclude(plan_item=None).order_by("pk"), "plan_item__")
        if "plan_item" in keys
        else {}
    )
    subs = _sub_plan_items(pks) if "sub_plan_items" in keys else {}
    late = set(found.overdue(today).values_list("pk", flat=True)) if "is_overdue" in keys else set()
    for pk, row in rows.items():
        for key in _LABELS.keys() & row.keys():
            row[key] = _LABELS[key](row[key])
        for key in _FIGURES:
            if row.get(key) is not None:
                row[key] = plain_figure(row[key])
        listed = {
            "item_numbers": "、".join(numbers.get(pk, ())),
            "plan_item": "".join(main.get(pk, ())),
            "sub_plan_items": relations.in_lines(subs.get(pk, ())),
            "is_overdue": pk in late,
        }
        row.update({key: value for key, value in listed.items() if key in keys})
    return rows


def plain_figure(value: Decimal) -> Decimal | int:
    """Without the noughts behind the point: 120, 12.5."""
    return int(value) if value == value.to_integral_value() else value.normalize()


def _item_numbers(pks: Sequence[int]) -> relations.Lines:
    numbers: relations.Lines = defaultdict(list)
    through = ActionItem.cooperation_fields.through._default_manager.filter(actionitem__in=pks)
    for pk, number in through.order_by("cooperationfield__number").values_list(
        "actionitem_id", "cooperationfield__number"
    ):
        numbers[pk].append(str(number))
    return numbers


def _sub_plan_items(pks: Sequence[int]) -> relations.Lines:
    through = ActionItem.sub_plan_items.through._default_manager.filter(actionitem__in=pks)
    ordered = through.order_by("planitem__plan", "planitem__sort_key")
    return _plan_items(ordered, "planitem__", "actionitem_id")


def _plan_items(rows: Any, prefix: str, key: str = "pk") -> relations.Lines:
    """「1-2 健康づくり」, as `PlanItem` calls itself."""
    lines: relations.Lines = defaultdict(list)
    for pk, code, name in rows.values_list(key, f"{prefix}code", f"{prefix}name"):
        lines[pk].append(f"{code} {name}" if code else name)
    return lines


TABLE = Table("actions", "取組", ActionItem, COLUMNS, load)
