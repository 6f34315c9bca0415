from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from agreements.choices import ActionState
from municipalities import access
from municipalities.models import Department
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField

from .agreement import Agreement
from .cooperation_field import CooperationField

OPEN_STATES = (ActionState.PLANNED, ActionState.IN_PROGRESS)


class ActionItemQuerySet(models.QuerySet["ActionItem"]):
    def alive(self) -> "ActionItemQuerySet":
        return self.filter(deleted_at=None, agreement__deleted_at=None)

    def internal_to(self, user) -> "ActionItemQuerySet":
        return self.alive().filter(access.internal_agreements(user, "agreement__"))

    def overdue(self, today: date) -> "ActionItemQuerySet":
        """Not done though the due date has passed."""
        return self.filter(state__in=OPEN_STATES, due_on__lt=today)


class ActionItem(Recorded):
    """取組: what is done for one or more items, by whom on both sides, from when to when."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="actions", verbose_name="協定")
    cooperation_fields = models.ManyToManyField(
        CooperationField, blank=True, related_name="actions", verbose_name="連携事項"
    )
    title = LineField("取組", max_length=200)
    description = ProseField("内容", max_length=2000, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="actions", verbose_name="担当課"
    )
    person_in_charge = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actions_in_charge",
        verbose_name="担当者",
    )
    partner_in_charge = LineField("相手方の担当", max_length=100, blank=True)
    starts_on = models.DateField("開始日", null=True, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    state = models.CharField("状態", max_length=12, choices=ActionState, default=ActionState.PLANNED)
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)

    history = history(m2m_fields=[cooperation_fields])
    objects = ActionItemQuerySet.as_manager()

    class Meta:
        verbose_name = "取組"
        verbose_name_plural = "取組"
        ordering = ["agreement", F("due_on").asc(nulls_last=True), "pk"]
        indexes = [
            models.Index(
                "due_on", "id", condition=Q(state__in=OPEN_STATES, deleted_at=None), name="action_open_due"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(due_on=None) | Q(starts_on__lte=F("due_on")),
                name="action_due_after_start",
                violation_error_message="期限は開始日以後の日にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_overdue(self, today: date) -> bool:
        return self.state in OPEN_STATES and self.due_on is not None and self.due_on < today
