"""Of 「今日の仕事」: worksheets that wait for somebody, and what companies have sent."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from agreements.domain.diagnosis import Settings
from agreements.domain.lifecycle import State
from agreements.domain.renewal import add_months
from agreements.models import CompanySubmission, ExpectationConfirmation, ExpectationRound
from municipalities import access

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class WorksheetDue:
    """A round and what it waits for, in words; `icon` and `tone` of the badge."""

    round: ExpectationRound
    waits_for: str
    tone: str
    icon: str


def worksheet_work(user: Any, today: date) -> dict[str, Any]:
    """What waits for this person; a fixed number of queries."""
    mine = _mine(user)
    pending = CompanySubmission.objects.pending().filter(round=OuterRef("pk"))
    running = (
        ExpectationRound.objects.alive()
        .filter(mine)
        .filter(Q(pk__in=ExpectationRound.objects.running().values("pk")) | _outdated(today))
        .annotate(has_arrived=Exists(pending))
    )
    rounds = list(running.select_related("agreement").order_by("updated_at", "pk")[:_SHOWN])
    sent = CompanySubmission.objects.alive().pending().filter(mine, round__isnull=False)
    submissions = list(sent.select_related("agreement", "round").order_by("received_at", "pk")[:_SHOWN])
    return {
        "worksheets_due": [_due(each) for each in rounds],
        "worksheets_due_total": len(rounds) if len(rounds) < _SHOWN else running.count(),
        "submissions_due": submissions,
        "submissions_due_total": len(submissions) if len(submissions) < _SHOWN else sent.count(),
    }


def _mine(user: Any) -> Q:
    own = access.own_municipality(user, "agreement__")
    if access.is_manager(user):
        return own
    department = user.department_id or 0
    return own & (Q(agreement__person_in_charge=user.pk) | Q(agreement__department=department))


def _outdated(today: date) -> Q:
    """Rule E06 for a database: the newest round of an agreement in force, confirmed too long ago."""
    limit = add_months(today, -Settings().confirmation_months)
    later = ExpectationConfirmation.objects.standing().filter(
        row=OuterRef("row"), side=OuterRef("side"), pk__gt=OuterRef("pk")
    )
    old: QuerySet[ExpectationConfirmation] = ExpectationConfirmation.objects.standing().filter(
        ~Exists(later), row__round=OuterRef("pk"), confirmed_on__lt=limit
    )
    newer = ExpectationRound.objects.filter(
        agreement=OuterRef("agreement"), number__gt=OuterRef("number")
    ).exclude(state="cancelled")
    return Q(Exists(old)) & Q(~Exists(newer)) & Q(state="confirmed", agreement__state=State.ACTIVE)


def _due(round_: Any) -> WorksheetDue:
    if round_.is_confirmed:
        return WorksheetDue(round_, "双方の確認から1年を超えました", "orange", "calendar-clock")
    if round_.is_filling and round_.own_submitted_at is None:
        return WorksheetDue(round_, "自治体側の記入", "blue", "file-pen")
    if round_.is_filling and not round_.has_arrived:
        return WorksheetDue(round_, "相手方の回答", "gray", "hourglass")
    if round_.is_filling:
        return WorksheetDue(round_, "開示", "green", "eye")
    return WorksheetDue(round_, "合意と双方の確認", "yellow", "stamp")
