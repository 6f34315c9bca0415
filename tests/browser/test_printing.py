"""A clerk chooses what a sheet shows, sees the very document, and has the choice remembered."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from agreements.models import PrintChoice
from tests.factories import AgreementFactory, StaffMemberFactory


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_choices_preview_and_memory(open_browser, fukuoka, print_fonts, assert_accessible, javascript):
    clerk = StaffMemberFactory(manager=True, municipality=fukuoka)
    agreement = AgreementFactory(municipality=fukuoka, whole=True)
    page = open_browser(member=clerk, javascript=javascript).new_page()
    page.goto(reverse("agreements:agreement-detail", args=[agreement.pk]))
    page.get_by_role("link", name="選んで印刷").click()
    frame = page.locator("iframe")
    expect(frame).to_have_attribute("title", "協定シートの印刷のプレビュー")
    if javascript:
        assert_accessible(page)

    page.get_by_label("決裁欄").fill("一、二、三、四、五、六、七、八、九")
    page.get_by_role("button", name="この設定で表示する").click()
    expect(page.get_by_role("link", name="決裁欄：決裁欄は8つまでです（いまは9つです）。")).to_be_visible()
    expect(frame).to_have_count(0)

    page.get_by_label("決裁欄").fill("担当、市長")
    page.get_by_label("今年度の取組").uncheck()
    page.get_by_role("button", name="この設定で表示する").click()
    expect(page.locator("iframe[src*='p-boxes=%E6%8B%85%E5%BD%93']")).to_be_visible()
    page.get_by_role("button", name="表示中の設定を覚える").click()
    expect(page.get_by_text("この設定を、次の印刷でも使います。")).to_be_visible()
    assert PrintChoice.objects.get(person=clerk).values["boxes"] == ["担当", "市長"]

    page.get_by_role("button", name="はじめの設定に戻す").click()
    expect(page.get_by_label("決裁欄")).to_have_value("起案、係長、課長、部長")
    page.get_by_role("button", name="元に戻す").click()
    expect(page.get_by_label("決裁欄")).to_have_value("担当、市長")
    expect(page.get_by_label("今年度の取組")).not_to_be_checked()
