from django.conf import settings
from django.db import models

from municipalities import access
from municipalities.models import Department, Municipality
from municipalities.models.fields import LineField


class OwnerChangeQuerySet(models.QuerySet["OwnerChange"]):
    def managed_by(self, user) -> "OwnerChangeQuerySet":
        return self.filter(access.managed_municipality(user))


class OwnerChange(models.Model):
    """One bulk change of 課 or 担当者 (機構改革, 人事異動): what moved, so that it can be taken back.

    `moves` lists one object for each changed value:
    ``{"model": "agreement", "pk": 7, "field": "department", "before": 3, "after": 5}``.
    """

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="owner_changes", verbose_name="自治体"
    )
    summary = LineField("内容", max_length=200)
    abolished = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="廃止した課"
    )
    moves = models.JSONField("変更した値", default=list)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="変更した人"
    )
    at = models.DateTimeField("変更日時", auto_now_add=True)
    undone_at = models.DateTimeField("元に戻した日時", null=True, blank=True)

    objects = OwnerChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "担当の一括変更"
        verbose_name_plural = "担当の一括変更"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.summary
