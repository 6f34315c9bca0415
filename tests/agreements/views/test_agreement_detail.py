"""One agreement's page and its sheet: what it tells its own municipality, and what it tells others."""

from datetime import date, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertTemplateUsed

from agreements.actions.register import delete_agreement
from agreements.choices import AgreementState, EndedReason
from agreements.models import Agreement
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyContactFactory,
    CompanyFactory,
    CooperationFieldFactory,
    DepartmentFactory,
    PartyFactory,
)

pytestmark = pytest.mark.usefixtures("today")

INTERNAL = {
    "department": "門外不出課",
    "person": "内部 太郎",
    "ledger_number": "秘-0017",
    "document_number": "企第999号",
    "note": "ここだけの話",
    "signatory_name": "印影 次郎",
    "action": "まだ言えない取組",
    "contact": "窓口 三郎",
    "reason": "一方解除",
}


def page(client, agreement):
    return client.get(agreement.get_absolute_url())


def sheet_url(agreement) -> str:
    return reverse("agreements:agreement-sheet", args=[agreement.pk])


@pytest.fixture
def published(fukuoka, editor):
    """A published agreement with every internal fact there is."""
    editor.name = INTERNAL["person"]
    editor.save()
    department = DepartmentFactory(municipality=fukuoka, name=INTERNAL["department"])
    company = CompanyFactory(lawson=True)
    agreement = AgreementFactory(
        municipality=fukuoka,
        published=True,
        title="地域共働事業に関する包括連携協定",
        purpose="市民サービスの向上を目的とする。",
        department=department,
        person_in_charge=editor,
        ledger_number=INTERNAL["ledger_number"],
        document_number=INTERNAL["document_number"],
        note=INTERNAL["note"],
        state=AgreementState.ENDED,
        ended_on=date(2026, 3, 31),
        ended_reason=EndedReason.UNILATERAL,
        whole__company=company,
        whole__items=("観光振興に関すること",),
        whole__action=INTERNAL["action"],
    )
    agreement.parties.update(signatory_name=INTERNAL["signatory_name"])
    CompanyContactFactory(company=company, municipality=fukuoka, name=INTERNAL["contact"])
    return agreement


# -- Tenancy ------------------------------------------------------------------------------------------
def test_agreement_detail_and_sheet_of_another_municipality_do_not_exist_until_published(
    neighbour_client, fukuoka
):
    agreement = AgreementFactory(municipality=fukuoka, whole=True)
    assert page(neighbour_client, agreement).status_code == 404
    assert neighbour_client.get(sheet_url(agreement)).status_code == 404


