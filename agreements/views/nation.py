"""「全国の公開協定」: what municipalities publish, by prefecture, 分野 and 年度; each number leads on."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.mixins import UserPassesTestMixin
from django.utils import timezone
from django.views.generic import TemplateView

from agreements.choices import FieldCategory, Publication
from agreements.domain.tile_map import COLUMNS, ROWS, TILES
from agreements.models.national_count import nation_figures
from municipalities import access, fiscal_year
from municipalities.prefectures import PREFECTURES

from .overview import agreement_list, bars

TILE = 40  # pixels of one prefecture on the map
_YEARS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PrefectureTile:
    """One prefecture on the map, with the list its number leads to."""

    name: str
    count: int
    x: int
    y: int
    url: str

    @property
    def short(self) -> str:
        """「東京」「北海道」: what fits into a tile."""
        return self.name if self.name == "北海道" else self.name[:-1]

    @property
    def level(self) -> int:
        """How dark: 0 for none, then by tens."""
        return min(len(str(self.count)), 3) if self.count else 0

    @property
    def middle(self) -> int:
        return self.x + TILE // 2


class NationView(UserPassesTestMixin, TemplateView):
    template_name = "agreements/nation.html"
    extra_context = {"page_title": "全国の公開協定"}
    raise_exception = True

    def test_func(self) -> bool:
        return access.is_staff_of_a_municipality(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = nation_figures(timezone.localdate())
        since = fiscal_year.fiscal_year_of(timezone.localdate()) - _YEARS_SHOWN + 1
        return super().get_context_data(
            **kwargs,
            as_of=found.as_of,
            total=found.total,
            bodies=found.bodies,
            tiles=_tiles(found.prefectures),
            map_size=(COLUMNS * TILE, ROWS * TILE),
            prefectures=bars(
                (name, found.prefectures[code], published_list(prefecture=code))
                for code, name in PREFECTURES.items()
                if found.prefectures.get(code)
            ),
            categories=_categories(found.categories),
            years=bars(
                (fiscal_year.label(year), count, published_list(fiscal_year=year))
                for year, count in sorted(found.years.items(), reverse=True)
                if year >= since
            ),
            older=sum(count for year, count in found.years.items() if year < since),
            undated=found.total - sum(found.years.values()),
            since=since,
        )


def published_list(**query: Any) -> str:
    return agreement_list(scope="all", publication=Publication.PUBLISHED.value, **query)


def _tiles(counts: dict[str, int]) -> list[PrefectureTile]:
    return [
        PrefectureTile(
            PREFECTURES[code],
            counts.get(code, 0),
            column * TILE,
            row * TILE,
            published_list(prefecture=code) if counts.get(code) else "",
        )
        for code, (column, row) in TILES.items()
    ]


def _categories(counts: dict[str, int]) -> list[Any]:
    return bars(
        (str(label), counts.get(value, 0), published_list(category=value))
        for value, label in FieldCategory.choices
    )
