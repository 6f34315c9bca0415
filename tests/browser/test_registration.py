"""The first whole thing: a clerk registers the ローソン agreement, finds it, opens it, prints its sheet."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.models import Agreement, Company
from tests.factories import (
    PASSWORD,
    AgreementFactory,
    DepartmentFactory,
    MunicipalityFactory,
    StaffMemberFactory,
)

ITEMS = [
    "アジアを見据えた観光振興に関すること",
    "市の環境政策に関すること",
    "地産地消や地域経済の活性化に関すること",
    "地域の安全・安心の確保や災害時の支援に関すること",
    "子育てや青少年育成の支援に関すること",
    "高齢者・障がい者の支援に関すること",
    "その他市政の推進や市民サービスの提供に関すること",
]
PASTED = "\n".join(f"({number}) {item}" for number, item in enumerate(ITEMS, start=1))
TITLE = "地域共働事業に関する包括連携協定"


@pytest.fixture
def clerk(transactional_db):
    fukuoka = MunicipalityFactory(fukuoka=True)
    section = DepartmentFactory(municipality=fukuoka, name="企画調整部")
    return StaffMemberFactory(
        editor=True, municipality=fukuoka, department=section, username="fukuoka-editor"
    )


def log_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("ユーザー名").fill("fukuoka-editor")
    page.get_by_label(re.compile("^パスワード")).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("今日の仕事")


def assert_registered(page: Page) -> Agreement:
    agreement = Agreement.objects.get()
    page.wait_for_url(f"**{agreement.get_absolute_url()}")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert agreement.signed_on.isoformat() == "2011-04-22"
    assert [item.text for item in agreement.cooperation_fields.all()] == ITEMS
    assert [(party.label, party.name) for party in agreement.parties.all()] == [
        ("甲", "福岡市"),
        ("乙", "株式会社ローソン"),
    ]
    company = Company.objects.get()
    assert (company.name_kana, company.corporate_number) == ("ろーそん", "2010701019195")
    return agreement


def find(page: Page, word: str) -> None:
    """Search the list for a word and see the agreement, and only that, in the results."""
    page.goto(reverse("agreements:agreement-list"))
    page.get_by_role("searchbox").fill(word)
    page.get_by_role("button", name="検索", exact=True).click()
    page.wait_for_url(re.compile(r"[?&]q="))
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()


def download_sheet(page: Page, text_of) -> str:
    """The text of the PDF behind the print button, saved as a file (Alt and click)."""
    with page.expect_download() as downloading:
        page.get_by_role("link", name="印刷（内部用）").click(modifiers=["Alt"])
    download = downloading.value
    assert download.suggested_filename == f"協定シート_福岡市_{TITLE}.pdf"
    return text_of(download.path().read_bytes()).replace(" ", "")


def test_clerk_registers_by_keyboard_and_mouse(open_browser, clerk, print_fonts, text_of):
    page = open_browser().new_page()
    log_in(page)

    # Mouse: to the form.
    page.get_by_role("navigation").get_by_role("link", name="協定", exact=True).click()
    page.get_by_role("link", name="協定を登録").first.click()
    page.get_by_label("協定名称").fill(TITLE)
    page.keyboard.press("Tab")
    page.keyboard.type("ちいききょうどうじぎょうにかんするほうかつれんけいきょうてい")

    # Keyboard: search as you type finds no ローソン, so it is registered on the spot.
    party = page.get_by_role("combobox", name="当事者名").nth(1)
    party.focus()
    page.keyboard.type("株式会社ローソン")
    create = page.get_by_role("option", name="「株式会社ローソン」を新しく登録")
    expect(create).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    row = page.locator("[data-formset=parties] [data-formset-row]").nth(1)
    expect(row.get_by_label("名称", exact=True)).to_be_focused()
    expect(row.get_by_label("名称", exact=True)).to_have_value("株式会社ローソン")
    page.keyboard.press("Tab")
    page.keyboard.type("ろーそん")
    page.keyboard.press("Tab")
    page.keyboard.type("2010701019195")

    page.get_by_label("締結日").fill("平成23年4月22日")

    # The seven items from the paper, pasted as one list; the order changed and changed back.
    page.get_by_label("まとめて貼り付ける").fill(PASTED)
    page.get_by_role("button", name="連携事項に分ける").click()
    items = page.locator("[data-formset=items] [data-formset-row] textarea[name$='-text']")
    expect(items).to_have_count(7)
    expect(items.nth(6)).to_have_value(ITEMS[6])
    second = page.get_by_role("group", name="連携事項 2", exact=True)
    second.get_by_role("button", name="上へ移動").click()
    expect(items.nth(0)).to_have_value(ITEMS[1])
    page.get_by_role("group", name="連携事項 1", exact=True).get_by_role("button", name="下へ移動").click()
    expect(items.nth(0)).to_have_value(ITEMS[0])
    page.get_by_role("button", name="登録する", exact=True).click()
    assert_registered(page)

    find(page, "観光")
    find(page, "ろーそん")
    page.get_by_role("link", name=TITLE).click()
    text = download_sheet(page, text_of)
    for words in (*ITEMS, TITLE, "株式会社ローソン", "平成23年4月22日"):
        assert words in text


def test_clerk_registers_without_javascript(open_browser, clerk, print_fonts, text_of):
    page = open_browser(javascript=False).new_page()
    log_in(page)
    page.goto(reverse("agreements:agreement-create"))
    page.get_by_label("協定名称").fill(TITLE)
    page.locator("[name=parties-1-name]").fill("株式会社ローソン")
    page.get_by_label("締結日").fill("平成23年4月22日")
    page.get_by_label("まとめて貼り付ける").fill(PASTED)
    page.get_by_role("button", name="登録する", exact=True).click()

    # Nobody knows ローソン: the page says so, unfolds the fields of a new company and has lost nothing.
    expect(page.get_by_role("heading", name="入力内容に誤りが")).to_be_visible()
    expect(page.get_by_label("締結日")).to_have_value("平成23年4月22日")
    page.locator("[name=parties-1-new_kana]").fill("ろーそん")
    page.locator("[name=parties-1-new_corporate_number]").fill("２０１０７０１０１９１９５")
    page.get_by_role("button", name="登録する", exact=True).click()
    assert_registered(page)

    find(page, "観光")
    find(page, "ろーそん")
    page.get_by_role("link", name=TITLE).click()
    text = download_sheet(page, text_of)
    for item in ITEMS:
        assert item in text


def test_search_as_you_type_offers_nothing_of_others(open_browser, clerk):
    """Companies are shared, agreements are not: a word of another municipality's draft finds nothing."""
    AgreementFactory(whole=True, municipality=MunicipalityFactory(obuse=True), title="小布施だけの秘密の協定")
    page = open_browser(member=clerk).new_page()
    page.goto(reverse("agreements:agreement-create"))
    party = page.get_by_role("combobox", name="当事者名").nth(1)
    party.press_sequentially("秘密")
    expect(page.get_by_role("option", name="「秘密」を新しく登録")).to_be_visible()
    offered = page.get_by_role("listbox", name="相手方の候補").filter(visible=True).get_by_role("option")
    expect(offered).to_have_count(2)  # 「ありません」 and the offer to register
    page.goto(reverse("agreements:agreement-list") + "?q=秘密&scope=all")
    expect(page.get_by_text("小布施だけの秘密の協定")).to_have_count(0)
