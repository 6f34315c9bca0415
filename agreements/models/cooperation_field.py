from django.db import models

from agreements.choices import FieldCategory
from municipalities.models.base import history
from municipalities.models.fields import ProseField

from .agreement import Agreement


class CooperationField(models.Model):
    """連携事項: one numbered item of an agreement, its text verbatim."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="cooperation_fields", verbose_name="協定"
    )
    number = models.PositiveSmallIntegerField("番号")
    text = ProseField("連携事項（原文）", max_length=2000)

    history = history()

    class Meta:
        verbose_name = "連携事項"
        verbose_name_plural = "連携事項"
        ordering = ["agreement", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="cooperation_field_number_once",
                violation_error_message="連携事項の番号が重なっています。",
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1), name="cooperation_field_number_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"({self.number}) {self.text}"


class CooperationFieldCategory(models.Model):
    """One of the 分野 an item belongs to; an item may carry several."""

    cooperation_field = models.ForeignKey(
        CooperationField, models.CASCADE, related_name="categories", verbose_name="連携事項"
    )
    category = models.CharField("分野", max_length=2, choices=FieldCategory)

    class Meta:
        verbose_name = "分野"
        verbose_name_plural = "分野"
        ordering = ["cooperation_field", "category"]
        indexes = [models.Index("category", "cooperation_field", name="category_cooperation_field")]
        constraints = [
            models.UniqueConstraint(fields=["cooperation_field", "category"], name="category_once"),
            models.CheckConstraint(
                condition=models.Q(category__in=FieldCategory.values), name="category_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_category_display()
