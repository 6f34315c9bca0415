"""One agreement in a real browser: proposal, opinions, approval (sent back once), signing, pause, 更新判断,
amendment, end."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from agreements.actions.proposals import add_usual_criteria
from agreements.models import Agreement
from municipalities import fiscal_year
from municipalities.wareki import format_wareki
from tests.factories import (
    AgreementFactory,
    CompanyFactory,
    CooperationFieldFactory,
    DepartmentFactory,
    MunicipalityFactory,
    PartyFactory,
    StaffMemberFactory,
)

TITLE = "見守りに関する包括連携協定"


@pytest.fixture
def fukuoka(transactional_db):
    fukuoka = MunicipalityFactory(fukuoka=True)
    add_usual_criteria(municipality=fukuoka)
    return fukuoka


@pytest.fixture
def agreement(fukuoka):
    section = DepartmentFactory(municipality=fukuoka, name="地域連携課")
    agreement = AgreementFactory(
        municipality=fukuoka,
        department=section,
        draft=True,
        title=TITLE,
        first_expiry=fiscal_year.last_day(fiscal_year.fiscal_year_of(timezone.localdate())),
        auto_renew=True,
        renewal_months=12,
        notice_months=1,
    )
    agreement.set_expiry(timezone.localdate())
    agreement.save()
    PartyFactory(agreement=agreement, municipality=fukuoka, label="甲", order=1)
    PartyFactory(agreement=agreement, company=CompanyFactory(name="見本乳業株式会社"))
    CooperationFieldFactory(agreement=agreement, text="高齢者の見守りに関すること")
    return agreement


@pytest.fixture
def desks(open_browser, fukuoka, agreement):
    """A page each for the clerk, the manager and the 課 that is asked."""
    member = {"municipality": fukuoka}
    health = DepartmentFactory(municipality=fukuoka, name="健康課")
    clerk = StaffMemberFactory(editor=True, department=agreement.department, name="係 花子", **member)
    manager = StaffMemberFactory(manager=True, name="長 太郎", **member)
    asked = StaffMemberFactory(viewer=True, department=health, name="健 次郎", **member)
    return [open_browser(member=each, refusals={409}).new_page() for each in (clerk, manager, asked)]


def step(page: Page, label: str, **typed: str) -> None:
    """Take the step with this name from the agreement's page; `typed` by label."""
    link = page.get_by_role("link", name=label, exact=True)
    menu = page.locator(".move-menu summary")
    expect(link.or_(menu).locator("visible=true").first).to_be_visible()
    if not link.is_visible():
        menu.click()
    link.click()
    for field, text in typed.items():
        page.get_by_label(re.compile(f"^{field}")).fill(text)
    page.get_by_role("button", name=label, exact=True).click()


def state(page: Page, word: str) -> None:
    expect(page.locator("[aria-current=step]")).to_contain_text(word)