def test_agreement_detail_of_a_deleted_agreement_does_not_exist(manager_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    delete_agreement(agreement=agreement)
    assert page(manager_client, agreement).status_code == 404
    assert manager_client.get(sheet_url(agreement)).status_code == 404


def test_agreement_detail_shows_others_public_facts_and_nothing_internal(neighbour_client, published):
    response = page(neighbour_client, published)
    assertTemplateUsed(response, "agreements/agreement_detail_public.html")
    for public in (
        "地域共働事業",
        "株式会社ローソン",
        "観光振興に関すること",
        "令和6年4月1日",
        "市民サービス",
    ):
        assertContains(response, public)
    for name, secret in INTERNAL.items():
        assertNotContains(response, secret, msg_prefix=name)


def test_agreement_detail_names_an_untitled_agreement_without_its_ledger_number_to_others(
    neighbour_client, published
):
    Agreement.objects.update(title="")
    response = page(neighbour_client, published)
    assertContains(response, "（名称未登録）")
    assertNotContains(response, INTERNAL["ledger_number"])


def test_agreement_detail_tells_the_own_municipality_everything(viewer_client, published):
    response = page(viewer_client, published)
    for name, fact in INTERNAL.items():
        assertContains(response, fact, msg_prefix=name)


def test_agreement_detail_does_not_link_a_parent_that_may_not_be_seen(
    neighbour_client, viewer_client, fukuoka
):
    parent = AgreementFactory(municipality=fukuoka, title="親になる協定")
    child = AgreementFactory(municipality=fukuoka, title="子の協定", parent=parent, published=True)
    assertContains(page(viewer_client, child), "親になる協定")
    assertContains(page(viewer_client, parent), "子の協定")
    assertNotContains(page(neighbour_client, child), "親になる協定")


# -- The next step ------------------------------------------------------------------------------------
def test_agreement_detail_offers_the_steps_this_person_may_take(
    viewer_client, editor_client, manager_client, editor, fukuoka
):
    agreement = AgreementFactory(municipality=fukuoka, department=editor.department)
    edit = reverse("agreements:agreement-update", args=[agreement.pk])
    delete = reverse("agreements:agreement-delete", args=[agreement.pk])
    for client in (editor_client, manager_client):
        response = page(client, agreement)
        assertContains(response, f'href="{edit}"')
        assertContains(response, f'href="{delete}"')
    response = page(viewer_client, agreement)
    assertNotContains(response, edit)
    assertNotContains(response, delete)
    assertContains(response, sheet_url(agreement))


# -- Terms --------------------------------------------------------------------------------------------
def test_agreement_detail_reckons_expiry_and_notice_from_the_renewed_term(viewer_client, fukuoka):
    """The example of the domain pack: signed 2016-11-02, first until 2017-03-31, yearly, a month's notice."""
    agreement = AgreementFactory(
        municipality=fukuoka,
        signed_on=date(2016, 11, 2),
        first_expiry=date(2017, 3, 31),
        auto_renew=True,
        renewal_months=12,
        notice_months=1,
    )
    response = page(viewer_client, agreement)
    term = response.context["term"]
    assert (term.expiry, term.notice) == (date(2027, 3, 31), date(2027, 2, 28))
    assert (term.times_renewed, term.next_expiry) == (10, date(2028, 3, 31))
    assertContains(response, "令和9年3月31日")
    assertContains(response, "10回更新")
    assertContains(response, "自動更新（1年ごと）")


def test_agreement_detail_draws_the_term_with_the_same_dates_in_words(viewer_client, fukuoka):
    agreement = AgreementFactory(
        municipality=fukuoka, signed_on=date(2026, 4, 1), first_expiry=date(2027, 4, 1), notice_days=30
    )
    response = page(viewer_client, agreement)
    assertContains(response, 'role="img"')
    assertContains(
        response, "令和8年4月1日から令和9年4月1日まで。通知期限は令和9年3月2日。今日は期間の50%のところです。"
    )


def test_agreement_detail_stops_the_clock_of_an_agreement_that_has_ended(viewer_client, fukuoka):
    agreement = AgreementFactory(
        municipality=fukuoka,
        renewing=True,
        state=AgreementState.ENDED,
        ended_on=date(2025, 1, 31),
        ended_reason=EndedReason.MUTUAL,
    )
    response = page(viewer_client, agreement)
    assert response.context["term"].expiry == date(2025, 3, 31)
    assertContains(response, "令和7年1月31日（合意解除）")
    assertNotContains(response, "満了超過")


def test_agreement_detail_marks_an_agreement_past_its_term(viewer_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, first_expiry=date(2026, 9, 30))
    assertContains(page(viewer_client, agreement), "満了超過")


def test_agreement_detail_without_dates_has_no_bar(viewer_client, fukuoka):
    response = page(viewer_client, AgreementFactory(municipality=fukuoka, draft=True))
    assert response.context["term"].bar is None
    assertNotContains(response, "period-bar-track")


# -- Items and actions --------------------------------------------------------------------------------
def test_agreement_detail_marks_items_without_actions_and_actions_past_their_date(viewer_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    first, second = CooperationFieldFactory.create_batch(2, agreement=agreement)
    ActionItemFactory(
        agreement=agreement, title="遅れた取組", cooperation_fields=[first], due_on=date(2026, 9, 1)
    )
    ActionItemFactory(agreement=agreement, title="宙に浮いた取組")
    ActionItemFactory(agreement=agreement, title="消した取組", deleted_at="2026-09-01T00:00:00Z")
    response = page(viewer_client, agreement)
    assert [(row.item, len(row.actions)) for row in response.context["items"]] == [(first, 1), (second, 0)]
    assert response.context["covered"] == 1
    assertContains(response, "取組なし", count=1)
    assertContains(response, "期限超過", count=1)
    assertContains(response, "連携事項に結びついていない取組が1件あります。")
    assertNotContains(response, "消した取組")


def test_agreement_detail_shows_text_as_text(viewer_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, title="<script>alert(1)</script>")
    CooperationFieldFactory(agreement=agreement, text="1行目\n<b>2行目</b>")
    response = page(viewer_client, agreement)
    assertNotContains(response, "<script>alert")
    assertContains(response, "&lt;b&gt;2行目&lt;/b&gt;")


def test_agreement_detail_keeps_the_name_as_signed_and_tells_the_name_of_today(viewer_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    PartyFactory(agreement=agreement, company__name="新社名株式会社", name_as_signed="旧社名株式会社")
    response = page(viewer_client, agreement)
    assertContains(response, "旧社名株式会社")
    assertContains(response, "現在の名称：新社名株式会社")


# -- History ------------------------------------------------------------------------------------------
def test_agreement_detail_tells_who_changed_what_from_what_to_what(manager_client, manager, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, title="元の名称")
    with time_machine.travel(datetime(2026, 10, 2, 9, 5, tzinfo=ZoneInfo("Asia/Tokyo")), tick=False):
        agreement.title = "新しい名称"
        agreement.save()
    Agreement.history.filter(title="新しい名称").update(history_user=manager)
    response = page(manager_client, agreement)
    assertContains(response, "令和8年10月2日 09:05")
    assertContains(response, f"{manager.department} {manager}")
    assertContains(response, "元の名称</del>")
    assertContains(response, "新しい名称</ins>")


def test_agreement_detail_shows_the_last_ten_changes_and_the_others_on_request(manager_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    for day in range(1, 13):
        with time_machine.travel(datetime(2026, 11, day, tzinfo=ZoneInfo("Asia/Tokyo")), tick=False):
            agreement.note = f"覚え書き{day}"
            agreement.save()
    response = page(manager_client, agreement)
    assert len(response.context["changes"]) == 10
    assertContains(response, "これより前の履歴 3件も表示する")
    response = manager_client.get(agreement.get_absolute_url(), {"history": "all"})
    assert len(response.context["changes"]) == 13


def test_agreement_detail_needs_the_same_queries_for_1_and_3_of_everything(
    manager_client, fukuoka, assert_same_queries
):
    agreement = AgreementFactory(municipality=fukuoka)

    def add() -> None:
        item = CooperationFieldFactory(agreement=agreement)
        ActionItemFactory(agreement=agreement, cooperation_fields=[item])
        party = PartyFactory(agreement=agreement)
        CompanyContactFactory(company=party.company, municipality=fukuoka)
        agreement.note += "。"
        agreement.save()

    assert_same_queries(add, lambda: page(manager_client, agreement))


# -- Sheet --------------------------------------------------------------------------------------------
def test_agreement_sheet_is_an_inline_pdf_with_a_japanese_name_that_is_not_kept(
    viewer_client, published, print_fonts
):
    response = viewer_client.get(sheet_url(published))
    assert response.status_code == 200
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Type"] == "application/pdf"
    name = quote("協定シート_福岡市_地域共働事業に関する包括連携協定.pdf")
    assert response["Content-Disposition"] == f"inline; filename*=utf-8''{name}"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


def test_agreement_sheet_name_is_fit_for_every_file_system(viewer_client, fukuoka, print_fonts):
    agreement = AgreementFactory(municipality=fukuoka, title='A/B:"C"\u202egnp.' + "長" * 100)
    name = viewer_client.get(sheet_url(agreement))["Content-Disposition"]
    assert quote("A_B_C_gnp.") in name
    assert "%E2%80%AE" not in name
    assert len(name) < 800


def test_agreement_sheet_has_the_internal_blocks_for_the_own_municipality_only(
    viewer_client, neighbour_client, published, print_fonts, text_of
):
    own = text_of(viewer_client.get(sheet_url(published)).content)
    partner = text_of(viewer_client.get(sheet_url(published), {"for": "partner"}).content)
    others = text_of(neighbour_client.get(sheet_url(published)).content)
    for text in (own, partner, others):
        assert "観光振興に関すること" in text
    for name in ("document_number", "note", "contact"):
        assert INTERNAL[name] in own, name
        assert INTERNAL[name] not in partner, name
    assert INTERNAL["action"] in partner
    for name, secret in INTERNAL.items():
        assert secret not in others, name
