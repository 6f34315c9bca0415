"""Give a company's contact a link, remind of it, take it away.

Mails go out when everything is written; one that the mail server refuses is told to whoever asked for it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from agreements.domain import share_links
from agreements.models import Agreement, CompanyContact, ShareDraft, ShareFile, ShareLink
from agreements.models.share_link import hash_of, new_seed, token_from
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import StaffMember

logger = logging.getLogger("renkei.share_links")


class NotSent(Exception):
    """The mail server did not take the mail."""


class TooSoon(ValueError):
    """There was a mail today already."""

    def __init__(self) -> None:
        super().__init__("催促のメールは、1日に1通までです。明日以降にもう一度お試しください。")


@dataclass(frozen=True, kw_only=True)
class LinkTerms:
    """To whom, for what, how long and how often."""

    contact: CompanyContact
    purpose: str
    expires_at: datetime
    max_uses: int
    code_by_phone: bool = False


@transaction.atomic
def issue_link(*, agreement: Agreement, terms: LinkTerms, by: StaffMember, now: datetime) -> ShareLink:
    """A new link; its secret part is `link.token`, to be mailed or shown once."""
    link = ShareLink.objects.create(
        agreement=agreement,
        contact=terms.contact,
        purpose=terms.purpose,
        expires_at=terms.expires_at,
        max_uses=terms.max_uses,
        code_by_phone=terms.code_by_phone,
        created_by=by,
        sent_on=timezone.localdate(now),
    )
    record(
        AuditKind.CREDENTIAL_CHANGE,
        actor=by,
        target=link,
        内容="相手方リンクを発行",
        相手窓口=terms.contact.audit_label,
        有効期限=timezone.localtime(terms.expires_at).isoformat(timespec="minutes"),
    )
    return link


@transaction.atomic
def revoke_link(*, link: ShareLink, by: StaffMember, now: datetime) -> None:
    """The link and everyone who came in with it are out from now on. Revoking twice is harmless.

    What was sent stays. There is no way back, but another link of the same terms: `issue_again`.
    """
    link = ShareLink.objects.select_for_update().get(pk=link.pk)
    if link.revoked_at is not None:
        return
    link.revoked_at, link.revoked_by = now, by
    link.save(update_fields=["revoked_at", "revoked_by", "updated_at"])
    _put_out(link, now)
    record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=link, 内容="相手方リンクを失効")


@transaction.atomic
def issue_again(*, link: ShareLink, by: StaffMember, now: datetime) -> ShareLink:
    """A new link in place of this one, which is revoked: same contact and purpose, as many days and uses.

    What was typed and not sent yet goes along.
    """
    revoke_link(link=link, by=by, now=now)
    days = max((link.expires_at - link.created_at).days, 1)
    terms = LinkTerms(
        contact=link.contact,
        purpose=link.purpose,
        expires_at=share_links.end_of_day(timezone.localtime(now), days),
        max_uses=link.max_uses,
        code_by_phone=link.code_by_phone,
    )
    fresh = issue_link(agreement=link.agreement, terms=terms, by=by, now=now)
    ShareDraft.objects.filter(link=link).update(link=fresh)
    ShareFile.objects.unsent().filter(link=link).update(link=fresh)
    return fresh


@transaction.atomic
def claim_reminder(*, link: ShareLink, by: StaffMember, now: datetime) -> ShareLink:
    """Note that the contact is reminded today; the link to mail is `link.token`. Raises `TooSoon`."""
    link = (
        ShareLink.objects.select_for_update(of=("self",))
        .select_related("contact", "agreement")
        .get(pk=link.pk)
    )
    today = timezone.localdate(now)
    if not share_links.may_remind(sent_on=link.sent_on, reminded_on=link.reminded_on, today=today):
        raise TooSoon
    link.reminded_on = today
    if link.token is None:  # the key it was signed with is gone
        link.seed = new_seed()
        link.token_hash = hash_of(token_from(link.seed))
    link.save()
    record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=link, 内容="相手方リンクの催促")
    return link


@transaction.atomic
def close_links_of(*, contact: CompanyContact, by: StaffMember, now: datetime) -> None:
    """Everything of a contact whose personal data goes."""
    for link in ShareLink.objects.filter(contact=contact, revoked_at=None):
        revoke_link(link=link, by=by, now=now)


def mail_link(*, link: ShareLink, address: str, by: StaffMember, is_reminder: bool = False) -> None:
    """Send the contact the link (`address`, whole). Raises `NotSent`."""
    template = "share_link_reminder" if is_reminder else "share_link"
    send_to_contact(link, template, {"address": address, "by": by})


def send_to_contact(link: ShareLink, template: str, context: dict[str, object]) -> None:
    """Mail `emails/<template>.txt` and its subject to the contact. Raises `NotSent`."""
    context = {"link": link, "agreement": link.agreement, "contact": link.contact, **context}
    subject = render_to_string(f"emails/{template}_subject.txt", context).strip()
    body = render_to_string(f"emails/{template}.txt", context)
    try:
        EmailMessage(subject, body, to=[link.contact.email]).send()
    except OSError as error:  # of the connection, and every SMTPException
        logger.exception("the mail of share link %d was not sent", link.pk)
        raise NotSent from error


def _put_out(link: ShareLink, now: datetime) -> None:
    link.sessions.filter(ended_at=None).update(ended_at=now)  # type: ignore[attr-defined]
    link.codes.filter(closed_at=None).update(closed_at=now)  # type: ignore[attr-defined]
