"""The scripted components in a real Chromium: keyboard, states told, nothing lost, strict CSP, axe."""

import json

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture(autouse=True)
def component_page(settings) -> None:
    settings.ROOT_URLCONF = "tests.browser.component_page"


@pytest.fixture
def page(open_browser) -> Page:
    """The component page with its scripts at work."""
    page = open_browser().new_page()
    page.goto("/")
    expect(page.locator(".formset.is-enhanced")).to_be_visible()
    return page


def texts(page: Page) -> list[str]:
    return [field.input_value() for field in page.get_by_label("本文").filter(visible=True).all()]


def sent(page: Page) -> dict:
    page.get_by_role("button", name="保存する").click()
    page.wait_for_url("**/echo/")
    return json.loads(page.inner_text("body"))


# -- Rows ---------------------------------------------------------------------------------------------
def test_rows_move_by_keyboard_and_the_order_is_sent(page):
    page.get_by_role("group", name="連携事項 3").get_by_role("button", name="上へ移動").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-formset-status]")).to_have_text("2番目に移動しました。")
    page.keyboard.press("Enter")  # the focus stayed on the button
    expect(page.locator("[data-formset-status]")).to_have_text("1番目に移動しました。")
    assert texts(page) == ["健康", "観光", "防災"]
    data = sent(page)
    assert [data[f"items-{index}-ORDER"] for index in range(3)] == ["2", "3", "1"]


def test_a_removed_row_can_be_brought_back_and_is_marked_when_it_stays_away(page):
    page.get_by_role("group", name="連携事項 2").get_by_role("button", name="削除").click()
    assert texts(page) == ["観光", "健康"]
    expect(page.get_by_role("group", name="連携事項 2")).to_be_visible()  # numbered again
    expect(page.get_by_role("button", name="元に戻す")).to_be_focused()
    page.keyboard.press("Enter")
    assert texts(page) == ["観光", "防災", "健康"]
    page.get_by_role("group", name="連携事項 1").get_by_role("button", name="削除").click()
    data = sent(page)
    assert data["items-0-DELETE"] == "on"
    assert "items-1-DELETE" not in data


def test_an_added_row_is_focused_and_counted(page):
    page.get_by_role("button", name="連携事項を追加").click()
    expect(page.locator("[name=items-3-text]")).to_be_focused()
    page.keyboard.type("環境")
    data = sent(page)
    assert (data["items-TOTAL_FORMS"], data["items-3-text"], data["items-3-ORDER"]) == ("4", "環境", "4")


# -- Pasted lists -------------------------------------------------------------------------------------
def test_a_pasted_list_becomes_rows_and_can_be_taken_back(page):
    page.get_by_role("button", name="連携事項を追加").click()  # one empty row: it is filled first
    page.get_by_label("まとめて貼り付ける").fill("教育\n文化")
    page.get_by_role("button", name="連携事項に分ける").click()
    expect(page.locator("[data-split-status]")).to_contain_text("2件を取り込みました")
    assert texts(page) == ["観光", "防災", "健康", "教育", "文化"]
    expect(page.get_by_label("まとめて貼り付ける")).to_have_value("")
    page.get_by_role("button", name="分ける前に戻す").click()
    assert texts(page) == ["観光", "防災", "健康", ""]
    expect(page.get_by_label("まとめて貼り付ける")).to_have_value("教育\n文化")


# -- Search as you type -------------------------------------------------------------------------------
def test_a_company_is_found_and_chosen_by_keyboard(page):
    field = page.get_by_role("combobox", name="相手方")
    field.press_sequentially("ローソン")
    expect(field).to_have_attribute("aria-expanded", "true")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(3)
    expect(options.nth(1)).to_contain_text("<b>法人番号なし</b>")  # text, never markup
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    field.press("Enter")
    expect(field).to_have_value("株式会社ローソン銀行")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert sent(page)["company"] == "2"


def test_editing_a_chosen_company_forgets_its_id(page):
    field = page.get_by_role("combobox", name="相手方")
    field.press_sequentially("ローソン")
    page.get_by_role("option", name="株式会社ローソン 東京都品川区").click()
    expect(page.locator("[name=company]")).to_have_value("1")
    field.press_sequentially("沖縄")
    data = sent(page)
    assert (data["company"], data["company_name"]) == ("", "株式会社ローソン沖縄")


def test_an_unknown_company_can_be_registered_on_the_spot(page):
    field = page.get_by_role("combobox", name="相手方")
    field.press_sequentially("新会社")
    page.get_by_role("option", name="「新会社」を新しく登録").click()
    expect(page.get_by_label("新しい相手方の名称")).to_be_focused()
    expect(page.get_by_label("新しい相手方の名称")).to_have_value("新会社")


def test_escape_closes_the_list_and_keeps_the_text(page):
    field = page.get_by_role("combobox", name="相手方")
    field.press_sequentially("ローソン")
    expect(page.get_by_role("listbox")).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("ローソン")


# -- Nothing is lost ----------------------------------------------------------------------------------
def leave(page: Page) -> list[str]:
    """Follows a link; gives the browser's questions on the way, each answered with staying."""
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="ほかのページ").click(no_wait_after=True)
    page.wait_for_timeout(1000)
    return asked


def test_leaving_a_changed_form_asks(page):
    page.get_by_label("協定名称").press_sequentially("案")
    assert leave(page) == ["beforeunload"]
    assert page.get_by_label("協定名称").input_value() == "案"


def test_leaving_an_unchanged_form_does_not_ask(page):
    title = page.get_by_label("協定名称")
    title.press_sequentially("案")
    title.press("Backspace")
    assert leave(page) == []
    page.wait_for_url("**/elsewhere/")


def test_a_dangerous_button_asks_and_starts_on_the_harmless_answer(page):
    page.get_by_role("button", name="削除…").click()
    dialog = page.get_by_role("dialog", name="確認してください")
    expect(dialog).to_contain_text("この協定を削除します。")
    expect(dialog.get_by_role("button", name="取り消す")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="削除…")).to_be_focused()
    page.get_by_role("button", name="削除…").click()
    dialog.get_by_role("button", name="削除する").click()
    page.wait_for_url("**/echo/")
    assert json.loads(page.inner_text("body"))["delete"] == "1"


# -- Errors and looks ---------------------------------------------------------------------------------
def test_the_error_summary_takes_the_focus_and_leads_to_the_field(page):
    page.goto("/?failed")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="協定名称").click()
    expect(page.get_by_label("協定名称")).to_be_focused()


def test_the_page_is_whole_without_scripts(open_browser):
    page = open_browser(javascript=False).new_page()
    page.goto("/")
    expect(page.get_by_label("順番").first).to_be_visible()
    expect(page.get_by_label("この行を削除する").first).to_be_visible()
    expect(page.get_by_role("button", name="上へ移動")).to_have_count(0)
    expect(page.get_by_role("button", name="印刷")).to_have_count(0)
    page.get_by_role("button", name="連携事項を追加").click()
    expect(page.locator("body")).to_contain_text('"add_row"')
    assert json.loads(page.inner_text("body"))["add_row"] == "items"


@pytest.mark.parametrize("query", ["/", "/?failed"])
def test_no_accessibility_violation_and_no_sideways_scrolling(page, query, assert_accessible):
    page.goto(query)
    assert_accessible(page)


def test_the_page_fits_a_window_zoomed_to_400_percent(page):
    page.set_viewport_size({"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
