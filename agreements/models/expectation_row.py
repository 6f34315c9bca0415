from django.db import models

from agreements.choices import ExpectationCost, Procurement
from agreements.domain import expectations
from agreements.domain.diagnosis import Cost, Expectation
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField

from .agreement import Agreement
from .cooperation_field import CooperationField
from .expectation_round import ExpectationRound

SHARED_FIELDS = (
    "agreed_wording",
    "roles",
    "agreed_cost",
    "agreed_cost_cap",
    "procurement",
    "procurement_method",
    "not_to_do",
    "measure",
    "first_action",
    "first_action_due",
    "stop_conditions",
    "agreed_on",
)
"""What both sides write together once the answers are opened, in the order of the sheet."""


class ExpectationRow(Recorded):
    """One 連携事項 in one round: what both sides settled. What each hopes for is its `ExpectationAnswer`."""

    round = models.ForeignKey(
        ExpectationRound, models.CASCADE, related_name="rows", verbose_name="すり合わせ"
    )
    # The item may be reworded or dropped before the signing: the row keeps what was talked about.
    item = models.ForeignKey(
        CooperationField,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="expectation_rows",
        verbose_name="連携事項",
    )
    item_number = models.PositiveSmallIntegerField("番号")
    item_text = ProseField("①項目", max_length=2000)

    agreed_wording = ProseField(
        "合意した内容",
        max_length=2000,
        blank=True,
        help_text="②③の期待について、双方が合意した内容を、だれが読んでも同じ意味になるように書きます。",
    )
    roles = ProseField("⑥役割分担", max_length=2000, blank=True, help_text="だれが何をするか。")
    agreed_cost = models.CharField("⑦費用（合意）", max_length=10, choices=ExpectationCost, blank=True)
    agreed_cost_cap = models.PositiveBigIntegerField("上限額（円）", null=True, blank=True)
    procurement = models.CharField("⑧調達が要るか", max_length=12, choices=Procurement, blank=True)
    procurement_method = LineField(
        "調達の方法",
        max_length=200,
        blank=True,
        help_text="入札・プロポーザル・随意契約とその根拠など。協定は契約の相手方を決めるものではありません。",
    )
    not_to_do = ProseField(
        "⑨やらないこと",
        max_length=2000,
        blank=True,
        help_text="例：独占的な取扱い、営業名簿の提供、住民の個人情報の提供",
    )
    measure = ProseField("⑩成果の測り方", max_length=1000, blank=True, help_text="数値と単位で書きます。")
    first_action = LineField("⑪初回の取組", max_length=200, blank=True)
    first_action_due = models.DateField("⑪期限", null=True, blank=True)
    stop_conditions = ProseField("⑫中止条件", max_length=1000, blank=True)
    agreed_on = models.DateField("⑬合意日", null=True, blank=True)

    history = history()

    class Meta:
        verbose_name = "すり合わせの項目"
        verbose_name_plural = "すり合わせの項目"
        ordering = ["round", "item_number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "item"],
                condition=models.Q(item__isnull=False),
                name="expectation_row_item_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.item_text}"

    @property
    def label(self) -> str:
        return f"({self.item_number})"

    @property
    def agreement(self) -> Agreement:
        return self.round.agreement

    @property
    def procurement_words(self) -> str:
        """⑧ in words; empty while it is open whether a contract is needed, or how it would be awarded."""
        if self.procurement == Procurement.NOT_NEEDED:
            return " ".join(filter(None, [str(Procurement.NOT_NEEDED.label), self.procurement_method]))
        if self.procurement == Procurement.NEEDED and self.procurement_method.strip():
            return f"{Procurement.NEEDED.label}（{self.procurement_method}）"
        return ""

    def expectation(self, own, partner, *, is_settled: bool = False, **confirmed_on) -> Expectation:
        """The row as plain values for the rules; `own` and `partner` are the answers, or None.

        With `is_settled` the agreed cost stands for both sides.
        """
        expectation = Expectation(
            item=self.item_id or -self.pk,
            own_expects=own.expects if own else "",
            partner_expects=partner.expects if partner else "",
            partner_expects_order=bool(partner and partner.expects_order),
            own_cost=Cost(own.cost) if own and own.cost else None,
            partner_cost=Cost(partner.cost) if partner and partner.cost else None,
            cost_note="\n".join(filter(None, [own and own.cost_note, partner and partner.cost_note])),
            procurement=self.procurement_words,
            not_to_do=self.not_to_do,
            **confirmed_on,
        )
        agreed = Cost(self.agreed_cost) if self.agreed_cost else None
        return expectations.settled(expectation, agreed) if is_settled else expectation
