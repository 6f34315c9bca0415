from django.db import models

from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField

from .agreement import Agreement


class SigningCeremonyQuerySet(models.QuerySet):
    def internal_to(self, user) -> "SigningCeremonyQuerySet":
        return self.filter(access.internal_agreements(user, "agreement__"), agreement__deleted_at=None)


class SigningCeremony(Recorded):
    """締結式: planned or held; who came from either side."""

    agreement = models.OneToOneField(Agreement, models.CASCADE, related_name="ceremony", verbose_name="協定")
    held_on = models.DateField("日付")
    place = LineField("場所", max_length=120, help_text="例：市役所 応接室")
    own_attendees = ProseField(
        "自治体側の出席者", max_length=1000, blank=True, help_text="1行に1人。例：市長 見本太郎"
    )
    partner_attendees = ProseField("相手方の出席者", max_length=1000, blank=True, help_text="1行に1人")
    note = ProseField("備考", max_length=1000, blank=True)
    cancelled_at = models.DateTimeField("取りやめ日時", null=True, blank=True, editable=False)

    history = history()
    objects = SigningCeremonyQuerySet.as_manager()

    class Meta:
        verbose_name = "締結式"
        verbose_name_plural = "締結式"
        ordering = ["held_on", "pk"]

    def __str__(self) -> str:
        return f"締結式（{self.place}）"
