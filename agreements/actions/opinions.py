"""庁内意見照会: ask 課, answer, withdraw a question."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError
from django.db import transaction as database

from agreements.domain.lifecycle import Blocker
from agreements.models import Agreement, DepartmentOpinion
from agreements.models.department_opinion import ASKING_STATES
from municipalities.models import Department, StaffMember

from .register import ChangedMeanwhile
from .transition import NotAllowed


@database.atomic
def ask_opinions(
    *,
    agreement: Agreement,
    departments: Iterable[Department],
    question: str,
    asked_on: date,
    due_on: date,
    by: StaffMember,
) -> list[DepartmentOpinion]:
    """Ask each of these 課 until `due_on`. Raises `NotAllowed` (too late, a 課 is being asked already)."""
    _keep_open(agreement)
    departments = list(departments)
    asked = agreement.opinions.unanswered().filter(department__in=departments)
    if names := [opinion.department.name for opinion in asked.select_related("department")]:
        message = f"すでに照会していて、回答を待っています：{'、'.join(names)}"
        raise NotAllowed([Blocker("asked_already", message, "departments")])
    return [
        DepartmentOpinion.objects.create(
            agreement=agreement,
            department=department,
            question=question,
            asked_on=asked_on,
            due_on=due_on,
            asked_by=by,
        )
        for department in departments
    ]


@database.atomic
def answer_opinion(
    *,
    opinion: DepartmentOpinion,
    answer: str,
    text: str,
    by: StaffMember,
    now: datetime,
    seen: datetime | None,
) -> DepartmentOpinion:
    """Write the answer of the 課, or change it while that can matter.

    `seen`: `answered_at` as the form showed it (None: unanswered). Raises `ChangedMeanwhile` when a colleague
    answered meanwhile or the question was withdrawn, `NotAllowed` when it is too late.
    """
    _keep_open(opinion.agreement)
    mine = DepartmentOpinion.objects.filter(pk=opinion.pk, answered_at=seen, withdrawn_at=None)
    if not mine.update(answer=answer, text=text, answered_by=by, answered_at=now):
        raise ChangedMeanwhile
    opinion = DepartmentOpinion.objects.get(pk=opinion.pk)
    opinion.save()  # writes the history
    return opinion


@database.atomic
def withdraw_opinion(*, opinion: DepartmentOpinion, now: datetime) -> None:
    """The question needs no answer any more; `restore_opinion` asks it again."""
    _keep_open(opinion.agreement)
    opinion.withdrawn_at = now
    opinion.save(update_fields=["withdrawn_at", "updated_at"])


@database.atomic
def restore_opinion(*, opinion: DepartmentOpinion) -> None:
    """Raises `NotAllowed` when the 課 has been asked anew meanwhile."""
    _keep_open(opinion.agreement)
    opinion.withdrawn_at = None
    try:
        with database.atomic():
            opinion.save(update_fields=["withdrawn_at", "updated_at"])
    except IntegrityError as error:
        message = "この課には、取下げの後に改めて照会しています。"
        raise NotAllowed([Blocker("asked_already", message, "departments")]) from error


def _keep_open(agreement: Agreement) -> None:
    """Make sure that the agreement is still being prepared, and stays so until the transaction ends."""
    state = Agreement.objects.alive().select_for_update().values_list("state", flat=True).get(pk=agreement.pk)
    if state not in ASKING_STATES:
        message = "決裁に回った後は、庁内意見の照会と回答はできません。"
        raise NotAllowed([Blocker("too_late", message, "state")])
