"""What the scripts of the registration form do for those who have them."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.factories import AgreementFactory, CompanyFactory, MunicipalityFactory, StaffMemberFactory

CREATE = reverse("agreements:agreement-create")


@pytest.fixture
def clerk(transactional_db):
    return StaffMemberFactory(manager=True, municipality=MunicipalityFactory(fukuoka=True))


@pytest.fixture
def page(open_browser, clerk) -> Page:
    page = open_browser(member=clerk, refusals=(409,)).new_page()
    page.goto(CREATE)
    return page


def split(page: Page, text: str) -> None:
    page.get_by_label("まとめて貼り付ける").fill(text)
    page.get_by_role("button", name="連携事項に分ける").click()
    expect(page.get_by_text("件を取り込みました")).to_be_visible()


def press(page: Page, item: int, button: str) -> None:
    page.get_by_role("group", name=f"連携事項 {item}", exact=True).get_by_role("button", name=button).click()


def test_actions_follow_their_items(page):
    split(page, "・観光\n・防災\n・健康")
    page.get_by_role("button", name="取組を追加").click()
    numbers = page.get_by_label("連携事項の番号")
    numbers.fill("１、３")
    numbers.press("Tab")
    press(page, 1, "下へ移動")
    expect(numbers).to_have_value("2,3")
    press(page, 1, "削除")
    expect(numbers).to_have_value("1,2")
    page.get_by_role("button", name="元に戻す").click()
    expect(numbers).to_have_value("2,3")
    numbers.fill("1")
    numbers.press("Tab")
    press(page, 1, "下へ移動")
    expect(numbers).to_have_value("2")
    shown = [field.input_value() for field in page.locator("[data-item-shown]").all()]
    assert shown == ["1", "2", "3"]


def test_moved_items_are_saved_with_their_actions(page):
    page.get_by_label("協定名称").fill("見本の協定")
    page.locator("[name=parties-1-DELETE]").evaluate("box => { box.checked = true }")
    split(page, "・観光\n・防災\n・健康")
    page.get_by_role("button", name="取組を追加").click()
    page.locator("[name=actions-0-title]").fill("配布")
    page.get_by_label("連携事項の番号").fill("1")
    press(page, 2, "削除")
    press(page, 1, "下へ移動")
    page.get_by_role("button", name="登録する", exact=True).click()
    expect(page.get_by_text("登録しました。")).to_be_visible()
    from agreements.models import ActionItem

    (item,) = ActionItem.objects.get().cooperation_fields.all()
    assert (item.number, item.text) == (2, "観光")


def test_suggested_categories_are_marked_and_can_be_taken_back(page):
    split(page, "・観光の振興")
    summary = page.locator("[data-formset=items] summary").first
    expect(summary).to_contain_text("観光・シティプロモーション・国際")
    expect(summary).to_contain_text("候補")
    summary.click()
    page.get_by_label("防災・災害時支援").check()
    expect(summary).to_contain_text("防災・災害時支援")
    page.get_by_role("button", name="分ける前に戻す").click()
    expect(summary).not_to_contain_text("観光")
    expect(summary).to_contain_text("防災・災害時支援")
    expect(summary.locator(".badge")).to_be_hidden()


def test_new_party_gets_the_next_label(page):
    page.get_by_role("button", name="当事者を追加").click()
    expect(page.locator("[name=parties-2-label]")).to_have_value("丙")
    page.locator("[name=parties-2-label]").fill("")
    page.get_by_role("button", name="当事者を追加").click()
    expect(page.locator("[name=parties-3-label]")).to_have_value("")


def test_chosen_company_is_forgotten_when_the_name_changes(page):
    company = CompanyFactory(lawson=True)
    party = page.get_by_role("combobox", name="当事者名").nth(1)
    party.press_sequentially("ろーそ")
    page.get_by_role("option", name="株式会社ローソン").click()
    target = page.locator("[name=parties-1-target]")
    expect(target).to_have_value(f"c:{company.pk}")
    party.press_sequentially("2")
    expect(target).to_have_value("")


def test_form_is_accessible_fresh_and_with_errors(page, assert_accessible):
    assert_accessible(page)
    CompanyFactory(name="見本商事株式会社"), CompanyFactory(name="株式会社見本商事")
    page.get_by_label("締結日").fill("令和2年13月1日")
    page.locator("[name=parties-1-name]").fill("見本商事")
    page.get_by_role("button", name="登録する", exact=True).click()
    expect(page.get_by_role("heading", name="入力内容に誤りが2件")).to_be_visible()
    assert_accessible(page)


def test_conflict_is_accessible_and_merges(page, clerk, assert_accessible):
    agreement = AgreementFactory(municipality=clerk.municipality, whole=True, draft=True)
    other = page.context.new_page()
    for each in (page, other):
        each.goto(reverse("agreements:agreement-update", args=[agreement.pk]))
    other.get_by_label("備考（内部用）").fill("先に保存したメモ")
    other.get_by_role("button", name="保存する", exact=True).click()
    expect(other.get_by_text("保存しました。")).to_be_visible()
    page.get_by_label("協定名称").fill("後から直した名称")
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.get_by_role("heading", name="ほかの人が先に保存しています")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.get_by_text("保存しました。")).to_be_visible()
    agreement.refresh_from_db()
    assert (agreement.title, agreement.note) == ("後から直した名称", "先に保存したメモ")
