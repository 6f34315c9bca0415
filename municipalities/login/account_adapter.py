"""How allauth treats our accounts: made by managers, locked after failures, with a password of their own."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url

from municipalities.models import StaffMember

from . import lockout


class StaffAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raises `lockout.AccountLocked`, which the login form shows."""
        self._attempt = lockout.begin_attempt(
            request, credentials.get("username", ""), self.get_client_ip(request)
        )

    def authenticate(self, request: HttpRequest, **credentials: Any) -> StaffMember | None:
        member = super().authenticate(request, **credentials)
        if member is not None:
            lockout.succeeded(self._attempt)
        return member  # type: ignore[return-value]

    def set_password(self, user: StaffMember, password: str) -> None:  # type: ignore[override]
        """The person sets it (change, reset): now it is their own."""
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not by someone who logged in a moment ago: they set up the second factor without a detour."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)
