from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from agreements.choices import DiagnosisGrade, RestartOutcome
from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import ProseField
from municipalities.wareki import format_wareki

from .agreement import Agreement


class RestartQuerySet(models.QuerySet["Restart"]):
    def alive(self) -> "RestartQuerySet":
        return self.filter(withdrawn_at=None, agreement__deleted_at=None)

    def internal_to(self, user) -> "RestartQuerySet":
        mine = self.filter(access.internal_agreements(user, "agreement__"))
        return mine.filter(agreement__deleted_at=None)

    def running(self) -> "RestartQuerySet":
        """Begun, and nobody has said yet what became of it."""
        return self.alive().filter(outcome="")


class Restart(Recorded):
    """仕切り直し: a dormant agreement is talked about again until it lives, goes on differently or ends."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="restarts", verbose_name="協定")
    begun_on = models.DateField("始めた日")
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="始めた人"
    )
    grade_before = models.CharField(
        "始めたときの活動の評価", max_length=14, choices=DiagnosisGrade, blank=True, editable=False
    )
    meet_on = models.DateField("話し合う日", null=True, blank=True)
    agenda = ProseField("議題", max_length=4000, blank=True)
    decisions = ProseField("決まったこと", max_length=4000, blank=True)
    outcome = models.CharField("結果", max_length=10, choices=RestartOutcome, blank=True)
    outcome_note = ProseField("結果の説明", max_length=2000, blank=True)
    closed_on = models.DateField("結果が出た日", null=True, blank=True)
    withdrawn_at = models.DateTimeField("取りやめた日時", null=True, blank=True, editable=False)

    history = history()
    objects = RestartQuerySet.as_manager()

    class Meta:
        verbose_name = "仕切り直し"
        verbose_name_plural = "仕切り直し"
        ordering = ["agreement", "-begun_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(outcome="", withdrawn_at=None),
                name="restart_one_running",
                violation_error_message="この協定の仕切り直しは、すでに始まっています。",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_on=None) | (~Q(outcome="") & Q(closed_on__isnull=False)),
                name="restart_outcome_is_dated",
                violation_error_message="結果と、結果が出た日は、両方を入力してください。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("begun_on")),
                name="restart_closes_after_it_began",
                violation_error_message="結果が出た日は、始めた日以後の日にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{format_wareki(self.begun_on)}からの仕切り直し"

    def get_absolute_url(self) -> str:
        return reverse("agreements:restart", args=[self.pk])

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def is_running(self) -> bool:
        return not self.outcome and self.withdrawn_at is None