def test_the_whole_life_of_an_agreement(desks, agreement, assert_accessible):
    clerk, manager, asked = desks
    today = format_wareki(timezone.localdate())
    address = agreement.get_absolute_url()

    clerk.goto(reverse("agreements:today"))
    clerk.get_by_role("link", name=TITLE).first.click()
    state(clerk, "提案受付")
    clerk.get_by_role("link", name="提案票を記録").click()
    clerk.get_by_label("提案の内容").fill("高齢者の見守りと配食")
    clerk.get_by_role("group", name="営業や販売だけを目的としていない").get_by_label(
        "適合", exact=True
    ).check()
    assert_accessible(clerk)
    clerk.get_by_role("button", name="保存する").click()
    step(clerk, "庁内調整を始める")
    state(clerk, "庁内調整")
    assert_accessible(clerk)

    clerk.get_by_role("link", name="課に照会する").click()
    clerk.get_by_label("健康課").check()
    clerk.get_by_role("button", name="照会する").click()
    asked.goto(reverse("agreements:today"))
    asked.get_by_role("link", name="回答する").click()
    asked.get_by_label("条件付").check()
    asked.get_by_role("button", name="回答する").click()
    expect(asked.get_by_role("alert")).to_contain_text("条件や理由を入力してください")
    asked.get_by_label("意見").fill("個人情報の扱いを決めること")
    assert_accessible(asked)
    asked.get_by_role("button", name="回答する").click()
    expect(asked.locator("#procedure")).to_contain_text("個人情報の扱いを決めること")

    clerk.goto(address)
    step(clerk, "相手方と協議する")
    step(clerk, "決裁に回す")
    state(clerk, "決裁中")
    clerk.get_by_role("link", name="編集", exact=True).click()
    expect(clerk.get_by_text("協定の文言は変更できません")).to_be_visible()
    expect(clerk.get_by_label("協定名称")).not_to_be_editable()
    expect(clerk.get_by_role("button", name="当事者を追加")).to_have_count(0)

    manager.goto(address)
    step(manager, "差し戻す", 差戻しの理由="費用負担を書くこと")
    state(manager, "相手方協議")
    clerk.goto(address)
    step(clerk, "決裁に回す")
    manager.goto(address)
    step(manager, "承認を記録する", 文書番号="企第123号", 決裁者の職="市長")
    expect(manager.locator("#overview")).to_contain_text("企第123号")
    manager.get_by_role("link", name="締結する", exact=True).click()
    manager.get_by_role("button", name="締結する", exact=True).click()
    expect(manager.get_by_role("alert")).to_contain_text(
        "紙原本のみ"
    )  # no signed file, and nothing said of it
    assert_accessible(manager)
    manager.get_by_label("紙原本のみ").check()
    manager.get_by_role("button", name="締結する", exact=True).click()
    state(manager, "締結・実施中")

    step(manager, "休止する", 休止の理由="災害対応のため")
    step(manager, "再開する")
    state(manager, "締結・実施中")

    decide_and_amend(manager)
    manager.goto(address)
    expect(manager.get_by_role("heading", level=1)).to_contain_text("見守り・防災")
    expect(manager.locator("#renewal")).to_contain_text("市民に役立っている")
    manager.locator(".move-menu summary").click()
    assert_accessible(manager)
    manager.get_by_role("link", name="終了する").click()
    manager.get_by_label("合意解除").check()
    manager.get_by_role("button", name="終了する").click()
    state(manager, "終了")
    manager.locator(".move-menu summary").click()
    manager.get_by_role("link", name="直前の状態に戻す").click()
    manager.get_by_label("取消しの理由").fill("終了日を間違えた")
    manager.get_by_role("button", name="直前の状態に戻す").click()
    state(manager, "締結・実施中")

    story = manager.locator("#procedure .story")
    for words in ("差し戻す", "費用負担を書くこと", "災害対応のため", "終了日を間違えた", "長 太郎", today):
        expect(story).to_contain_text(words)
    assert Agreement.objects.get(pk=agreement.pk).ended_on is None

    manager.goto(address)
    manager.locator(".move-menu summary").click()
    manager.get_by_role("link", name="終了する").click()
    manager.get_by_label("満了").check()
    manager.get_by_role("button", name="終了する").click()
    state(manager, "終了")


def decide_and_amend(page: Page) -> None:
    """更新判断 and one amendment of a running agreement, from its page."""
    page.get_by_role("link", name="更新判断を記録する").first.click()
    page.get_by_label("見直して更新").check()
    page.get_by_label("理由").fill("市民に役立っている")
    page.get_by_role("button", name="更新判断を記録する").click()
    page.locator("#renewal").get_by_text("市民に役立っている").wait_for()
    page.get_by_role("link", name="変更案を作る").click()
    page.get_by_label("変更の理由").fill("連携の範囲を広げる")
    page.get_by_role("button", name="変更案を作る").click()
    page.get_by_role("textbox", name="協定名称").fill("見守り・防災に関する包括連携協定")
    page.get_by_role("button", name="保存して比較を見る").click()
    page.get_by_role("link", name="決裁して反映する").click()
    page.get_by_label("文書番号").fill("企第124号")
    page.get_by_role("button", name="決裁して反映する").click()
    page.get_by_role("heading", name="第1回変更（反映済み）").wait_for()


def test_two_people_with_the_same_page_open(desks, agreement):
    clerk, manager, _ = desks
    url = reverse("agreements:agreement-move", args=[agreement.pk, "declined"])
    for page in (clerk, manager):
        page.goto(url)
        page.get_by_label("見送りの理由").fill("予算がつかないため")
    manager.get_by_role("button", name="見送る").click()
    state(manager, "見送り")
    clerk.get_by_role("button", name="見送る").click()
    expect(clerk.get_by_role("alert").first).to_contain_text("長 太郎")
    expect(clerk.get_by_role("alert").first).to_contain_text("現在の状態は「見送り」です")
