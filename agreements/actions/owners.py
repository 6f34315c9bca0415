"""機構改革 and 人事異動: merge or abolish a 課, hand work over in bulk, and take it back.

History keeps the old 課 at every record; ended agreements stay with the 課 that had them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from agreements.choices import AgreementState
from agreements.models import ActionItem, Agreement, DepartmentOpinion, OwnerChange
from agreements.models.action_item import OPEN_STATES
from municipalities import audit
from municipalities.choices import AuditKind, PlanState
from municipalities.models import Department, Municipality, PlanItem, StaffMember
from municipalities.wareki import format_wareki

from .search import refresh_found

_OVER = (AgreementState.ENDED, AgreementState.DECLINED)
_MODELS: dict[str, type] = {
    "agreement": Agreement,
    "action": ActionItem,
    "opinion": DepartmentOpinion,
    "plan_item": PlanItem,
    "staff": StaffMember,
}


class NotPossible(ValueError):
    """The change makes no sense; the message says why, in Japanese."""


def living_agreements(municipality: Municipality):
    """Agreements of the municipality that still need an owner."""
    return Agreement.objects.alive().filter(municipality=municipality).exclude(state__in=_OVER)


def open_actions(municipality: Municipality):
    """Actions of the municipality that still need an owner."""
    living = ActionItem.objects.alive().filter(agreement__municipality=municipality, state__in=OPEN_STATES)
    return living.exclude(agreement__state__in=_OVER)


def living_plan_items(municipality: Municipality):
    """施策 of the plans of the municipality that are not over."""
    return (
        PlanItem.objects.alive().filter(plan__municipality=municipality).exclude(plan__state=PlanState.ENDED)
    )


def ownerless(today: date) -> Q:
    """Rows whose 課 is missing or abolished, or whose 担当者 cannot log in any more."""
    return Q(department=None) | Q(department__valid_to__lt=today) | Q(person_in_charge__is_active=False)


@transaction.atomic
def reorganise(*, predecessor: Department, successor: Department, on: date, by: StaffMember) -> OwnerChange:
    """From the day `on` the successor has everything of the predecessor, which ends the day before.

    Moves living agreements (主担当課 and 関係課), open actions, unanswered opinions, 施策 of plans that are
    not over, and staff. Raises `NotPossible`.
    """
    predecessor = Department.objects.select_for_update().get(pk=predecessor.pk)
    _check(predecessor, successor, on)
    municipality = predecessor.municipality
    reason = f"機構改革：{predecessor}から{successor}へ"
    predecessor.valid_to = on - timedelta(days=1)
    predecessor.successor = successor
    predecessor.save()
    living = (
        living_agreements(municipality),
        open_actions(municipality),
        _opinions_to_hand_over(successor),
        living_plan_items(municipality),
        StaffMember.objects.all(),
    )
    moves = [
        *(
            move
            for rows in living
            for move in _hand_over(rows.filter(department=predecessor), {"department": successor}, by, reason)
        ),
        *_swap_related(living_agreements(municipality), predecessor, successor),
    ]
    return _note(municipality, reason, moves, by, abolished=predecessor)


@transaction.atomic
def reassign(
    *,
    municipality: Municipality,
    agreements: Iterable[int],
    actions: Iterable[int],
    department: Department | None,
    person: StaffMember | None,
    by: StaffMember,
) -> OwnerChange:
    """Give the named agreements and actions a new 課, a new 担当者 or both. Raises `NotPossible`."""
    wanted: dict[str, Any] = {}
    if department:
        wanted["department"] = department
    if person:
        wanted["person_in_charge"] = person
    if not wanted:
        raise NotPossible("新しい課か担当者を選んでください。")
    reason = f"担当の引継ぎ：{'・'.join(str(each) for each in wanted.values())}へ"
    moves = [
        *_hand_over(living_agreements(municipality).filter(pk__in=list(agreements)), wanted, by, reason),
        *_hand_over(open_actions(municipality).filter(pk__in=list(actions)), wanted, by, reason),
    ]
    if not moves:
        raise NotPossible("引き継ぐ協定か取組を選んでください。")
    return _note(municipality, reason, moves, by)


@transaction.atomic
def undo_owner_change(*, change: OwnerChange, by: StaffMember) -> int:
    """Give back what still stands as the change left it; values changed since stay. Returns how many."""
    change = OwnerChange.objects.select_for_update().get(pk=change.pk)
    if change.undone_at is not None:
        return 0
    reason = f"{change.summary}（取消し）"
    restored = sum(_restore(move, by, reason) for move in change.moves)
    if change.abolished:
        change.abolished.valid_to = None
        change.abolished.successor = None
        change.abolished.save()
    _refresh_found(change.moves)
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at"])
    _record(change.municipality, reason, restored, by)
    return restored


def _opinions_to_hand_over(successor: Department) -> Any:
    """What the asked 課 still owe, except where the successor is asked the same already."""
    unanswered = DepartmentOpinion.objects.unanswered()
    return unanswered.exclude(agreement__in=unanswered.filter(department=successor).values("agreement"))


def _check(predecessor: Department, successor: Department, on: date) -> None:
    if predecessor.pk == successor.pk:
        raise NotPossible("同じ課には統合できません。")
    if predecessor.municipality_id != successor.municipality_id:
        raise NotPossible("同じ自治体の課を選んでください。")
    if predecessor.valid_to is not None:
        raise NotPossible(f"「{predecessor}」はすでに廃止されています。")
    if predecessor.valid_from is not None and on <= predecessor.valid_from:
        raise NotPossible("統合・廃止の日は、課の設置日より後の日にしてください。")
    if successor.valid_to is not None and successor.valid_to < on:
        raise NotPossible(f"「{successor}」は{format_wareki(on)}にはもうありません。")


def _hand_over(rows: Any, wanted: dict[str, Any], by: StaffMember, reason: str) -> list[dict[str, Any]]:
    changed, moves = [], []
    for row in rows.select_for_update(of=("self",)):
        for field, value in wanted.items():
            before = getattr(row, f"{field}_id")
            if before != value.pk:
                moves.append(_move(row, field, before, value.pk))
                setattr(row, field, value)
        if moves and moves[-1]["pk"] == row.pk:
            changed.append(row)
    _write(changed, list(wanted), by, reason)
    return moves


def _move(row: Any, field: str, before: int | None, after: int | None) -> dict[str, Any]:
    name = next(name for name, model in _MODELS.items() if isinstance(row, model))
    return {"model": name, "pk": row.pk, "field": field, "before": before, "after": after}


def _write(rows: Sequence[Any], fields: list[str], by: StaffMember, reason: str) -> None:
    if not rows:
        return
    model = type(rows[0])
    if model is PlanItem:
        # A form opened before must not write the old 課 back unseen.
        fields = [*fields, "updated_at"]
        for row in rows:
            row.updated_at = timezone.now()
    bulk_update_with_history(
        list(rows), model, fields, batch_size=500, default_user=by, default_change_reason=reason
    )
    if model is Agreement:
        # A form opened before must not write the old owner back unseen.
        Agreement.objects.filter(pk__in=[row.pk for row in rows]).update(version=F("version") + 1)


def _swap_related(agreements: Any, old: Department, new: Department) -> list[dict[str, Any]]:
    moves = []
    for agreement in agreements.filter(related_departments=old):
        agreement.related_departments.remove(old)
        agreement.related_departments.add(new)
        moves.append(_move(agreement, "related_departments", old.pk, new.pk))
    return moves


def _restore(move: dict[str, Any], by: StaffMember, reason: str) -> bool:
    model: Any = _MODELS[move["model"]]
    row = model.objects.filter(pk=move["pk"]).first()
    if row is None:
        return False
    if move["field"] == "related_departments":
        row.related_departments.remove(move["after"])
        row.related_departments.add(move["before"])
        return True
    if getattr(row, f"{move['field']}_id") != move["after"]:
        return False
    setattr(row, f"{move['field']}_id", move["before"])
    _write([row], [move["field"]], by, reason)
    return True


def _note(
    municipality: Municipality,
    summary: str,
    moves: list[dict[str, Any]],
    by: StaffMember,
    abolished: Department | None = None,
) -> OwnerChange:
    _record(municipality, summary, len(moves), by)
    _refresh_found(moves)
    return OwnerChange.objects.create(
        municipality=municipality, summary=summary[:200], moves=moves, by=by, abolished=abolished
    )


def _refresh_found(moves: list[dict[str, Any]]) -> None:
    """Agreements are found by the names of their 課."""
    moved = {move["pk"] for move in moves if move["model"] == "agreement"}
    refresh_found(Agreement.objects.filter(pk__in=moved))


def _record(municipality: Municipality, summary: str, count: int, by: StaffMember) -> None:
    audit.record(AuditKind.BULK_CHANGE, actor=by, municipality=municipality, 内容=summary, 件数=count)
