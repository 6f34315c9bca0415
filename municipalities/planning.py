"""Verbs of a 総合計画: save a plan, place, delete and bring back nodes of its tree, add what was pasted.

Each takes the lock of the plan's row first, so that two people who move nodes at once leave a whole tree.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from .audit import record
from .choices import AuditKind, PlanState
from .models import Department, Plan, PlanItem, StaffMember
from .plan_text import PlanRow


class PlanChangedMeanwhile(ValueError):
    """Somebody else saved the row since it was read."""


class CannotRestore(ValueError):
    """Why a node cannot come back."""


@transaction.atomic
def save_plan(*, plan: Plan) -> Plan | None:
    """Save a plan. One that comes into force ends the plan it follows, which is returned then."""
    plan.save()
    before = plan.predecessor
    if plan.state != PlanState.CURRENT or before is None or before.state != PlanState.CURRENT:
        return None
    before.state = PlanState.ENDED
    before.save()
    return before


@transaction.atomic
def delete_plan(*, plan: Plan, by: StaffMember) -> None:
    """Put the plan away with its tree; links to its nodes stay and come back with it."""
    plan.deleted_at = timezone.now()
    plan.save(update_fields=["deleted_at", "updated_at"])
    record(AuditKind.DELETION, actor=by, target=plan)


@transaction.atomic
def restore_plan(*, plan: Plan, by: StaffMember) -> None:
    """Raises `CannotRestore` when another plan has its name by now."""
    plan.deleted_at = None
    try:
        plan.validate_constraints()
    except ValidationError as error:
        raise CannotRestore(" ".join(error.messages)) from error
    plan.save(update_fields=["deleted_at", "updated_at"])
    record(AuditKind.RESTORATION, actor=by, target=plan)


@transaction.atomic
def save_item(*, item: PlanItem, seen: datetime | None) -> None:
    """Save a node as its form left it. `seen`: `updated_at` on the page. Raises `PlanChangedMeanwhile`."""
    lock(item.plan_id)
    if item.pk:
        stored = PlanItem.objects.alive().filter(pk=item.pk).first()
        if stored is None or stored.updated_at != seen:
            raise PlanChangedMeanwhile
        if stored.parent_id != item.parent_id:
            item.order = 0
        item.sort_key = stored.sort_key
    item.save()


@transaction.atomic
def place_item(*, item: PlanItem, parent: PlanItem | None, index: int) -> None:
    """Put the node and its subtree below `parent` (None: the top), before the sibling now at `index`.

    Raises ValidationError (below itself, too deep, a code that is there already).
    """
    lock(item.plan_id)
    item.refresh_from_db()
    item.parent = parent
    item.clean()
    item.validate_constraints()
    others = list(item.siblings().exclude(pk=item.pk).order_by("order", "pk"))
    living = [each for each in others if each.deleted_at is None]
    at = others.index(living[index]) if 0 <= index < len(living) else len(others)
    wanted = [*others[:at], item, *others[at:]]
    moved = [
        (place, node) for place, node in enumerate(wanted, start=1) if node.order != place or node is item
    ]
    for number, (_place, node) in enumerate(moved):
        _park(node, number)
    for place, node in moved:
        node.order = place
        node.save()


def step(item: PlanItem, direction: str) -> tuple[PlanItem | None, int] | None:
    """Where one step leads: (parent, index) for `place_item`; None when there is no such step."""
    siblings = list(item.siblings().filter(deleted_at=None).order_by("order", "pk"))
    at = next(index for index, each in enumerate(siblings) if each.pk == item.pk)
    if direction == "up" and at > 0:
        return item.parent, at - 1
    if direction == "down" and at < len(siblings) - 1:
        return item.parent, at + 1
    if direction == "in" and at > 0:
        above = siblings[at - 1]
        return above, above.children.filter(deleted_at=None).count()  # type: ignore[attr-defined]
    if direction == "out" and item.parent is not None:
        _, above_at = place_of(item.parent)
        return item.parent.parent, above_at + 1
    return None


def place_of(item: PlanItem) -> tuple[PlanItem | None, int]:
    """Where the node is now, as `place_item` takes it."""
    before = item.siblings().filter(deleted_at=None, order__lt=item.order).count()
    return item.parent, before


@transaction.atomic
def delete_item(*, item: PlanItem, by: StaffMember) -> int:
    """Put the node away with all below it; returns how many nodes went."""
    lock(item.plan_id)
    item.refresh_from_db()
    now = timezone.now()
    nodes = list(PlanItem.objects.subtree(item).filter(deleted_at=None))
    for node in nodes:
        node.deleted_at = now
        node.save(update_fields=["deleted_at", "updated_at"])
    record(AuditKind.DELETION, actor=by, target=item, 件数=len(nodes))
    return len(nodes)


@transaction.atomic
def restore_item(*, item: PlanItem, by: StaffMember) -> int:
    """Bring the node back with what was deleted with it. Raises `CannotRestore`."""
    lock(item.plan_id)
    item.refresh_from_db()
    if item.parent is not None and item.parent.deleted_at is not None:
        raise CannotRestore("上の階層が削除されています。先に上の階層を元に戻してください。")
    nodes = list(PlanItem.objects.subtree(item).filter(deleted_at=item.deleted_at).order_by("sort_key"))
    for node in nodes:
        node.deleted_at = None
        try:
            node.validate_constraints()
        except ValidationError as error:
            raise CannotRestore(" ".join(error.messages)) from error
        node.save(update_fields=["deleted_at", "updated_at"])
    record(AuditKind.RESTORATION, actor=by, target=item, 件数=len(nodes))
    return len(nodes)


@transaction.atomic
def add_rows(
    *, plan: Plan, parent: PlanItem | None, rows: Iterable[PlanRow], departments: Mapping[str, Department]
) -> list[PlanItem]:
    """Add pasted rows below `parent` (None: at the top); returns those that hang on it directly."""
    lock(plan.pk)
    above: list[PlanItem | None] = [parent]
    tops = []
    for row in rows:
        item = PlanItem(
            plan=plan,
            parent=above[row.depth],
            department=departments.get(row.department),
            **{name: getattr(row, name) for name in _COPIED},
        )
        item.save()
        above[row.depth + 1 :] = [item]
        if row.depth == 0:
            tops.append(item)
    return tops


_COPIED = ("level", "code", "name", "kpi_name", "kpi_unit", "kpi_baseline", "kpi_target", "kpi_year")


def lock(plan: Any) -> None:
    """Whoever changes the tree holds the row of its plan."""
    Plan.objects.select_for_update().get(pk=plan)


def _park(node: PlanItem, number: int) -> None:
    """Take the subtree's keys out of the way, so that siblings can change places one after the other."""
    parked = f"~{number:04}/"
    tail = Substr("sort_key", len(node.sort_key) + 1)
    PlanItem.objects.subtree(node).update(sort_key=Concat(Value(parked), tail))
    node.sort_key = parked
