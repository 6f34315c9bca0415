from datetime import date

from django.db import models
from django.db.models.functions import Length

from municipalities.choices import MunicipalityKind
from municipalities.validators import validate_kana, validate_municipality_code

from .base import Recorded, history
from .fields import LineField

models.CharField.register_lookup(Length)


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def open(self, on: date | None = None) -> "MunicipalityQuerySet":
        """Bodies that exist (on that day)."""
        if on is None:
            return self.filter(closed_on=None)
        return self.filter(
            models.Q(closed_on=None) | models.Q(closed_on__gt=on),
            models.Q(opened_on=None) | models.Q(opened_on__lte=on),
        )

    def named(self, text: str) -> "MunicipalityQuerySet":
        """Bodies whose name, former name, reading or code begins with the text."""
        formerly = MunicipalityFormerName.objects.filter(name__startswith=text)
        return self.filter(
            models.Q(name__startswith=text)
            | models.Q(name_kana__startswith=text)
            | models.Q(code__startswith=text)
            | models.Q(pk__in=formerly.values("municipality"))
        )


class Municipality(Recorded):
    """A 地方公共団体 (prefecture, city, ward, town, village). Closed when abolished, never deleted."""

    code = models.CharField(
        "全国地方公共団体コード", max_length=6, unique=True, validators=[validate_municipality_code]
    )
    kind = models.CharField("種類", max_length=20, choices=MunicipalityKind)
    prefecture_code = models.CharField("都道府県番号", max_length=2)
    prefecture = LineField("都道府県", max_length=4)
    county = LineField("郡", max_length=20, blank=True)
    name = LineField("名称", max_length=40)
    name_kana = LineField("かな", max_length=60, validators=[validate_kana])
    opened_on = models.DateField("設置日", null=True, blank=True)
    closed_on = models.DateField("廃止日", null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="承継団体"
    )

    history = history()
    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = "自治体"
        verbose_name_plural = "自治体"
        ordering = ["code"]
        indexes = [models.Index("name_kana", "code", name="municipality_kana")]
        constraints = [
            models.CheckConstraint(condition=models.Q(code__length=6), name="municipality_code_six_digits"),
            models.CheckConstraint(
                condition=models.Q(code__startswith=models.F("prefecture_code")),
                name="municipality_code_in_prefecture",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on=None)
                | models.Q(opened_on=None)
                | models.Q(closed_on__gte=models.F("opened_on")),
                name="municipality_closed_after_opened",
                violation_error_message="廃止日は設置日より後の日にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """Name with its prefecture, which tells namesakes (e.g. 府中市) apart."""
        if self.kind == MunicipalityKind.PREFECTURE:
            return self.name
        return f"{self.prefecture}{self.county}{self.name}"


class MunicipalityFormerName(models.Model):
    """A name a body had before; old documents keep using it."""

    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="former_names", verbose_name="自治体"
    )
    name = LineField("旧名称", max_length=40)
    name_kana = LineField("旧かな", max_length=60, blank=True, validators=[validate_kana])
    until = models.DateField("使用終了日", null=True, blank=True)

    class Meta:
        verbose_name = "自治体の旧名称"
        verbose_name_plural = "自治体の旧名称"
        ordering = ["municipality", "until", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "name", "until"], name="former_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
