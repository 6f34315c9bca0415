"""Write 取組: register, change, begin, complete, cancel, take back, put away.

What the agreement's own form shows of an action belongs to the version of the agreement: who has that form
open is told when it changed meanwhile.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from agreements.choices import ActionState
from agreements.domain import progress
from agreements.models import ActionItem, Agreement, SearchDocument
from agreements.models.action_item import OPEN_STATES
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import StaffMember

from .register import ROW_FIELDS, ChangedMeanwhile
from .transition import give_reason

LISTS = ("cooperation_fields", "sub_plan_items", "depends_on")


class Circular(ValueError):
    """The action would wait for itself; `way` are the actions on the way round."""

    def __init__(self, way: list[ActionItem]) -> None:
        super().__init__("".join(f"「{action}」→" for action in way).removesuffix("→"))
        self.way = way


class NotInThisState(ValueError):
    """The step does not start from the state the action is in; the message says so, in Japanese."""


@transaction.atomic
def create_action(*, agreement: Agreement, by: StaffMember, values: dict[str, Any]) -> ActionItem:
    """Register a 取組. `values` are field values of `ActionItem`, those of `LISTS` too. Raises `Circular`."""
    action = ActionItem(agreement=agreement)
    _write(action, values)
    return action


@transaction.atomic
def change_action(
    *, action: ActionItem, seen: datetime | None, by: StaffMember, values: dict[str, Any]
) -> ActionItem:
    """Write the changed 取組. `seen` is the `updated_at` of the page.

    Raises `ChangedMeanwhile`, `Circular`.
    """
    current = claim(action, seen)
    _write(current, values)
    return current


@transaction.atomic
def start_action(*, action: ActionItem, by: StaffMember | None, why: str = "") -> None:
    """計画 → 実施中. Doing it twice is harmless. `why` goes into the history."""
    current = claim(action)
    if current.state == ActionState.IN_PROGRESS:
        return
    _demand(current, ActionState.PLANNED)
    current.state = ActionState.IN_PROGRESS
    give_reason(current, why)
    current.save()
    touch(current)


@transaction.atomic
def complete_action(
    *,
    action: ActionItem,
    seen: datetime | None,
    by: StaffMember | None,
    values: dict[str, Any],
    why: str = "",
) -> ActionItem:
    """→ 完了, with what was done and the figure reached; also to correct that later. Raises
    `ChangedMeanwhile`, `NotInThisState`."""
    current = claim(action, seen)
    _demand(current, *OPEN_STATES, ActionState.DONE)
    for name, value in values.items():
        setattr(current, name, value)
    current.state = ActionState.DONE
    give_reason(current, why)
    current.save()
    touch(current)
    return current


@transaction.atomic
def cancel_action(
    *, action: ActionItem, seen: datetime | None, by: StaffMember | None, reason: str, why: str = ""
) -> ActionItem:
    """→ 中止, with the reason. Raises `ChangedMeanwhile`, `NotInThisState`."""
    current = claim(action, seen)
    _demand(current, *OPEN_STATES)
    current.state = ActionState.CANCELLED
    current.cancelled_reason = reason
    give_reason(current, why)
    current.save()
    touch(current)
    return current


@transaction.atomic
def reopen_action(*, action: ActionItem, by: StaffMember) -> ActionItem:
    """完了 or 中止 → 計画 or, where there was progress, 実施中. What was written stays, but for the day."""
    current = claim(action)
    if current.state in OPEN_STATES:
        return current
    was_done = current.state == ActionState.DONE
    has_begun = was_done or current.progress.filter(deleted_at=None).exists()
    current.state = ActionState.IN_PROGRESS if has_begun else ActionState.PLANNED
    current.completed_on = None
    current.cancelled_reason = ""
    current.save()
    touch(current)
    return current


@transaction.atomic
def delete_action(*, action: ActionItem, by: StaffMember) -> None:
    """Put the action away; `restore_action` brings it back."""
    _set_deleted(action, timezone.now())
    record(AuditKind.DELETION, actor=by, target=action)


@transaction.atomic
def restore_action(*, action: ActionItem, by: StaffMember) -> None:
    _set_deleted(action, None)
    record(AuditKind.RESTORATION, actor=by, target=action)


def claim(action: ActionItem, seen: datetime | None = None) -> ActionItem:
    """The stored row, locked; needs a transaction. Raises `ChangedMeanwhile` when it is gone, or when it was
    written after `seen` (None: whatever it is now)."""
    stored = ActionItem.objects.alive().filter(pk=action.pk).select_related("agreement")
    current = stored.select_for_update(of=("self",)).first()
    if current is None or (seen is not None and current.updated_at != seen):
        raise ChangedMeanwhile
    return current


def touch(action: ActionItem) -> None:
    """Tell the form and the search words of the agreement that one of its actions changed."""
    Agreement.objects.filter(pk=action.agreement_id).update(version=F("version") + 1)
    SearchDocument.objects.refresh([action.agreement_id])


def circle(action: ActionItem, wanted: Collection[ActionItem]) -> list[ActionItem]:
    """The actions on the way round if this one waited for `wanted`; empty without a circle. Two queries."""
    through = ActionItem.depends_on.through
    pairs = through._default_manager.filter(from_actionitem__agreement=action.agreement_id)
    waits_for: dict[int, list[int]] = {}
    for waiting, before in pairs.values_list("from_actionitem", "to_actionitem"):
        waits_for.setdefault(waiting, []).append(before)
    way = progress.finds_cycle(waits_for, action.pk or 0, [each.pk for each in wanted])
    named = ActionItem.objects.in_bulk(way)
    return [named[key] for key in way if key in named]


def _write(action: ActionItem, values: dict[str, Any]) -> None:
    # Two people may each add one half of a circle: the agreement is the lock.
    Agreement.objects.select_for_update().get(pk=action.agreement_id)
    before = _row(action)
    if way := circle(action, values.get("depends_on", ())) if action.pk else []:
        raise Circular(way)
    for name, value in values.items():
        if name not in LISTS:
            setattr(action, name, value)
    action.save()
    for name in LISTS:
        if name in values:
            getattr(action, name).set(values[name])
    if before != _row(action):
        touch(action)
    else:
        SearchDocument.objects.refresh([action.agreement_id])


def _row(action: ActionItem) -> Any:
    """What the agreement's form shows of the action."""
    if action.pk is None:
        return None
    items = set(action.cooperation_fields.values_list("pk", flat=True))
    return [getattr(action, name) for name in ROW_FIELDS], items


def _demand(action: ActionItem, *states: str) -> None:
    if action.state not in states:
        raise NotInThisState(f"「{action}」はすでに「{action.get_state_display()}」になっています。")


def _set_deleted(action: ActionItem, at: datetime | None) -> None:
    action.deleted_at = at
    action.save(update_fields=["deleted_at", "updated_at"])
    touch(action)
