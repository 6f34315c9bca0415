"""小布施町 enters 第六次総合計画 with two levels, links its agreement and reports its year."""

import re
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from agreements.domain.annual_report import newest_year
from municipalities import fiscal_year
from tests.factories import ActionItemFactory, AgreementFactory, StaffMemberFactory


@pytest.fixture
def agreement(obuse):
    agreement = AgreementFactory(
        municipality=obuse, department=None, title="次世代型インフラの協定", signed_on=date(2020, 9, 23)
    )
    last = fiscal_year.last_day(newest_year(date.today()))  # noqa: DTZ011  (the browser's day)
    ActionItemFactory(agreement=agreement, title="エネルギーの勉強会", due_on=last)
    return agreement


def test_plan_and_report_of_obuse(open_browser, obuse, agreement, assert_accessible):
    page = open_browser(member=StaffMemberFactory(manager=True, municipality=obuse)).new_page()
    page.goto(reverse("municipalities:plan-list"))
    page.get_by_role("link", name="総合計画を登録する").click()
    page.get_by_label("計画名").fill("第六次総合計画")
    page.get_by_label("計画期間中").check()
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("link", name="表から貼り付ける").click()
    page.get_by_label("貼り付ける内容").fill("1 見本の目標\n　1-1 見本の施策A\n　1-2 見本の施策B")
    page.get_by_role("button", name="内容を確かめる").click()
    expect(page.get_by_role("button", name="3件を追加する")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="3件を追加する").click()
    up = page.get_by_role("button", name="上へ：1-2 見本の施策B")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("「1-2 見本の施策B」を上へ動かしました。")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="元に戻す").click()
    expect(page.locator(".plan-node").nth(1)).to_contain_text("見本の施策A")

    page.goto(agreement.get_absolute_url())
    page.get_by_role("link", name="施策を選ぶ").click()
    page.get_by_role("combobox", name="施策").press_sequentially("施策A")
    page.get_by_role("option", name="見本の施策A").click()
    page.get_by_role("button", name="結び付ける").click()
    page.locator("#plan").get_by_role("link", name="見本の施策A").click()
    expect(page.get_by_role("link", name="次世代型インフラの協定").first).to_be_visible()

    page.goto(reverse("agreements:today"))
    page.get_by_role("button", name=re.compile("作成する.*次世代型インフラの協定")).click()
    page.get_by_label("評価").first.select_option("計画どおり")
    page.get_by_label("効果額（円）").first.fill("１，２３４，５６７")
    page.get_by_label("効果額の算定方法").first.fill("委託した場合の単価")
    page.get_by_label("来年度方針").fill("回数を増やす")
    assert_accessible(page)
    page.get_by_role("button", name="保存する", exact=True).click()
    page.get_by_role("button", name="提出する", exact=True).click()
    page.get_by_role("button", name="受理する").click()
    expect(page.get_by_text("を受理しました。")).to_be_visible()
    assert_accessible(page)
    page.goto(reverse("agreements:report-summary"))
    expect(page.get_by_text("1,234,567").first).to_be_visible()
