"""協定の一覧: what it finds, what it hides, what it says about conditions it cannot use."""

import json
import re
from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.choices import AgreementKind, AgreementState, FieldCategory, PartyRole
from agreements.models import SearchDocument
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyFactory,
    CooperationFieldFactory,
    DepartmentFactory,
    MunicipalityFactory,
    PartyFactory,
)

URL = reverse("agreements:agreement-list")
pytestmark = pytest.mark.usefixtures("today")


def titles(client, **query) -> list[str]:
    response = client.get(URL, query)
    assert response.status_code == 200
    return [row.title for row in response.context["rows"]]


@pytest.fixture
def lawson(fukuoka):
    company = CompanyFactory(lawson=True)
    return AgreementFactory(
        municipality=fukuoka,
        title="地域共働事業に関する包括連携協定",
        signed_on=date(2011, 4, 22),
        whole__company=company,
        whole__items=("アジアを見据えた観光振興に関すること", "市の環境政策に関すること"),
    )


# -- Whose agreements ---------------------------------------------------------------------------------
def test_agreement_list_shows_own_agreements_first_and_others_published_ones_on_request(
    viewer_client, fukuoka, obuse
):
    AgreementFactory(municipality=fukuoka, title="福岡の協定")
    AgreementFactory(municipality=obuse, title="小布施の公開協定", published=True)
    AgreementFactory(municipality=obuse, title="小布施の非公開協定")
    assert titles(viewer_client) == ["福岡の協定"]
    assert titles(viewer_client, scope="others") == ["小布施の公開協定"]
    assert set(titles(viewer_client, scope="all")) == {"福岡の協定", "小布施の公開協定"}


@pytest.mark.parametrize(
    "query",
    [
        {"q": "観光", "scope": "all"},
        {"municipality": "401307"},
        {"municipality": "福岡市", "scope": "others"},
        {"actions": "none", "scope": "all"},
        {"expires_within": "36500", "scope": "all"},
        {"term": "open", "scope": "all"},
    ],
)
def test_agreement_list_never_shows_unpublished_agreements_of_others(neighbour_client, lawson, query):
    assert titles(neighbour_client, **query) == []


def test_agreement_list_hides_internal_facts_of_published_agreements_of_others(neighbour_client, fukuoka):
    department = DepartmentFactory(municipality=fukuoka, name="内緒の課")
    agreement = AgreementFactory(
        municipality=fukuoka, department=department, ledger_number="秘-17", published=True, whole=True
    )
    response = neighbour_client.get(URL, {"scope": "others"})
    (row,) = response.context["rows"]
    assert (row.item_count, row.action_count) == (2, None)
    assertContains(response, agreement.title)
    assertNotContains(response, "内緒の課")
    assertNotContains(response, "秘-17")


def test_agreement_list_does_not_find_others_by_internal_words_or_actions(neighbour_client, fukuoka):
    AgreementFactory(
        municipality=fukuoka, published=True, document_number="企第123号", whole__action="門外不出の取組"
    )
    assert len(titles(neighbour_client, scope="all", q="観光")) == 1
    assert titles(neighbour_client, scope="all", q="門外不出") == []
    assert titles(neighbour_client, scope="all", q="企第123号") == []
    assert titles(neighbour_client, scope="all", actions="overdue") == []


def test_agreement_list_of_a_system_admin_holds_everything_and_has_no_own_scope(
    system_admin_client, fukuoka, obuse
):
    AgreementFactory(municipality=fukuoka)
    AgreementFactory(municipality=obuse)
    assert len(titles(system_admin_client)) == 2
    assertContains(system_admin_client.get(URL, {"scope": "all"}), "条件「scope」は使われていません")


def test_agreement_list_leaves_out_deleted_agreements(viewer_client, fukuoka):
    AgreementFactory(municipality=fukuoka, deleted_at="2026-09-30T00:00:00Z")
    assert titles(viewer_client) == []


# -- Words --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["観光", "ろーそん", "ローソン", "ﾛｰｿﾝ", "2010701019195", "観光　ローソン"])
def test_agreement_list_finds_words_of_items_and_parties_in_any_spelling(viewer_client, lawson, words):
    assert titles(viewer_client, q=words) == [lawson.title]


def test_agreement_list_needs_every_word(viewer_client, lawson):
    assert titles(viewer_client, q="観光 漁業") == []


