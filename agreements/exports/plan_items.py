"""施策 (nodes of the 総合計画) as a table. The counts are of what is linked to the node itself."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count

from agreements.choices import ActionState
from agreements.models import ActionItem, PlanLink
from municipalities.models import PlanItem

from .actions import plain_figure
from .table import Column, Kind, Row, Table


def _of(name: str, kind: Kind = Kind.TEXT, width: int = 14) -> Column:
    return Column(name, str(PlanItem._meta.get_field(name).verbose_name), kind, width)  # type: ignore[union-attr]


COLUMNS = (
    _of("plan", width=28),
    _of("level", width=12),
    _of("code", width=12),
    _of("name", width=40),
    _of("parent", width=30),
    _of("kpi_name", width=28),
    _of("kpi_unit", width=8),
    _of("kpi_baseline", Kind.NUMBER, 10),
    _of("kpi_target", Kind.NUMBER, 10),
    _of("kpi_year", Kind.NUMBER, 10),
    _of("department", width=20),
    Column("agreement_count", "協定の数", Kind.NUMBER, 10),
    Column("action_count", "取組の数", Kind.NUMBER, 10),
)
# What an import of the same file does not read back.
COMPUTED = frozenset({"agreement_count", "action_count"})
_FIGURES = ("kpi_baseline", "kpi_target")


def load(pks: Sequence[int], keys: Sequence[str], user: Any, today: date) -> dict[int, Row]:
    nodes = PlanItem.objects.filter(pk__in=pks).select_related("plan", "parent", "department")
    plain = [key for key in keys if key not in {*COMPUTED, *_RELATED, *_FIGURES}]
    rows: dict[int, Row] = {}
    agreements = _agreement_counts(pks, user) if "agreement_count" in keys else {}
    actions = _action_counts(pks, user) if "action_count" in keys else {}
    for node in nodes:
        row: Row = {key: getattr(node, key) for key in plain}
        row |= {key: str(getattr(node, key) or "") for key in _RELATED if key in keys}
        for key in _FIGURES:
            if key in keys:
                value = getattr(node, key)
                row[key] = None if value is None else plain_figure(value)
        counts = {"agreement_count": agreements.get(node.pk, 0), "action_count": actions.get(node.pk, 0)}
        rows[node.pk] = row | {key: value for key, value in counts.items() if key in keys}
    return rows


_RELATED = ("plan", "parent", "department")


def _agreement_counts(pks: Sequence[int], user: Any) -> dict[int, int]:
    links = PlanLink.objects.internal_to(user).filter(plan_item__in=pks).order_by()
    return dict(links.values_list("plan_item").annotate(count=Count("agreement")))


def _action_counts(pks: Sequence[int], user: Any) -> dict[int, int]:
    """Actions whose 主施策 it is; cancelled ones serve nothing."""
    actions = ActionItem.objects.internal_to(user).filter(plan_item__in=pks).order_by()
    actions = actions.exclude(state=ActionState.CANCELLED)
    return dict(actions.values_list("plan_item").annotate(count=Count("pk")))


TABLE = Table("plan_items", "施策", PlanItem, COLUMNS, load)
