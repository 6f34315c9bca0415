"""更新判断, 変更 and suggestions in a real browser: no violation of axe, nothing wider than the window."""

from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from agreements.actions.amendments import change_amendment, start_amendment
from agreements.domain.agreement_text import ItemText
from tests.factories import AgreementFactory, StaffMemberFactory

SENDAI = (
    "本協定の有効期間は、締結の日から平成29年3月31日までとする。ただし、当該有効期間満了の日の1か月前までに、"
    "両市のいずれからも解約の意思表示がないときは、自動的に1年間更新されるものとし、その後も同様とする。"
)


@pytest.fixture
def agreement(fukuoka):
    parent = AgreementFactory(municipality=fukuoka, title="包括連携協定")
    agreement = AgreementFactory.build(
        municipality=fukuoka,
        department=None,
        parent=parent,
        title="見守り協定",
        signed_on=date(2021, 4, 1),
        first_expiry=date(2022, 3, 31),
        auto_renew=True,
        renewal_months=12,
        notice_months=1,
    )
    agreement.set_expiry(timezone.localdate())
    agreement.save()
    return agreement


@pytest.fixture
def manager_page(open_browser, fukuoka):
    return open_browser(member=StaffMemberFactory(manager=True, municipality=fukuoka)).new_page()


def test_decide_and_amend(manager_page, agreement, assert_accessible):
    page = manager_page
    page.goto(agreement.get_absolute_url())
    assert_accessible(page)
    page.get_by_role("link", name="更新判断を記録する").click()
    page.get_by_label("見直して更新").check()
    page.get_by_label("理由").fill("市民に役立っている")
    assert_accessible(page)
    page.get_by_role("button", name="更新判断を記録する").click()
    page.locator("#renewal").get_by_text("市民に役立っている").wait_for()

    page.get_by_role("link", name="変更案を作る").click()
    page.get_by_label("変更の理由").fill("連携の範囲を広げる")
    page.get_by_role("button", name="変更案を作る").click()
    page.get_by_role("textbox", name="協定名称").fill("見守り・防災協定")
    page.get_by_role("button", name="連携事項を追加").click()
    page.locator("[name='items-0-text']").fill("防災に関すること")
    assert_accessible(page)
    page.get_by_role("button", name="保存して比較を見る").click()
    expect(page.locator("td ins").first).to_contain_text("・防災")
    assert_accessible(page)
    page.get_by_role("link", name="決裁して反映する").click()
    page.get_by_label("文書番号").fill("企第7号")
    assert_accessible(page)
    page.get_by_role("button", name="決裁して反映する").click()
    page.get_by_role("heading", name="第1回変更（反映済み）").wait_for()
    agreement.refresh_from_db()
    assert agreement.title == "見守り・防災協定"


def test_suggestions_fill_the_fields_only_when_taken(manager_page, assert_accessible):
    page = manager_page
    page.goto("/agreements/new/")
    page.get_by_label("締結日", exact=True).fill("H28.11.2")
    page.get_by_label("更新条件の原文").fill(SENDAI)
    page.get_by_role("button", name="候補を読み取る").click()
    page.get_by_role("button", name="当初の満了日に入力する").wait_for()
    assert page.get_by_label("当初の満了日").input_value() == ""
    assert_accessible(page)
    page.get_by_role("button", name="当初の満了日に入力する").click()
    page.get_by_role("button", name="更新に入力する").click()
    expect(page.get_by_label("当初の満了日")).to_have_value("平成29年3月31日")
    expect(page.get_by_label("自動更新する")).to_be_checked()
    expect(page.locator("#id_renewal_months")).to_have_value("12")
    expect(page.locator("#id_notice_months")).to_have_value("")


@pytest.fixture
def long_draft(agreement, manager):
    draft = start_amendment(
        agreement=agreement, reason="長い", by=manager, version=1, today=timezone.localdate()
    )
    items = tuple(ItemText("あ" * 300 + str(number)) for number in range(3))
    return change_amendment(
        amendment=draft, text=type(draft.text)(**draft.text.values(), items=items), reason="長い", version=1
    )


def test_long_words_do_not_widen_the_comparison(manager_page, long_draft, assert_accessible):
    manager_page.goto(f"/amendments/{long_draft.pk}/")
    assert_accessible(manager_page)
