"""A person chooses rows, changes them together, takes it back, and keeps the list for tomorrow."""

from django.urls import reverse
from playwright.sync_api import expect

from agreements.models import Agreement
from tests.browser.conftest import accessibility_problems
from tests.factories import AgreementFactory, DepartmentFactory


def test_rows_are_changed_together_and_put_back_and_the_list_is_kept(open_browser, people):
    ours = people["manager"].municipality
    section = DepartmentFactory(municipality=ours, name="新しい課")
    AgreementFactory.create_batch(3, municipality=ours)
    page = open_browser(member=people["manager"]).new_page()
    page.goto(reverse("agreements:agreement-list"))
    page.locator("input[name=row]").first.check()
    expect(page.get_by_text("1件を選択中")).to_be_visible()
    page.get_by_label("該当する全 3 件を選択").check()
    expect(page.get_by_text("3件を選択中")).to_be_visible()
    assert not accessibility_problems(page)
    page.get_by_role("button", name="進む").click()
    expect(page.get_by_role("heading", name="担当を変える")).to_be_visible()
    assert not accessibility_problems(page)
    page.get_by_label("新しい課").select_option("新しい課")
    page.get_by_role("button", name="3件を変更する").click()
    expect(page.get_by_text("済み（3件）")).to_be_visible()
    assert Agreement.objects.filter(department=section).count() == 3
    assert not accessibility_problems(page)
    page.get_by_role("button", name="この一括変更を元に戻す").click()
    page.get_by_role("button", name="元に戻す", exact=True).click()
    expect(page.get_by_role("heading", name="取消し：")).to_be_visible()
    expect(page.get_by_text("済み（3件）")).to_be_visible()
    assert not Agreement.objects.filter(department=section).exists()

    page.goto(reverse("agreements:agreement-list"))
    page.get_by_role("search").get_by_label("種別").select_option("包括連携")
    expect(page.get_by_text("種別：包括連携", exact=True)).to_be_visible()
    page.get_by_text("この一覧を保存").click()
    page.get_by_label("名前").fill("包括連携だけ")
    assert not accessibility_problems(page)
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_role("link", name="「包括連携だけ」の設定")).to_be_visible()
    page.get_by_role("link", name="「包括連携だけ」の設定").click()
    expect(page.get_by_label("この一覧を最初に開く")).to_be_visible()
    assert not accessibility_problems(page)
