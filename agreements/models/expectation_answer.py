from django.db import models

from agreements.choices import ExpectationCost, ExpectationKind, Side
from municipalities.models.base import Recorded, history
from municipalities.models.fields import ChosenField, LineField, ProseField

from .agreement import Agreement
from .expectation_row import ExpectationRow

ANSWER_FIELDS = ("expects", "kinds", "offers", "cost", "cost_cap", "cost_note")
"""What one side says by itself: ②④⑦ of the company's sheet, ③⑤⑦ of the municipality's."""


class ExpectationAnswer(Recorded):
    """What one side hopes for and gives in one row, written without seeing the other's.

    The company's answers become rows here when staff accept its submission, which they can only do once the
    round is opened. So there is nothing to leak before: no row, no history, no export.
    """

    row = models.ForeignKey(
        ExpectationRow, models.CASCADE, related_name="answers", verbose_name="すり合わせの項目"
    )
    side = models.CharField("どちらの", max_length=8, choices=Side)
    expects = ProseField("期待すること", max_length=2000, blank=True)
    kinds = ChosenField("期待の種類", labels=dict(ExpectationKind.choices))
    offers = ProseField("提供するもの", max_length=2000, blank=True)
    cost = models.CharField("⑦費用", max_length=10, choices=ExpectationCost, blank=True)
    cost_cap = models.PositiveBigIntegerField("上限額（円）", null=True, blank=True)
    cost_note = LineField("費用についての補足", max_length=300, blank=True)

    history = history()

    class Meta:
        verbose_name = "すり合わせの回答"
        verbose_name_plural = "すり合わせの回答"
        ordering = ["row", "side"]
        constraints = [models.UniqueConstraint(fields=["row", "side"], name="expectation_answer_once")]

    def __str__(self) -> str:
        return f"{self.row}（{self.get_side_display()}）"

    @property
    def agreement(self) -> Agreement:
        return self.row.round.agreement

    @property
    def expects_order(self) -> bool:
        """将来の受注 is among the kinds of what the company expects."""
        return self.side == Side.PARTNER and ExpectationKind.ORDER in self.kinds

    @property
    def is_blank(self) -> bool:
        return not any(getattr(self, name) not in ("", None, []) for name in ANSWER_FIELDS)

    @property
    def kinds_words(self) -> str:
        return "、".join(ExpectationKind(each).label for each in self.kinds if each in ExpectationKind.values)

    @property
    def cost_words(self) -> str:
        """「有償（上限100,000円）　別途協議」"""
        cap = f"（上限{self.cost_cap:,}円）" if self.cost_cap is not None else ""
        return f"{self.get_cost_display()}{cap}　{self.cost_note}".strip("　")

    def values(self) -> dict:
        return {name: getattr(self, name) for name in ANSWER_FIELDS}
