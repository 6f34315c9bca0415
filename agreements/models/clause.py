from django.core.exceptions import ValidationError
from django.db import models

from agreements.choices import ClauseKind, ClauseUse
from agreements.domain.clauses import ClauseText
from agreements.domain.legal_references import check_names
from agreements.domain.legal_text import depth_problems, parse
from municipalities import access
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField


class ClauseQuerySet(models.QuerySet["Clause"]):
    def in_use(self) -> "ClauseQuerySet":
        return self.filter(retired_at=None)

    def editable_by(self, user) -> "ClauseQuerySet":
        return self.filter(access.keepable_clauses(user))


class Clause(Recorded):
    """条項ひな形: one clause of the municipality's own library, from which first drafts are composed."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="clauses", verbose_name="自治体"
    )
    kind = models.CharField("種類", max_length=24, choices=ClauseKind)
    use = models.CharField(
        "最初の案に入れる場合", max_length=10, choices=ClauseUse, default=ClauseUse.OPTIONAL
    )
    heading = LineField("見出し", max_length=40, help_text="例：費用負担。括弧は付けません。")
    text = ProseField("本文", max_length=8000)
    order = models.PositiveIntegerField("並び順", default=0, editable=False)
    retired_at = models.DateTimeField("使用をやめた日時", null=True, blank=True, editable=False)

    history = history(excluded_fields=["order"])
    objects = ClauseQuerySet.as_manager()

    class Meta:
        verbose_name = "条項ひな形"
        verbose_name_plural = "条項ひな形"
        ordering = ["municipality", "order", "pk"]

    def __str__(self) -> str:
        return self.heading

    def clean(self) -> None:
        """What would print wrongly in every draft made of it."""
        super().clean()
        wrong = list(check_names(self.text))
        if self.has_units:
            wrong += depth_problems(parse(self.text))
        if wrong:
            raise ValidationError({"text": wrong})

    @property
    def has_units(self) -> bool:
        """Whether it becomes an article, with 項 and 号 to number."""
        return self.kind not in (ClauseKind.PREAMBLE, ClauseKind.CLOSING, ClauseKind.ANNEX)

    @property
    def as_text(self) -> ClauseText:
        return ClauseText(self.kind, self.heading, self.text, self.use)
