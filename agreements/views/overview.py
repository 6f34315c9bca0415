"""「自治体の状況」: one municipality at a glance; every number leads to its list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.mixins import UserPassesTestMixin
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import TemplateView

from agreements.choices import AgreementState, DiagnosisGrade, FieldCategory, Funding
from agreements.domain import diagnosis as rules
from agreements.models import Agreement, figures
from municipalities import access, fiscal_year
from municipalities.wareki import format_wareki

BAR_WIDTH = 240  # pixels of the longest bar
_QUIET_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One number with its words, the width of its bar, and the list it leads to ("": none)."""

    label: str
    value: int
    width: float
    url: str = ""
    note: str = ""


def bars(rows: Iterable[tuple[str, int, str] | tuple[str, int, str, str]]) -> list[Bar]:
    """Bars for (label, value, url, note?), the longest as wide as `BAR_WIDTH`."""
    rows = list(rows)
    longest = max((row[1] for row in rows), default=0) or 1
    return [Bar(row[0], row[1], round(row[1] / longest * BAR_WIDTH, 1), *row[2:]) for row in rows]


class OverviewView(UserPassesTestMixin, TemplateView):
    template_name = "agreements/overview.html"
    extra_context = {"page_title": "自治体の状況"}
    raise_exception = True

    def test_func(self) -> bool:
        """A system admin belongs to no municipality: nothing to show."""
        return access.is_staff_of_a_municipality(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, timezone.localdate()
        own = Agreement.objects.internal_to(user).filter(access.own_municipality(user))
        year = figures.current_year(today)
        quiet = list(figures.quiet_partners(own, today)[: _QUIET_SHOWN + 1])
        return super().get_context_data(
            **kwargs,
            today=today,
            year=year,
            total=own.count(),
            states=_states(figures.count_by(own, "state")),
            expiries=_expiries(figures.expiries_by_month(own, today)),
            grades=_grades(figures.grades(own)),
            findings=_findings(figures.broken_rules(own)),
            categories=_categories(figures.categories(own)),
            funding=_funding(figures.funding(own, year), year),
            effects=_effects(figures.effects(own)),
            quiet=quiet[:_QUIET_SHOWN],
            has_more_quiet=len(quiet) > _QUIET_SHOWN,
            sections=list(figures.sections(own, today)),
        )


def agreement_list(**query: Any) -> str:
    return f"{reverse('agreements:agreement-list')}?{urlencode(query)}"


def action_list(**query: Any) -> str:
    return f"{reverse('agreements:action-list')}?{urlencode(query)}"


def _states(counts: dict[str, int]) -> list[Bar]:
    return bars(
        (str(label), counts.get(value, 0), agreement_list(state=value))
        for value, label in AgreementState.choices
    )


def _expiries(months: Sequence[tuple[date, date, int]]) -> list[Bar]:
    return bars(
        (
            format_wareki(first).removesuffix("1日"),
            count,
            agreement_list(state="in_force", expires_from=first.isoformat(), expires_until=last.isoformat()),
        )
        for first, last, count in months
    )


def _grades(counts: dict[str, int]) -> list[Bar]:
    return bars(
        (str(label), counts.get(value, 0), agreement_list(grade=value))
        for value, label in DiagnosisGrade.choices
    )


def _findings(counts: dict[str, int]) -> list[Bar]:
    """The rules by how many agreements they concern."""
    order = sorted(rules.RULES, key=lambda rule: -counts.get(rule.id, 0))
    return bars(
        (f"{rule.id} {rule.title}", counts[rule.id], agreement_list(state="in_force", rule=rule.id))
        for rule in order
        if counts.get(rule.id)
    )


def _categories(counts: dict[str, int]) -> list[Bar]:
    return bars(
        (str(label), counts.get(value, 0), agreement_list(state="in_force", category=value))
        for value, label in FieldCategory.choices
    )


def _funding(found: Sequence[figures.FundingFigure], year: int) -> list[Bar]:
    known = {each.funding: each for each in found}
    return bars(
        (
            str(label),
            known[value].actions,
            action_list(fiscal_year=year, funding=value or "none", state="living"),
            f"{known[value].thousands:,}千円" if known[value].thousands else "",
        )
        for value, label in [*Funding.choices, ("", "財源の記入なし")]
        if value in known
    )


def _effects(found: Sequence[tuple[int, int, int]]) -> list[Bar]:
    return bars(
        (fiscal_year.label(year), yen, action_list(fiscal_year=year, state="done"), f"取組{actions}件")
        for year, actions, yen in found
    )
