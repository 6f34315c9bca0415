"""One municipality in figures: what its dashboard sums up. Each function is one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from agreements.choices import ActionState, DiagnosisGrade
from agreements.domain.renewal import add_months
from agreements.models.action_queries import OPEN_STATES
from municipalities import fiscal_year
from municipalities.models import Department

from .action_item import ActionItem
from .agreement import Agreement
from .agreement_terms import IN_FORCE
from .company import Company
from .cooperation_field import CooperationFieldCategory
from .diagnosis_result import DiagnosisResult
from .meeting import Meeting
from .party import Party
from .progress_entry import ProgressEntry

MONTHS_AHEAD = 12
QUIET_MONTHS = 12


def count_by(rows: QuerySet, field: str) -> dict[Any, int]:
    """How many rows have each value of a field."""
    return dict(rows.order_by().values_list(field).annotate(count=Count("pk", distinct=True)))


def expiries_by_month(own: QuerySet[Agreement], today: date) -> list[tuple[date, date, int]]:
    """(first day, last day, agreements in force that expire) of this month and the next ones."""
    first = today.replace(day=1)
    months = [add_months(first, step) for step in range(MONTHS_AHEAD + 1)]
    days = own.active().filter(expires_on__gte=first, expires_on__lt=months[-1])  # type: ignore[attr-defined]
    found = list(days.order_by().values_list("expires_on", flat=True))
    return [
        (start, end - timedelta(days=1), sum(start <= day < end for day in found))
        for start, end in pairwise(months)
    ]


def grades(own: QuerySet[Agreement]) -> dict[str, int]:
    return count_by(DiagnosisResult.objects.filter(agreement__in=own.order_by()), "overall_grade")


def categories(own: QuerySet[Agreement]) -> dict[str, int]:
    """Agreements in force by 分野; one with several counts in each."""
    return categories_of(own.filter(state__in=IN_FORCE))


def categories_of(agreements: QuerySet[Agreement]) -> dict[str, int]:
    """These agreements by 分野, whatever their state."""
    items = CooperationFieldCategory.objects.filter(cooperation_field__agreement__in=agreements.order_by())
    return dict(
        items.order_by()
        .values_list("category")
        .annotate(count=Count("cooperation_field__agreement", distinct=True))
    )


@dataclass(frozen=True, slots=True)
class FundingFigure:
    funding: str
    actions: int
    thousands: int


def funding(own: QuerySet[Agreement], year: int) -> list[FundingFigure]:
    """取組 of the year and their money by 財源."""
    rows = _actions(own).filter(fiscal_year=year).exclude(state=ActionState.CANCELLED).order_by()
    sums = rows.values_list("funding").annotate(actions=Count("pk"), thousands=Sum("budget_thousands"))
    return [FundingFigure(kind, actions, thousands or 0) for kind, actions, thousands in sums]


def effects(own: QuerySet[Agreement]) -> list[tuple[int, int, int]]:
    """(年度, finished 取組 with a 効果額, yen), the oldest year first."""
    done = _actions(own).filter(state=ActionState.DONE, effect_yen__isnull=False, fiscal_year__isnull=False)
    sums = done.order_by("fiscal_year").values_list("fiscal_year")
    return list(sums.annotate(actions=Count("pk"), yen=Sum("effect_yen")))


def quiet_partners(own: QuerySet[Agreement], today: date) -> QuerySet[Company]:
    """相手方 of agreements in force with which nothing has happened for a year, and their `agreements`.

    That is: no meeting, no word on a 取組, nothing finished, and no agreement younger than that.
    """
    since = add_months(today, -QUIET_MONTHS)
    running = own.filter(state__in=IN_FORCE).order_by()
    theirs = Party.objects.filter(company=OuterRef("pk"), agreement__in=running)
    partners = Party.objects.filter(company__isnull=False, agreement__in=running)
    of_partner = {"agreement__parties__company": OuterRef("pk"), "agreement__in": running}
    met = Meeting.objects.alive().filter(held_on__gte=since, **of_partner)
    actions = ActionItem.objects.filter(deleted_at=None, **of_partner)
    worked = actions.filter(completed_on__gte=since)
    told = ProgressEntry.objects.filter(
        deleted_at=None,
        on__gte=since,
        action__deleted_at=None,
        action__agreement__parties__company=OuterRef("pk"),
        action__agreement__in=running,
    )
    return (
        Company.objects.alive()
        .filter(pk__in=partners.order_by().values("company"))
        .exclude(Exists(theirs.filter(agreement__signed_on__gte=since)))
        .exclude(Exists(met))
        .exclude(Exists(worked))
        .exclude(Exists(told))
        .annotate(
            agreements=Count("parties", filter=Q(parties__agreement__in=running), distinct=True),
        )
        .order_by("-agreements", "kana_key", "pk")
    )


@dataclass(frozen=True, slots=True)
class SectionFigure:
    """One 課 (None: agreements and actions without one)."""

    department: Department | None
    agreements: int
    open_actions: int
    overdue: int
    weak: int


def sections(own: QuerySet[Agreement], today: date) -> Iterable[SectionFigure]:
    """課 by 課: agreements in force, open and overdue 取組, agreements of grade C or D. Four queries."""
    running = own.filter(state__in=IN_FORCE)
    agreements = count_by(running, "department_id")
    weak_grades = (DiagnosisGrade.C, DiagnosisGrade.D)
    weak = count_by(running.filter(diagnosis__overall_grade__in=weak_grades), "department_id")
    counts = {
        section: (open_, late)
        for section, open_, late in _actions(own)
        .filter(state__in=OPEN_STATES)
        .order_by()
        .values_list("department_id")
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    }
    keys = {*agreements, *weak, *counts}
    named: dict[int | None, Department] = {
        each.pk: each for each in Department.objects.filter(pk__in=keys - {None})
    }
    order: list[int | None] = [*named, *([None] if None in keys else [])]
    for key in order:
        open_, late = counts.get(key, (0, 0))
        yield SectionFigure(named.get(key), agreements.get(key, 0), open_, late, weak.get(key, 0))


def broken_rules(own: QuerySet[Agreement]) -> dict[str, int]:
    """How many agreements in force have an unanswered finding of each rule."""
    found: dict[str, int] = {}
    stored = DiagnosisResult.objects.filter(agreement__in=own.filter(state__in=IN_FORCE).order_by())
    rows = stored.order_by().values_list("rules").annotate(count=Count("pk"))
    for rules, count in rows:
        for rule in filter(None, rules.split(",")):
            found[rule] = found.get(rule, 0) + count
    return found


def current_year(today: date) -> int:
    return fiscal_year.fiscal_year_of(today)


def _actions(own: QuerySet[Agreement]) -> Any:
    return ActionItem.objects.alive().filter(agreement__in=own.order_by())
