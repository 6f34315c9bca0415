from django.conf import settings
from django.db import models
from django.db.models import F, Q

from agreements.choices import RenewalChoice
from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import ProseField

from .agreement import Agreement

RENEWING = (RenewalChoice.RENEWED, RenewalChoice.REVISED, RenewalChoice.TACIT)


class RenewalDecisionQuerySet(models.QuerySet):
    def internal_to(self, user) -> "RenewalDecisionQuerySet":
        return self.filter(access.internal_agreements(user, "agreement__"), agreement__deleted_at=None)

    def standing(self) -> "RenewalDecisionQuerySet":
        """Decisions that were not taken back."""
        return self.filter(withdrawn_at=None)


class RenewalDecision(Recorded):
    """更新判断: what was decided about one term of an agreement, before its notice deadline if all went well.

    An automatic renewal that nobody decided is written by the daily run as 黙示更新. A decision that is taken
    back stays on record.
    """

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="renewal_decisions", verbose_name="協定"
    )
    term = models.DateField("判断した期間の満了日")
    decision = models.CharField("判断", max_length=10, choices=RenewalChoice)
    decided_on = models.DateField("判断日")
    extended_to = models.DateField("更新後の満了日", null=True, blank=True)
    reason = ProseField("理由", max_length=2000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="記録者",
    )
    withdrawn_at = models.DateTimeField("取消日時", null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="取り消した人",
    )
    withdrawn_reason = ProseField("取消しの理由", max_length=2000, blank=True)

    history = history()
    objects = RenewalDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "更新判断"
        verbose_name_plural = "更新判断"
        ordering = ["agreement", "term", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "term"],
                condition=Q(withdrawn_at=None),
                name="renewal_decision_once_a_term",
                violation_error_message="この期間の更新判断はすでに記録されています。",
            ),
            models.CheckConstraint(
                condition=Q(decision=RenewalChoice.TACIT, by=None)
                | (~Q(decision=RenewalChoice.TACIT) & ~Q(reason="")),
                name="renewal_decision_tacit_or_with_a_reason",
                violation_error_message="更新判断には理由が必要です。黙示更新を記録できるのはシステムだけです。",
            ),
            models.CheckConstraint(
                condition=Q(extended_to=None)
                | (Q(extended_to__gt=F("term"), decision__in=[RenewalChoice.RENEWED, RenewalChoice.REVISED])),
                name="renewal_decision_extends_the_term",
                violation_error_message="更新後の満了日は、今の満了日より後の日にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""),
                name="renewal_decision_withdrawn_with_a_reason",
                violation_error_message="取消しには理由が必要です。",
            ),
        ]

    def __str__(self) -> str:
        return self.get_decision_display()
