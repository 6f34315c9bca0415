from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear
from django.urls import reverse
from django.utils import timezone

from agreements.choices import ActionState, BudgetRound, BudgetStatus, ContractMethod, Fairness, Funding
from agreements.domain import progress as rules
from agreements.domain.progress import ActionFacts, Owed
from municipalities.models import Department, PlanItem
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField

from .action_queries import OPEN_STATES, ActionItemQuerySet
from .agreement import Agreement
from .company import CompanyContact
from .cooperation_field import CooperationField

FIGURE: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "null": True, "blank": True}
"""A figure somebody counts or measures: people, events, percent, tonnes."""
# Where the own budget carries (part of) the money, the budget line can be told.
WITH_BUDGET_LINE = frozenset(
    {Funding.MUNICIPAL_BUDGET, Funding.SHARED, Funding.GRANT, Funding.CORP_FURUSATO, Funding.SPONSORSHIP}
)


def _fiscal_year(name: str) -> list[models.When]:
    """年度 of the day in this field, where it is known."""
    return [
        models.When(**{f"{name}__isnull": False, f"{name}__month__lt": 4}, then=ExtractYear(name) - 1),
        models.When(**{f"{name}__isnull": False}, then=ExtractYear(name)),
    ]


class ActionItem(Recorded):
    """取組: what is done for one or more items, by whom on both sides, from when to when, how much of it.

    Also with whose money, for which 施策, and in the end what came of it.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="actions", verbose_name="協定")
    cooperation_fields = models.ManyToManyField(
        CooperationField, blank=True, related_name="actions", verbose_name="連携事項"
    )
    title = LineField("取組", max_length=200)
    description = ProseField("内容", max_length=2000, blank=True, help_text="何を、だれのために、どのように")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="actions", verbose_name="担当課"
    )
    person_in_charge = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actions_in_charge",
        verbose_name="担当者",
    )
    partner_in_charge = LineField("相手方の担当", max_length=100, blank=True)
    partner_contact = models.ForeignKey(
        CompanyContact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name="相手窓口",
    )
    starts_on = models.DateField("開始日", null=True, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    state = models.CharField("状態", max_length=12, choices=ActionState, default=ActionState.PLANNED)

    target_value = models.DecimalField("目標値", **FIGURE)
    target_unit = LineField("単位", max_length=20, blank=True, help_text="例：人、回、件、％")
    baseline_value = models.DecimalField("基準値", **FIGURE)

    funding = models.CharField("財源", max_length=20, choices=Funding, blank=True)
    budget_account = LineField("会計", max_length=60, blank=True, help_text="例：一般会計")
    budget_project = LineField("予算事業名", max_length=120, blank=True, help_text="予算書上の事業名")
    budget_line = LineField("款項目", max_length=60, blank=True, help_text="例：款2項1目7")
    budget_round = models.CharField("当初・補正", max_length=16, choices=BudgetRound, blank=True)
    budget_thousands = models.PositiveBigIntegerField("額（千円）", null=True, blank=True)
    budget_status = models.CharField("予算の状況", max_length=16, choices=BudgetStatus, blank=True)
    contract_method = models.CharField("契約方式", max_length=12, choices=ContractMethod, blank=True)
    contract_reason = ProseField("契約方式の根拠", max_length=1000, blank=True)
    fairness = models.CharField("公平性の整理", max_length=12, choices=Fairness, blank=True)
    fairness_note = ProseField("公平性メモ", max_length=1000, blank=True)

    plan_item = models.ForeignKey(
        PlanItem, models.PROTECT, null=True, blank=True, related_name="main_actions", verbose_name="主施策"
    )
    sub_plan_items = models.ManyToManyField(
        PlanItem, blank=True, related_name="sub_actions", verbose_name="副施策"
    )
    depends_on = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="awaited_by", verbose_name="先に終える取組"
    )
    is_repeated = models.BooleanField("毎年度くり返す", default=False)
    repeats = models.OneToOneField(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="repetition",
        verbose_name="前の年度の取組",
    )

    effect_yen = models.PositiveBigIntegerField("効果額（円）", null=True, blank=True)
    effect_method = ProseField("効果額の算定方法", max_length=1000, blank=True)
    result_value = models.DecimalField("実績値", **FIGURE)
    result_text = ProseField("実施した内容", max_length=4000, blank=True)
    completed_on = models.DateField("完了日", null=True, blank=True)
    cancelled_reason = ProseField("中止の理由", max_length=1000, blank=True)
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)
    # A day that belongs to no year is neither in a list nor in a sum of one.
    fiscal_year = models.GeneratedField(
        expression=models.Case(
            *_fiscal_year("due_on"),
            *_fiscal_year("starts_on"),
            default=None,
            output_field=models.SmallIntegerField(null=True),
        ),
        output_field=models.SmallIntegerField("年度", null=True),
        db_persist=True,
    )

    history = history(
        m2m_fields=[cooperation_fields, sub_plan_items, depends_on], excluded_fields=["fiscal_year"]
    )
    objects = ActionItemQuerySet.as_manager()

    class Meta:
        verbose_name = "取組"
        verbose_name_plural = "取組"
        ordering = ["agreement", F("due_on").asc(nulls_last=True), "pk"]
        indexes = [
            models.Index(
                "due_on", "id", condition=Q(state__in=OPEN_STATES, deleted_at=None), name="action_open_due"
            ),
            models.Index("department", "state", condition=Q(deleted_at=None), name="action_department_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(due_on=None) | Q(starts_on__lte=F("due_on")),
                name="action_due_after_start",
                violation_error_message="期限は開始日以後の日にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(target_value=None, baseline_value=None) | ~Q(target_unit=""),
                name="action_figure_has_a_unit",
                violation_error_message="目標値・基準値には単位を入力してください。",
            ),
            models.CheckConstraint(
                condition=~Q(funding=Funding.MUNICIPAL_BUDGET)
                | (~Q(budget_project="") & ~Q(contract_method="")),
                name="action_budget_has_project_and_contract",
                violation_error_message="財源が自治体予算のときは、予算事業名と契約方式を入力してください。",
            ),
            models.CheckConstraint(
                condition=~Q(contract_method=ContractMethod.NEGOTIATED) | ~Q(contract_reason=""),
                name="action_negotiated_contract_has_a_reason",
                violation_error_message="随意契約のときは、根拠を入力してください。",
            ),
            models.CheckConstraint(
                condition=~Q(funding=Funding.ZERO_BUDGET) | Q(budget_thousands=None),
                name="action_zero_budget_costs_nothing",
                violation_error_message="ゼロ予算のときは、額を空欄にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(effect_yen=None) | ~Q(effect_method=""),
                name="action_effect_has_a_method",
                violation_error_message="効果額には、算定方法を入力してください。",
            ),
            models.CheckConstraint(
                condition=~Q(state=ActionState.DONE)
                | (~Q(result_text="") & (Q(target_value=None) | Q(result_value__isnull=False))),
                name="action_done_says_what",
                violation_error_message="完了した取組には、実施した内容と（目標値があれば）実績値が必要です。",
            ),
            models.CheckConstraint(
                condition=~Q(state=ActionState.CANCELLED) | ~Q(cancelled_reason=""),
                name="action_cancelled_says_why",
                violation_error_message="中止した取組には、中止の理由が必要です。",
            ),
            models.CheckConstraint(
                condition=Q(repeats=None) | ~Q(repeats=F("pk")),
                name="action_repeats_another",
                violation_error_message="取組を、それ自身のくり返しにはできません。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("agreements:action-detail", args=[self.pk])

    def clean(self) -> None:
        super().clean()
        own = self.agreement.municipality_id
        if self.department and self.department.municipality_id != own:
            raise ValidationError({"department": "担当課は自分の自治体の課から選んでください。"})
        if self.plan_item and self.plan_item.municipality_id != own:
            raise ValidationError({"plan_item": "主施策は自分の自治体の計画から選んでください。"})
        if self.partner_contact and self.partner_contact.municipality_id != own:
            raise ValidationError({"partner_contact": "相手窓口は自分の自治体の窓口から選んでください。"})

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def facts(self) -> ActionFacts:
        """For `domain.progress`; `told_on` counts when the row was read `with_progress()`."""
        recorded = timezone.localtime(self.created_at).date() if self.created_at else None
        told = [day for day in (getattr(self, "told_on", None), recorded) if day]
        return ActionFacts(
            is_open=self.is_open,
            starts_on=self.starts_on,
            due_on=self.due_on,
            told_on=max(told, default=None),
        )

    def is_overdue(self, today: date) -> bool:
        return rules.is_overdue(self.facts(), today)

    def owed(self, today: date) -> Owed | None:
        """Why an update is owed (needs `with_progress()`)."""
        return rules.owed(self.facts(), today)

    @property
    def figure(self) -> Decimal | None:
        """The figure reached: at the end, or as of the last entry (needs `with_progress()`)."""
        if self.result_value is not None:
            return self.result_value
        return getattr(self, "current_value", None)

    @property
    def achievement(self) -> Decimal | None:
        """達成率 in percent."""
        return rules.achievement(self.baseline_value, self.target_value, self.figure)

    @property
    def funding_warning(self) -> str:
        return FUNDING_WARNINGS.get(self.funding, "")


FUNDING_WARNINGS: dict[Any, str] = {
    Funding.MUNICIPAL_BUDGET: "協定は契約の相手方を決めるものではありません。",
    Funding.CORP_FURUSATO: (
        "寄附の見返りとして、経済的な利益を与えることは禁止されています"
        "（入札や許認可での有利な取扱い、補助金の交付など）。"
    ),
}
"""What everyone who chooses this money must have read (地方自治法第234条; 地域再生法施行規則第13条)."""

__all__ = ["FUNDING_WARNINGS", "OPEN_STATES", "WITH_BUDGET_LINE", "ActionItem", "ActionItemQuerySet"]
