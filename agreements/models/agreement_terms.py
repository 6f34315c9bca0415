"""Which agreements run out, want notice or a 更新判断: the rules of `domain.renewal` and `lifecycle` in SQL.

`expires_on` and `notice_on` are as of the last save or nightly roll. Rows that have renewed themselves since
are few and come from the pure functions, so every answer is right even after a missed night.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from agreements.choices import AgreementState
from agreements.domain import lifecycle, renewal

IN_FORCE = (AgreementState.ACTIVE, AgreementState.SUSPENDED)
TERM_FIELDS = (
    "first_expiry",
    "auto_renew",
    "renewal_months",
    "notice_months",
    "notice_days",
    "extended_to",
    "terminates_on",
)
"""Fields of an agreement that are its `renewal.Terms`, in their order."""


class TermQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(state__in=IN_FORCE)

    def expiring_within(self, days: int, today: date) -> Self:
        """Agreements in force whose current term ends from today to `days` days from now."""
        until = _later(today, days)

        def expires(terms: renewal.Terms, decided_for: date | None) -> bool:
            return today <= (renewal.current_expiry(terms, today) or date.max) <= until

        return self.active().filter(
            Q(expires_on__range=(today, until)) | Q(pk__in=self._renewed_since(today, expires))
        )

    def notice_within(self, days: int, today: date) -> Self:
        """Agreements in force whose notice deadline lies from today to `days` days from now.

        A deadline in front of an expiry that has passed is none any more.
        """
        until = _later(today, days)

        def is_due(terms: renewal.Terms, decided_for: date | None) -> bool:
            expiry, notice = renewal.current_expiry(terms, today), renewal.notice_deadline(terms, today)
            return expiry is not None and expiry >= today and notice is not None and today <= notice <= until

        fresh = Q(expires_on__gte=today, notice_on__range=(today, until))
        return self.active().filter(fresh | Q(pk__in=self._renewed_since(today, is_due)))

    def past_expiry(self, today: date) -> Self:
        """満了超過: in force although the term is over and nothing renews it (`lifecycle.is_past_expiry`)."""

        def is_over(terms: renewal.Terms, decided_for: date | None) -> bool:
            return (renewal.current_expiry(terms, today) or date.max) < today

        unextended = Q(extended_to=None) | Q(extended_to__lt=today)
        unrenewed = Q(unextended, auto_renew=False, first_expiry__lt=today)
        ending = Q(auto_renew=True, expires_on__lt=today, terminates_on__lte=F("expires_on"))
        return self.active().filter(unrenewed | ending | Q(pk__in=self._renewed_since(today, is_over)))

    def renewal_due(self, today: date) -> Self:
        """更新判断期: the 更新判断 of the current term is due and not made (`lifecycle.is_renewal_due`)."""
        due = _later(today, lifecycle.RENEWAL_DUE_DAYS)

        def is_due(terms: renewal.Terms, decided_for: date | None) -> bool:
            facts = lifecycle.AgreementFacts(
                state=lifecycle.State.ACTIVE, terms=terms, decided_for=decided_for
            )
            return lifecycle.is_renewal_due(facts, today)

        decisions = _standing_decisions()
        undecided = ~Exists(decisions.filter(term=OuterRef("expires_on"))) | Exists(
            decisions.filter(term__gt=OuterRef("expires_on"))
        )
        fresh = Q(undecided, expires_on__gte=today, notice_on__lte=due)
        return self.active().filter(fresh | Q(pk__in=self._renewed_since(today, is_due)))

    def stale(self, today: date) -> Self:
        """Agreements in force that renewed themselves since their expiry was written."""
        renews = Q(terminates_on=None) | Q(terminates_on__gt=F("expires_on"))
        return self.active().filter(renews, auto_renew=True, expires_on__lt=today)

    def with_newest_decision(self) -> Self:
        """Adds `decided_for`: the expiry that the newest standing 更新判断 is about."""
        newest = _standing_decisions().order_by("-term").values("term")[:1]
        return self.annotate(decided_for=Subquery(newest))

    def _renewed_since(self, today: date, test: Callable[[renewal.Terms, date | None], bool]) -> list[Any]:
        """Keys of the stale agreements of which the test is true, given their terms and `decided_for`."""
        stale = self.stale(today).with_newest_decision()
        return [
            pk
            for pk, decided_for, *values in stale.values_list("pk", "decided_for", *TERM_FIELDS)
            if test(renewal.Terms(*values), decided_for)
        ]


def _standing_decisions() -> Any:
    from .renewal_decision import RenewalDecision

    return RenewalDecision.objects.standing().filter(agreement=OuterRef("pk"))


def _later(day: date, days: int) -> date:
    """`days` days after the day; the last day of the calendar where it ends."""
    return day + timedelta(days=min(days, (date.max - day).days))
