"""Lockout: after so many failed logins an account is locked for a while.

The limit counts failures of one user name from one address; four times as many from anywhere together lock
it as well, so that neither one attacker can try for ever nor a colleague be locked out with a few typos from
elsewhere. An unknown user name locks in the same way: the answer does not tell who exists.
"""

from datetime import datetime, timedelta
from math import ceil

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import LoginFailure, StaffMember

_ANYWHERE = 4


class AccountLocked(ValidationError):
    """The account takes no logins until `until`, not even right ones."""

    def __init__(self, until: datetime, now: datetime) -> None:
        minutes = max(1, ceil((until - now) / timedelta(minutes=1)))
        super().__init__(
            f"ログインの失敗が続いたため、ロックされています。約{minutes}分後にもう一度お試しください。"
            "お急ぎのときは、企画課又はシステム管理者にロックの解除を依頼してください。",
            code="locked",
        )
        self.until = until


def begin_attempt(request: HttpRequest, username: str, address: str | None) -> LoginFailure:
    """Count the attempt as failed until `succeeded` says otherwise.

    Counting first keeps the limit also when many processes try at the same moment.
    Raises AccountLocked when the limit is reached.
    """
    now = timezone.now()
    key = _key(username)
    until = _locked_until(key, address, now)
    if until is None:
        LoginFailure.objects.filter(failed_at__lte=now - 2 * settings.RENKEI_LOGIN_LOCK).delete()
        member = StaffMember.objects.filter(username__iexact=username).first()
        attempt = LoginFailure.objects.create(
            login_key=key, staff_member=member, address=address, failed_at=now
        )
        # Whatever is there by now, also of a later moment: it was counted before this attempt.
        period = {"failed_at__gt": now - settings.RENKEI_LOGIN_LOCK}
        if all(failures.filter(**period).count() <= limit for failures, limit in _limits(key, address)):
            return attempt
        attempt.delete()
        until = now + settings.RENKEI_LOGIN_LOCK
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)
    raise AccountLocked(until, now)


def succeeded(attempt: LoginFailure) -> None:
    """The person knew the password: forget the failures of this account at this address."""
    LoginFailure.objects.filter(login_key=attempt.login_key, address=attempt.address).delete()


def locked_until(member: StaffMember) -> datetime | None:
    """Until when somebody, somewhere, cannot log in as this person; None when nobody is kept out."""
    now = timezone.now()
    key = _key(member.username)
    addresses = LoginFailure.objects.filter(login_key=key).values_list("address", flat=True).distinct()
    found = [_locked_until(key, address, now) for address in addresses.order_by()]
    return max(filter(None, found), default=None)


def unlock(member: StaffMember) -> None:
    """Let the person log in again: forgets failed passwords and failed codes of the second factor."""
    forgotten, _ = LoginFailure.objects.filter(login_key=_key(member.username)).delete()
    if forgotten:
        record(AuditKind.CREDENTIAL_CHANGE, target=member, 内容="ログインの失敗の記録を消してロックを解除")
    # Failed codes are counted by allauth, in the shared cache.
    ratelimit.clear(None, action="login_failed", key=f"mfa-auth-user-{member.pk}")  # type: ignore[arg-type]


def _key(username: str) -> str:
    return salted_hmac("municipalities.login.lockout", username.casefold(), algorithm="sha256").hexdigest()


def _limits(key: str, address: str | None) -> list[tuple[QuerySet[LoginFailure], int]]:
    failures = LoginFailure.objects.filter(login_key=key)
    limit = settings.RENKEI_LOGIN_FAILURES
    return [(failures.filter(address=address), limit), (failures, limit * _ANYWHERE)]


def _locked_until(key: str, address: str | None, now: datetime) -> datetime | None:
    """The lock lasts from the failure that reached the limit; attempts while locked prolong nothing."""
    found = []
    for failures, limit in _limits(key, address):
        last = failures.values_list("failed_at", flat=True).first()
        if last is None or now >= last + settings.RENKEI_LOGIN_LOCK:
            continue
        if failures.filter(failed_at__gt=last - settings.RENKEI_LOGIN_LOCK).count() >= limit:
            found.append(last + settings.RENKEI_LOGIN_LOCK)
    return max(found, default=None)
