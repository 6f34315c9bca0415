from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from agreements.choices import IntakeResult
from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField

from .agreement import Agreement
from .company import Company
from .intake_criterion import IntakeCriterion


class ProposalQuerySet(models.QuerySet):
    def internal_to(self, user) -> "ProposalQuerySet":
        return self.filter(access.internal_agreements(user, "agreement__"), agreement__deleted_at=None)

    def received_between(self, first: date, last: date) -> "ProposalQuerySet":
        """Proposals received from `first` to `last`, both included."""
        return self.filter(received_on__range=(first, last))


class Proposal(Recorded):
    """提案票: who proposed what, when it came in, and how it stands to the municipality's criteria."""

    agreement = models.OneToOneField(Agreement, models.CASCADE, related_name="proposal", verbose_name="協定")
    proposer = LineField("提案者", max_length=120, help_text="会社名や団体名。庁内からの提案のときは課名")
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name="相手方"
    )
    summary = ProseField("提案の内容", max_length=4000)
    received_on = models.DateField("受付日")
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="受付者",
    )

    history = history()
    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "提案票"
        verbose_name_plural = "提案票"
        ordering = ["-received_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.proposer}の提案"


class IntakeAnswer(models.Model):
    """How a proposal stands to one criterion. Keeps the question as it was asked: criteria change."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="answers", verbose_name="提案票")
    criterion = models.ForeignKey(
        IntakeCriterion, models.PROTECT, related_name="answers", verbose_name="受付の基準"
    )
    question = LineField("基準（確認したとき）", max_length=200)
    result = models.CharField("確認結果", max_length=8, choices=IntakeResult)
    note = LineField("確認の記録", max_length=200, blank=True)

    history = history()

    class Meta:
        verbose_name = "受付の確認"
        verbose_name_plural = "受付の確認"
        ordering = ["proposal", "criterion__order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "criterion"], name="intake_answer_once"),
            models.CheckConstraint(
                condition=Q(result__in=IntakeResult.values), name="intake_answer_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question}：{self.get_result_display()}"
