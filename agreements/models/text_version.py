from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from agreements.choices import TextOrigin
from agreements.domain.legal_text import LegalText
from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField

from .agreement import Agreement


class TextVersionQuerySet(models.QuerySet["TextVersion"]):
    def internal_to(self, user) -> "TextVersionQuerySet":
        return self.filter(access.internal_agreements(user, "agreement__"), agreement__deleted_at=None)

    def newest(self) -> "TextVersion | None":
        return self.order_by("-number").first()


class TextVersion(Recorded):
    """One version (第n版) of the 協定書 of an agreement. Written once: a change is a new version."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="text_versions", verbose_name="協定"
    )
    number = models.PositiveSmallIntegerField("版")
    origin = models.CharField("作り方", max_length=10, choices=TextOrigin)
    restored_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="戻した元の版"
    )
    note = LineField("この版のメモ", max_length=200, blank=True, help_text="例：第4条の費用負担を修正")
    body = models.JSONField("文面", encoder=DjangoJSONEncoder)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="作成者"
    )

    history = history(excluded_fields=["body"])
    objects = TextVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "協定書の版"
        verbose_name_plural = "協定書の版"
        ordering = ["agreement", "number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="text_version_number_once"),
            models.CheckConstraint(
                condition=Q(origin=TextOrigin.RESTORED, restored_from__isnull=False)
                | (~Q(origin=TextOrigin.RESTORED) & Q(restored_from=None)),
                name="text_version_restored_says_from_what",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}版"

    @property
    def text(self) -> LegalText:
        return LegalText.from_json(self.body)

    def is_superseded(self) -> bool:
        """Whether there is a newer version."""
        return TextVersion.objects.filter(agreement=self.agreement_id, number__gt=self.number).exists()

    @property
    def municipality_id(self) -> Any:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id
