"""The life of one agreement as its page shows it: the steps, the next one, what blocks it, what was done."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse

from agreements.actions.agreement_texts import text_state
from agreements.actions.undo import last_undoable
from agreements.choices import ApprovalDecision, OpinionAnswer
from agreements.domain import lifecycle, procedure
from agreements.domain.lifecycle import Blocker, State, StepStatus
from agreements.domain.procedure import ProcedureFacts
from agreements.forms.move_forms import FORMS
from agreements.models import Agreement, Approval, DepartmentOpinion, Proposal, Transition
from agreements.models.department_opinion import ASKING_STATES
from municipalities import access
from municipalities.wareki import format_wareki

# Where a blocker is mended: a view of this agreement, a part of its page.
_PLACES = {
    "parties": ("agreement-update", "parties-heading"),
    "items": ("agreement-update", "items-heading"),
    "department": ("agreement-update", "id_department"),
    "signed_on": ("agreement-update", "id_signed_on"),
    "documents": ("agreement-detail", "documents"),
    "approval": ("agreement-approve", ""),
    "expectations": ("agreement-detail", "expectations"),
}


@dataclass(frozen=True, slots=True)
class ShownBlocker:
    message: str
    url: str


@dataclass(frozen=True, slots=True)
class Move:
    """A move as a button or a menu entry; it can be made when nothing is in `blockers`."""

    label: str
    url: str
    blockers: list[ShownBlocker] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class OpinionRow:
    opinion: DepartmentOpinion
    is_overdue: bool
    may_answer: bool


def place_url(agreement: Agreement, place: str) -> str:
    """Where to mend what a blocker complains about; "" when it is mended by waiting."""
    if place not in _PLACES:
        return ""
    view, anchor = _PLACES[place]
    url = reverse(f"agreements:{view}", args=[agreement.pk])
    return f"{url}#{anchor}" if anchor else url


def shown_blockers(agreement: Agreement, blockers: Iterable[Blocker]) -> list[ShownBlocker]:
    return [ShownBlocker(each.message, place_url(agreement, each.place)) for each in blockers]


def standing_blockers(agreement: Agreement, target: State, facts: lifecycle.AgreementFacts) -> list[Blocker]:
    """What blocks the move and cannot be answered in its own form."""
    form = FORMS.get((facts.state, target))
    places = form.places if form else {}
    return [each for each in lifecycle.check(facts, target) if each.place not in places]


def procedure_facts(agreement: Agreement, opinions: Iterable[DepartmentOpinion]) -> ProcedureFacts:
    """What cautions need to know; of a 課 asked twice, the newest answer counts."""
    proposal = Proposal.objects.filter(agreement=agreement).first()
    results = list(proposal.answers.values_list("question", "result")) if proposal else []
    criteria = agreement.municipality.intake_criteria.count()
    text = text_state(agreement) if agreement.state == State.NEGOTIATING else None
    newest = {each.department_id: each for each in sorted(opinions, key=_asked) if not each.is_withdrawn}

    def names(answer: str) -> tuple[str, ...]:
        return tuple(each.department.name for each in newest.values() if each.answer == answer)

    return ProcedureFacts(
        has_proposal=proposal is not None,
        unmet_criteria=tuple(question for question, result in results if result == "unmet"),
        unchecked_criteria=max(criteria - sum(result != "unclear" for _question, result in results), 0),
        opinions_asked=len(newest),
        unanswered=names(""),
        conditional=names(OpinionAnswer.CONDITIONAL),
        opposed=names(OpinionAnswer.OPPOSED),
        lacks_text=text is not None and not text.exists,
        text_gaps=text.gaps if text else 0,
        text_faults=text.faults if text else 0,
    )


def _asked(opinion: DepartmentOpinion) -> tuple[date, int]:
    return opinion.asked_on, opinion.pk


def procedure_context(agreement: Agreement, user: Any, today: date) -> dict[str, Any]:
    """Everything the steps and the section 「手続き」 show; a fixed number of queries."""
    transitions = list(agreement.transitions.select_related("by__department", "undoes"))
    opinions = list(agreement.opinions.select_related("department", "asked_by", "answered_by"))
    approvals = list(agreement.approvals.select_related("drafter", "decided_by"))
    facts = agreement.facts()
    ceremony = getattr(agreement, "ceremony", None)
    proposal = Proposal.objects.filter(agreement=agreement).select_related("received_by", "company").first()
    may_move = access.may_move(user, agreement)
    may_decide = access.may_decide(user, agreement)
    is_open = agreement.state in ASKING_STATES
    answerable = {
        each.pk for each in DepartmentOpinion.objects.answerable_by(user).filter(agreement=agreement)
    }
    moves = _moves(agreement, facts) if may_move else []
    return {
        "steps": _steps(agreement, transitions, proposal),
        "next_move": _next_move(agreement, facts, opinions, may_move),
        "other_moves": [*moves, *_ways_back(agreement, approvals, may_decide)],
        "waits_for": "" if may_move else _waits_for(agreement),
        "proposal": proposal,
        "intake_answers": list(proposal.answers.all()) if proposal else [],
        "opinions": [
            OpinionRow(each, each.is_overdue(today) and is_open, each.pk in answerable) for each in opinions
        ],
        "approvals": approvals,
        "ceremony": ceremony,
        "transitions": transitions[::-1],
        "may_prepare": is_open and access.may_edit(user, agreement),
        "may_hold_ceremony": _may_hold_ceremony(agreement, user),
        "is_in_procedure": agreement.state in lifecycle.PRE_ACTIVE,
        "has_procedure": bool(transitions or opinions or approvals or proposal or ceremony),
    }


def _may_hold_ceremony(agreement: Agreement, user: Any) -> bool:
    too_early = {State.PROPOSED, State.REVIEWING, State.DECLINED}
    return access.may_edit(user, agreement) and agreement.state not in too_early


def _steps(agreement: Agreement, made: list[Transition], proposal: Proposal | None) -> list[dict[str, str]]:
    """The line for components/steps.html; each step with the day it was reached."""
    taken_back = {each.undoes_id for each in made if each.undoes_id}
    standing = [each for each in made if each.undoes_id is None and each.pk not in taken_back]
    reached = {each.to_state: each.on for each in standing}
    if proposal is not None:
        reached.setdefault(State.PROPOSED.value, proposal.received_on)
    if agreement.backfilled and agreement.signed_on:
        reached.setdefault(State.ACTIVE.value, agreement.signed_on)
    if agreement.ended_on:
        reached.setdefault(State.ENDED.value, agreement.ended_on)
    declined_from = next((State(e.from_state) for e in standing if e.to_state == State.DECLINED), None)
    shown = lifecycle.steps(
        State(agreement.state), backfilled=agreement.backfilled, declined_from=declined_from
    )
    return [
        {
            "label": step.label,
            "state": step.status.value,
            "note": format_wareki(reached[step.state])
            if step.state in reached and step.status in (StepStatus.DONE, StepStatus.CURRENT)
            else "",
        }
        for step in shown
    ]


def _next_move(
    agreement: Agreement,
    facts: lifecycle.AgreementFacts,
    opinions: list[DepartmentOpinion],
    may_move: bool,
) -> Move | None:
    """The one next step. While the 決裁 is open it is the decision, not yet the signing."""
    target = lifecycle.next_step(facts.state)
    if target is None or not may_move:
        return None
    if facts.state is State.APPROVING and not facts.is_approved:
        return Move("承認を記録する", reverse("agreements:agreement-approve", args=[agreement.pk]))
    form = FORMS[facts.state, target]
    return Move(
        form.label,
        _move_url(agreement, target),
        shown_blockers(agreement, standing_blockers(agreement, target, facts)),
        procedure.cautions(procedure_facts(agreement, opinions), facts.state, target),
    )


def _moves(agreement: Agreement, facts: lifecycle.AgreementFacts) -> list[Move]:
    """The moves beside the next step, for the menu."""
    usual = lifecycle.next_step(facts.state)
    return [
        Move(
            FORMS[facts.state, target].label,
            _move_url(agreement, target),
            is_danger=FORMS[facts.state, target].is_danger,
        )
        for target in lifecycle.allowed(facts.state)
        if target is not usual
    ]


def _ways_back(agreement: Agreement, approvals: list[Approval], may_decide: bool) -> list[Move]:
    if not may_decide:
        return []
    found = []
    is_approved = any(each.decision == ApprovalDecision.APPROVED for each in approvals)
    if agreement.state == State.APPROVING and is_approved:
        url = reverse("agreements:agreement-approval-withdraw", args=[agreement.pk])
        found.append(Move("承認を取り消す", url))
    if last_undoable(agreement) is not None:
        found.append(Move("直前の状態に戻す", reverse("agreements:agreement-undo", args=[agreement.pk])))
    return found


def _move_url(agreement: Agreement, target: State) -> str:
    return reverse("agreements:agreement-move", args=[agreement.pk, target.value])


def _waits_for(agreement: Agreement) -> str:
    """Who takes the next step, for those who may not."""
    if agreement.state in ASKING_STATES:
        return f"{agreement.department or '主担当課'}と企画課"
    return "企画課" if agreement.state == State.APPROVING else ""
