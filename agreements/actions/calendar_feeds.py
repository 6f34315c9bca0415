"""Issue, renew and revoke the secret address of a calendar."""

from datetime import datetime

from django.db import transaction

from agreements.models import CalendarFeed
from agreements.models.calendar_feed import hash_of, new_token
from municipalities.audit.recording import record
from municipalities.choices import AuditKind
from municipalities.models import Department, StaffMember


@transaction.atomic
def issue_feed(*, owner: StaffMember | Department, by: StaffMember, now: datetime) -> str:
    """A new address for this calendar; the former one is dead. Returns the token, which is not kept."""
    token = new_token()
    key = {"person": owner} if isinstance(owner, StaffMember) else {"department": owner}
    feed, _ = CalendarFeed.objects.update_or_create(
        **key,
        defaults={"token_hash": hash_of(token), "issued_at": now, "issued_by": by, "revoked_at": None},
    )
    record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=feed, 内容="カレンダーのアドレスを発行")
    return token


@transaction.atomic
def revoke_feed(*, feed: CalendarFeed, by: StaffMember, now: datetime) -> None:
    """The address is dead from now on. Revoking twice is harmless."""
    if feed.revoked_at is None:
        feed.revoked_at = now
        feed.save(update_fields=["revoked_at", "updated_at"])
        record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=feed, 内容="カレンダーのアドレスを停止")


@transaction.atomic
def show_holidays(*, feed: CalendarFeed, shown: bool) -> None:
    feed.with_holidays = shown
    feed.save(update_fields=["with_holidays", "updated_at"])
