"""What holds for everyone who is logged in: sessions end, an own password, a second factor where required."""

import time
from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from municipalities.models import StaffMember

from . import mfa_adapter

STARTED = "login_started_at"
SEEN = "login_seen_at"
# Writing the time of every request would cost more than it tells.
_SEEN_STEP = 60

_LOGOUTS = {"account_logout", "logout", "sessions_logout_everywhere"}
_PASSWORD_PAGES = _LOGOUTS | {"account_change_password"}


class SessionLimitMiddleware:
    """Ends a session that nobody used for a while, and every session after some hours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        now = time.time()
        reason = _ended(request, now)
        if reason:
            return _log_out(request, reason, is_open=not getattr(view, "login_required", True))
        if now - request.session.get(SEEN, 0) >= _SEEN_STEP:
            request.session[SEEN] = now
            UserSession.objects.filter(session_key=request.session.session_key).update(
                last_seen_at=timezone.now()
            )
        return None


class PrivatePagesMiddleware:
    """Keeps what a logged-in person saw out of the browser's cache: PCs are shared, and "back" still works.

    A view that says otherwise has its way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_logged_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_logged_in:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class LoginDutyMiddleware:
    """Leads to the page of a duty (new password, second factor); nothing else opens until it is done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        member = request.user
        if not isinstance(member, StaffMember) or not getattr(view, "login_required", True):
            return None
        page = request.resolver_match.view_name if request.resolver_match else ""
        if member.must_renew_password(timezone.now()):
            return None if page in _PASSWORD_PAGES else _lead_to(request, "account_change_password")
        if _lacks_second_factor(request, member):
            if page in _LOGOUTS or page.startswith("mfa_") or page.endswith("reauthenticate"):
                return None
            return _lead_to(request, "mfa_index")
        return None


def _ended(request: HttpRequest, now: float) -> str:
    """Why the session is over; empty while it is not."""
    session = request.session
    if SEEN in session and now - session[SEEN] >= settings.RENKEI_SESSION_IDLE.total_seconds():
        return "しばらく操作がなかったため、ログアウトしました。"
    if STARTED in session and now - session[STARTED] >= settings.SESSION_COOKIE_AGE:
        return "ログインから時間がたったため、ログアウトしました。"
    return ""


def _log_out(request: HttpRequest, reason: str, *, is_open: bool) -> HttpResponse | None:
    """Log out; then the login page, which leads back. A page for everyone just goes on without a login."""
    logout(request)
    if is_open:
        return None
    if request.method != "GET":
        reason += "送信された内容は保存されていません。"
    messages.warning(request, f"{reason}もう一度ログインしてください。")
    return _to_page(request, redirect_to_login(_page_to_return_to(request)))


def _page_to_return_to(request: HttpRequest) -> str:
    """The page the person looks at: around a form that was sent or a part that was fetched."""
    if request.method == "GET" and not request.htmx:  # type: ignore[attr-defined]
        return request.get_full_path()
    around = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(around, {request.get_host()}, require_https=request.is_secure()):
        return around
    return "/"


def _lead_to(request: HttpRequest, page: str) -> HttpResponse:
    return _to_page(request, redirect(page))


def _to_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A whole page, also when only a part of one was asked for."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(response["Location"])
    return response


def _lacks_second_factor(request: HttpRequest, member: StaffMember) -> bool:
    if not mfa_adapter.is_required_of(member):
        return False
    if settings.RENKEI_SIGN_ON_COUNTS_AS_MFA:
        records = get_authentication_records(request, member)
        if any(record["method"] == "socialaccount" for record in records):
            return False
    return not mfa_adapter.is_set_up_by(member)
