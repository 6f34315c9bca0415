"""書類: sending several files, saying what they are, handing them out to those who may have them."""

import hashlib
import io
import os
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.actions.documents import stage_upload
from agreements.choices import DocumentKind, Publication
from agreements.models import Agreement, AgreementDocument, DocumentText, StagedUpload
from municipalities.choices import AuditKind
from municipalities.models import AuditEvent
from tests import sample_files as files
from tests.conftest import client_of
from tests.factories import AgreementFactory, DocumentFactory, StaffMemberFactory
from tests.journeys.clerk import Page

pytestmark = pytest.mark.django_db
XSS = '<img src=x onerror="alert(1)">'


@pytest.fixture
def agreement(fukuoka, editor):
    return AgreementFactory(municipality=fukuoka, department=editor.department, whole=True)


def url(name: str, row) -> str:
    return reverse(f"agreements:{name}", args=[row.pk])


def send(client, agreement, *named: tuple[str, bytes], **kwargs):
    uploads = [SimpleUploadedFile(name, content) for name, content in named]
    return client.post(url("document-upload", agreement), {"uploads": uploads}, **kwargs)


def typed(response, **changes) -> dict[str, list[str]]:
    """What the page's form would send, with these changes."""
    form = max(Page(response).forms, key=lambda each: len(each.names))
    return {**form.values, **changes}


def confirm(client, agreement, /, **changes):
    """Save the files that wait, as the page proposes them; `changes` by field for every file."""
    values = typed(client.get(url("document-confirm", agreement)))
    for staged in StagedUpload.objects.all():
        values |= {f"file-{staged.pk}-{name}": value for name, value in changes.items()}
    return client.post(url("document-confirm", agreement), values)


def kinds(target) -> list[str]:
    events = AuditEvent.objects.filter(object_model="agreements.agreementdocument", object_pk=str(target.pk))
    return list(events.values_list("kind", flat=True))


# -- Sending ----------------------------------------------------------------------------------------------
def test_document_upload_keeps_the_good_and_tells_why_the_bad_are_refused(editor_client, agreement, editor):
    response = send(
        editor_client,
        agreement,
        ("締結済み協定書.pdf", files.pdf()),
        ("写真.jpg", files.pdf()),
        ("空.txt", b""),
        ("式典.png", files.png()),
        ("罠.exe", b"MZ"),
    )
    assertRedirects(response, url("document-confirm", agreement), fetch_redirect_response=False)
    page = editor_client.get(response.url)
    assertContains(page, "登録できないファイルが")
    for name, reason in (("写真.jpg", "中身はPDF"), ("罠.exe", "この種類のファイルは登録できません")):
        assertContains(page, name)
        assertContains(page, reason)
    assert {each.original_name for each in StagedUpload.objects.all()} == {"締結済み協定書.pdf", "式典.png"}
    assert not AgreementDocument.objects.exists()

    assertRedirects(confirm(editor_client, agreement), f"{agreement.get_absolute_url()}#documents")
    signed = AgreementDocument.objects.get(title="締結済み協定書")
    assert (signed.kind, signed.version, signed.is_public) == (DocumentKind.SIGNED, 1, False)
    assert signed.sha256 == hashlib.sha256(files.pdf()).hexdigest()
    assert (signed.content_type, signed.size, signed.uploaded_by) == (
        "application/pdf",
        len(files.pdf()),
        editor,
    )
    assert AgreementDocument.objects.get(title="式典").kind == DocumentKind.PHOTO
    assert not StagedUpload.objects.exists()
    assert kinds(signed) == [AuditKind.UPLOAD]
    assertContains(editor_client.get(agreement.get_absolute_url()), "締結済み協定書.pdf")


def test_document_upload_answers_the_script_beside_each_file(editor_client, agreement):
    response = send(editor_client, agreement, ("a.pdf", files.pdf()), headers={"accept": "application/json"})
    assert response.json() == {"accepted": ["a.pdf"], "refused": []}
    response = send(editor_client, agreement, ("b.pdf", b"GIF89a"), headers={"accept": "application/json"})
    (refused,) = response.json()["refused"]
    assert refused["name"] == "b.pdf"
    assert "中身が" in refused["message"]


