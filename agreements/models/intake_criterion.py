from datetime import date

from django.db import models
from django.db.models import F, Q

from municipalities import access
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField


class IntakeCriterionQuerySet(models.QuerySet):
    def valid(self, on: date) -> "IntakeCriterionQuerySet":
        """Criteria in use on that day."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_to=None) | Q(valid_to__gte=on))

    def editable_by(self, user) -> "IntakeCriterionQuerySet":
        return self.filter(access.own_municipality(user)) if access.is_manager(user) else self.none()


class IntakeCriterion(Recorded):
    """受付の基準: one question of the municipality's own checklist for proposals (提案票)."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="intake_criteria", verbose_name="自治体"
    )
    text = LineField("基準", max_length=200, help_text="例：営業や販売だけを目的としていない")
    hint = LineField(
        "確かめ方", max_length=300, blank=True, help_text="例：反社会的勢力でないことの誓約書を確認する"
    )
    order = models.PositiveIntegerField("並び順", default=0, editable=False)
    valid_from = models.DateField("使い始める日", null=True, blank=True)
    valid_to = models.DateField("使い終わる日（この日まで）", null=True, blank=True)

    history = history(excluded_fields=["order"])
    objects = IntakeCriterionQuerySet.as_manager()

    class Meta:
        verbose_name = "受付の基準"
        verbose_name_plural = "受付の基準"
        ordering = ["municipality", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="intake_criterion_ends_after_start",
                violation_error_message="使い終わる日は、使い始める日以後の日にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def is_over(self, today: date) -> bool:
        """Whether the criterion is no longer asked."""
        return self.valid_to is not None and self.valid_to < today
