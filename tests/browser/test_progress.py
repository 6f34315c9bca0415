"""Journey 2: a 課 opens 自課の取組, enters 120/100人 with a photo, on a phone and at a desk."""

from datetime import date

from django.urls import reverse
from playwright.sync_api import expect

from agreements.models import ActionItem, ProgressEntry
from tests import sample_files
from tests.browser.conftest import accessibility_problems
from tests.factories import ActionItemFactory, AgreementFactory


def test_section_records_its_progress_from_a_phone(open_browser, editor):
    agreement = AgreementFactory(whole=True, municipality=editor.municipality, department=editor.department)
    action = ActionItemFactory(
        agreement=agreement,
        title="健康教室の開催",
        target_value=100,
        target_unit="人",
        starts_on=date(2025, 4, 1),
        due_on=date(2026, 3, 31),
    )
    page = open_browser(member=editor).new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(reverse("agreements:own-actions"))
    expect(page.get_by_role("heading", name="健康教室の開催")).to_be_visible()
    assert not accessibility_problems(page)
    page.reload()  # axe leaves empty style attributes behind, which the policy would complain about
    row = page.locator(f"#action-{action.pk}")
    row.get_by_label("現在値（人）").fill("120")
    row.get_by_label("できごと").fill("3回開き、のべ120人が参加しました。")
    row.get_by_label("写真・書類").set_input_files(
        {"name": "教室.png", "mimeType": "image/png", "buffer": sample_files.png()}
    )
    row.get_by_role("button", name="記録する").press("Enter")
    expect(row.get_by_text("記録しました")).to_be_visible()
    expect(row.get_by_text("達成率 120%")).to_be_visible()
    assert not accessibility_problems(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    row.get_by_role("link", name="健康教室の開催").click()
    expect(page.get_by_role("heading", level=1, name="健康教室の開催")).to_be_visible()
    expect(page.get_by_role("link", name="教室.png")).to_be_visible()
    assert not accessibility_problems(page)
    page.get_by_role("link", name="完了する").click()
    expect(page.get_by_label("実績値")).to_have_value("120")
    assert not accessibility_problems(page)
    page.get_by_label("実施した内容").fill("3回開き、のべ120人が参加しました。")
    page.get_by_role("button", name="完了として保存する").click()
    expect(page.get_by_text("「完了」にしました")).to_be_visible()
    assert ActionItem.objects.get(pk=action.pk).result_value == 120
    assert ProgressEntry.objects.get().documents.count() == 1