def test_agreement_list_refuses_a_search_without_a_letter_to_look_for(viewer_client, lawson):
    for text in ("、。・", "観" * 201):
        response = viewer_client.get(URL, {"q": text})
        assert response.context["filter"].form.errors["q"]


# -- Conditions ---------------------------------------------------------------------------------------
def test_agreement_list_narrows_by_each_condition(viewer_client, fukuoka):
    wanted = AgreementFactory(
        municipality=fukuoka,
        title="目当て",
        kind=AgreementKind.DISASTER,
        state=AgreementState.SUSPENDED,
        signed_on=date(2020, 3, 31),
        first_expiry=date(2026, 11, 1),
        expires_on=date(2026, 11, 1),
    )
    CooperationFieldFactory(agreement=wanted, categories=[FieldCategory.DISASTER, FieldCategory.SAFETY])
    CooperationFieldFactory(agreement=wanted, categories=[FieldCategory.DISASTER])
    company = PartyFactory(agreement=wanted).company
    ActionItemFactory(agreement=wanted, due_on=date(2026, 9, 30))
    other = AgreementFactory(municipality=fukuoka, title="別物", signed_on=date(2020, 4, 1))
    CooperationFieldFactory(agreement=other, categories=[FieldCategory.TOURISM])
    for query in (
        {"kind": "disaster"},
        {"state": "suspended"},
        {"category": "10"},
        {"company": company.pk},
        {"department": wanted.department.pk},
        {"fiscal_year": "2019"},
        {"expires_within": "90"},
        {"expires_within": "３１"},
        {"actions": "overdue"},
    ):
        assert titles(viewer_client, **query) == ["目当て"], query
    assert titles(viewer_client, actions="none") == ["別物"]
    assert titles(viewer_client, expires_within="30") == []
    assert set(titles(viewer_client, state="in_force")) == {"目当て", "別物"}


def test_agreement_list_counts_a_self_renewed_term_from_its_current_expiry(viewer_client, fukuoka):
    """Stored on a day long gone, renewed since: it ends on 令和9年3月31日, whatever the column says."""
    AgreementFactory(municipality=fukuoka, title="更新済み", renewing=True, expires_on=date(2025, 3, 31))
    assert titles(viewer_client, expires_within="200") == ["更新済み"]
    assert titles(viewer_client, expires_within="90") == []
    assertContains(viewer_client.get(URL), "令和9年3月31日")


def test_agreement_list_finds_agreements_past_their_term(viewer_client, fukuoka):
    AgreementFactory(municipality=fukuoka, title="満了", first_expiry=date(2026, 9, 30))
    AgreementFactory(municipality=fukuoka, title="今日まで", first_expiry=date(2026, 10, 1))
    AgreementFactory(municipality=fukuoka, title="更新", renewing=True)
    AgreementFactory(municipality=fukuoka, title="期間なし")
    assert titles(viewer_client, term="past") == ["満了"]
    assert titles(viewer_client, term="open") == ["期間なし"]


@pytest.mark.parametrize(
    "text", ["205419", "小布施町", "おぶせまち", "長野県小布施町", "長野県上高井郡小布施町", "２０５４１９"]
)
def test_agreement_list_takes_a_municipality_by_name_reading_or_code(viewer_client, obuse, text):
    AgreementFactory(municipality=obuse, title="小布施の公開協定", published=True)
    AgreementFactory(published=True)
    assert titles(viewer_client, municipality=text) == ["小布施の公開協定"]


def test_agreement_list_asks_for_the_prefecture_of_namesakes(viewer_client):
    for prefecture in ("東京都", "広島県"):
        MunicipalityFactory(name="府中市", prefecture=prefecture)
    response = viewer_client.get(URL, {"municipality": "府中市"})
    assertContains(response, "東京都府中市、広島県府中市")
    assert response.context["rows"] == []


