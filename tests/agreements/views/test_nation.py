"""「全国の公開協定」: published agreements of the whole country, each number leading to its list."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from agreements.choices import FieldCategory
from agreements.domain.tile_map import COLUMNS, ROWS, TILES
from agreements.models import NationalCount, national_count
from municipalities.prefectures import PREFECTURES
from tests.factories import AgreementFactory, CooperationFieldFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nation(viewer_client):
    return lambda: viewer_client.get(reverse("agreements:nation"))


def shown(bars) -> dict[str, int]:
    return {bar.label: bar.value for bar in bars if bar.value}


def test_every_prefecture_has_a_tile_of_its_own():
    assert set(TILES) == set(PREFECTURES)
    assert len(set(TILES.values())) == len(TILES)
    assert all(0 <= column < COLUMNS and 0 <= row < ROWS for column, row in TILES.values())


def test_only_published_agreements_are_counted(fukuoka, obuse, nation):
    here = AgreementFactory(municipality=fukuoka, published=True, signed_on=date(2024, 4, 1))
    AgreementFactory(municipality=fukuoka)  # internal, though the reader may see it
    AgreementFactory(municipality=obuse, published=True, signed_on=date(2023, 3, 31))
    AgreementFactory(municipality=obuse)
    CooperationFieldFactory(agreement=here, categories=[FieldCategory.TOURISM])
    context = nation().context
    assert (context["total"], context["bodies"]) == (2, 2)
    assert shown(context["prefectures"]) == {"長野県": 1, "福岡県": 1}
    assert {tile.name: tile.count for tile in context["tiles"] if tile.count} == {"長野県": 1, "福岡県": 1}
    assert shown(context["categories"]) == {str(FieldCategory.TOURISM.label): 1}
    assert shown(context["years"]) == {"令和6年度": 1, "令和4年度": 1}


def test_each_number_leads_to_a_list_of_so_many(fukuoka, obuse, nation, viewer_client):
    for body in (fukuoka, obuse):
        for is_published in (True, False):
            agreement = AgreementFactory(
                municipality=body, published=is_published, signed_on=date(2024, 4, 1)
            )
            CooperationFieldFactory(agreement=agreement, categories=[FieldCategory.TOURISM])
    context = nation().context
    for bars in ("prefectures", "categories", "years"):
        for bar in context[bars]:
            if bar.value:
                found = viewer_client.get(bar.url).context["page_obj"]
                assert len(found.object_list) == bar.value, bar.label


def test_an_unknown_prefecture_is_refused_in_the_list(viewer_client):
    answer = viewer_client.get(reverse("agreements:agreement-list"), {"prefecture": "48", "scope": "all"})
    assert "という選択肢はありません" in answer.text


def test_an_empty_country_says_so(nation):
    assert "公開された協定はまだありません" in nation().text


def test_nation_needs_the_same_queries(obuse, nation, assert_same_queries):
    assert_same_queries(lambda: AgreementFactory(municipality=obuse, published=True), nation)


def test_a_large_country_is_counted_at_night_and_says_as_of_when(fukuoka, nation, monkeypatch, today):
    monkeypatch.setattr(national_count, "LIVE_UP_TO", 1)
    for year in (2023, 2024):
        agreement = AgreementFactory(municipality=fukuoka, published=True, signed_on=date(year, 4, 1))
        CooperationFieldFactory(agreement=agreement, categories=[FieldCategory.TOURISM])
    assert nation().context["total"] == 2, "nothing is kept yet"
    last_night = today - timedelta(days=1)
    assert NationalCount.objects.renew(last_night) == 2
    AgreementFactory(municipality=fukuoka, published=True, signed_on=None)
    kept = nation()
    assert (kept.context["total"], kept.context["bodies"], kept.context["as_of"]) == (2, 1, last_night)
    assert shown(kept.context["prefectures"]) == {"福岡県": 2}
    assert shown(kept.context["categories"]) == {str(FieldCategory.TOURISM.label): 2}
    assert shown(kept.context["years"]) == {"令和6年度": 1, "令和5年度": 1}
    call_command("daily", stdout=io.StringIO())
    anew = nation()
    assert (anew.context["total"], anew.context["undated"], anew.context["as_of"]) == (3, 1, today)
    assert NationalCount.objects.filter(dimension="prefecture").count() == 1
