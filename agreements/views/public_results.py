"""Results by 年度 of a municipality, as a picture and a table: summed up of what went out alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agreements.models import Company
from agreements.models.publication import PublicEditionQuerySet

BAR = 190  # pixels of the longest bar
ROW = 32  # and from one bar to the next


@dataclass(frozen=True, slots=True)
class YearResults:
    """One 年度: 取組, how many of them are done, how many have a 効果額, and its sum; and its bar."""

    year: int
    actions: int
    done: int
    effects: int
    effect_yen: int
    y: int
    width: int
    done_width: int

    @property
    def text_y(self) -> int:
        return self.y + 16

    @property
    def text_x(self) -> int:
        return self.width + 8


@dataclass(frozen=True, slots=True)
class Summary:
    """What a municipality's page says of all its agreements; read with two queries."""

    total: int
    as_of: date | None
    years: list[int]
    partner_names: list[str]
    results: list[YearResults]

    @property
    def has_effects(self) -> bool:
        return any(each.effects for each in self.results)

    @property
    def height(self) -> int:
        return len(self.results) * ROW


def summary_of(editions: PublicEditionQuerySet) -> Summary:
    """The companies by today's names, in 五十音 order."""
    rows = list(editions.order_by().values_list("on", "fiscal_year", "companies", "results"))
    keys = {int(key) for _, _, listed, _ in rows for key in listed.split(",") if key}
    names = Company.objects.filter(pk__in=keys).values_list("name", flat=True) if keys else ()
    return Summary(
        total=len(rows),
        as_of=max((on for on, *_ in rows), default=None),
        years=sorted({year for _, year, *_ in rows if year is not None}, reverse=True),
        partner_names=list(names),
        results=results_by_year(results for *_, results in rows),
    )


def results_by_year(summed: Iterable[list[list[int]]]) -> list[YearResults]:
    """The years of these editions (`PublicEdition.results`), the newest first."""
    sums: dict[int, list[int]] = {}
    for results in summed:
        for year, *figures in results:
            sums[year] = [a + b for a, b in zip(sums.get(year, [0, 0, 0, 0]), figures, strict=True)]
    most = max((figures[0] for figures in sums.values()), default=1)
    rows = []
    for place, (year, (actions, done, effects, yen)) in enumerate(sorted(sums.items(), reverse=True)):
        widths = (round(BAR * actions / most), round(BAR * done / most))
        rows.append(YearResults(year, actions, done, effects, yen, place * ROW, *widths))
    return rows
