"""Mails with notices: each notice is told to each person once, however often and wherever this runs or dies.

Three steps, each of which can be repeated:

1. `refresh_notices`: what is due becomes rows. The unique constraint `notice_once` lets each exist once; what
   no longer holds is closed, and opened again if it comes true again, with its mail remembered.
2. `post_notices`: in one transaction the rows of one person are claimed by a conditional update and the mail
   that tells them is written into the outbox (`NoticeMail`). Of two runs one claims; a run that is killed has
   claimed nothing or left a whole mail.
3. `deliver`: a mail is leased by a conditional update, handed to the mail server, marked as sent. A mail
   whose lease ran out (the run was killed) or that was refused is handed over again at the next run.

That is exactly once up to the mail server. Between its "accepted" and our mark nobody can tell whether a mail
left; it is then handed over again as the very same mail, with the same Message-ID, by which mail servers and
programs recognise a duplicate. The alternative, marking first, would lose a notice deadline instead.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction as database
from django.db.models import F, Max, Q
from django.template.loader import render_to_string

from agreements.choices import NoticeFrequency
from agreements.domain import notices
from agreements.models import Notice, NoticeMail, NoticePreference
from municipalities.models import StaffMember

from .due import collect_due
from .lines import MAIL_LINES, group_lines

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
"""Longer than a mail server may take (`EMAIL_TIMEOUT`)."""

GAP_DAYS = {NoticeFrequency.IMMEDIATE: 0, NoticeFrequency.DAILY: 5, NoticeFrequency.WEEKLY: 7}
"""Days between two mails to one person, unless something is urgent."""


def refresh_notices(*, today: date, now: datetime) -> int:
    """Bring the rows to what is due today; returns how many are new."""
    due = {each.identity: each for each in collect_due(today)}
    stored = {tuple(row[1:]): row[0] for row in Notice.objects.open().values_list("pk", *_IDENTITY)}
    gone = [pk for identity, pk in stored.items() if identity not in due]
    fresh = [each for identity, each in due.items() if identity not in stored]
    for part in _parts(gone):
        Notice.objects.filter(pk__in=part).update(closed_at=now)
    if not fresh:
        return 0
    known = _reopen(fresh)
    new = [each for each in fresh if each.identity not in known]
    rows = [
        Notice(
            recipient_id=each.recipient,
            agreement_id=each.agreement,
            kind=each.due.kind.value,
            object_id=each.object_id,
            due_on=each.due.due_on,
            stage=each.due.stage,
            created_on=today,
        )
        for each in new
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def post_notices(*, today: date, now: datetime) -> int:
    """Write the mails that are due into the outbox; returns how many. Each person's is one transaction."""
    waiting = Notice.objects.unmailed(today).filter(recipient__is_active=True).exclude(recipient__email="")
    found: dict[int, list[tuple[str, date]]] = defaultdict(list)
    for person, kind, due_on in waiting.values_list("recipient", "kind", "due_on").order_by("recipient"):
        found[person].append((kind, due_on))
    if not found:
        return 0
    chosen = dict(NoticePreference.objects.values_list("person", "frequency"))
    last = dict(
        # Mails about saved views tell of no notice and delay none.
        NoticeMail.objects.filter(recipient__in=found, cancelled_at=None, notices__isnull=False)
        .order_by()
        .values_list("recipient")
        .annotate(day=Max("claimed_on"))
    )
    posted = 0
    for person, told in found.items():
        frequency = NoticeFrequency(chosen.get(person, NoticeFrequency.DAILY))
        is_urgent = any(notices.is_urgent(kind, due_on, today) for kind, due_on in told)
        if is_time(frequency, last.get(person), today, is_urgent=is_urgent):
            posted += _post(person, today)
    return posted


def is_time(frequency: NoticeFrequency, last: date | None, today: date, *, is_urgent: bool) -> bool:
    """Whether a person gets a mail today, the last one having been written on `last`."""
    if frequency is NoticeFrequency.NONE:
        return False
    if frequency is NoticeFrequency.IMMEDIATE or last is None:
        return True
    days = (today - last).days
    return days >= 1 if is_urgent else days >= GAP_DAYS[frequency]


