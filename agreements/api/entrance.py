"""The way in of every request: may it be asked so, how often, and does the asker know the answer already?"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date

from agreements.views.public_pages import current_stamp
from municipalities import rates

from .answers import Problem, refusal
from .auth import refuse_if_exceeded

View = Callable[..., HttpResponseBase]
_LONGEST_BODY = 100_000
_EXPOSED = "ETag, Last-Modified, Link, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
_SHARED = "public, max-age=60, must-revalidate"
_READING = ("GET", "HEAD")
# What is refused before one of our operations is asked.
_OF_THE_FRAMEWORK = {405: "この方法では受け付けていません。", 412: "If-Match などの前提が合いません。"}


def public(view: View, names: Callable[[], frozenset[str]]) -> View:
    """For everyone: the same for all, from any page, kept by caches. Only reading."""

    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "OPTIONS":  # a browser asks whether a page elsewhere may send If-None-Match
            return HttpResponse(
                status=204,
                headers={
                    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
                    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
                    "Access-Control-Max-Age": "86400",
                },
            )
        visitor = rates.visitor(request.META.get("REMOTE_ADDR"))
        rate = rates.count(f"api:{visitor}", limit=settings.RENKEI_API_PUBLIC_RATE, now=timezone.now())
        refuse_if_exceeded(request, rate)
        if request.method not in _READING:
            raise Problem(
                405, "この情報は、読み取るだけです（GET）。", headers={"Allow": "GET, HEAD, OPTIONS"}
            )
        stamp, changed_at = current_stamp()
        text = f"{request.get_full_path()}|{request.get_host()}|{stamp}|{timezone.localdate()}"
        etag = f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        _refuse_unknown(request, names())
        early = get_conditional_response(request, etag=etag)
        response = early or view(_as_get(request), *args, **kwargs)
        if response.status_code in {200, 304}:
            response.headers["ETag"], response.headers["Cache-Control"] = etag, _SHARED
            if changed_at and response.status_code == 200:
                response.headers["Last-Modified"] = http_date(changed_at.timestamp())
        return response

    def finish(response: HttpResponseBase) -> None:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"

    return _opened(view, enter, finish)


def internal(view: View, names: Callable[[], frozenset[str]]) -> View:
    """For tokens. What an answer hands out is recorded then, and not when it is known already (304)."""

    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > _LONGEST_BODY:
            raise Problem(413, f"本文は{_LONGEST_BODY // 1000}キロバイト以内で送ってください。")
        is_reading = request.method in _READING
        _refuse_unknown(request, names() if is_reading else frozenset())
        response = view(_as_get(request) if is_reading else request, *args, **kwargs)
        if is_reading and response.status_code == 200 and isinstance(response, HttpResponse):
            digest = hashlib.sha256(response.content).hexdigest()[:32]
            response.headers.setdefault("ETag", f'W/"{digest}"')
            known = get_conditional_response(request, etag=response["ETag"], response=response)
            if known is not None and known is not response:
                return known
        if response.status_code < 300:
            for record in getattr(request, "api_records", ()):
                record()
        return response

    def finish(response: HttpResponseBase) -> None:
        response.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Authorization"])

    return _opened(view, enter, finish)


def record_when_answered(request: HttpRequest, record: Callable[[], Any]) -> None:
    """Have this called when the answer goes out."""
    request.api_records = [*getattr(request, "api_records", ()), record]  # type: ignore[attr-defined]


def _opened(view: View, enter: View, finish: Callable[[HttpResponseBase], None]) -> View:
    @wraps(view)
    def entrance(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_head = request.method == "HEAD"
        try:
            response = enter(request, *args, **kwargs)
        except Problem as problem:
            response = refusal(problem)
        words = _OF_THE_FRAMEWORK.get(response.status_code)
        if words and not response.get("Content-Type", "").startswith("application/json"):
            headers = {"Allow": response["Allow"]} if "Allow" in response else {}
            response = refusal(Problem(response.status_code, words, headers=headers))
        rate = getattr(request, "api_rate", None)
        if rate is not None:
            response.headers["RateLimit-Limit"] = str(rate.limit)
            response.headers["RateLimit-Remaining"] = str(rate.remaining)
            response.headers["RateLimit-Reset"] = str(rate.reset)
        finish(response)
        if is_head and isinstance(response, HttpResponse):
            request.method = "HEAD"
            response.headers["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    # No cookie gets here (`config.public_pages`), so there is no session that a forged request could use.
    entrance.csrf_exempt = True  # type: ignore[attr-defined]
    entrance.login_required = False  # type: ignore[attr-defined]
    return entrance


def _as_get(request: HttpRequest) -> HttpRequest:
    """HEAD is GET without a body, which `_opened` leaves out."""
    if request.method == "HEAD":
        request.method = "GET"
    return request


def _refuse_unknown(request: HttpRequest, names: frozenset[str]) -> None:
    """A condition that is misspelt must not look as if it held."""
    errors = [
        (name[:100], "この条件はありません。綴りを確かめてください。")
        for name in sorted(request.GET)
        if name not in names
    ]
    errors += [
        (name, "同じ条件が2回以上あります。1つにしてください。")
        for name in sorted(request.GET)
        if name in names and len(request.GET.getlist(name)) > 1
    ]
    if errors:
        raise Problem(422, "指定に誤りがあります。", errors)
