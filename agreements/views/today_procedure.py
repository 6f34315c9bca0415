"""Of 「今日の仕事」: opinions that a 課 owes, and agreements whose next step waits for this person."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from agreements.choices import AgreementState, ApprovalDecision
from agreements.domain.lifecycle import PRE_ACTIVE, State, next_step
from agreements.forms.move_forms import FORMS, ApproveForm
from agreements.models import Agreement, Approval, DepartmentOpinion
from agreements.models.department_opinion import ASKING_STATES
from municipalities import access

from .agreement_rows import AgreementRow, agreement_rows

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class OpinionDue:
    opinion: DepartmentOpinion
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class WaitingAgreement:
    """An agreement before its signing and what comes next: 「決裁に回す」."""

    row: AgreementRow
    step: str


def procedure_work(own: QuerySet[Agreement], user: Any, today: date) -> dict[str, Any]:
    """What waits for this person; `own` are the agreements of the municipality. A fixed number of queries."""
    opinions = (
        DepartmentOpinion.objects.answerable_by(user).unanswered().filter(department=user.department_id or 0)
    )
    due = list(opinions.select_related("agreement", "department").order_by("due_on", "pk")[:_SHOWN])
    waiting = own.filter(_next_step_is_of(user), state__in=PRE_ACTIVE)
    rows = agreement_rows(waiting.order_by("-updated_at", "-pk")[:_SHOWN], user=user, today=today)
    approved = set(
        Approval.objects.filter(
            agreement__in=[row.pk for row in rows], decision=ApprovalDecision.APPROVED
        ).values_list("agreement_id", flat=True)
    )
    return {
        "opinions_due": [OpinionDue(each, each.is_overdue(today)) for each in due],
        "opinions_due_total": len(due) if len(due) < _SHOWN else opinions.count(),
        "waiting": [WaitingAgreement(row, _step(row, row.pk in approved)) for row in rows],
        "waiting_total": len(rows) if len(rows) < _SHOWN else waiting.count(),
    }


def _next_step_is_of(user: Any) -> Q:
    """Decisions wait for managers; what comes before, for those who answer for the agreement."""
    mine = Q(person_in_charge=user.pk) | Q(department__isnull=False, department=user.department_id)
    preparing = access.editable_agreements(user) & mine & Q(state__in=ASKING_STATES)
    if access.is_manager(user):
        return preparing | Q(state=AgreementState.APPROVING)
    return preparing


def _step(row: AgreementRow, is_approved: bool) -> str:
    state = State(row.state)
    if state is State.APPROVING and not is_approved:
        return ApproveForm.label
    target = next_step(state)
    return FORMS[state, target].label if target else ""