# -- Conditions that make no sense --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "unknown"}, "kind"),
        ({"state": "<script>"}, "state"),
        ({"category": "17"}, "category"),
        ({"fiscal_year": "20x9"}, "fiscal_year"),
        ({"expires_within": "soon"}, "expires_within"),
        ({"expires_within": "-1"}, "expires_within"),
        ({"expires_within": "99999999999999999999"}, "expires_within"),
        ({"company": "99999999999999999999"}, "company"),
        ({"company": "abc"}, "company"),
        ({"department": "0"}, "department"),
        ({"municipality": "竜宮市"}, "municipality"),
        ({"municipality": "\x00"}, "municipality"),
        ({"q": "a\x00b"}, "q"),
        ({"sort": "password"}, "sort"),
        ({"actions": "some"}, "actions"),
        ({"kind": ["disaster", "watching"]}, "kind"),
    ],
)
def test_agreement_list_reports_invalid_values_and_shows_nothing(viewer_client, fukuoka, query, field):
    AgreementFactory(municipality=fukuoka)
    response = viewer_client.get(URL, query)
    assert response.status_code == 200
    assert field in response.context["filter"].form.errors
    assert response.context["rows"] == []
    assertContains(response, "条件に誤りがあるため、一覧を表示していません")


def test_agreement_list_does_not_offer_departments_of_other_municipalities(viewer_client, obuse):
    elsewhere = DepartmentFactory(municipality=obuse)
    response = viewer_client.get(URL, {"department": elsewhere.pk})
    assert "department" in response.context["filter"].form.errors


def test_agreement_list_says_which_parameters_and_pages_it_does_not_know(viewer_client, fukuoka):
    AgreementFactory(municipality=fukuoka)
    response = viewer_client.get(URL, {"farbe": "rot", "page": "7"})
    assertContains(response, "条件「farbe」は使われていません")
    assertContains(response, "最初のページを表示しています。")
    assert len(response.context["rows"]) == 1


# -- Order and pages ----------------------------------------------------------------------------------
def test_agreement_list_sorts_by_the_url_alone_and_puts_unknown_dates_last(viewer_client, fukuoka):
    AgreementFactory(municipality=fukuoka, title="古", title_kana="ふる", signed_on=date(2001, 1, 1))
    AgreementFactory(municipality=fukuoka, title="新", title_kana="あたらし", signed_on=date(2021, 1, 1))
    AgreementFactory(municipality=fukuoka, title="未", title_kana="み", draft=True)
    assert titles(viewer_client, sort="signed_on") == ["古", "新", "未"]
    assert titles(viewer_client) == ["新", "古", "未"]
    assert titles(viewer_client, sort="title") == ["新", "古", "未"]
    assert titles(viewer_client, sort="-title") == ["未", "古", "新"]


def test_agreement_list_offers_every_order_and_shows_the_one_in_use(viewer_client, fukuoka):
    AgreementFactory(municipality=fukuoka)
    response = viewer_client.get(URL, {"sort": "-updated_at"})
    assertContains(response, '<option value="-updated_at" selected>更新日（新しい順）</option>')
    assertContains(viewer_client.get(URL), 'aria-sort="descending"', count=1)


def test_agreement_list_shows_50_rows_a_page_and_keeps_the_conditions(viewer_client, fukuoka):
    department = DepartmentFactory(municipality=fukuoka)
    AgreementFactory.create_batch(51, municipality=fukuoka, department=department)
    response = viewer_client.get(URL, {"department": department.pk})
    assert len(response.context["rows"]) == 50
    following = response.context["page_obj"].next
    assertContains(response, f"?department={department.pk}&amp;page={following}")
    assert len(titles(viewer_client, department=department.pk, page=following)) == 1


def test_agreement_list_drops_empty_parameters_from_its_url(viewer_client):
    response = viewer_client.get(URL, {"q": "", "kind": "disaster", "state": ""})
    assertRedirects(response, f"{URL}?kind=disaster")


# -- What the page says -------------------------------------------------------------------------------
def test_agreement_list_shows_applied_conditions_as_chips_that_can_be_removed(viewer_client, lawson):
    company = lawson.parties.get(role=PartyRole.SIGNATORY, municipality=None).company
    response = viewer_client.get(URL, {"company": company.pk, "state": "active", "sort": "title"})
    assertContains(response, "相手方：株式会社ローソン")
    assertContains(response, f'href="?company={company.pk}&amp;sort=title"')
    assertContains(response, f'<input type="hidden" name="company" value="{company.pk}"', html=False)


