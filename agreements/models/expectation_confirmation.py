from django.conf import settings
from django.db import models
from django.db.models import Q

from agreements.choices import Side
from municipalities.models.base import history
from municipalities.models.fields import LineField

from .agreement import Agreement
from .document import AgreementDocument
from .expectation_row import ExpectationRow


class ExpectationConfirmationQuerySet(models.QuerySet["ExpectationConfirmation"]):
    def standing(self) -> "ExpectationConfirmationQuerySet":
        return self.filter(withdrawn_at=None)


class ExpectationConfirmation(models.Model):
    """⑭⑮: a named person of one side confirmed one row as it stood then (`content`, in words).

    It holds for exactly that content: when the row changes, it stays as a record and a new one is needed.
    """

    row = models.ForeignKey(
        ExpectationRow, models.CASCADE, related_name="confirmations", verbose_name="すり合わせの項目"
    )
    side = models.CharField("どちらの", max_length=8, choices=Side)
    title = LineField("確認者の部署・職名", max_length=100, blank=True)
    name = LineField("確認者の氏名", max_length=60)
    confirmed_on = models.DateField("確認日")
    evidence = LineField(
        "証跡", max_length=200, blank=True, help_text="例：10月1日の協議の議事録、相手方からのメール"
    )
    document = models.ForeignKey(
        AgreementDocument,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="証跡の書類",
    )
    content = models.JSONField("確認した内容", default=dict, editable=False)
    content_hash = models.CharField("内容の版", max_length=16, editable=False)
    submission = models.ForeignKey(
        "agreements.CompanySubmission",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="confirmations",
        verbose_name="相手方からの送信",
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="記録者"
    )
    recorded_at = models.DateTimeField("記録日時", auto_now_add=True)
    withdrawn_at = models.DateTimeField("取消日時", null=True, blank=True)

    history = history(excluded_fields=["content"])
    objects = ExpectationConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = "すり合わせの確認"
        verbose_name_plural = "すり合わせの確認"
        ordering = ["row", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["row", "side", "content_hash"],
                condition=Q(withdrawn_at=None),
                name="expectation_confirmation_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.row}の確認（{self.get_side_display()}）"

    @property
    def agreement(self) -> Agreement:
        return self.row.round.agreement

    @property
    def person(self) -> str:
        """「企画課長 見本 太郎」"""
        return f"{self.title} {self.name}".strip()
