from django.conf import settings
from django.db import models
from django.db.models import Q

from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField
from municipalities.wareki import format_wareki

from .action_item import FIGURE, ActionItem
from .document import AgreementDocument


class ProgressEntryQuerySet(models.QuerySet["ProgressEntry"]):
    def alive(self) -> "ProgressEntryQuerySet":
        return self.filter(deleted_at=None, action__deleted_at=None, action__agreement__deleted_at=None)

    def internal_to(self, user) -> "ProgressEntryQuerySet":
        return self.alive().filter(access.internal_agreements(user, "action__agreement__"))

    def api_readable_by(self, principal) -> "ProgressEntryQuerySet":
        return self.alive().filter(access.api_readable(principal, "action__agreement__"))

    def restorable_by(self, user) -> "ProgressEntryQuerySet":
        """Deleted entries this person may bring back."""
        deleted = self.exclude(deleted_at=None)
        living = deleted.filter(action__deleted_at=None, action__agreement__deleted_at=None)
        return living.filter(access.editable_actions(user, "action__"))


class ProgressEntry(Recorded):
    """進捗の記録: how a 取組 stood on a day. The figure is the one reached so far, not what was added."""

    action = models.ForeignKey(ActionItem, models.CASCADE, related_name="progress", verbose_name="取組")
    on = models.DateField("日付")
    value = models.DecimalField("現在値", **FIGURE)
    text = ProseField("できごと", max_length=2000, blank=True)
    documents = models.ManyToManyField(
        AgreementDocument, blank=True, related_name="progress", verbose_name="写真・書類"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="記録者",
    )
    # What another system recorded by the API has no person, but the name of the system.
    by_system = LineField("記録したシステム", max_length=60, blank=True, editable=False)
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)

    history = history(m2m_fields=[documents])
    objects = ProgressEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "進捗の記録"
        verbose_name_plural = "進捗の記録"
        ordering = ["action", "-on", "-pk"]
        indexes = [
            models.Index("action", "on", "id", condition=Q(deleted_at=None), name="progress_action_day")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(text=""),
                name="progress_says_something",
                violation_error_message="現在値か、できごとのどちらかを入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{format_wareki(self.on)}の進捗"

    def get_absolute_url(self) -> str:
        return f"{self.action.get_absolute_url()}#progress-{self.pk}"

    @property
    def recorder(self) -> str:
        """Who or what wrote it."""
        return f"{self.by_system}（API）" if self.by_system else str(self.by or "")

    @property
    def agreement(self):
        return self.action.agreement

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id