def test_document_upload_without_a_file_says_so(editor_client, agreement):
    assertContains(editor_client.post(url("document-upload", agreement)), "登録するファイルを選んでください")


def test_document_upload_too_large_as_a_whole_is_refused_unread(editor_client, agreement, settings):
    settings.RENKEI_UPLOAD_MAX_REQUEST_BYTES = 100
    assert send(editor_client, agreement, ("a.pdf", files.pdf())).status_code == 413


def test_document_upload_of_too_many_files_is_refused(editor_client, agreement, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    assert send(editor_client, agreement, *[("a.txt", b"a")] * 3).status_code == 413
    assert not StagedUpload.objects.exists()


def test_files_lie_under_random_names_that_no_url_serves(editor_client, agreement):
    send(editor_client, agreement, ("極秘.pdf", files.pdf()))
    name = StagedUpload.objects.get().file.name
    assert "極秘" not in name
    assert not name.endswith(".pdf")
    for path in (f"/{name}", f"/media/{name}", f"/static/{name}"):
        assert editor_client.get(path).status_code == 404


# -- Saying what they are -----------------------------------------------------------------------------------
def test_document_confirm_counts_versions_on(editor_client, agreement):
    DocumentFactory(agreement=agreement, kind=DocumentKind.DRAFT, title="協定書案", version=3)
    send(editor_client, agreement, ("協定書案.docx", files.office()), ("協定書案.pdf", files.pdf()))
    assertContains(editor_client.get(url("document-confirm", agreement)), "第4版になります")
    confirm(editor_client, agreement, kind=DocumentKind.DRAFT, allow_duplicate="on")
    versions = AgreementDocument.objects.filter(kind=DocumentKind.DRAFT, title="協定書案")
    assert sorted(versions.values_list("version", flat=True)) == [3, 4, 5]


def test_document_confirm_refuses_a_version_that_is_taken_and_keeps_what_was_typed(editor_client, agreement):
    DocumentFactory(agreement=agreement, kind=DocumentKind.ANNEX, title="別紙", version=2)
    send(editor_client, agreement, ("a.txt", b"a"))
    response = confirm(editor_client, agreement, kind=DocumentKind.ANNEX, title="別紙", version="２")
    assertContains(response, "第2版がすでにあります")
    assert typed(response)[f"file-{StagedUpload.objects.get().pk}-title"] == ["別紙"]
    assert AgreementDocument.objects.count() == 1


def test_document_confirm_points_out_copies_in_the_municipality_and_saves_them_only_on_request(
    editor_client, agreement, fukuoka
):
    other = AgreementFactory(municipality=fukuoka, title="前からある協定")
    copy = DocumentFactory(agreement=other, title="前からある書類")
    send(editor_client, agreement, ("写し.pdf", files.pdf()))
    page = editor_client.get(url("document-confirm", agreement))
    assertContains(page, "前からある書類")
    assertContains(page, copy.get_absolute_url())
    assertContains(confirm(editor_client, agreement), "同じ内容のファイルがあります")
    assert not agreement.documents.exists()
    confirm(editor_client, agreement, allow_duplicate="on")
    assert agreement.documents.count() == 1


def test_document_confirm_never_tells_of_copies_elsewhere(editor_client, agreement, obuse):
    DocumentFactory(agreement=AgreementFactory(municipality=obuse), title="よその書類")
    send(editor_client, agreement, ("写し.pdf", files.pdf()))
    page = editor_client.get(url("document-confirm", agreement))
    assertNotContains(page, "よその書類")
    assertNotContains(page, "同じ内容のファイルがあります")


def test_document_confirm_of_the_same_file_twice_in_one_batch(editor_client, agreement):
    send(editor_client, agreement, ("一.pdf", files.pdf()), ("二.pdf", files.pdf()))
    confirm(editor_client, agreement)
    assert not agreement.documents.exists()
    confirm(editor_client, agreement, allow_duplicate="on")
    assert agreement.documents.count() == 2


def test_document_confirm_drops_what_is_not_wanted(
    editor_client, agreement, django_capture_on_commit_callbacks
):
    send(editor_client, agreement, ("違う.pdf", files.pdf()))
    staged = StagedUpload.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        confirm(editor_client, agreement, discard="on")
    assert not StagedUpload.objects.exists()
    assert not staged.file.storage.exists(staged.file.name)


def test_document_confirm_shows_only_ones_own_uploads(agreement, editor_client, manager):
    client = client_of(manager)
    send(client, agreement, ("部長の.pdf", files.pdf()))
    assertNotContains(editor_client.get(url("document-confirm", agreement)), "部長の.pdf")
    staged = StagedUpload.objects.get()
    editor_client.post(
        url("document-confirm", agreement),
        {"file": staged.pk, f"file-{staged.pk}-kind": "other", f"file-{staged.pk}-title": "横取り"},
    )
    assert not AgreementDocument.objects.exists()


def test_document_confirm_ignores_fields_that_are_not_its_own(editor_client, agreement, fukuoka):
    """Mass assignment: a post cannot set whose document it is or where its file lies."""
    other = AgreementFactory(municipality=fukuoka)
    send(editor_client, agreement, ("a.txt", b"a"))
    confirm(
        editor_client,
        agreement,
        agreement=other.pk,
        sha256="0" * 64,
        file="documents/x",
        content_type="text/html",
    )
    document = AgreementDocument.objects.get()
    assert document.agreement == agreement
    assert (document.content_type, document.sha256) == ("text/plain", hashlib.sha256(b"a").hexdigest())


@pytest.mark.parametrize("posted", ["x", "99999999999999999999", "-1", ""])
def test_document_confirm_survives_strange_ids(editor_client, agreement, posted):
    response = editor_client.post(url("document-confirm", agreement), {"file": posted})
    assert response.status_code == 302


# -- Handing out ----------------------------------------------------------------------------------------
def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_document_download_gives_the_file_back_and_nothing_to_run(viewer_client, agreement):
    document = DocumentFactory(agreement=agreement, original_name='議事録 "最終".pdf')
    response = viewer_client.get(url("document-download", document))
    assert body(response) == files.pdf()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in response["Cache-Control"]
    assert kinds(document) == [AuditKind.DOWNLOAD]


def test_document_inline_is_for_pdfs_and_images_only(viewer_client, agreement):
    image = DocumentFactory(agreement=agreement, content=files.png(), content_type="image/png")
    response = viewer_client.get(url("document-inline", image))
    assert response["Content-Disposition"].startswith("inline")
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    text = DocumentFactory(agreement=agreement, content=b"<script>", content_type="text/plain")
    assert viewer_client.get(url("document-inline", text)).status_code == 404
    assert body(viewer_client.get(url("document-download", text))) == b"<script>"


def test_document_of_a_published_agreement_is_for_others_only_when_public(neighbour_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, published=True)
    public = DocumentFactory(agreement=agreement, title="公開の協定書", is_public=True)
    hidden = DocumentFactory(agreement=agreement, title="内部の協議")
    page = neighbour_client.get(agreement.get_absolute_url())
    assertContains(page, "公開の協定書")
    assertNotContains(page, "内部の協議")
    assert neighbour_client.get(url("document-download", public)).status_code == 200
    assert neighbour_client.get(url("document-inline", public)).status_code == 200
    assert neighbour_client.get(url("document-download", hidden)).status_code == 404
    assert neighbour_client.get(url("document-detail", public)).status_code == 404
    Agreement.objects.update(publication=Publication.PRIVATE)
    assert neighbour_client.get(url("document-download", public)).status_code == 404


def test_document_download_of_paper_and_of_a_lost_file_is_404(viewer_client, agreement):
    assert (
        viewer_client.get(
            url("document-download", DocumentFactory(agreement=agreement, paper=True))
        ).status_code
        == 404
    )
    lost = DocumentFactory(agreement=agreement)
    lost.file.storage.delete(lost.file.name)
    assert viewer_client.get(url("document-download", lost)).status_code == 404


# -- One document ---------------------------------------------------------------------------------------
def test_document_update_publishes_and_is_recorded(editor_client, agreement):
    document = DocumentFactory(agreement=agreement)
    page = editor_client.get(url("document-update", document))
    response = editor_client.post(url("document-update", document), typed(page, is_public="on"))
    assertRedirects(response, document.get_absolute_url())
    document.refresh_from_db()
    assert document.is_public
    assert kinds(document) == [AuditKind.PUBLICATION]


def test_document_update_tells_the_second_of_two_editors(editor_client, manager_client, agreement):
    document = DocumentFactory(agreement=agreement, title="元の名称")
    mine = typed(editor_client.get(url("document-update", document)), title="後の名称")
    theirs = typed(manager_client.get(url("document-update", document)), title="先の名称")
    manager_client.post(url("document-update", document), theirs)
    response = editor_client.post(url("document-update", document), mine)
    assert response.status_code == 409
    assertContains(response, "先の名称", status_code=409)
    assert typed(response)["title"] == ["後の名称"]
    editor_client.post(url("document-update", document), typed(response))
    document.refresh_from_db()
    assert document.title == "後の名称"


def test_document_deletion_is_a_state_with_undo(editor_client, viewer_client, agreement):
    document = DocumentFactory(agreement=agreement, title="消した書類")
    editor_client.post(url("document-delete", document))
    page = editor_client.get(agreement.get_absolute_url())
    assertContains(page, "を削除しました")
    assertContains(page, url("document-restore", document))
    assertNotContains(viewer_client.get(agreement.get_absolute_url()), url("document-download", document))
    assert viewer_client.get(url("document-download", document)).status_code == 404
    editor_client.post(url("document-restore", document))
    assert viewer_client.get(url("document-download", document)).status_code == 200
    assert kinds(document) == [AuditKind.DOWNLOAD, AuditKind.RESTORATION, AuditKind.DELETION]


def test_paper_is_recorded_with_its_shelf(editor_client, agreement):
    values = typed(editor_client.get(url("document-paper-create", agreement)))
    assertContains(editor_client.post(url("document-paper-create", agreement), values), "必須")
    values |= {"shelf_location": "書庫B-1", "kind": DocumentKind.SIGNED}
    editor_client.post(url("document-paper-create", agreement), values)
    document = AgreementDocument.objects.get()
    assert document.is_paper_only
    assertContains(editor_client.get(agreement.get_absolute_url()), "書庫B-1")


def test_a_signed_document_opens_the_way_to_the_signing(agreement):
    assert not agreement.facts().has_signed_file
    DocumentFactory(agreement=agreement, kind=DocumentKind.DRAFT)
    assert not agreement.facts().has_signed_file
    signed = DocumentFactory(agreement=agreement, kind=DocumentKind.SIGNED)
    assert agreement.facts().has_signed_file
    signed.deleted_at = timezone.now()
    signed.save()
    assert not agreement.facts().has_signed_file


def test_markup_in_names_stays_text_everywhere(editor_client, agreement):
    name = f"{XSS.replace('/', '')}.pdf"
    send(editor_client, agreement, ("x.pdf", files.pdf()))
    StagedUpload.objects.update(original_name=name)
    confirm(editor_client, agreement, title=XSS)
    document = AgreementDocument.objects.get()
    for page in (agreement.get_absolute_url(), document.get_absolute_url(), url("document-update", document)):
        response = editor_client.get(page)
        assertNotContains(response, "<img src=x")
        assertContains(response, "&lt;img src=x")
    header = editor_client.get(url("document-download", document))["Content-Disposition"]
    assert "\n" not in header


def test_days_are_those_of_japan(editor_client, agreement):
    document = DocumentFactory(agreement=agreement)
    AgreementDocument.objects.update(created_at="2026-09-30T15:30Z")
    assertContains(editor_client.get(document.get_absolute_url()), "令和8年10月1日")


# -- Text -------------------------------------------------------------------------------------------------
def test_text_of_a_pdf_finds_the_agreement_for_its_own_people_only_until_published(
    editor_client, agreement, editor, neighbour
):
    Agreement.objects.update(publication=Publication.PUBLISHED)
    send(editor_client, agreement, ("a.pdf", files.pdf("Zebrafish 42")))
    confirm(editor_client, agreement)
    document = AgreementDocument.objects.get()
    assert "Zebrafish 42" in document.text.text
    assert Agreement.objects.visible_to(editor).matching("zebrafish", editor).exists()
    assert not Agreement.objects.visible_to(neighbour).matching("zebrafish", neighbour).exists()
    page = editor_client.get(url("document-update", document))
    editor_client.post(url("document-update", document), typed(page, is_public="on"))
    assert Agreement.objects.visible_to(neighbour).matching("zebrafish", neighbour).exists()
    assertContains(editor_client.get(document.get_absolute_url()), "Zebrafish 42")


def test_text_of_a_broken_pdf_is_none_and_is_tried_once(editor_client, agreement):
    send(editor_client, agreement, ("壊.pdf", b"%PDF-1.7\nnonsense\n%%EOF\n"))
    confirm(editor_client, agreement)
    assert DocumentText.objects.get().text == ""
    assert not AgreementDocument.objects.without_text().exists()


# -- Leftovers ----------------------------------------------------------------------------------------------
def test_a_row_that_cannot_be_written_leaves_no_file(agreement, editor, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the database is gone")

    storage = AgreementDocument._meta.get_field("file").storage
    before = _files(storage)
    monkeypatch.setattr(StagedUpload, "save", fail)
    with pytest.raises(RuntimeError):
        stage_upload(agreement=agreement, file=SimpleUploadedFile("a.txt", b"a"), name="a.txt", by=editor)
    assert _files(storage) == before


def test_clean_uploads_takes_leftovers_and_leaves_documents(
    agreement, editor, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    kept = DocumentFactory(agreement=agreement)
    fresh = stage_upload(agreement=agreement, file=SimpleUploadedFile("b.txt", b"b"), name="b.txt", by=editor)
    stale = stage_upload(agreement=agreement, file=SimpleUploadedFile("c.txt", b"c"), name="c.txt", by=editor)
    StagedUpload.objects.filter(pk=stale.pk).update(at=timezone.now() - timedelta(hours=25))
    storage = kept.file.storage
    orphan = storage.save("documents/ab/orphan", io.BytesIO(b"left by a killed process"))
    young = storage.save("documents/ab/young", io.BytesIO(b"a request is still being answered"))
    old = (timezone.now() - timedelta(hours=25)).timestamp()
    for name in (orphan, kept.file.name):
        _set_time(storage.path(name), old)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("clean_uploads")
    assert storage.exists(kept.file.name)
    assert storage.exists(fresh.file.name)
    assert storage.exists(young)
    assert not storage.exists(orphan)
    assert not storage.exists(stale.file.name)
    assert list(StagedUpload.objects.all()) == [fresh]


def _files(storage) -> set[str]:
    folders = storage.listdir("documents")[0] if storage.exists("documents") else []
    return {name for folder in folders for name in storage.listdir(f"documents/{folder}")[1]}


def _set_time(path: str, at: float) -> None:

    os.utime(path, (at, at))


# -- Queries ------------------------------------------------------------------------------------------------
def test_agreement_detail_lists_documents_with_the_same_queries(
    viewer_client, agreement, assert_same_queries
):
    member = StaffMemberFactory(municipality=agreement.municipality)
    assert_same_queries(
        lambda: DocumentFactory(agreement=agreement, uploaded_by=member),
        lambda: viewer_client.get(agreement.get_absolute_url()),
    )
