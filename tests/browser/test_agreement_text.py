"""From the ledger to the paper: compose a 協定書案, edit it, compare, print."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from agreements.choices import AgreementState
from agreements.models import TextVersion
from tests.browser.conftest import NARROW
from tests.factories import AgreementFactory


def test_an_agreement_text_is_composed_edited_and_compared(
    open_browser, assert_accessible, editor, print_fonts
):
    agreement = AgreementFactory(
        whole=True,
        draft=True,
        state=AgreementState.NEGOTIATING,
        municipality=editor.municipality,
        department=editor.department,
    )
    page = open_browser(member=editor).new_page()
    page.goto(agreement.get_absolute_url())
    page.get_by_role("link", name="協定書案を作る").click()
    page.get_by_role("button", name="条項ひな形を用意する").click()
    expect(page.get_by_role("checkbox", name="費用負担")).to_be_checked()
    assert_accessible(page)
    page.get_by_role("checkbox", name="秘密の保持").check()
    page.get_by_role("button", name="案を作る").click()
    expect(page.get_by_role("heading", name="協定書案　第1版")).to_be_visible()
    expect(page.get_by_text("第5条　甲及び乙は、本協定に基づく取組により知り得た")).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name="編集", exact=True).click()
    first = page.locator("[data-formset=articles] [data-formset-row]").first
    first.get_by_label("本文").fill("地域を元気にする。\n(1) 観光\n(1) 防災")
    first.get_by_role("button", name="下へ移動").click()
    page.get_by_label("この版のメモ").fill("目的を後にした")
    assert_accessible(page)
    page.get_by_role("button", name="新しい版として保存する").last.click()
    expect(page.get_by_role("heading", name="協定書案　第2版")).to_be_visible()
    expect(page.get_by_text("(2)　防災")).to_be_visible()
    expect(page.get_by_text("第1条　甲及び乙は、第2条の目的を達成するため")).to_be_visible()
    assert [each.heading for each in TextVersion.objects.get(number=2).text.articles[:2]] == [
        "連携事項",
        "目的",
    ]

    page.get_by_role("link", name="版を比較する").click()
    expect(page.get_by_role("heading", name="第1版と第2版の比較")).to_be_visible()
    expect(page.get_by_role("rowheader", name=re.compile("元は第1条"))).to_be_visible()
    assert_accessible(page)

    page.set_viewport_size(NARROW)
    page.goto(reverse("agreements:agreement-text", args=[agreement.pk]))
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert page.request.get(reverse("agreements:agreement-text-print", args=[agreement.pk])).ok
