"""「全国の公開協定」: what municipalities publish, by prefecture, 分野 and 年度; each number leads on."""

from typing import Any

from django.contrib.auth.mixins import UserPassesTestMixin
from django.utils import timezone
from django.views.generic import TemplateView

from agreements.choices import FieldCategory, Publication
from agreements.models.national_count import nation_figures
from municipalities import access, fiscal_year
from municipalities.prefectures import PREFECTURES

from .overview import agreement_list, bars
from .tiles import prefecture_tiles

_YEARS_SHOWN = 20


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
            tiles=prefecture_tiles(found.prefectures, lambda code: published_list(prefecture=code)),
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


def _categories(counts: dict[str, int]) -> list[Any]:
    return bars(
        (str(label), counts.get(value, 0), published_list(category=value))
        for value, label in FieldCategory.choices
    )
