from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from agreements.choices import AmendmentState
from agreements.domain.agreement_text import VALUE_FIELDS, AgreementText, ItemText
from municipalities import access
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField
from municipalities.validators import validate_kana

from .agreement import Agreement
from .cooperation_field import CooperationField


class AmendmentQuerySet(models.QuerySet):
    def internal_to(self, user) -> "AmendmentQuerySet":
        return self.filter(access.internal_agreements(user, "agreement__"), agreement__deleted_at=None)

    def drafts(self) -> "AmendmentQuerySet":
        return self.filter(state=AmendmentState.DRAFT)


class Amendment(Recorded):
    """変更: a copy of the agreement's text that is edited, decided about and merged into the running text.

    `base` is the text it was copied from, `previous` the one it replaced when it was merged; both stay.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="amendments", verbose_name="協定")
    # The agreement's own; here because a document number is unique inside it.
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="amendments", verbose_name="自治体"
    )
    number = models.PositiveSmallIntegerField("回")
    state = models.CharField(
        "状態", max_length=10, choices=AmendmentState, default=AmendmentState.DRAFT, editable=False
    )
    reason = ProseField("変更の理由", max_length=2000)
    reverts = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="reverted_by",
        verbose_name="元に戻す変更",
    )

    title = LineField("協定名称", max_length=200, blank=True)
    title_kana = LineField("かな", max_length=300, blank=True, validators=[validate_kana])
    purpose = ProseField("目的", max_length=4000, blank=True)
    first_expiry = models.DateField("当初の満了日", null=True, blank=True)
    auto_renew = models.BooleanField("自動更新", default=False)
    renewal_months = models.PositiveSmallIntegerField("更新期間（月）", null=True, blank=True)
    notice_months = models.PositiveSmallIntegerField("通知期限（満了の何か月前）", null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField("通知期限（満了の何日前）", null=True, blank=True)
    renewal_text = ProseField("更新条件の原文", max_length=2000, blank=True)
    base = models.JSONField("写した時の文言", editable=False, encoder=DjangoJSONEncoder)
    previous = models.JSONField("変更前の文言", null=True, editable=False, encoder=DjangoJSONEncoder)

    document_number = LineField("文書番号", max_length=60, blank=True, help_text="例：企第123号")
    decided_on = models.DateField("決裁日", null=True, blank=True)
    fiscal_year = models.SmallIntegerField("年度", null=True, blank=True, editable=False)
    effective_on = models.DateField("変更の効力発生日", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="記録者",
    )
    comment = ProseField("コメント", max_length=2000, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="作成者",
    )
    version = models.PositiveIntegerField("版", default=1, editable=False)

    history = history(excluded_fields=["base", "previous"])
    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = "変更"
        verbose_name_plural = "変更"
        ordering = ["agreement", "number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="amendment_number_once"),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(state=AmendmentState.DRAFT),
                name="amendment_one_draft",
                violation_error_message="この協定には、すでに変更案があります。",
            ),
            models.UniqueConstraint(
                fields=["municipality", "fiscal_year", "document_number"],
                condition=Q(state=AmendmentState.MERGED),
                name="amendment_document_number_once_a_year",
                violation_error_message="この文書番号は、同じ年度にすでに使われています。",
            ),
            models.CheckConstraint(
                condition=~Q(state=AmendmentState.MERGED)
                | (
                    ~Q(document_number="")
                    & Q(
                        decided_on__isnull=False,
                        effective_on__isnull=False,
                        fiscal_year__isnull=False,
                        previous__isnull=False,
                    )
                ),
                name="amendment_merged_says_when_and_number",
                violation_error_message="変更の反映には、文書番号・決裁日・効力発生日が必要です。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[AmendmentState.REJECTED, AmendmentState.WITHDRAWN]) | ~Q(comment=""),
                name="amendment_given_up_with_a_reason",
                violation_error_message="見送りと取下げには理由が必要です。",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}回変更"

    @property
    def text(self) -> AgreementText:
        """The text it proposes, or made."""
        items = tuple(
            ItemText(item.text, tuple(item.categories), item.replaces_id) for item in self.items.all()
        )
        return AgreementText(**{name: getattr(self, name) for name in VALUE_FIELDS}, items=items)


class AmendmentItem(models.Model):
    """One 連携事項 as an amendment proposes it; `replaces` is the running one it rewords."""

    amendment = models.ForeignKey(Amendment, models.CASCADE, related_name="items", verbose_name="変更")
    number = models.PositiveSmallIntegerField("番号")
    text = ProseField("連携事項（原文）", max_length=2000)
    categories = models.JSONField("分野", default=list, blank=True)
    replaces = models.ForeignKey(
        CooperationField,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="今の連携事項",
    )

    class Meta:
        verbose_name = "変更案の連携事項"
        verbose_name_plural = "変更案の連携事項"
        ordering = ["amendment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["amendment", "number"], name="amendment_item_number_once"),
        ]

    def __str__(self) -> str:
        return f"({self.number}) {self.text}"