def test_agreement_list_says_why_it_is_empty_and_how_to_widen(viewer_client, lawson, obuse):
    response = viewer_client.get(URL, {"q": "観光", "kind": "disaster"})
    (way,) = response.context["widenings"]
    assert (way.label, way.count) == ("「種別」の条件を外す", 1)
    assertContains(response, "条件に合う協定はありません")
    assert [row.title for row in viewer_client.get(URL + way.url).context["rows"]] == [lawson.title]

    AgreementFactory(municipality=obuse, published=True, whole__items=("漁業の振興に関すること",))
    response = viewer_client.get(URL, {"q": "漁業"})
    labels = {way.label: way.count for way in response.context["widenings"]}
    assert labels == {"「検索語」の条件を外す": 1, "他の自治体の公開協定も探す": 1}


def test_agreement_list_marks_agreements_in_force_without_actions(viewer_client, fukuoka):
    AgreementFactory(municipality=fukuoka)
    AgreementFactory(municipality=fukuoka, whole=True)
    rows = viewer_client.get(URL).context["rows"]
    assert sorted((row.action_count, row.lacks_actions) for row in rows) == [(0, True), (1, False)]


def test_agreement_list_names_the_partners_and_counts_those_without_room(viewer_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, whole=True)
    PartyFactory(agreement=agreement, order=3, company__name="参加株式会社", role=PartyRole.PARTICIPANT)
    for order in (4, 5):
        PartyFactory(agreement=agreement, order=order)
    (row,) = viewer_client.get(URL).context["rows"]
    assert fukuoka.name not in row.partners
    assert row.shown_partners[1] == "参加株式会社（参加者）"
    assert row.more_partners == 1


# -- htmx ---------------------------------------------------------------------------------------------
def test_agreement_list_answers_htmx_with_the_results_and_a_clean_url(viewer_client, lawson):
    response = viewer_client.get(URL, {"q": "観光", "kind": ""}, headers={"HX-Request": "true"})
    assertContains(response, lawson.title)
    assertNotContains(response, "<html")
    assert response["HX-Push-Url"] == f"{URL}?q=%E8%A6%B3%E5%85%89"
    assert "HX-Request" in response["Vary"]


def test_agreement_list_sends_htmx_to_the_whole_page_when_a_condition_is_wrong(viewer_client):
    response = viewer_client.get(URL, {"kind": "x"}, headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == f"{URL}?kind=x"


def test_agreement_list_leaves_no_copy_in_the_browsers_storage(viewer_client):
    """htmx keeps the pages it leaves there unless told not to: the next person at the PC could read them."""
    config = re.search("""htmx-config" content='([^']+)'""", viewer_client.get(URL).content.decode())[1]
    assert json.loads(config)["historyCacheSize"] == 0


# -- Speed --------------------------------------------------------------------------------------------
def test_agreement_list_needs_the_same_queries_for_1_and_3_rows(viewer_client, fukuoka, assert_same_queries):
    assert_same_queries(
        lambda: AgreementFactory(municipality=fukuoka, whole=True), lambda: viewer_client.get(URL)
    )


def test_agreement_list_needs_at_most_8_queries(viewer_client, fukuoka, django_assert_max_num_queries):
    AgreementFactory(municipality=fukuoka, whole=True)
    viewer_client.get(URL)
    with django_assert_max_num_queries(8):
        viewer_client.get(URL)


def test_agreement_list_survives_an_agreement_without_a_search_document(viewer_client, lawson):
    SearchDocument.objects.all().delete()
    assert titles(viewer_client) == [lawson.title]
    assert titles(viewer_client, q="観光") == []


def test_agreement_list_shows_where_the_words_stand(viewer_client, neighbour_client, fukuoka):
    agreement = AgreementFactory(
        municipality=fukuoka,
        department=None,
        published=True,
        title="観光の協定",
        whole=True,
        whole__items=("ＤＸの推進に関すること",),
        whole__action="銀聯カード<b>端末</b>の導入",
    )
    page = viewer_client.get(reverse("agreements:agreement-list"), {"q": "観光 dx 銀聯"}).content.decode()
    assert "<mark>観光</mark>の協定</a>" in page
    assert "連携事項（1）：<mark>ＤＸ</mark>の推進に関すること" in page
    assert "取組：<mark>銀聯</mark>カード&lt;b&gt;端末&lt;/b&gt;の導入" in page
    others = {"scope": "all", "q": "dx"}
    page = neighbour_client.get(reverse("agreements:agreement-list"), others).content.decode()
    assert "<mark>ＤＸ</mark>の推進" in page
    others["q"] = "銀聯"
    page = neighbour_client.get(reverse("agreements:agreement-list"), others).content.decode()
    assert agreement.title not in page
