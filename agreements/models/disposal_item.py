from typing import Any

from django.db import models
from django.db.models import Q

from agreements.choices import AgreementKind, EndedReason, Retention
from municipalities import access
from municipalities.models.fields import LineField

from .agreement import Agreement
from .disposal_list import DisposalList


class DisposalItemQuerySet(models.QuerySet["DisposalItem"]):
    def visible_to(self, user: Any) -> "DisposalItemQuerySet":
        return self.filter(access.managed_municipality(user, "disposal_list__"))


class DisposalItem(models.Model):
    """One agreement on a disposal list: what is known of it, and after the disposal all that stays of it.

    Names of bodies stay, names of persons do not.
    """

    disposal_list = models.ForeignKey(
        DisposalList, models.CASCADE, related_name="items", verbose_name="廃棄目録"
    )
    agreement = models.OneToOneField(
        Agreement,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="disposal_item",
        verbose_name="協定",
    )
    agreement_number = models.PositiveBigIntegerField("協定の内部番号")
    ledger_number = LineField("管理番号", max_length=30)
    title = LineField("協定名称", max_length=200, blank=True)
    kind = models.CharField("種別", max_length=20, choices=AgreementKind)
    counterparts = models.TextField("相手方", blank=True)
    signed_on = models.DateField("締結日", null=True, blank=True)
    ended_on = models.DateField("終了日")
    ended_reason = models.CharField("終了理由", max_length=20, choices=EndedReason, blank=True)
    retention = models.PositiveSmallIntegerField("保存年限", choices=Retention)
    due_on = models.DateField("廃棄できる日")
    disposed_on = models.DateField("廃棄日", null=True, blank=True)

    objects = DisposalItemQuerySet.as_manager()

    class Meta:
        verbose_name = "廃棄目録の協定"
        verbose_name_plural = "廃棄目録の協定"
        ordering = ["disposal_list", "ledger_number", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(disposed_on=None) | Q(agreement=None), name="disposal_item_gone_when_disposed"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"（名称未登録）{self.ledger_number}"
