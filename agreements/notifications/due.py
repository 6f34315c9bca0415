"""What is due to whom today, read from the records: SQL names the candidates, `domain.notices` decides.

Nothing is remembered here, so the answer is right whatever ran or failed to run before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from agreements.choices import AgreementState, RenewalChoice
from agreements.domain import annual_report, notices, renewal
from agreements.models import (
    ActionItem,
    Agreement,
    CompanyContact,
    DepartmentOpinion,
    Party,
    RenewalDecision,
)
from agreements.models.agreement_terms import IN_FORCE, TERM_FIELDS
from agreements.models.annual_report import deadlines, owing
from municipalities.models import StaffMember

from .owners import Owners, load_owners

_OWNER = ("municipality_id", "person_in_charge_id", "department_id")
_AGREEMENT_OWNER = tuple(f"agreement__{name}" for name in _OWNER)


@dataclass(frozen=True, slots=True)
class DueNotice:
    """`recipient` is told that `due` holds for the object `object_id` of this agreement (keys)."""

    recipient: int
    agreement: int
    object_id: int
    due: notices.Due

    @property
    def identity(self) -> tuple[int, str, int, date, int]:
        """The columns of the constraint `notice_once`."""
        return self.recipient, self.due.kind.value, self.object_id, self.due.due_on, self.due.stage


def collect_due(today: date, municipality: int | None = None) -> list[DueNotice]:
    """Everything due today (in one municipality), to everyone who is told: a fixed number of queries."""
    owners = load_owners(municipality)
    agreements = Agreement.objects.alive()
    if municipality is not None:
        agreements = agreements.filter(municipality=municipality)
    return [
        *_of_terms(agreements, owners, today),
        *_of_tacit_renewals(agreements, owners, today),
        *_of_meetings(agreements, owners, today),
        *_of_opinions(agreements, owners, today),
        *_of_contacts(agreements, owners, today),
        *_of_actions(agreements, owners, today),
        *_of_reports(agreements, owners, today),
    ]


def due_for(person: StaffMember, today: date) -> list[DueNotice]:
    """What is due to this person today, the nearest day first."""
    if not person.is_active or person.municipality_id is None:
        return []
    due = collect_due(today, person.municipality_id)
    own = [each for each in due if each.recipient == person.pk]
    return sorted(own, key=lambda each: (each.due.due_on, each.agreement, each.due.kind))


def _tell(
    people: Iterable[int], agreement: int, object_id: int, found: Iterable[notices.Due]
) -> Iterator[DueNotice]:
    people = list(people)
    for due in found:
        for person in people:
            yield DueNotice(person, agreement, object_id, due)


def _of_terms(agreements, owners: Owners, today: date) -> Iterator[DueNotice]:
    # An expiry that is stale has its notice day behind it as well: no agreement is missed.
    near = today + timedelta(days=notices.DEADLINE_STAGES[0])
    rows = agreements.active().filter(notice_on__lte=near).with_newest_decision()
    for pk, municipality, person, department, decided_for, *values in rows.values_list(
        "pk", *_OWNER, "decided_for", *TERM_FIELDS
    ):
        found = notices.due_of_terms(renewal.Terms(*values), decided_for, today)
        yield from _tell(owners.of(municipality, person, department), pk, pk, found)


def _of_tacit_renewals(agreements, owners: Owners, today: date) -> Iterator[DueNotice]:
    recent = today - timedelta(days=notices.TACIT_DAYS)
    rows = RenewalDecision.objects.standing().filter(
        decision=RenewalChoice.TACIT, term__gte=recent, agreement__in=agreements.active()
    )
    for pk, term, municipality, person, department in rows.values_list(
        "agreement", "term", *_AGREEMENT_OWNER
    ):
        people = owners.of(municipality, person, department)
        yield from _tell(people, pk, pk, notices.due_of_tacit_renewal(term, today))


def _of_meetings(agreements, owners: Owners, today: date) -> Iterator[DueNotice]:
    """Counted from the last meeting, else from the signing, or the day a taken-over agreement came in."""
    long_ago = renewal.add_months(today, -notices.MEETING_MONTHS)
    last = Max("meetings__held_on", filter=Q(meetings__deleted_at=None))
    rows = agreements.filter(state=AgreementState.ACTIVE, signed_on__lte=long_ago).annotate(last=last)
    rows = rows.filter(Q(last=None) | Q(last__lte=long_ago))
    for pk, municipality, person, department, signed_on, backfilled, created_at, met_on in rows.values_list(
        "pk", *_OWNER, "signed_on", "backfilled", "created_at", "last"
    ):
        since = met_on or (timezone.localdate(created_at) if backfilled else signed_on)
        people = owners.of(municipality, person, department)
        yield from _tell(people, pk, pk, notices.due_of_meetings(since, today))


def _of_opinions(agreements, owners: Owners, today: date) -> Iterator[DueNotice]:
    near = today + timedelta(days=notices.OPINION_DAYS)
    rows = DepartmentOpinion.objects.unanswered().filter(due_on__lte=near, agreement__in=agreements)
    for pk, agreement, municipality, department, due_on in rows.values_list(
        "pk", "agreement", "agreement__municipality_id", "department", "due_on"
    ):
        people = owners.of_asked(municipality, department)
        yield from _tell(people, agreement, pk, notices.due_of_opinion(due_on, today))


def _of_contacts(agreements, owners: Owners, today: date) -> Iterator[DueNotice]:
    """Told to those who answer for the newest agreement in force with the company; else it can wait."""
    long_ago = renewal.add_months(today, -notices.CONTACT_MONTHS)
    parties = Party.objects.filter(agreement__in=agreements.filter(state__in=IN_FORCE), company__isnull=False)
    unverified = Q(verified_on=None) | Q(verified_on__lte=long_ago)
    contacts = CompanyContact.objects.current(today).filter(unverified, company__in=parties.values("company"))
    found = list(contacts.values_list("pk", "company", "municipality", "verified_on", "created_at"))
    newest = {}
    for company, municipality, *rest in (
        parties.filter(company__in={row[1] for row in found})
        .order_by(Coalesce("agreement__signed_on", date.min), "agreement")
        .values_list("company", "agreement__municipality_id", "agreement", *_AGREEMENT_OWNER[1:])
        if found
        else ()
    ):
        newest[company, municipality] = rest
    for pk, company, municipality, verified_on, created_at in found:
        if (company, municipality) in newest:
            agreement, person, department = newest[company, municipality]
            since = verified_on or timezone.localdate(created_at)
            people = owners.of(municipality, person, department)
            yield from _tell(people, agreement, pk, notices.due_of_contact(since, today))


def _of_actions(agreements, owners: Owners, today: date) -> Iterator[DueNotice]:
    """Told to the action's own 担当者 and 課; where it names none, to the agreement's."""
    rows = ActionItem.objects.alive().overdue(today).filter(agreement__in=agreements.active())
    for (
        pk,
        agreement,
        due_on,
        person,
        department,
        municipality,
        its_person,
        its_department,
    ) in rows.values_list("pk", "agreement", "due_on", "person_in_charge", "department", *_AGREEMENT_OWNER):
        if person is None and department is None:
            person, department = its_person, its_department
        people = owners.of(municipality, person, department or its_department)
        yield from _tell(people, agreement, pk, notices.due_of_action(due_on, today))


def _of_reports(agreements, owners: Owners, today: date) -> Iterator[DueNotice]:
    """The 年度 that ended last: who owed an earlier one was told in its time."""
    year = annual_report.newest_year(today)
    own, usual = deadlines(year), annual_report.deadline(year, *annual_report.USUAL_DEADLINE)
    nearest = min([usual, *own.values()])
    if today < nearest - timedelta(days=notices.REPORT_STAGES[0]):
        return
    for pk, municipality, person, department in owing(agreements, year).values_list("pk", *_OWNER):
        found = notices.due_of_report(own.get(municipality, usual), today)
        yield from _tell(owners.of(municipality, person, department), pk, pk, found)
