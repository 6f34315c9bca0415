"""What the tests of logging in share: the login form, real codes of an authenticator app, an empty cache."""

import base64
import hmac
import time
from collections.abc import Callable

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from municipalities.models import StaffMember
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of an authenticator app


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def log_in(client: Client, member: StaffMember, password: str = PASSWORD, **more: str) -> HttpResponse:
    query = {"REMOTE_ADDR": more.pop("address")} if "address" in more else {}
    return client.post("/login/", {"login": member.username, "password": password, **more}, **query)


def is_logged_in(client: Client) -> bool:
    """Whether the next page opens."""
    return client.get("/").status_code == 200


def app_code(secret: str = SECRET, at: float | None = None) -> str:
    """What an authenticator app shows: RFC 6238 with 30 seconds and 6 digits."""
    counter = int((time.time() if at is None else at) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter.to_bytes(8), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


def set_up_app(member: StaffMember) -> None:
    TOTP.activate(member, SECRET)


def set_up_recovery_codes(member: StaffMember) -> list[str]:
    return RecoveryCodes.activate(member).get_unused_codes()


@pytest.fixture
def requires_mfa(settings) -> Callable[..., None]:
    def require(*roles: str) -> None:
        settings.RENKEI_MFA_REQUIRED_ROLES = frozenset(roles)

    return require
