"""お知らせ and カレンダー in a real browser."""

import re
from datetime import date

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from agreements.actions.calendar_feeds import issue_feed
from municipalities.fiscal_year import fiscal_year_of
from tests.browser.conftest import accessibility_problems
from tests.factories import AgreementFactory, AnnualReportFactory


def test_notice_is_put_off_and_brought_back(open_browser, editor):
    for title in ("地域活性化包括連携協定", "見守りに関する協定"):
        agreement = AgreementFactory(
            municipality=editor.municipality,
            department=editor.department,
            title=title,
            signed_on=date(2024, 4, 1),
        )
        # Only the missing meetings are to be told of.
        last_year = fiscal_year_of(timezone.localdate()) - 1
        AnnualReportFactory(agreement=agreement, fiscal_year=last_year, handed_in=True)
    page = open_browser(member=editor).new_page()
    page.goto(reverse("agreements:today"))
    region = page.get_by_role("region", name="あなたへのお知らせ")
    expect(region.get_by_role("row")).to_have_count(3)
    assert not accessibility_problems(page)
    region.get_by_role("button", name=re.compile("まで隠す.*見守り")).click()
    expect(region.get_by_role("row")).to_have_count(2)
    page.get_by_text("後で知らせるお知らせ").click()
    assert not accessibility_problems(page)
    page.get_by_role("button", name="元に戻す").click()
    expect(region.get_by_role("row")).to_have_count(3)


def test_calendar_address_is_shown_once_on_an_accessible_page(open_browser, manager):
    issue_feed(owner=manager.department, by=manager, now=timezone.now())
    page = open_browser(member=manager).new_page()
    page.goto(reverse("agreements:calendar"))
    assert not accessibility_problems(page)
    page.get_by_role("button", name="アドレスを発行", exact=True).click()
    expect(page.get_by_label("アドレス", exact=True)).to_have_value(re.compile(r"/calendar/\S{40,}\.ics$"))
    assert not accessibility_problems(page)
    page.goto(reverse("agreements:calendar"))
    expect(page.get_by_label("アドレス", exact=True)).to_have_count(0)