@database.atomic
def _post(person: int, today: date) -> bool:
    """Claim what this person is to be told and write the mail; False when another run was faster."""
    # Two runs must not write two mails of one day: the person is the lock.
    recipient = StaffMember.objects.select_for_update().get(pk=person)
    claimed = list(Notice.objects.unmailed(today).filter(recipient=person).select_related("agreement"))
    if not claimed:
        return False
    groups = group_lines(claimed)
    subject, body = _text(recipient, groups, len(claimed), today)
    mail = NoticeMail.objects.create(
        recipient=recipient, address=recipient.email, subject=subject, body=body, claimed_on=today
    )
    for part in _parts([notice.pk for notice in claimed]):
        Notice.objects.filter(pk__in=part, mail=None).update(mail=mail)
    return True


def deliver(*, now: datetime) -> tuple[int, int]:
    """Hand every waiting mail to the mail server; returns how many were sent and how many failed."""
    waiting = NoticeMail.objects.filter(sent_at=None, cancelled_at=None)
    started = monotonic()
    sent = failed = 0
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        # A long run must lease from this moment on, not from its beginning.
        outcome = _deliver_one(pk, now + timedelta(seconds=int(monotonic() - started)))
        sent += outcome is True
        failed += outcome is False
    return sent, failed


def _deliver_one(pk: int, now: datetime) -> bool | None:
    """True: sent; False: refused by the mail server; None: not ours to send (any more)."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    leased = NoticeMail.objects.filter(free, pk=pk, sent_at=None, cancelled_at=None)
    if not leased.update(leased_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    mail = NoticeMail.objects.select_related("recipient").get(pk=pk)
    if not mail.recipient.is_active or not mail.recipient.email:
        NoticeMail.objects.filter(pk=pk).update(cancelled_at=now, leased_until=None)
        logger.info("notice mail %s cancelled: the recipient left", mail.number)
        return None
    try:
        _message(mail).send()
    except OSError as error:  # of the connection, and every SMTPException
        NoticeMail.objects.filter(pk=pk).update(leased_until=None, last_error=str(error)[:300])
        logger.exception("notice mail %s was not sent", mail.number)
        return False
    NoticeMail.objects.filter(pk=pk).update(
        address=mail.recipient.email, sent_at=now, leased_until=None, last_error=""
    )
    logger.info("notice mail %s sent to staff member %s", mail.number, mail.recipient_id)
    return True


def _message(mail: NoticeMail) -> EmailMessage:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"
    headers = {
        "Message-ID": f"<{mail.number}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    return EmailMessage(mail.subject, mail.body, to=[mail.recipient.email], headers=headers)


def _text(recipient: StaffMember, groups: Any, count: int, today: date) -> tuple[str, str]:
    context = {
        "recipient": recipient,
        "groups": groups,
        "count": count,
        "today": today,
        "base_url": settings.RENKEI_BASE_URL,
        "most": MAIL_LINES,
        "most_slice": f":{MAIL_LINES}",
        "minus_most": -MAIL_LINES,
    }
    subject = render_to_string("emails/notices_subject.txt", context).strip()
    return subject, render_to_string("emails/notices.txt", context)


_IDENTITY = ("recipient", "kind", "object_id", "due_on", "stage")


def _reopen(fresh: Iterable[Any]) -> set[tuple]:
    """Open the closed rows among these again; returns the identities of the rows that exist."""
    wanted = {each.identity for each in fresh}
    # As many days as rows at most; the exact match is made here, on few rows.
    candidates = Notice.objects.filter(due_on__in={identity[3] for identity in wanted})
    known = {tuple(row[1:]): row[0] for row in candidates.values_list("pk", *_IDENTITY)}
    again = [known[identity] for identity in wanted & known.keys()]
    for part in _parts(again):
        Notice.objects.filter(pk__in=part).update(closed_at=None)
    return wanted & known.keys()


_PART = 500


def _parts(keys: list[int]) -> Iterable[list[int]]:
    """At most 500 at once: databases limit the parameters of a query."""
    return (keys[start : start + _PART] for start in range(0, len(keys), _PART))


class NotSent(Exception):
    """The mail server refused mails; they wait for the next run."""


def tell_everyone(*, today: date, now: datetime) -> str:
    """All three steps. Raises `NotSent` after everything possible was sent."""
    new = refresh_notices(today=today, now=now)
    posted = post_notices(today=today, now=now)
    sent, failed = deliver(now=now)
    if failed:
        raise NotSent(f"メールを{failed}通送れませんでした（送信{sent}通）。次回にもう一度送ります。")
    return f"新しいお知らせ{new}件、作成したメール{posted}通、送信{sent}通"
