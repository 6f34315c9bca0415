"""Which 取組: the rules of `domain.progress` in SQL."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from agreements.choices import ActionState
from agreements.domain import progress
from municipalities import access, fiscal_year

if TYPE_CHECKING:
    from .action_item import ActionItem  # noqa: F401

OPEN_STATES = (ActionState.PLANNED, ActionState.IN_PROGRESS)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class ActionItemQuerySet(models.QuerySet["ActionItem"]):
    def alive(self) -> "ActionItemQuerySet":
        return self.filter(deleted_at=None, agreement__deleted_at=None)

    def internal_to(self, user) -> "ActionItemQuerySet":
        return self.alive().filter(access.internal_agreements(user, "agreement__"))

    def api_readable_by(self, principal) -> "ActionItemQuerySet":
        return self.alive().filter(access.api_readable(principal, "agreement__"))

    def api_reportable_by(self, principal) -> "ActionItemQuerySet":
        """Actions whose progress a token of the API may record."""
        return self.alive().filter(access.api_reportable_actions(principal))

    def editable_by(self, user) -> "ActionItemQuerySet":
        return self.alive().filter(access.editable_actions(user))

    def restorable_by(self, user) -> "ActionItemQuerySet":
        """Deleted actions this person may bring back."""
        deleted = self.exclude(deleted_at=None).filter(agreement__deleted_at=None)
        return deleted.filter(access.editable_actions(user))

    def of_department(self, user) -> "ActionItemQuerySet":
        """自課の取組: of the person's 課 or in the person's charge."""
        own = Q(person_in_charge=user.pk)
        return self.filter(own | Q(department=user.department_id) if user.department_id else own)

    def open(self) -> "ActionItemQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def overdue(self, today: date) -> "ActionItemQuerySet":
        """Not done though the due date has passed."""
        return self.open().filter(due_on__lt=today)

    def owing_update(self, today: date, months: int = progress.UPDATE_MONTHS) -> "ActionItemQuerySet":
        """Actions whose 課 owes a word: overdue, or silent for so many months (`progress.owed`)."""
        return self.open().filter(Q(due_on__lt=today) | self._silent(today, months))

    def stale(self, today: date) -> "ActionItemQuerySet":
        """Begun, not overdue, and without a word for 6 months."""
        silent = self.open().filter(self._silent(today, progress.STALE_MONTHS))
        return silent.exclude(due_on__lt=today)

    def _silent(self, today: date, months: int) -> Q:
        from .progress_entry import ProgressEntry

        fresh_from = progress.silent_since(today, months)
        fresh = ProgressEntry.objects.filter(action=OuterRef("pk"), deleted_at=None, on__gte=fresh_from)
        begun = Q(starts_on=None) | Q(starts_on__lt=fresh_from)
        recorded_before = Q(created_at__lt=_midnight(fresh_from))
        return begun & recorded_before & Q(~Exists(fresh))

    def in_fiscal_year(self, year: int) -> "ActionItemQuerySet":
        """Actions that happen at some time in the year, and open ones without any date."""
        first, last = fiscal_year.first_day(year), fiscal_year.last_day(year)
        return self.filter(
            Q(starts_on__lte=last, due_on__gte=first)
            | Q(starts_on__lte=last, due_on=None, state__in=OPEN_STATES)
            | Q(starts_on__range=(first, last), due_on=None)
            | Q(starts_on=None, due_on__range=(first, last))
            | Q(starts_on=None, due_on=None, state__in=OPEN_STATES)
            | Q(completed_on__range=(first, last))
        )

    def with_progress(self) -> "ActionItemQuerySet":
        """With `told_on`, the day of the last entry, and `current_value`, the last figure told."""
        from .progress_entry import ProgressEntry

        entries = ProgressEntry.objects.filter(action=OuterRef("pk"), deleted_at=None).order_by("-on", "-pk")
        figures = entries.exclude(value=None)
        return self.annotate(
            told_on=Subquery(entries.values("on")[:1]), current_value=Subquery(figures.values("value")[:1])
        )

    def for_list(self) -> "ActionItemQuerySet":
        """With all that a row of a list shows; a fixed number of queries."""
        related = (
            "agreement__municipality",
            "department",
            "person_in_charge",
            "plan_item",
            "partner_contact",
        )
        return self.with_progress().select_related(*related).prefetch_related("cooperation_fields")
