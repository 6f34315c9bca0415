"""Verbs about API tokens: issue, revoke, recognise."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .audit import record
from .choices import ApiScope, AuditKind
from .models import ApiReply, ApiToken, Municipality, StaffMember
from .models.api_token import hash_of, new_text

LONGEST = timedelta(days=3 * 366)
"""A token without an end would be forgotten with the system it was made for."""

_SEEN_STEP = timedelta(minutes=1)
_REPLIES_KEPT = timedelta(days=1)


@transaction.atomic
def issue_token(
    *, municipality: Municipality, name: str, scopes: list[str], expires_on: date, by: StaffMember
) -> tuple[ApiToken, str]:
    """A new token, and its text, which is kept nowhere."""
    text, prefix = new_text()
    token = ApiToken.objects.create(
        municipality=municipality,
        name=name,
        prefix=prefix,
        token_hash=hash_of(text),
        scopes=scopes,
        expires_on=expires_on,
        created_by=by,
    )
    record(
        AuditKind.CREDENTIAL_CHANGE,
        actor=by,
        target=token,
        内容="APIトークンを発行",
        できること=[str(ApiScope(scope).label) for scope in scopes],
        有効期限=expires_on.isoformat(),
    )
    return token, text


@transaction.atomic
def revoke_token(*, token: ApiToken, by: StaffMember, now: datetime) -> None:
    """The token opens nothing from now on. Revoking twice is harmless; the way back is a new token."""
    stored = ApiToken.objects.select_for_update().get(pk=token.pk)
    if stored.revoked_at is not None:
        return
    stored.revoked_at, stored.revoked_by = now, by
    stored.save(update_fields=["revoked_at", "revoked_by", "updated_at"])
    record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=stored, 内容="APIトークンを失効")


def token_behind(text: str, *, now: datetime, address: str | None) -> ApiToken | None:
    """The token with this text if it may be used; that it was used is noted once a minute at most."""
    found = ApiToken.objects.usable(timezone.localdate(now)).with_text(text)
    token = found.select_related("municipality").first()
    if token is not None and (token.last_used_at is None or token.last_used_at <= now - _SEEN_STEP):
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - _SEEN_STEP)
        seen = ApiToken.objects.filter(stale, pk=token.pk)
        seen.update(last_used_at=now, last_used_address=address or None)
    return token


def clean_replies(*, now: datetime) -> int:
    """Forget answers that nobody asks for again; returns how many."""
    return ApiReply.objects.filter(created_at__lte=now - _REPLIES_KEPT).delete()[0]
