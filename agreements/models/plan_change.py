"""計画の改定: which node of the new plan each old one became, and what was linked anew by that."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from municipalities import access
from municipalities.models import Plan, PlanItem
from municipalities.models.base import Recorded, history


class PlanCorrespondence(Recorded):
    """A person confirmed: this node of an earlier plan became that one of the new plan, or none."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="correspondences", verbose_name="新しい計画")
    old_item = models.ForeignKey(
        PlanItem, models.CASCADE, related_name="became", verbose_name="前の計画の施策"
    )
    new_item = models.ForeignKey(
        PlanItem,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="came_from",
        verbose_name="新しい計画の施策",
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="確認した人"
    )

    history = history()

    class Meta:
        verbose_name = "計画の対応"
        verbose_name_plural = "計画の対応"
        ordering = ["plan", "old_item__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "old_item"], name="plan_correspondence_once"),
            models.CheckConstraint(
                condition=Q(new_item=None) | ~Q(new_item=models.F("old_item")),
                name="plan_correspondence_between_plans",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_item} → {self.new_item or '引き継ぐ施策なし'}"


class PlanChangeQuerySet(models.QuerySet["PlanChange"]):
    def managed_by(self, user: Any) -> "PlanChangeQuerySet":
        return self.filter(access.managed_municipality(user, "plan__"), plan__deleted_at=None)

    def standing(self) -> "PlanChangeQuerySet":
        return self.filter(undone_at=None)


class PlanChange(models.Model):
    """One time that open actions and agreements in force were linked to the new plan.

    `made` tells exactly what was written, so that it can be taken back:
    {"links": [keys of `PlanLink`], "actions": [{"id", "main": [old, new] or null, "subs": [keys added]}]}
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="changes", verbose_name="新しい計画")
    made_at = models.DateTimeField("実行日時", auto_now_add=True)
    made = models.JSONField("結び付けたもの", default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="実行した人"
    )
    undone_at = models.DateTimeField("取消日時", null=True, blank=True)

    objects = PlanChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "計画の改定"
        verbose_name_plural = "計画の改定"
        ordering = ["plan", "-pk"]

    def __str__(self) -> str:
        return f"「{self.plan}」への改定"

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.plan.municipality_id

    @property
    def link_count(self) -> int:
        return len(self.made.get("links", ()))

    @property
    def action_count(self) -> int:
        return len(self.made.get("actions", ()))
