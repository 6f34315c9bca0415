"""Several files at once in Chromium: dropped or chosen, with progress, refusals beside their files."""

import base64
import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.models import AgreementDocument
from tests import sample_files as files
from tests.factories import (
    AgreementFactory,
    DocumentFactory,
    MeetingFactory,
    MeetingTaskFactory,
    MunicipalityFactory,
    StaffMemberFactory,
)

DROP = """([zone, named]) => {
  const carried = new DataTransfer();
  for (const [name, content] of named) {
    carried.items.add(new File([Uint8Array.from(atob(content), (each) => each.charCodeAt(0))], name));
  }
  for (const type of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture
def editor(transactional_db):
    return StaffMemberFactory(editor=True, municipality=MunicipalityFactory(fukuoka=True))


@pytest.fixture
def agreement(editor):
    return AgreementFactory(
        municipality=editor.municipality, department=editor.department, whole=True, title="書類の協定"
    )


def drop(page: Page, *named: tuple[str, bytes]) -> None:
    zone = page.locator("[data-upload-zone]").element_handle()
    page.evaluate(DROP, [zone, [[name, base64.b64encode(content).decode()] for name, content in named]])


def test_editor_drops_files_and_says_what_they_are(open_browser, editor, agreement, assert_accessible):
    page = open_browser(member=editor).new_page()
    page.goto(agreement.get_absolute_url())
    page.get_by_role("link", name="ファイルを登録").click()
    expect(page.locator("[data-upload-zone]")).to_be_visible()
    assert_accessible(page)
    drop(page, ("協定書.pdf", files.pdf()), ("偽物.jpg", files.pdf()), ("式典.png", files.png(40, 30)))
    expect(page.get_by_text("中身はPDFですが")).to_be_visible()
    expect(page.get_by_text("受け取りました", exact=True)).to_have_count(2)
    assert_accessible(page)
    page.get_by_role("link", name="登録できるファイルの確認へ進む").click()
    expect(page.get_by_role("group", name="協定書.pdf")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="2件を登録する").click()
    expect(page.get_by_text("書類2件を登録しました")).to_be_visible()
    assert_accessible(page)
    assert set(AgreementDocument.objects.values_list("title", flat=True)) == {"協定書", "式典"}

    page.get_by_role("link", name="式典", exact=True).click()
    shown = page.locator(".document-image")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 40)
    assert_accessible(page)


def test_editor_chooses_several_files_without_javascript(open_browser, editor, agreement):
    page = open_browser(javascript=False, member=editor).new_page()
    page.goto(reverse("agreements:document-upload", args=[agreement.pk]))
    page.get_by_label("ファイル").set_input_files(
        [
            {"name": "別紙.pdf", "mimeType": "application/pdf", "buffer": files.pdf()},
            {"name": "空.txt", "mimeType": "text/plain", "buffer": b""},
        ]
    )
    page.get_by_role("button", name="送って確認へ進む").click()
    expect(page.get_by_text("登録できないファイルが1件")).to_be_visible()
    page.get_by_role("button", name="1件を登録する").click()
    expect(page.get_by_role("link", name="別紙", exact=True)).to_be_visible()


def test_browser_shows_a_pdf_under_the_sandbox(open_browser, editor, agreement):
    document = DocumentFactory(agreement=agreement)
    context = open_browser(member=editor)
    page = context.new_page()
    page.goto(document.get_absolute_url())
    link = page.get_by_role("link", name="開いて見る")
    expect(link).to_have_attribute("target", "_blank")
    response = context.request.get(reverse("agreements:document-inline", args=[document.pk]))
    assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert response.headers["content-disposition"].startswith("inline")


def test_editor_writes_a_meeting_down_and_makes_an_action_of_a_task(
    open_browser, editor, agreement, assert_accessible
):
    MeetingTaskFactory(meeting=MeetingFactory(agreement=agreement), what="前からの宿題")
    page = open_browser(member=editor).new_page()
    page.goto(reverse("agreements:meeting-create", args=[agreement.pk]))
    assert_accessible(page)
    page.get_by_label("要旨").fill("進み具合を話し合った。")
    page.get_by_role("button", name="宿題を追加").click()
    page.locator("[name=tasks-1-what]").fill("資料を送る")
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("資料を送る", exact=False).first).to_be_visible()
    page.get_by_role("button", name=re.compile("取組にする.*前からの宿題")).click()
    expect(page.get_by_text("取組「前からの宿題」を登録しました")).to_be_visible()
    assert_accessible(page)
