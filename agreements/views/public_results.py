"""Results by 年度 of a municipality, as a picture and a table: summed up of what went out alone."""

from dataclasses import dataclass

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


def results_by_year(editions: PublicEditionQuerySet) -> list[YearResults]:
    """The years of these editions, the newest first; one query."""
    sums: dict[int, list[int]] = {}
    for results in editions.order_by().exclude(results=[]).values_list("results", flat=True):
        for year, *figures in results:
            sums[year] = [a + b for a, b in zip(sums.get(year, [0, 0, 0, 0]), figures, strict=True)]
    most = max((figures[0] for figures in sums.values()), default=1)
    rows = []
    for place, (year, (actions, done, effects, yen)) in enumerate(sorted(sums.items(), reverse=True)):
        widths = (round(BAR * actions / most), round(BAR * done / most))
        rows.append(YearResults(year, actions, done, effects, yen, place * ROW, *widths))
    return rows
