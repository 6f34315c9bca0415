from django.conf import settings
from django.db import models
from django.db.models import Q

from agreements.choices import ApprovalDecision
from municipalities import access
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField

from .agreement import Agreement


class ApprovalQuerySet(models.QuerySet):
    def internal_to(self, user) -> "ApprovalQuerySet":
        return self.filter(access.internal_agreements(user, "agreement__"), agreement__deleted_at=None)

    def current(self) -> "ApprovalQuerySet":
        """Approvals that wait or stand; an agreement has at most one."""
        return self.filter(decision__in=(ApprovalDecision.PENDING, ApprovalDecision.APPROVED))


class Approval(Recorded):
    """決裁: one round of an agreement through the municipality's decision; one sent back stays on record."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="approvals", verbose_name="協定")
    # The agreement's own; here because a document number is unique inside it.
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="approvals", verbose_name="自治体"
    )
    drafter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="起案者"
    )
    drafted_on = models.DateField("起案日")
    decision = models.CharField(
        "決定", max_length=10, choices=ApprovalDecision, default=ApprovalDecision.PENDING
    )
    document_number = LineField("文書番号", max_length=60, blank=True, help_text="例：企第123号")
    decider_title = LineField("決裁者の職", max_length=60, blank=True, help_text="例：市長、副市長（専決）")
    decider_name = LineField("決裁者の氏名", max_length=60, blank=True)
    decided_on = models.DateField("決裁日", null=True, blank=True)
    fiscal_year = models.SmallIntegerField("年度", null=True, blank=True, editable=False)
    comment = ProseField("コメント", max_length=2000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="決定の記録者",
    )

    history = history()
    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = "決裁"
        verbose_name_plural = "決裁"
        ordering = ["agreement", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(decision__in=[ApprovalDecision.PENDING, ApprovalDecision.APPROVED]),
                name="approval_one_at_a_time",
                violation_error_message="この協定はすでに決裁に回っています。",
            ),
            models.UniqueConstraint(
                fields=["municipality", "fiscal_year", "document_number"],
                condition=Q(decision=ApprovalDecision.APPROVED),
                name="approval_document_number_once_a_year",
                violation_error_message="この文書番号は、同じ年度にすでに使われています。",
            ),
            models.CheckConstraint(
                condition=~Q(decision=ApprovalDecision.APPROVED)
                | (
                    ~Q(document_number="")
                    & ~Q(decider_title="")
                    & Q(decided_on__isnull=False)
                    & Q(fiscal_year__isnull=False)
                ),
                name="approval_says_who_when_and_number",
                violation_error_message="承認には、文書番号・決裁日・決裁者が必要です。",
            ),
            models.CheckConstraint(
                condition=~Q(decision=ApprovalDecision.SENT_BACK) | ~Q(comment=""),
                name="approval_sent_back_with_a_reason",
                violation_error_message="差戻しには理由が必要です。",
            ),
        ]

    def __str__(self) -> str:
        return f"決裁（{self.get_decision_display()}）"

    @property
    def decider(self) -> str:
        return f"{self.decider_title} {self.decider_name}".strip()
