import hashlib
import secrets
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from municipalities.models import Department
from municipalities.models.base import Recorded


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def open(self, today: date) -> "CalendarFeedQuerySet":
        """Feeds that answer: not revoked, of a person who may log in or of a 課 that exists."""
        person = Q(person__is_active=True, person__municipality__isnull=False)
        section = Q(department__in=Department.objects.valid(today))
        return self.filter(person | section, revoked_at=None)

    def with_token(self, token: str) -> "CalendarFeedQuerySet":
        return self.filter(token_hash=hash_of(token))


def new_token() -> str:
    """256 random bits as text: the secret part of the address."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """SHA-256 suffices for a random token, and lets the row be found by it."""
    return hashlib.sha256(token.encode()).hexdigest()


class CalendarFeed(Recorded):
    """カレンダーの配信: the calendar of one person or one 課. Of its secret address only the hash is kept."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="calendar_feed",
        verbose_name="職員",
    )
    department = models.OneToOneField(
        Department, models.CASCADE, null=True, blank=True, related_name="calendar_feed", verbose_name="課"
    )
    token_hash = models.CharField("アドレスのハッシュ", max_length=64, unique=True)
    with_holidays = models.BooleanField("祝日も表示する", default=False)
    issued_at = models.DateTimeField("発行日時")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="発行した人"
    )
    revoked_at = models.DateTimeField("停止日時", null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = "カレンダーの配信"
        verbose_name_plural = "カレンダーの配信"
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, department__isnull=False) | Q(person__isnull=False, department=None),
                name="calendar_feed_of_person_or_department",
            )
        ]

    def __str__(self) -> str:
        return f"{self.owner}のカレンダー"

    @property
    def owner(self) -> Any:
        """The person or the 課."""
        return self.person or self.department

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.owner.municipality_id
