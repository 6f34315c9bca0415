"""Move an agreement from one state to another: all of it or nothing, and only for the first of two people.

Every move goes through `transition`, so that no state is entered without what belongs to it: its record, its
guards, the round of approval it opens or closes. The other files name the moves and their facts.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import models
from django.db import transaction as database
from django.db.models import F

from agreements.choices import AgreementState
from agreements.domain import lifecycle
from agreements.domain.lifecycle import Blocker, State
from agreements.domain.procedure import check_day
from agreements.models import Agreement, SearchDocument, Transition
from municipalities.models import StaffMember
from municipalities.wareki import format_wareki

from .approval_rounds import close_round, open_round
from .register import ChangedMeanwhile
from .webhooks import announce_move

_FACTS = frozenset(
    {"signed_on", "effective_on", "first_expiry", "paper_original_only", "ended_on", "ended_reason"}
)
"""Fields of the agreement that a move may write."""


class NotAllowed(Exception):
    """The move is refused; `blockers` say why, in Japanese."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        super().__init__(" ".join(blocker.message for blocker in blockers))
        self.blockers = list(blockers)


@database.atomic
def transition(
    *,
    agreement: Agreement,
    target: str,
    on: date,
    by: StaffMember | None,
    version: int,
    today: date,
    comment: str = "",
    drafter: StaffMember | None = None,
    document_number: str = "",
    **facts: Any,
) -> Transition:
    """Move the agreement to `target` as of the day `on`; returns the record, its `agreement` as written.

    `version` is the one the person saw; `facts` are fields of the agreement that the move settles
    (締結日, 終了日 …); `drafter` and `document_number` are those of a new round of approval. Raises
    `ChangedMeanwhile` when somebody acted since, `NotAllowed` when a guard refuses; then nothing is written.
    """
    if unknown := facts.keys() - _FACTS:
        raise TypeError(f"not settled by a move: {', '.join(sorted(unknown))}")
    stored = claim(agreement, version)
    source, target_state = State(stored.state), State(target)
    blockers = find_blockers(stored, target_state, on=on, today=today, comment=comment, **facts)
    if blockers:
        raise NotAllowed(blockers)
    move = lifecycle.transition(source, target_state)
    assert move is not None  # noqa: S101  (a guard refuses what is no move)

    replaced = {
        name: getattr(stored, name) for name, value in facts.items() if getattr(stored, name) != value
    }
    for name in replaced:
        setattr(stored, name, facts[name])
    if source is State.APPROVING and target_state is not State.ACTIVE:
        close_round(stored, target_state, on=on, by=by, comment=comment)
    if target_state is State.APPROVING:
        open_round(stored, drafter=drafter or by, on=on, document_number=document_number)
    write_state(stored, target_state, today=today, reason=f"{move.label}（{format_wareki(on)}）{comment}")
    SearchDocument.objects.refresh([stored.pk])  # 締結年度, 文書番号
    made = Transition.objects.create(
        agreement=stored,
        from_state=source.value,
        to_state=target_state.value,
        on=on,
        by=by,
        comment=comment,
        replaced=replaced,
    )
    announce_move(made)
    return made


def find_blockers(
    agreement: Agreement, target: State, *, on: date, today: date, comment: str = "", **facts: Any
) -> list[Blocker]:
    """Everything that speaks against the move with these facts; [] when it may be made."""
    known = {name: value for name, value in facts.items() if name in lifecycle.AgreementFacts.__slots__}
    blockers = lifecycle.check(agreement.facts(**known, declined_reason=comment), target)
    if any(blocker.code == "not_allowed" for blocker in blockers):
        return blockers
    if agreement.state == AgreementState.APPROVING and target is State.NEGOTIATING and not comment.strip():
        blockers.append(Blocker("no_comment", "差戻しの理由を入力してください。", "comment"))
    earliest, what = earliest_day(agreement)
    return [*blockers, *check_day(on, today=today, earliest=earliest, what=what)]


def earliest_day(agreement: Agreement) -> tuple[date | None, str]:
    """The day before which the next move cannot lie, and what happened on it."""
    days: list[tuple[date, str]] = []
    last = agreement.transitions.standing().order_by("-on").first()
    if last is not None:
        days.append((last.on, "直前の手続きの日"))
    approval = agreement.approvals.current().first()
    if approval is not None and approval.decided_on:
        days.append((approval.decided_on, "決裁日"))
    if agreement.state in {AgreementState.ACTIVE, AgreementState.SUSPENDED} and agreement.signed_on:
        days.append((agreement.signed_on, "締結日"))
    return max(days, default=(None, ""), key=lambda day: day[0])


def claim(agreement: Agreement, version: int) -> Agreement:
    """The stored agreement, ours until the transaction ends. Raises `ChangedMeanwhile`.

    The conditional update lets one of two people win on every database: the other finds another version.
    """
    mine = Agreement.objects.alive().filter(pk=agreement.pk, version=version, state=agreement.state)
    if not mine.update(version=F("version") + 1):
        raise ChangedMeanwhile
    return Agreement.objects.select_related("municipality").get(pk=agreement.pk)


def write_state(agreement: Agreement, state: State, *, today: date, reason: str) -> None:
    """Save the agreement in this state; the reason goes into its history."""
    agreement.state = AgreementState(state.value)
    agreement.set_expiry(today)
    give_reason(agreement, reason)
    agreement.save()


def give_reason(row: models.Model, reason: str) -> None:
    """What the next record of the history says about why (simple_history reads it there)."""
    if reason:
        setattr(row, "_change_reason", reason)  # noqa: B010
