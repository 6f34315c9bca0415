"""The 年度実績 of a municipality: every agreement's report and the sums that 大阪府 publishes."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from agreements.choices import AgreementState, ReportState
from agreements.domain.annual_report import ReportContent, Totals, newest_year
from agreements.models import Agreement, AnnualReport
from agreements.models.annual_report import deadline_of, newest_reports, owing
from municipalities import access, fiscal_year
from municipalities.models import Municipality


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """An agreement with its report in work or accepted, if there is one. `counts`: it is accepted."""

    agreement: Agreement
    report: AnnualReport | None
    content: ReportContent | None
    counts: bool
    owes: bool

    @property
    def totals(self) -> Totals:
        return self.content.totals if self.content else Totals()


@dataclass(frozen=True, slots=True)
class Summary:
    year: int
    deadline: date
    rows: list[SummaryRow]

    @property
    def accepted(self) -> list[SummaryRow]:
        return [row for row in self.rows if row.counts]

    @property
    def totals(self) -> Totals:
        return sum((row.totals for row in self.accepted), Totals())

    @property
    def partner_count(self) -> int:
        """Different partners of the accepted reports, by name as reported."""
        return len({name for row in self.accepted if row.content for name in row.content.partners})

    @property
    def owing_count(self) -> int:
        return sum(row.owes for row in self.rows)


def summary_of(municipality: Municipality, year: int) -> Summary:
    """A fixed number of queries: contents come from the snapshots of accepted reports alone."""
    agreements = Agreement.objects.filter(municipality=municipality)
    owed = set(owing(agreements, year).order_by().values_list("pk", flat=True))
    accepted = {
        report.agreement_id: report
        for report in AnnualReport.objects.alive()  # type: ignore[attr-defined]
        .filter(agreement__municipality=municipality)
        .of_year(year)
        .standing()
    }
    reported = (
        AnnualReport.objects.alive()  # type: ignore[attr-defined]
        .filter(agreement__municipality=municipality)
        .of_year(year)
        .exclude(state=ReportState.DISCARDED)
    )
    keys = owed | set(reported.values_list("agreement_id", flat=True))
    found: QuerySet[Agreement] = agreements.filter(pk__in=keys).select_related("department")
    in_work = newest_reports(keys, year)
    rows = []
    for agreement in found:
        standing = accepted.get(agreement.pk)
        rows.append(
            SummaryRow(
                agreement=agreement,
                report=in_work.get(agreement.pk),
                content=standing.content if standing else None,
                counts=standing is not None,
                owes=agreement.pk in owed,
            )
        )
    return Summary(year, deadline_of(municipality.pk, year), rows)


def years_of(municipality: Municipality, today: date) -> list[int]:
    """The 年度 that can be chosen, the newest first."""
    newest = newest_year(today)
    first = (
        Agreement.objects.alive()
        .filter(municipality=municipality, state=AgreementState.ACTIVE, signed_on__isnull=False)
        .order_by("signed_on")
        .values_list("signed_on", flat=True)
        .first()
    )
    oldest = max(fiscal_year.fiscal_year_of(first), newest - 9) if first else newest
    return list(range(newest, min(oldest, newest) - 1, -1))


def chosen_year(text: str, today: date) -> int:
    """The year of the URL; anything else is the newest that has ended."""
    newest = newest_year(today)
    year = int(text) if text.isdecimal() and len(text) == 4 else newest
    return year if 1950 <= year <= newest else newest


def today_reports(user: Any, today: date) -> dict[str, Any]:
    """For 「今日の仕事」: reports this person owes, and (managers) those that wait for a decision."""
    if not access.is_staff_of_a_municipality(user):
        return {}
    year = newest_year(today)
    own = Agreement.objects.editable_by(user).filter(municipality=user.municipality_id)
    owed = owing(own, year).order_by("department", "pk").select_related("department")
    total = owed.count()
    rows = list(owed[:10])
    reports = newest_reports([row.pk for row in rows], year)
    waiting = AnnualReport.objects.internal_to(user).filter(state=ReportState.SUBMITTED)  # type: ignore[attr-defined]
    return {
        "report_year": year,
        "report_deadline": deadline_of(user.municipality_id, year),
        "reports_owed": [(row, reports.get(row.pk)) for row in rows],
        "reports_owed_total": total,
        "reports_waiting": list(
            waiting.select_related("agreement", "department").order_by("submitted_on", "pk")[:10]
        )
        if access.is_manager(user)
        else [],
    }
