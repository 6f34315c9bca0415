"""「今日の仕事」: what this person and their municipality owe, each line one click from the place of work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.views.generic import TemplateView

from agreements.choices import Publication
from agreements.domain.lifecycle import PRE_ACTIVE
from agreements.models import ActionItem, Agreement
from agreements.models.agreement import IN_FORCE, AgreementQuerySet
from municipalities import access, fiscal_year
from municipalities.change_log import KINDS
from municipalities.models import Municipality, StaffMember

from .agreement_rows import AgreementRow, agreement_rows
from .company_reports import arrived
from .report_summary import today_reports
from .restarts import restart_work
from .today_chores import chore_work
from .today_notices import notice_work
from .today_procedure import procedure_work
from .today_worksheets import worksheet_work
from .undo import take_offer

HORIZON_DAYS = 90
_SHOWN = 10
_RECENT = 8


@dataclass(frozen=True, slots=True)
class WorkList:
    """One kind of work. `own` is what this person's 課 (or the person) answers for, `others` the rest.

    Each part holds the first few rows and the number of all. A manager answers for everything: all is own.
    """

    own: list[Any]
    own_total: int
    others: list[Any]
    others_total: int

    @property
    def total(self) -> int:
        return self.own_total + self.others_total


@dataclass(frozen=True, slots=True)
class RecentChange:
    """The last change of one agreement."""

    agreement: Agreement
    at: datetime
    by: str
    verb: str


class TodayView(TemplateView):
    template_name = "agreements/today.html"
    extra_context = {"page_title": "今日の仕事", "horizon": HORIZON_DAYS}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, timezone.localdate()
        context = super().get_context_data(**kwargs, today=today, recent=recent_changes(user))
        if not access.is_staff_of_a_municipality(user):
            return {**context, "installation": _installation()}
        own = Agreement.objects.internal_to(user).filter(access.own_municipality(user))
        return {
            **context,
            **notice_work(user, today),
            **procedure_work(own, user, today),
            **arrived(user),
            **today_reports(user, today),
            **worksheet_work(user, today),
            **restart_work(user),
            **chore_work(own, user, today),
            "undo": take_offer(self.request),
            "figures": _figures(own, today),
            "may_register": access.may_register(user),
            "past_expiry": _agreements(own.past_expiry(today).order_by("first_expiry", "pk"), user, today),
            "renewal_due": _agreements(own.renewal_due(today).order_by("notice_on", "pk"), user, today),
            "expiring": _expiring(own, user, today),
            "overdue": _overdue(user, today),
            "stale_actions": ActionItem.objects.internal_to(user).of_department(user).stale(today).count(),
            "unplanned": _unplanned(own, user, today),
        }


def _expiring(own: AgreementQuerySet, user: Any, today: date) -> WorkList:
    found = own.expiring_within(HORIZON_DAYS, today).order_by("expires_on", "pk")
    return _agreements(found, user, today)


def _unplanned(own: AgreementQuerySet, user: Any, today: date) -> WorkList:
    return _agreements(own.without_actions().order_by("signed_on", "pk"), user, today)


def _agreements(found: QuerySet, user: Any, today: date) -> WorkList:
    def rows(part: QuerySet) -> list[AgreementRow]:
        return agreement_rows(part[:_SHOWN], user=user, today=today)

    answered_for = Q(person_in_charge=user.pk) | Q(department__isnull=False, department=user.department_id)
    return _split(found, user, answered_for, rows)


def _overdue(user: Any, today: date) -> WorkList:
    found = ActionItem.objects.internal_to(user).overdue(today).order_by("due_on", "pk")
    answered_for = Q(person_in_charge=user.pk) | Q(department__isnull=False, department=user.department_id)

    def rows(part: QuerySet) -> list[ActionItem]:
        return list(part.select_related("agreement", "department", "person_in_charge")[:_SHOWN])

    return _split(found, user, answered_for, rows)


def _split(found: QuerySet, user: Any, answered_for: Q, rows: Any) -> WorkList:
    """Divide the work into this person's and the others'; one count tells both numbers."""
    if access.is_manager(user):
        return WorkList(own=rows(found), own_total=found.count(), others=[], others_total=0)
    totals = found.order_by().aggregate(all=Count("pk"), own=Count("pk", filter=answered_for))
    return WorkList(
        own=rows(found.filter(answered_for)) if totals["own"] else [],
        own_total=totals["own"],
        others=rows(found.exclude(answered_for)) if totals["all"] > totals["own"] else [],
        others_total=totals["all"] - totals["own"],
    )


def _figures(own: QuerySet, today: date) -> dict[str, int]:
    """The municipality at a glance: one query."""
    year = fiscal_year.fiscal_year_of(today)
    return {
        "year": year,
        **own.aggregate(
            total=Count("pk"),
            in_force=Count("pk", filter=Q(state__in=IN_FORCE)),
            before_signing=Count("pk", filter=Q(state__in=PRE_ACTIVE)),
            signed_this_year=Count("pk", filter=Q(fiscal_year=year)),
            published=Count("pk", filter=Q(publication=Publication.PUBLISHED)),
        ),
    }


def _installation() -> dict[str, int]:
    """What a system admin looks after."""
    return {
        "agreements": Agreement.objects.alive().count(),
        "municipalities": Municipality.objects.filter(staff__is_active=True).distinct().count(),
        "staff": StaffMember.objects.filter(is_active=True).count(),
    }


def recent_changes(user: Any) -> list[RecentChange]:
    """The last change of each of the agreements changed last, newest first."""
    history = Agreement.history.model.objects  # type: ignore[attr-defined]
    records = (
        history.filter(access.own_municipality(user))
        .select_related("history_user")
        .order_by("-history_date", "-history_id")
    )
    newest: dict[int, Any] = {}
    for record in records[: _RECENT * 10]:
        newest.setdefault(record.id, record)
    shown = list(newest.values())[:_RECENT]
    living = Agreement.objects.internal_to(user).in_bulk([record.id for record in shown])
    return list(_recent(shown, living))


def _recent(records: Iterable[Any], living: dict[int, Agreement]) -> Iterable[RecentChange]:
    for record in records:
        agreement = living.get(record.id)
        if agreement is not None:
            by = str(record.history_user) if record.history_user else "システム"
            at = timezone.localtime(record.history_date)
            yield RecentChange(agreement, at, by, KINDS[record.history_type])
