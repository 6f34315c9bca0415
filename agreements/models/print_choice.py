"""印刷の設定: what a person chose for one kind of printout, for the next time."""

from django.conf import settings
from django.db import models

from agreements.choices import PrintKind
from municipalities.models.base import Recorded


class PrintChoice(Recorded):
    """`previous` is what stood there before: one step can be taken back."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="print_choices", verbose_name="職員"
    )
    kind = models.CharField("印刷物", max_length=20, choices=PrintKind)
    values = models.JSONField("設定", default=dict, blank=True)
    previous = models.JSONField("前の設定", default=dict, blank=True)

    class Meta:
        verbose_name = "印刷の設定"
        verbose_name_plural = "印刷の設定"
        ordering = ["person", "kind"]
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="print_choice_once")]

    def __str__(self) -> str:
        return self.get_kind_display()
