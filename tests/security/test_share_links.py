"""相手方リンク misused: altered, stolen, expired, used up, revoked, replayed; codes guessed; foreign rows."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.actions.share_access import enter_code, link_behind, tell_code
from agreements.actions.share_links import claim_reminder, issue_again, revoke_link
from agreements.choices import SharePurpose, SubmissionKind
from agreements.domain import share_links
from agreements.models import CompanySubmission, ShareFile, ShareLink, ShareSession
from agreements.models.share_link import hash_of
from municipalities.models import AuditEvent
from tests import sample_files
from tests.conftest import client_of
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    CompanyContactFactory,
    CompanySubmissionFactory,
    ExpectationRoundFactory,
    ExpectationRowFactory,
    ShareFileFactory,
    ShareLinkFactory,
)

from .markup import Markup, header_problems
from .planting import MARKUP, plant

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(fukuoka, editor):
    agreement = AgreementFactory(municipality=fukuoka, department=editor.department, whole=True)
    company = agreement.parties.exclude(company=None).get().company
    contact = CompanyContactFactory(municipality=fukuoka, company=company)
    round_ = ExpectationRoundFactory(agreement=agreement)
    for item in agreement.cooperation_fields.all():
        ExpectationRowFactory(round=round_, item=item)
    return ShareLinkFactory(agreement=agreement, contact=contact, created_by=editor)


def entry(token):
    return reverse("agreements:partner-entry", args=[token])


def home(link):
    return reverse("agreements:partner-home", args=[link.pk])


def code_page(link):
    return reverse("agreements:partner-code", args=[link.pk])


def visitor(link, client=None):
    """A browser that has opened the link."""
    client = client or Client()
    assert client.get(entry(link.token)).status_code == 302
    return client


def sent_code(mailoutbox):
    return re.search(r"\d{4} \d{4}", mailoutbox[-1].body).group()


def contact_in(link, mailoutbox, client=None):
    """A browser whose person has entered the code."""
    client = visitor(link, client)
    client.post(code_page(link), {"send": "1"})
    response = client.post(code_page(link), {"code": sent_code(mailoutbox)})
    assert response.url == home(link)
    return client


def assert_refused(response, link=None):
    """The one page: same status, same words, nothing of the agreement."""
    text = response.content.decode()
    assert response.status_code == 404
    assert "このページは開けません" in text
    assert not Markup(text).problems
    assert not header_problems(response)
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    if link is not None:
        for secret in (link.agreement.title, link.contact.name, link.contact.company.name, link.token):
            assert secret not in text
    return text


# -- The link -----------------------------------------------------------------------------------------
def test_every_dead_link_gets_the_same_page(link, editor):
    now = timezone.now()
    altered = ("0" if link.token[0] != "0" else "1") + link.token[1:]
    dead = {name: ShareLinkFactory(agreement=link.agreement, contact=link.contact) for name in "abcd"}
    ShareLink.objects.filter(pk=dead["a"].pk).update(expires_at=now - timedelta(seconds=1))
    ShareLink.objects.filter(pk=dead["b"].pk).update(uses=20)
    revoke_link(link=dead["c"], by=editor, now=now)
    gone = ShareLinkFactory(
        agreement=link.agreement, contact__ended_on=timezone.localdate() - timedelta(days=1)
    )
    deleted = ShareLinkFactory(agreement__deleted_at=now)
    tokens = [
        altered,
        "x",
        "あ" * 300,
        "0" * 64,
        *(dead[name].token for name in "abc"),
        gone.token,
        deleted.token,
    ]
    texts = {assert_refused(Client().get(entry(token)), link) for token in tokens}
    assert len(texts) == 1
    assert Client().get(entry(dead["d"].token)).status_code == 302
    # Whatever is done to a page without a session gets it too, with or without a link that exists.
    for url in (home(link), code_page(link), reverse("agreements:partner-leave", args=[link.pk])):
        for method in ("get", "post", "put", "delete"):
            assert getattr(Client(), method)(url).status_code == 404
    assert assert_refused(Client().get("/partner/999999999/"), link) in texts


def test_the_database_holds_no_token_and_alone_makes_none(link, settings):
    stored = ShareLink.objects.filter(pk=link.pk).values().get()
    assert link.token not in str(stored)
    assert stored["token_hash"] == hash_of(link.token)
    before = link.token
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of this installation, after a rotation"
    assert ShareLink.objects.get(pk=link.pk).token == before
    settings.SECRET_KEY_FALLBACKS = []
    assert ShareLink.objects.get(pk=link.pk).token is None
    renewed = claim_reminder(link=link, by=link.created_by, now=timezone.now())
    assert renewed.token != before
    assert_refused(Client().get(entry(before)))
    assert Client().get(entry(renewed.token)).status_code == 302


def test_a_stolen_link_shows_nothing_but_the_way_to_the_code(link):
    thief = visitor(link)
    page = thief.get(code_page(link))
    text = page.content.decode()
    for secret in (link.agreement.title, link.contact.name, link.contact.email, link.contact.company.name):
        assert secret not in text
    assert link.token not in text
    assert not header_problems(page)
    response = thief.get(home(link))
    assert response.url == code_page(link)
    assert_refused(thief.post(home(link), {"send": "1"}), link)
    assert not CompanySubmission.objects.exists()


def test_opening_a_link_changes_nothing(link):
    """Mail scanners open every link."""
    before = ShareLink.objects.filter(pk=link.pk).values().get()
    for _ in range(3):
        visitor(link)
    assert ShareLink.objects.filter(pk=link.pk).values().get() == before


def test_guessing_links_is_limited_by_address_and_told_to_the_audit(link):
    for number in range(share_links.MOST_FAILED_TOKENS):
        assert_refused(Client().get(entry(f"{number:064x}")))
    assert_refused(Client().get(entry(link.token)), link)  # right, but from this address
    assert Client(REMOTE_ADDR="198.51.100.7").get(entry(link.token)).status_code == 302
    events = AuditEvent.objects.filter(kind="login_failed", chain__municipality=None)
    assert events.count() == 1
    with_time = timezone.now() + share_links.PERIOD + timedelta(seconds=1)
    assert link_behind(link.token, address="127.0.0.1", now=with_time) == link


# -- The code -----------------------------------------------------------------------------------------
def test_codes_are_guessed_in_vain(link, mailoutbox):
    client = visitor(link)
    client.post(code_page(link), {"send": "1"})
    right = sent_code(mailoutbox)
    wrong = "00000000" if right != "0000 0000" else "11111111"
    for _ in range(share_links.MOST_TRIES_OF_A_CODE):
        assert "確認コードが違うか" in client.post(code_page(link), {"code": wrong}).content.decode()
    # The code is spent; a new one helps, until there were too many failures in all.
    assert "確認コードが違うか" in client.post(code_page(link), {"code": right}).content.decode()
    client.post(code_page(link), {"send": "1"})
    for _ in range(share_links.MOST_FAILED_CODES - share_links.MOST_TRIES_OF_A_CODE - 1):
        client.post(code_page(link), {"code": wrong})
    locked = client.post(code_page(link), {"code": sent_code(mailoutbox)}, REMOTE_ADDR="198.51.100.7")
    assert "間違いが続いた" in locked.content.decode()
    assert not ShareSession.objects.exists()
    assert AuditEvent.objects.filter(kind="login_failed", object_pk=str(link.pk)).count() > 5


def test_codes_are_sent_a_few_times_only(link, mailoutbox):
    client = visitor(link)
    for _ in range(share_links.MOST_CODES + 3):
        client.post(code_page(link), {"send": "1"})
    assert len(mailoutbox) == share_links.MOST_CODES
    assert all(mail.to == [link.contact.email] for mail in mailoutbox)


def test_a_code_opens_once_for_its_own_link_and_not_for_long(link, mailoutbox):
    other = ShareLinkFactory(agreement=link.agreement, contact=link.contact)
    client = visitor(link)
    client.post(code_page(link), {"send": "1"})
    code = sent_code(mailoutbox)
    assert "確認コードが違うか" in visitor(other).post(code_page(other), {"code": code}).content.decode()
    assert client.post(code_page(link), {"code": "１２３"}).status_code == 200
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９")).replace(" ", "－")
    assert client.post(code_page(link), {"code": wide}).url == home(link)
    assert "確認コードが違うか" in visitor(link).post(code_page(link), {"code": code}).content.decode()
    visitor(link).post(code_page(link), {"send": "1"})
    later = timezone.now() + share_links.CODE_VALID
    with pytest.raises(ValueError, match="期限が切れています"):
        enter_code(link=link, text=sent_code(mailoutbox), now=later)


def test_the_mail_with_the_code_tells_nothing_else(link, mailoutbox):
    visitor(link).post(code_page(link), {"send": "1"})
    mail = mailoutbox[-1]
    assert link.agreement.title not in mail.subject + mail.body
    assert link.token not in mail.body


def test_a_code_by_phone_is_not_mailed_and_is_audited(link, mailoutbox, editor_client):
    ShareLink.objects.filter(pk=link.pk).update(code_by_phone=True)
    client = visitor(link)
    page = client.post(code_page(link), {"send": "1"})
    assert "電話" in page.content.decode()
    assert not mailoutbox
    shown = editor_client.post(reverse("agreements:share-link-code", args=[link.pk]))
    code = re.search(r"\d{4} \d{4}", shown.content.decode()).group()
    assert "no-store" in shown["Cache-Control"]
    event = AuditEvent.objects.filter(kind="credential_change").latest("at")
    assert "電話で伝える確認コード" in event.details_text
    assert code not in event.details_text
    assert client.post(code_page(link), {"code": code}).url == home(link)


# -- The session --------------------------------------------------------------------------------------
def test_a_session_is_of_one_link_and_planted_keys_open_nothing(link, mailoutbox):
    other = ShareLinkFactory(agreement=AgreementFactory(), purpose=SharePurpose.PROGRESS)
    planted = Client()
    planted.cookies["renkei_partner"] = "planted-by-somebody"
    planted.cookies["renkei_partner"]["path"] = "/"
    client = contact_in(link, mailoutbox, planted)
    assert client.get(home(link)).status_code == 200
    key = client.cookies["renkei_partner"].value
    assert key != "planted-by-somebody"  # fixation
    fixed = Client()
    fixed.cookies["renkei_partner"] = "planted-by-somebody"
    assert_refused(fixed.get(home(link)), link)
    replayed = Client()
    replayed.cookies["renkei_partner"] = key
    assert_refused(replayed.get(home(other)), other)
    cookie = client.cookies["renkei_partner"]
    assert cookie["path"] == home(link)
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert key not in str(ShareSession.objects.values().get())


@pytest.mark.parametrize(
    "ending", ["revoked", "expired", "idle", "longest", "left", "contact", "agreement", "erased"]
)
def test_a_session_ends_at_once(link, mailoutbox, editor, manager, ending):
    client = contact_in(link, mailoutbox)
    now = timezone.now()
    if ending == "revoked":
        revoke_link(link=link, by=editor, now=now)
    elif ending == "expired":
        ShareLink.objects.update(expires_at=now)
    elif ending == "idle":
        ShareSession.objects.update(seen_at=now - share_links.SESSION_IDLE)
    elif ending == "longest":
        ShareSession.objects.update(started_at=now - share_links.SESSION_LONGEST)
    elif ending == "left":
        kept = client.cookies["renkei_partner"].value
        assert client.post(reverse("agreements:partner-leave", args=[link.pk])).status_code == 200
        client.cookies["renkei_partner"] = kept
    elif ending == "contact":
        link.contact.ended_on = timezone.localdate() - timedelta(days=1)
        link.contact.save()
    elif ending == "agreement":
        link.agreement.deleted_at = now
        link.agreement.save()
    else:
        client_of(manager).post(
            reverse("agreements:contact-erase", args=[link.contact.pk]), {"reason": "請求", "confirmed": "on"}
        )
        link.refresh_from_db()
        assert link.revoked_at
    client.cookies.pop("renkei_partner_link", None)
    assert_refused(client.get(home(link)))
    assert_refused(client.post(home(link), {"send": "1"}))


def test_the_last_use_goes_on_while_a_new_one_is_refused(link, mailoutbox):
    ShareLink.objects.update(max_uses=1)
    client = contact_in(link, mailoutbox)
    assert client.get(home(link)).status_code == 200
    assert_refused(Client().get(entry(link.token)), link)


def test_a_company_has_no_rights_of_staff_and_staff_keep_theirs(link, mailoutbox, editor):
    company = contact_in(link, mailoutbox)
    for url in (reverse("agreements:today"), link.agreement.get_absolute_url(), reverse("admin:index")):
        assert "/login/" in company.get(url).url
    both = client_of(editor)
    session = both.cookies["sessionid"].value
    contact_in(link, mailoutbox, both)
    assert both.get(home(link)).context["user"].is_anonymous
    assert both.cookies["sessionid"].value == session
    assert both.get(reverse("agreements:today")).status_code == 200
    events = AuditEvent.objects.filter(object_model="agreements.sharelink", kind="view_internal")
    assert {(event.actor_id, event.actor_name) for event in events} == {
        (None, f"相手方（相手窓口 {link.contact.pk}）")
    }
    assert link.contact.name not in "".join(f"{e.actor_name}{e.object_label}{e.details_text}" for e in events)


# -- Rows of others -----------------------------------------------------------------------------------
def test_rows_of_another_agreement_in_a_form_change_nothing(link, mailoutbox):
    stranger = ExpectationRowFactory()
    others = ShareFileFactory()
    client = contact_in(link, mailoutbox)
    data = {
        "sender": "見本 花子",
        f"r{stranger.pk}-expects": "ほかの協定",
        f"r{stranger.pk}-cost": "paid",
        "agreement": stranger.round.agreement_id,
        "round": stranger.round_id,
        "submission": "1",
    }
    for row in link.agreement.expectation_rounds.get().rows.all():
        data |= {f"r{row.pk}-expects": "市内での周知", f"r{row.pk}-cost": "free"}
    assert client.post(home(link), {**data, "remove": others.pk}).status_code == 302
    assert ShareFile.objects.filter(pk=others.pk).exists()
    assert client.post(home(link), {**data, "send": "1"}).url.endswith("?sent=1")
    sent = CompanySubmission.objects.get()
    assert (sent.agreement_id, sent.contact_id) == (link.agreement_id, link.contact_id)
    assert str(stranger.pk) not in sent.payload["rows"]


def test_progress_of_another_companys_action_is_neither_shown_nor_taken(link, mailoutbox):
    ShareLink.objects.update(purpose=SharePurpose.PROGRESS)
    link.refresh_from_db()
    mine = link.agreement.actions.get()
    theirs = ActionItemFactory(
        agreement=link.agreement,
        title="他社との取組",
        partner_contact=CompanyContactFactory(municipality=link.agreement.municipality),
    )
    foreign = ActionItemFactory(title="よその協定の取組")
    client = contact_in(link, mailoutbox)
    text = client.get(home(link)).content.decode()
    assert mine.title in text
    assert theirs.title not in text
    assert foreign.title not in text
    data = {"sender": "見本", "send": "1"}
    data |= {f"a{each.pk}-text": "進んだ" for each in (mine, theirs, foreign)}
    assert client.post(home(link), data).url.endswith("?sent=1")
    assert list(CompanySubmission.objects.get().payload["actions"]) == [str(mine.pk)]


def test_a_file_is_known_by_its_content(link, mailoutbox):
    client = contact_in(link, mailoutbox)
    files = [
        SimpleUploadedFile("証跡.pdf", sample_files.pdf()),
        SimpleUploadedFile("偽物.jpg", b"MZ\x90\x00 program"),
        SimpleUploadedFile("page.html", b"<script>x()</script>"),
    ]
    page = client.post(home(link), {"files": files, "save": "1"})
    text = page.content.decode()
    assert "受け取れなかったファイル" in text
    assert list(ShareFile.objects.values_list("original_name", flat=True)) == ["証跡.pdf"]
    assert not Markup(text).problems


def test_issuing_again_kills_the_old_link_and_keeps_the_draft(link, mailoutbox, editor):
    client = contact_in(link, mailoutbox)
    client.post(home(link), {"sender": "途中の人", "save": "1"})
    fresh = issue_again(link=link, by=editor, now=timezone.now())
    assert_refused(Client().get(entry(link.token)), link)
    assert_refused(client.post(home(link), {"save": "1"}), link)
    assert "途中の人" in contact_in(fresh, mailoutbox).get(home(fresh)).content.decode()


def test_tell_code_is_limited(link, editor):
    now = timezone.now()
    told = [tell_code(link=link, by=editor, now=now) for _ in range(share_links.MOST_CODES + 1)]
    assert told[-1] is None
    assert all(told[:-1])


def test_no_page_around_a_link_runs_what_stands_in_the_data(link, mailoutbox, editor):
    client = contact_in(link, mailoutbox)
    report = CompanySubmissionFactory(
        agreement=link.agreement,
        round=None,
        kind=SubmissionKind.PROGRESS,
        contact=link.contact,
        payload={
            "actions": {
                str(link.agreement.actions.get().pk): {"on": MARKUP[0], "value": "1", "text": MARKUP[0]}
            }
        },
    )
    AnnualReportFactory(agreement=link.agreement)
    ShareFileFactory(link=link, submission=report)
    ShareFileFactory(link=link)
    key = ShareSession.objects.values_list("key_hash", flat=True).get()
    plant(MARKUP)
    ShareSession.objects.update(key_hash=key)
    answers = []
    for purpose in SharePurpose.values:
        ShareLink.objects.update(purpose=purpose)
        answers.append(client.get(home(link)))
        answers.append(client.post(home(link), {"sender": MARKUP[0], "comment": MARKUP[0], "send": "1"}))
    staff = client_of(editor)
    for url in (
        link.agreement.get_absolute_url(),
        reverse("agreements:share-link-create", args=[link.agreement.pk]),
        reverse("agreements:company-report", args=[report.pk]),
    ):
        answers.append(staff.get(url))
    for response in answers:
        if response.status_code == 302:
            continue
        page = Markup(response.content.decode())
        assert response.status_code == 200
        assert page.is_shown
        assert not page.problems
        assert not header_problems(response)
