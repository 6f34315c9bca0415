"""What the nation publishes, in numbers: counted each night where counting takes seconds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Count

from agreements.choices import Publication

from . import figures
from .agreement import Agreement
from .keyset import capped_count

LIVE_UP_TO = 10_000
"""Published agreements that are counted for each visit: a moment, and exact."""

_PREFECTURE, _CATEGORY, _YEAR, _TOTAL = "prefecture", "category", "year", "total"


@dataclass(slots=True)
class NationFigures:
    """Published agreements of the whole country as of a day."""

    as_of: date
    total: int = 0
    bodies: int = 0
    prefectures: dict[str, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)


def published_agreements() -> Any:
    return Agreement.objects.alive().filter(publication=Publication.PUBLISHED)


def nation_figures(today: date) -> NationFigures:
    """Counted now, or for a large country read from the last night's count."""
    if capped_count(published_agreements(), LIVE_UP_TO).is_exact:
        return count_nation(today)
    return NationalCount.objects.stored() or count_nation(today)


def count_nation(today: date) -> NationFigures:
    published = published_agreements()
    totals = published.order_by().aggregate(all=Count("pk"), bodies=Count("municipality", distinct=True))
    return NationFigures(
        as_of=today,
        total=totals["all"],
        bodies=totals["bodies"],
        prefectures=figures.count_by(published, "municipality__prefecture_code"),
        categories=figures.categories_of(published),
        years=figures.count_by(published.exclude(fiscal_year=None), "fiscal_year"),
    )


class NationalCountQuerySet(models.QuerySet["NationalCount"]):
    def renew(self, today: date) -> int:
        """Count anew and keep it; the number of published agreements."""
        found = count_nation(today)
        with transaction.atomic():
            self.all().delete()
            self.bulk_create(_rows(found))  # type: ignore[arg-type]
        return found.total

    def stored(self) -> NationFigures | None:
        rows = list(self.all())
        if not rows:
            return None
        by = {(row.dimension, row.key): row.number for row in rows}
        of = {
            dimension: {key: number for (each, key), number in by.items() if each == dimension}
            for dimension in (_PREFECTURE, _CATEGORY, _YEAR)
        }
        return NationFigures(
            as_of=rows[0].counted_on,
            total=by.get((_TOTAL, "agreements"), 0),
            bodies=by.get((_TOTAL, "municipalities"), 0),
            prefectures=of[_PREFECTURE],
            categories=of[_CATEGORY],
            years={int(key): number for key, number in of[_YEAR].items()},
        )


def _rows(found: NationFigures) -> Iterator["NationalCount"]:
    for dimension, counts in (
        (_PREFECTURE, found.prefectures),
        (_CATEGORY, found.categories),
        (_YEAR, found.years),
        (_TOTAL, {"agreements": found.total, "municipalities": found.bodies}),
    ):
        for key, number in counts.items():
            yield NationalCount(dimension=dimension, key=str(key), number=number, counted_on=found.as_of)


class NationalCount(models.Model):
    """One number: the published agreements of a prefecture, of a 分野, of a fiscal year."""

    dimension = models.CharField(
        "区分",
        max_length=12,
        choices=[
            (_PREFECTURE, "都道府県"),
            (_CATEGORY, "分野"),
            (_YEAR, "締結年度"),
            (_TOTAL, "全国"),
        ],
    )
    key = models.CharField("値", max_length=20)
    number = models.PositiveIntegerField("件数")
    counted_on = models.DateField("集計日")

    objects = NationalCountQuerySet.as_manager()

    class Meta:
        verbose_name = "全国の集計"
        verbose_name_plural = "全国の集計"
        ordering = ["dimension", "key"]
        constraints = [
            models.UniqueConstraint(fields=["dimension", "key"], name="agreements_nationalcount_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_dimension_display()} {self.key}"
