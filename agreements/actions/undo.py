"""直前の状態に戻す: take the last move back, as a move of its own."""

from datetime import date
from typing import Any

from django.db import transaction as database

from agreements.domain.lifecycle import Blocker, State
from agreements.models import Agreement, SearchDocument, Transition
from municipalities.models import StaffMember

from .approval_rounds import close_round, reopen_round
from .transition import NotAllowed, claim, write_state
from .webhooks import announce_move


def last_undoable(agreement: Agreement) -> Transition | None:
    """The move that can be taken back: the last that stands, if it led to the present state."""
    last = agreement.transitions.standing().order_by("-pk").first()
    return last if last is not None and last.to_state == agreement.state else None


@database.atomic
def undo_last_transition(
    *, agreement: Agreement, by: StaffMember, reason: str, version: int, today: date
) -> Transition:
    """Bring the agreement back to where it was before its last move, with the values it had then.

    Raises `ChangedMeanwhile`, `NotAllowed` (nothing to take back, no reason).
    """
    stored = claim(agreement, version)
    last = last_undoable(stored)
    if last is None:
        raise NotAllowed([Blocker("nothing_to_undo", "取り消せる手続きがありません。", "state")])
    if not reason.strip():
        raise NotAllowed([Blocker("no_comment", "取消しの理由を入力してください。", "comment")])
    source, target = State(last.to_state), State(last.from_state)
    for name, value in last.replaced.items():
        field: Any = Agreement._meta.get_field(name)
        setattr(stored, name, field.to_python(value))
    if source is State.APPROVING:
        close_round(stored, None, on=today, by=by, comment=reason)
    elif target is State.APPROVING and source is not State.ACTIVE:
        reopen_round(stored)
    write_state(stored, target, today=today, reason=f"「{last.label}」の取消し　{reason}")
    SearchDocument.objects.refresh([stored.pk])
    made = Transition.objects.create(
        agreement=stored,
        from_state=source.value,
        to_state=target.value,
        on=today,
        by=by,
        comment=reason,
        undoes=last,
    )
    announce_move(made)
    return made
