"""相手方: one shared register, each municipality's own contacts."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django import forms
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.models import Company, CompanyContact
from tests.conftest import client_of
from tests.factories import AgreementFactory, CompanyContactFactory, CompanyFactory

LIST = reverse("agreements:company-list")
CREATE = reverse("agreements:company-create")
pytestmark = pytest.mark.usefixtures("today")


def url(name: str, row) -> str:
    return reverse(f"agreements:company-{name}", args=[row.pk])


def names(client, **query) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [row.label for row in response.context["rows"]]


def typed(**values) -> dict[str, str]:
    return {"name": "株式会社見本商事", "name_kana": "みほんしょうじ", **values}


def as_sent(response) -> dict[str, str]:
    """What the form of this page would send if nobody touched it (check boxes: only ticked ones)."""
    sent = {}
    for bound in response.context["form"]:
        value = bound.value()
        if isinstance(bound.field, forms.BooleanField):
            sent |= {bound.html_name: "on"} if value else {}
        else:
            sent[bound.html_name] = "" if value is None else str(value)
    return sent


@pytest.fixture
def lawson(db):
    return CompanyFactory(lawson=True)


# -- List ---------------------------------------------------------------------------------------------
def test_company_list_is_in_gojuon_order_without_legal_forms(viewer_client, lawson):
    CompanyFactory(name="株式会社ガスト", name_kana="かぶしきがいしゃがすと")
    CompanyFactory(name="ＡＢＣ", name_kana="ABC")
    CompanyFactory(name="秋田商店", name_kana="あきたしょうてん")
    assert names(viewer_client) == ["ＡＢＣ", "秋田商店", "株式会社ガスト", "株式会社ローソン"]
    assert names(viewer_client, sort="-name")[0] == "株式会社ローソン"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("か", ["株式会社ガスト"]),
        ("ら", ["株式会社ローソン"]),
        ("わ", ["をん堂"]),
        ("さ", []),
        ("他", ["ＡＢＣ"]),
    ],
)
def test_company_list_jumps_to_a_row_of_the_syllabary(viewer_client, lawson, row, found):
    CompanyFactory(name="株式会社ガスト", name_kana="がすと")
    CompanyFactory(name="ＡＢＣ", name_kana="ABC")
    CompanyFactory(name="をん堂", name_kana="をんどう")
    assert names(viewer_client, row=row) == found


@pytest.mark.parametrize("words", ["ろーそん", "ﾛｰｿﾝ", "2010701019195", "ダイエーコンビニ"])
def test_company_list_finds_names_readings_former_names_and_numbers(viewer_client, lawson, words):
    lawson.former_names.create(name="ダイエーコンビニ")
    lawson.save()
    CompanyFactory()
    assert names(viewer_client, q=words) == ["株式会社ローソン"]


def test_company_list_counts_the_agreements_this_person_may_see(
    viewer_client, neighbour_client, lawson, fukuoka, obuse
):
    for municipality, published in ((fukuoka, False), (fukuoka, True), (obuse, False), (obuse, True)):
        AgreementFactory(municipality=municipality, published=published, whole__company=lawson)
    AgreementFactory(municipality=fukuoka, whole__company=lawson, deleted_at="2026-09-30T00:00:00Z")
    for client in (viewer_client, neighbour_client):
        (row,) = client.get(LIST).context["rows"]
        assert (row.label, row.values["agreement_count"]) == (lawson.name, 3)


def test_company_list_reports_values_it_cannot_use(viewer_client, lawson):
    response = viewer_client.get(LIST, {"row": "ん", "q": "x" * 121, "size": "1"})
    assert set(response.context["filter"].form.errors) == {"row", "q"}
    assert response.context["rows"] == []
    assertContains(response, "条件「size」は使われていません")


def test_company_list_needs_the_same_queries_for_1_and_3_rows(viewer_client, fukuoka, assert_same_queries):
    assert_same_queries(
        lambda: AgreementFactory(municipality=fukuoka, whole=True), lambda: viewer_client.get(LIST)
    )


# -- Page ---------------------------------------------------------------------------------------------
def test_company_detail_shows_agreements_anywhere_as_far_as_visible(viewer_client, lawson, fukuoka, obuse):
    AgreementFactory(municipality=fukuoka, title="福岡の協定", whole__company=lawson)
    AgreementFactory(municipality=obuse, title="小布施の公開協定", published=True, whole__company=lawson)
    AgreementFactory(municipality=obuse, title="小布施の非公開協定", whole__company=lawson)
    response = viewer_client.get(lawson.get_absolute_url())
    assert [row.title for row in response.context["own"]["rows"]] == ["福岡の協定"]
    assert [row.title for row in response.context["others"]["rows"]] == ["小布施の公開協定"]
    assertNotContains(response, "小布施の非公開協定")


def test_company_detail_shows_twenty_agreements_and_links_to_the_others(viewer_client, lawson, fukuoka):
    for _number in range(21):
        AgreementFactory(municipality=fukuoka, whole__company=lawson)
    response = viewer_client.get(lawson.get_absolute_url())
    assert len(response.context["own"]["rows"]) == 20
    assertContains(response, "すべて（21件）を一覧で見る")
    assert (
        int(viewer_client.get(reverse("agreements:agreement-list"), {"company": lawson.pk}).context["total"])
        == 21
    )


def test_company_detail_shows_the_contacts_of_the_own_municipality_only(
    viewer_client, neighbour_client, lawson, fukuoka
):
    CompanyContactFactory(company=lawson, municipality=fukuoka, name="窓口 三郎", phone="092-000-0000")
    assertContains(viewer_client.get(lawson.get_absolute_url()), "窓口 三郎")
    response = neighbour_client.get(lawson.get_absolute_url())
    assertNotContains(response, "窓口 三郎")
    assertNotContains(response, "092-000-0000")


def test_company_detail_needs_the_same_queries_for_1_and_3_of_everything(
    viewer_client, lawson, fukuoka, obuse, assert_same_queries
):
    def add() -> None:
        AgreementFactory(municipality=fukuoka, whole__company=lawson)
        AgreementFactory(municipality=obuse, published=True, whole__company=lawson)
        CompanyContactFactory(company=lawson, municipality=fukuoka)
        lawson.former_names.create(name=f"旧社名{lawson.former_names.count()}")

    assert_same_queries(add, lambda: viewer_client.get(lawson.get_absolute_url()))


# -- Registration -------------------------------------------------------------------------------------
def test_company_create_takes_a_number_as_people_type_it(editor_client):
    response = editor_client.post(CREATE, typed(corporate_number="２-０１０７-０１０１-９１９５"))
    company = Company.objects.get()
    assertRedirects(response, company.get_absolute_url(), fetch_redirect_response=False)
    assert company.corporate_number == "2010701019195"


def test_company_create_returns_every_value_with_the_errors(editor_client):
    values = typed(
        corporate_number="2010701019194", name_kana="漢字", website="例", address="福岡市\u0007中央区"
    )
    response = editor_client.post(CREATE, values)
    assert set(response.context["form"].errors) == {"corporate_number", "name_kana", "website", "address"}
    for name, value in values.items():
        assert as_sent(response)[name] == value, name
    assertContains(response, "入力内容に誤りが4件あります")
    assert not Company.objects.exists()


def test_company_create_refuses_a_number_that_is_taken_and_links_to_its_holder(editor_client, lawson):
    response = editor_client.post(CREATE, typed(corporate_number="2010701019195"))
    assertContains(response, "「株式会社ローソン」に登録されています")
    assertContains(response, f'href="{lawson.get_absolute_url()}"')
    Company.objects.update(deleted_at="2026-09-30T00:00:00Z")
    response = editor_client.post(CREATE, typed(corporate_number="2010701019195"))
    assertContains(response, "削除済み。開いて元に戻せます")


@pytest.mark.parametrize("name", ["株式会社ローソン", "㈱ローソン", "ローソン（株）", "ローソン"])
def test_company_create_warns_of_a_namesake_until_told_that_it_is_another(editor_client, lawson, name):
    response = editor_client.post(CREATE, typed(name=name, name_kana="ろーそん"))
    assertContains(response, "同じ名称の相手方がすでに登録されています")
    assertContains(response, f'href="{lawson.get_absolute_url()}"')
    assert Company.objects.count() == 1
    editor_client.post(CREATE, typed(name=name, name_kana="ろーそん", allow_duplicate="on"))
    assert Company.objects.count() == 2


@pytest.mark.parametrize(("member", "status"), [("viewer", 403), ("editor", 200), ("system_admin", 200)])
def test_company_pages_of_change_are_for_those_who_register(request, member, status, lawson):
    client = client_of(request.getfixturevalue(member))
    assert client.get(CREATE).status_code == status
    assert client.get(url("update", lawson)).status_code == status


# -- Change -------------------------------------------------------------------------------------------
def change(client, company, **values):
    page = client.get(url("update", company))
    return client.post(url("update", company), {**as_sent(page), **values})


def test_company_update_keeps_the_old_name_and_finds_its_agreements_by_both(editor_client, lawson, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, whole__company=lawson)
    response = change(
        editor_client,
        lawson,
        name="株式会社ローソン新社",
        name_kana="ろーそんしんしゃ",
        former_name_until="R8.9.30",
    )
    assert response.status_code == 302
    former = lawson.former_names.get()
    assert (former.name, former.name_kana, former.until) == (
        "株式会社ローソン",
        "ろーそん",
        date(2026, 9, 30),
    )
    assertContains(editor_client.get(lawson.get_absolute_url()), "令和8年9月30日まで")
    for words in ("しんしゃ", "ローソン新社"):
        found = editor_client.get(reverse("agreements:agreement-list"), {"q": words}).context["rows"]
        assert [row.pk for row in found] == [agreement.pk], words
    assert agreement.parties.get(company=lawson).name == "株式会社ローソン"


def test_company_update_of_a_slip_of_the_pen_leaves_no_former_name(editor_client, lawson):
    form = {"name": "株式会社ローソソ", "name_kana": "ろーそそ", "seen": lawson.updated_at.isoformat()}
    assert editor_client.post(url("update", lawson), form).status_code == 302
    assert not lawson.former_names.exists()


def test_company_update_without_a_new_name_leaves_no_former_name(editor_client, lawson):
    assert change(editor_client, lawson, address="東京都品川区").status_code == 302
    assert not lawson.former_names.exists()
    assert Company.objects.get().address == "東京都品川区"


def test_company_update_shows_both_versions_to_the_second_of_two_people(
    editor_client, manager_client, lawson
):
    opened = as_sent(editor_client.get(url("update", lawson)))
    with time_machine.travel(datetime(2026, 10, 1, 10, 5, tzinfo=ZoneInfo("Asia/Tokyo")), tick=False):
        change(manager_client, lawson, address="先に保存した住所")
    response = editor_client.post(url("update", lawson), {**opened, "address": "後から保存した住所"})
    assert response.status_code == 409
    assertContains(response, "先に保存した住所", status_code=409)
    again = as_sent(response)
    assert again["address"] == "後から保存した住所"
    assert Company.objects.get().address == "先に保存した住所"
    assert editor_client.post(url("update", lawson), again).status_code == 302
    assert Company.objects.get().address == "後から保存した住所"


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-13-45T00:00:00"])
def test_company_update_with_a_mangled_token_saves_nothing(editor_client, lawson, seen):
    Company.objects.update(updated_at="2026-10-01T03:00:00Z", created_at="2026-10-01T02:00:00Z")
    response = editor_client.post(url("update", lawson), typed(seen=seen))
    assert response.status_code == 409
    assert Company.objects.get().name == "株式会社ローソン"


# -- Deletion -----------------------------------------------------------------------------------------
def test_company_delete_can_be_undone(editor_client, lawson):
    response = editor_client.post(url("delete", lawson), follow=True)
    assertContains(response, "相手方「株式会社ローソン」を削除しました。")
    assert names(editor_client) == []
    assertContains(editor_client.get(lawson.get_absolute_url()), "削除済み")
    editor_client.post(url("restore", lawson))
    assert names(editor_client) == ["株式会社ローソン"]


def test_company_delete_is_refused_while_an_agreement_names_it(editor_client, lawson, obuse):
    """Also one that this person may not see."""
    agreement = AgreementFactory(municipality=obuse, whole__company=lawson)
    assertNotContains(editor_client.get(lawson.get_absolute_url()), url("delete", lawson))
    response = editor_client.post(url("delete", lawson), follow=True)
    assertContains(response, "協定の当事者なので、削除できません")
    agreement.deleted_at = "2026-09-30T00:00:00Z"
    agreement.save()
    editor_client.post(url("delete", lawson))
    assert not Company.objects.alive().exists()


# -- Contacts -----------------------------------------------------------------------------------------
def test_company_contact_create_belongs_to_the_own_municipality_and_notes_who_made_sure(
    editor_client, editor, lawson
):
    create = reverse("agreements:company-contact-create", args=[lawson.pk])
    assertContains(editor_client.get(create), "福岡市の職員だけに見えます")
    response = editor_client.post(create, {"name": "窓口 三郎", "is_verified": "on", "municipality": "1"})
    assert response.status_code == 302
    contact = CompanyContact.objects.get()
    assert (contact.municipality, contact.company) == (editor.municipality, lawson)
    assert (contact.verified_on, contact.verified_by) == (date(2026, 10, 1), editor)


def test_company_contact_update_keeps_the_last_verification_unless_told(editor_client, fukuoka, editor):
    contact = CompanyContactFactory(municipality=fukuoka, verified_on=date(2025, 4, 1))
    response = editor_client.post(
        url("contact-update", contact), {"name": "新しい名前", "ended_on": "令和8年13月1日"}
    )
    assert set(response.context["form"].errors) == {"ended_on"}
    editor_client.post(url("contact-update", contact), {"name": "新しい名前", "ended_on": "令和8年9月30日"})
    contact.refresh_from_db()
    assert (contact.name, contact.ended_on) == ("新しい名前", date(2026, 9, 30))
    assert contact.verified_on == date(2025, 4, 1)


def test_company_contact_verify_stops_the_request_to_make_sure(editor_client, editor, fukuoka):
    contact = CompanyContactFactory(municipality=fukuoka, verified_on=date(2025, 9, 30))
    page = contact.company.get_absolute_url()
    assertContains(editor_client.get(page), "要確認")
    editor_client.post(url("contact-verify", contact))
    assertNotContains(editor_client.get(page), "要確認")
    contact.refresh_from_db()
    assert (contact.verified_on, contact.verified_by) == (date(2026, 10, 1), editor)


@pytest.mark.parametrize(
    ("verified_on", "needed"), [(None, True), (date(2025, 9, 30), True), (date(2025, 10, 1), False)]
)
def test_company_contact_needs_verification_after_a_year(verified_on, needed):
    assert CompanyContact(verified_on=verified_on).needs_verification(date(2026, 10, 1)) is needed


def test_company_contact_end_can_be_undone(editor_client, fukuoka):
    contact = CompanyContactFactory(municipality=fukuoka)
    response = editor_client.post(url("contact-end", contact), follow=True)
    assertContains(response, "を終了にしました。")
    contact.refresh_from_db()
    assert contact.ended_on == date(2026, 10, 1)
    editor_client.post(url("contact-reopen", contact))
    contact.refresh_from_db()
    assert contact.ended_on is None


@pytest.mark.parametrize("step", ["verify", "end", "reopen", "update"])
@pytest.mark.parametrize("member", ["neighbour", "viewer"])
def test_company_contact_steps_are_closed_to_others_and_viewers(request, member, step, fukuoka):
    contact = CompanyContactFactory(municipality=fukuoka)
    client = client_of(request.getfixturevalue(member))
    assert client.post(url(f"contact-{step}", contact), {"name": "乗っ取り"}).status_code == 404
    unchanged = CompanyContact.objects.get()
    assert (unchanged.name, unchanged.verified_on, unchanged.ended_on) == (contact.name, None, None)
