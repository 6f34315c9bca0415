"""相手方リンク as staff see them: issue, remind, revoke, status; reports and files that came in."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from agreements.actions.share_links import LinkTerms, issue_link
from agreements.choices import SharePurpose, SubmissionKind, SubmissionState
from agreements.forms.share_link_forms import ShareLinkForm
from agreements.models import (
    AgreementDocument,
    CompanySubmission,
    ProgressEntry,
    ShareLink,
)
from municipalities.models import AuditEvent
from tests.factories import (
    AgreementFactory,
    CompanyContactFactory,
    CompanySubmissionFactory,
    ExpectationRoundFactory,
    ShareFileFactory,
    ShareLinkFactory,
)
from tests.sample_files import png

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(editor):
    return AgreementFactory(municipality=editor.municipality, department=editor.department, whole=True)


@pytest.fixture
def contact(agreement):
    company = agreement.parties.exclude(company=None).get().company
    return CompanyContactFactory(
        municipality=agreement.municipality, company=company, name="窓口 花子", email="hanako@example.jp"
    )


@pytest.fixture
def report(agreement, contact):
    action = agreement.actions.get()
    told = {str(action.pk): {"on": "2026-09-30", "value": "120", "text": "120か所で配った"}}
    return CompanySubmissionFactory(
        agreement=agreement,
        round=None,
        kind=SubmissionKind.PROGRESS,
        contact=contact,
        payload={"actions": told},
    )


def issue_data(contact, /, **changes):
    return {
        "contact": contact.pk,
        "purpose": "worksheet",
        "until": "令和8年10月31日",
        "max_uses": "１０",
        "delivery": "mail",
        **changes,
    }


def step(name, row):
    return reverse(f"agreements:{name}", args=[row.pk])


def section(client, agreement):
    html = client.get(agreement.get_absolute_url()).content.decode()
    return html[html.index('id="links"') : html.index('id="meetings"')]


# -- Issuing ------------------------------------------------------------------------------------------
def test_link_is_issued_by_mail(today, editor_client, agreement, contact):
    response = editor_client.post(step("share-link-create", agreement), issue_data(contact))
    assert response.url == f"{agreement.get_absolute_url()}#links"
    link = ShareLink.objects.get()
    assert (link.max_uses, timezone.localdate(link.expires_at)) == (10, date(2026, 10, 31))
    (message,) = mail.outbox
    assert message.to == ["hanako@example.jp"]
    assert reverse("agreements:partner-entry", args=[link.token]) in message.body
    assert agreement.title not in message.subject + message.body
    assert "未開封" in section(editor_client, agreement)
    event = AuditEvent.objects.filter(kind="credential_change").get()
    assert "花子" not in event.details_text + event.object_label
    assert link.token not in event.details_text


def test_link_is_shown_once_for_copying(today, editor_client, agreement, contact):
    response = editor_client.post(
        step("share-link-create", agreement), issue_data(contact, delivery="copy", code_by_phone="on")
    )
    link = ShareLink.objects.get()
    assert link.token in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert not mail.outbox
    assert link.token not in editor_client.get(agreement.get_absolute_url()).content.decode()


def test_link_in_mails_begins_with_the_public_address(today, editor_client, agreement, contact, settings):
    settings.RENKEI_BASE_URL = "https://renkei.example.jp/town"
    editor_client.post(step("share-link-create", agreement), issue_data(contact))
    assert "https://renkei.example.jp/town/partner/link/" in mail.outbox[0].body


def test_mail_that_fails_leaves_the_link_to_be_copied(today, editor_client, agreement, contact, monkeypatch):
    def refuse(self):
        raise OSError("no mail server")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    response = editor_client.post(step("share-link-create", agreement), issue_data(contact))
    text = response.content.decode()
    assert "メールを送れませんでした" in text
    assert ShareLink.objects.get().token in text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contact": ""}, "contact"),
        ({"until": "令和8年9月30日"}, "until"),
        ({"until": "令和9年10月31日"}, "until"),
        ({"max_uses": "0"}, "max_uses"),
        ({"purpose": "anything"}, "purpose"),
    ],
)
def test_wrong_terms_are_told_at_their_field(today, agreement, contact, changes, field):
    form = ShareLinkForm(issue_data(contact, **changes), agreement=agreement, today=today)
    assert set(form.errors) == {field}


def test_contact_without_mail_needs_the_telephone(today, agreement, contact):
    contact.email = ""
    contact.save()
    form = ShareLinkForm(issue_data(contact), agreement=agreement, today=today)
    assert set(form.errors) == {"delivery", "code_by_phone"}
    data = issue_data(contact, delivery="copy", code_by_phone="on")
    assert ShareLinkForm(data, agreement=agreement, today=today).is_valid()


def test_contacts_of_others_cannot_be_chosen(today, agreement, contact):
    elsewhere = CompanyContactFactory(company=contact.company)  # as another municipality knows them
    no_party = CompanyContactFactory(municipality=agreement.municipality)
    ended = CompanyContactFactory(
        company=contact.company, municipality=agreement.municipality, ended_on=date(2026, 9, 1)
    )
    for each in (elsewhere, no_party, ended):
        form = ShareLinkForm(issue_data(each), agreement=agreement, today=today)
        assert set(form.errors) == {"contact"}


# -- Reminding, revoking ------------------------------------------------------------------------------
def test_reminder_carries_the_same_link_once_a_day(editor_client, agreement, contact):
    link = ShareLinkFactory(agreement=agreement, contact=contact)
    for _ in range(2):
        editor_client.post(step("share-link-remind", link))
    (message,) = mail.outbox
    assert link.token in message.body
    link.refresh_from_db()
    assert link.reminded_on == timezone.localdate()
    assert "催促する" not in section(editor_client, agreement)


def test_revoked_link_is_issued_again_as_undo(editor_client, agreement, contact):
    link = ShareLinkFactory(agreement=agreement, contact=contact)
    editor_client.post(step("share-link-revoke", link))
    text = editor_client.get(agreement.get_absolute_url()).content.decode()
    assert "失効させました" in text
    assert step("share-link-reissue", link) in text
    assert "失効" in section(editor_client, agreement)
    editor_client.post(step("share-link-reissue", link))
    fresh = ShareLink.objects.exclude(pk=link.pk).get()
    assert fresh.revoked_at is None
    assert fresh.token != link.token
    assert fresh.token in mail.outbox[-1].body
    editor_client.post(step("share-link-remind", link))
    assert len(mail.outbox) == 1


def test_section_tells_how_far_each_link_has_come(editor_client, agreement, contact):
    now = timezone.now()
    for changes in (
        {"opened_at": now},
        {"opened_at": now, "submitted_at": now},
        {"expires_at": now - timedelta(days=1)},
        {"uses": 20},
    ):
        ShareLinkFactory(agreement=agreement, contact=contact, **changes)
    text = section(editor_client, agreement)
    assert all(word in text for word in ("記入中", "提出済", "期限切れ", "回数切れ"))


def test_section_has_the_same_queries_for_more_links(editor_client, agreement, contact, assert_same_queries):
    def add():
        link = ShareLinkFactory(agreement=agreement, contact=contact)
        sent = CompanySubmissionFactory(
            agreement=agreement, round=None, kind=SubmissionKind.PROGRESS, contact=contact
        )
        ShareFileFactory(link=link, submission=sent)

    assert_same_queries(add, lambda: editor_client.get(agreement.get_absolute_url()))
    assert_same_queries(add, lambda: editor_client.get(reverse("agreements:today")))


# -- What came in -------------------------------------------------------------------------------------
def test_report_is_seen_beside_the_record_and_taken_over(editor_client, agreement, report, editor):
    action = agreement.actions.get()
    photo = ShareFileFactory(
        link=ShareLinkFactory(agreement=agreement, purpose=SharePurpose.PROGRESS),
        submission=report,
        about=action.pk,
        original_name="式典.png",
        content_type="image/png",
        size=len(png(4, 3)),
    )
    assert step("company-report", report) in editor_client.get(reverse("agreements:today")).content.decode()
    page = editor_client.get(step("company-report", report)).content.decode()
    assert "<ins>120</ins>" in page
    assert "120か所で配った" in page
    assert not ProgressEntry.objects.exists()
    editor_client.post(step("company-report", report), {"accept": "1", f"take-{action.pk}": "on"})
    entry = ProgressEntry.objects.get()
    assert (entry.action, str(entry.value), entry.by) == (action, "120.00", editor)
    document = entry.documents.get()
    photo.refresh_from_db()
    assert (document.kind, document.title, photo.document) == ("photo", "式典", document)
    assert 'id="arrived"' not in editor_client.get(reverse("agreements:today")).content.decode()
    editor_client.post(step("company-report-undo", report))
    report.refresh_from_db()
    entry.refresh_from_db()
    assert report.state == SubmissionState.PENDING
    assert entry.deleted_at
    assert AgreementDocument.objects.filter(pk=document.pk, deleted_at=None).exists()


def test_report_is_not_taken_without_a_choice_nor_refused_without_a_reason(editor_client, report):
    url = step("company-report", report)
    assert "印を付けてください" in editor_client.post(url, {"accept": "1"}).content.decode()
    assert editor_client.post(url, {"reject": "1", "reason": ""}).context["reject_form"].errors
    editor_client.post(url, {"reject": "1", "reason": "数字を確かめてください。"})
    report.refresh_from_db()
    assert (report.state, report.note) == (SubmissionState.REJECTED, "数字を確かめてください。")
    editor_client.post(url, {"accept": "1"})
    editor_client.post(step("company-report-undo", report))
    report.refresh_from_db()
    assert report.is_pending
    assert not ProgressEntry.objects.exists()


def test_files_with_closed_answers_are_not_known_to_staff(editor_client, agreement, contact):
    round_ = ExpectationRoundFactory(agreement=agreement)
    sent = CompanySubmissionFactory(round=round_, contact=contact)
    link = ShareLinkFactory(agreement=agreement, contact=contact)
    file = ShareFileFactory(link=link, submission=sent, original_name="見積の考え.pdf")
    draft = ShareFileFactory(link=link, original_name="送る前.pdf")
    for each in (file, draft):
        assert editor_client.get(step("share-file-download", each)).status_code == 404
        assert editor_client.post(step("share-file-adopt", each)).status_code == 404
        assert each.original_name not in section(editor_client, agreement)
    round_.state, round_.opened_at = "opened", timezone.now()
    round_.save()
    assert file.original_name in section(editor_client, agreement)
    response = editor_client.get(step("share-file-download", file))
    assert response["Content-Disposition"].startswith("attachment")
    editor_client.post(step("share-file-adopt", file))
    editor_client.post(step("share-file-adopt", file))
    assert AgreementDocument.objects.get().title == "見積の考え"


def test_erasing_a_contact_ends_its_links_and_forgets_its_name(manager_client, agreement, contact, report):
    CompanySubmission.objects.update(by_name=contact.name)
    link = issue_link_for(agreement, contact)
    dossier = manager_client.get(reverse("agreements:contact-data", args=[contact.pk])).content.decode()
    assert "すり合わせの回答" in dossier
    manager_client.post(
        reverse("agreements:contact-erase", args=[contact.pk]), {"reason": "請求", "confirmed": "on"}
    )
    link.refresh_from_db()
    report.refresh_from_db()
    assert link.revoked_at
    assert report.by_name == "（消去済み）"
    assert not re.search("花子", section(manager_client, agreement))


def issue_link_for(agreement, contact):
    terms = LinkTerms(
        contact=contact,
        purpose=SharePurpose.WORKSHEET,
        expires_at=timezone.now() + timedelta(days=3),
        max_uses=3,
    )
    by = agreement.municipality.staff.first()
    return issue_link(agreement=agreement, terms=terms, by=by, now=timezone.now())
