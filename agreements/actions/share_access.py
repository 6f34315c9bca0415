"""How a contact comes in: the link, a code to the mail, then a session that opens this link's pages alone.

Every attempt is counted before it is looked at and locks the link's row, so that the limits hold also when
many processes are asked at the same moment.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from agreements.domain import share_links
from agreements.models import ShareCode, ShareFailure, ShareLink, ShareSession
from agreements.models.share_link import hash_of
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import StaffMember

from .share_links import NotSent, send_to_contact

_SEEN_STEP = timedelta(minutes=1)
_KEPT = timedelta(days=30)


class CodeRefused(ValueError):
    """The code does not open; the message says what to do."""


class Way(StrEnum):
    MAIL = "mail"
    PHONE = "phone"


def link_behind(token: str, *, address: str | None, now: datetime) -> ShareLink | None:
    """The link with this secret part, if it opens. What opens nothing is counted by address.

    From an address that tried too many, nothing opens for a while, not even what is right.
    """
    period = ShareFailure.objects.filter(link=None, address=address, at__gt=now - share_links.PERIOD)
    failed = period.count()
    if failed >= share_links.MOST_FAILED_TOKENS:
        return None
    found = ShareLink.objects.with_token(token).select_related("agreement__municipality", "contact").first()
    if found is not None and ShareLink.objects.open(now).filter(pk=found.pk).exists():
        return found
    ShareFailure.objects.filter(at__lte=now - 2 * share_links.PERIOD).delete()
    ShareFailure.objects.create(address=address, at=now)
    if found is not None:
        record(AuditKind.LOGIN_FAILED, target=found, actor_name=ANYBODY, 段階="使えなくなったリンク")
    elif failed + 1 == share_links.MOST_FAILED_TOKENS:
        record(AuditKind.LOGIN_FAILED, actor_name=ANYBODY, 段階="ない相手方リンクを続けて試した")
    return None


ANYBODY = "相手方リンクを開いた人"


def who(link: ShareLink) -> str:
    """How the audit, which forgets nothing, calls the contact."""
    return f"相手方（{link.contact.audit_label}）"


def send_code(*, link: ShareLink, now: datetime) -> None:
    """Mail the contact a new code; earlier ones are void. Raises `CodeRefused` with what to do instead."""
    if link.code_by_phone or not link.contact.email:
        raise CodeRefused("確認コードは、担当者が電話でお伝えします。")
    code = _new_code(link, now, Way.MAIL)
    if code is None:
        raise CodeRefused("確認コードを続けて送りました。1時間ほどたってから、もう一度お試しください。")
    minutes = share_links.CODE_VALID // timedelta(minutes=1)
    try:
        send_to_contact(link, "share_code", {"code": share_links.grouped(code), "minutes": minutes})
    except NotSent as error:
        raise CodeRefused(
            "メールを送れませんでした。しばらくしてからもう一度お試しください。続くときは、担当者に連絡してください。"
        ) from error
    record(AuditKind.CREDENTIAL_CHANGE, actor_name=who(link), target=link, 内容="確認コードをメールで送信")


@transaction.atomic
def tell_code(*, link: ShareLink, by: StaffMember, now: datetime) -> str | None:
    """A new code for the telephone, shown to this person once; None when there were too many."""
    code = _new_code(link, now, Way.PHONE)
    if code is not None:
        record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=link, 内容="電話で伝える確認コードを表示")
    return code


def enter_code(*, link: ShareLink, text: str, now: datetime) -> str:
    """Begin a session with the right code: one use of the link. Returns the session's secret key.

    Raises `CodeRefused`.
    """
    try:
        typed = share_links.normalise_code(text)
    except ValueError as error:  # nothing that could be a code: no attempt
        raise CodeRefused(str(error)) from error
    refusal, key = _try_code(link, typed, now)
    if refusal:
        record(AuditKind.LOGIN_FAILED, actor_name=who(link), target=link, 段階="確認コード")
        raise CodeRefused(refusal)
    record(AuditKind.LOGIN, actor_name=who(link), target=link)
    return key


@transaction.atomic
def _try_code(link: ShareLink, typed: str, now: datetime) -> tuple[str, str]:
    """What stands in the way, or the key of the new session. What is counted stays counted."""
    ShareLink.objects.select_for_update().get(pk=link.pk)
    recent = ShareFailure.objects.filter(link=link, at__gt=now - share_links.PERIOD)
    if recent.count() >= share_links.MOST_FAILED_CODES:
        oldest = recent.order_by("at").values_list("at", flat=True).first()
        minutes = max(1, ceil(((oldest or now) + share_links.PERIOD - now) / timedelta(minutes=1)))
        return f"間違いが続いたため、いまは入力できません。約{minutes}分後にもう一度お試しください。", ""
    code = ShareCode.objects.filter(link=link, closed_at=None, expires_at__gt=now).first()
    if code is not None and code.tries < share_links.MOST_TRIES_OF_A_CODE:
        ShareCode.objects.filter(pk=code.pk).update(tries=F("tries") + 1)
        if constant_time_compare(code.code_hash, _code_hash(link, typed)):
            return _let_in(link, code, now)
    ShareFailure.objects.create(link=link, at=now)
    again = "電話でもう一度お尋ねください" if link.code_by_phone else "もう一度送ってください"
    return f"確認コードが違うか、期限が切れています。数字を確かめるか、新しいコードを{again}。", ""


def _let_in(link: ShareLink, code: ShareCode, now: datetime) -> tuple[str, str]:
    if not ShareLink.objects.open(now).filter(pk=link.pk).update(uses=F("uses") + 1):
        return "このリンクは使えなくなりました。担当者に連絡してください。", ""
    ShareLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=now)
    ShareCode.objects.filter(pk=code.pk).update(closed_at=now)
    ShareFailure.objects.filter(link=link).delete()
    key = secrets.token_urlsafe(32)
    ShareSession.objects.create(link=link, key_hash=hash_of(key), started_at=now, seen_at=now)
    return "", key


def session_behind(key: str, *, link_id: int, now: datetime) -> ShareSession | None:
    """The session with this key, if it goes on and is of this link."""
    living = ShareLink.objects.alive(now).filter(pk=link_id)
    sessions = ShareSession.objects.with_key(key).going_on(now).filter(link__in=living)
    session = sessions.select_related("link__agreement__municipality", "link__contact__company").first()
    # Writing the time of every request would cost more than it tells.
    if session is not None and now - session.seen_at >= _SEEN_STEP:
        ShareSession.objects.filter(pk=session.pk).update(seen_at=now)
    return session


def leave(*, session: ShareSession, now: datetime) -> None:
    ShareSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now)
    record(AuditKind.LOGOUT, actor_name=who(session.link), target=session.link)


def clean_access(*, now: datetime) -> int:
    """Forget codes, sessions and failures that are long over; returns how many."""
    old = now - _KEPT
    return sum(
        rows.delete()[0]
        for rows in (
            ShareCode.objects.filter(expires_at__lt=old),
            ShareSession.objects.filter(started_at__lt=old),
            ShareFailure.objects.filter(at__lt=old),
        )
    )


@transaction.atomic
def _new_code(link: ShareLink, now: datetime, way: Way) -> str | None:
    """The newest code alone is good. None when there were too many in this period."""
    ShareLink.objects.select_for_update().get(pk=link.pk)
    codes = ShareCode.objects.filter(link=link)
    if codes.filter(at__gt=now - share_links.PERIOD).count() >= share_links.MOST_CODES:
        return None
    codes.filter(closed_at=None).update(closed_at=now)
    code = "".join(secrets.choice("0123456789") for _ in range(share_links.CODE_DIGITS))
    valid = share_links.CODE_VALID_BY_PHONE if way is Way.PHONE else share_links.CODE_VALID
    ShareCode.objects.create(
        link=link,
        code_hash=_code_hash(link, code),
        by_phone=way is Way.PHONE,
        at=now,
        expires_at=now + valid,
    )
    return code


def _code_hash(link: ShareLink, code: str) -> str:
    """Keyed: eight digits alone would be found from their hash at once."""
    return salted_hmac("agreements.share_code", f"{link.pk}:{code}", algorithm="sha256").hexdigest()
