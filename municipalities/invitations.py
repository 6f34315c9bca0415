"""The link by which a new staff member sets the first password.

The link is a signed token: nothing secret is stored. It names the present (unusable) password of the
account, so it works until a password is set, dies when a newer invitation is made, and outlives a
rotation of the secret key (`SECRET_KEY_FALLBACKS`).
"""

import hashlib
from datetime import timedelta

from django.core import signing

from .models import StaffMember

VALID_FOR = timedelta(days=14)
_SALT = "municipalities.invitation"


class InvitationRefused(ValueError):
    """The link is altered, too old, used, replaced, or its account is disabled: one answer for all."""


def token_for(member: StaffMember) -> str:
    return signing.dumps({"member": member.pk, "account": _account(member)}, salt=_SALT)


def invited_member(token: str) -> StaffMember:
    """The person a link was made for. Raises `InvitationRefused`."""
    try:
        invitation = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.BadSignature as error:
        raise InvitationRefused from error
    member = StaffMember.objects.filter(pk=invitation["member"], is_active=True).first()
    if member is None or member.has_usable_password() or invitation["account"] != _account(member):
        raise InvitationRefused
    return member


def _account(member: StaffMember) -> str:
    """Names the account's present password without telling it."""
    return hashlib.sha256(f"{_SALT}:{member.pk}:{member.password}".encode()).hexdigest()[:20]
