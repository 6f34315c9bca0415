from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from municipalities import access
from municipalities.models import PlanItem
from municipalities.models.base import Recorded, history

from .agreement import Agreement


class PlanLinkQuerySet(models.QuerySet["PlanLink"]):
    def alive(self) -> "PlanLinkQuerySet":
        return self.filter(agreement__deleted_at=None)

    def internal_to(self, user: Any) -> "PlanLinkQuerySet":
        return self.alive().filter(access.internal_agreements(user, "agreement__"))

    def serving(self, items: Any) -> "PlanLinkQuerySet":
        """Links to any of these nodes of a plan."""
        return self.filter(plan_item__in=items)


class PlanLink(Recorded):
    """A 施策 that the agreement as a whole serves (its 取組 name their own).

    A link is never repointed: when the plan changes, links to the new one are added and the old ones tell
    what the agreement served then.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="plan_links", verbose_name="協定")
    plan_item = models.ForeignKey(
        PlanItem, models.PROTECT, related_name="agreement_links", verbose_name="施策"
    )

    history = history()
    objects = PlanLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "協定の施策"
        verbose_name_plural = "協定の施策"
        ordering = ["agreement", "plan_item__plan", "plan_item__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "plan_item"],
                name="plan_link_once",
                violation_error_message="この施策はすでに選ばれています。",
            )
        ]

    def __str__(self) -> str:
        return str(self.plan_item)

    def clean(self) -> None:
        super().clean()
        if self.plan_item.plan.municipality_id != self.agreement.municipality_id:
            raise ValidationError({"plan_item": "施策は自分の自治体の総合計画から選んでください。"})
