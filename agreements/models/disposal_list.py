from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from agreements.choices import DisposalState
from municipalities import access
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField


class DisposalListQuerySet(models.QuerySet["DisposalList"]):
    def visible_to(self, user: Any) -> "DisposalListQuerySet":
        """Disposal is the managers' business."""
        return self.filter(access.managed_municipality(user))

    def open(self) -> "DisposalListQuerySet":
        return self.filter(state=DisposalState.OPEN)


class DisposalList(Recorded):
    """廃棄目録: agreements whose 保存年限 is over, proposed by one manager and approved by another.

    Until the approval nothing is lost. After it the contents are gone and the items stay as tombstones.
    """

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="disposal_lists", verbose_name="自治体"
    )
    title = LineField("件名", max_length=100)
    state = models.CharField("状態", max_length=10, choices=DisposalState, default=DisposalState.OPEN)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="作成者"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="承認者",
    )
    approved_on = models.DateField("承認日", null=True, blank=True)

    history = history()
    objects = DisposalListQuerySet.as_manager()

    class Meta:
        verbose_name = "廃棄目録"
        verbose_name_plural = "廃棄目録"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["municipality", "-id"], name="disposal_list_recent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=DisposalState.APPROVED, approved_by__isnull=False, approved_on__isnull=False
                )
                | (~Q(state=DisposalState.APPROVED) & Q(approved_by=None, approved_on=None)),
                name="disposal_list_approved_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("created_by")),
                name="disposal_list_two_persons",
                violation_error_message="作成した人とは別の管理者が承認してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("agreements:disposal-list", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == DisposalState.OPEN
