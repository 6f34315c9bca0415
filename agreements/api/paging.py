"""Pages by cursor: opaque, and no row comes twice or is passed over while others come and go."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from agreements.models.keyset import BAD_CURSOR, GONE, LAST, paginate

from .answers import Problem, answer

_BAD = "続きの位置が正しくありません。前の応答の next の値を、条件を変えずに使ってください。"
_SALT = "agreements.api.cursor"


def page_of(
    request: HttpRequest, rows: QuerySet, cursor: str, limit: int, show: Callable[[Any], list[Any]]
) -> HttpResponse:
    """The page behind the cursor; `show` makes the results of a page (a `KeysetPage`)."""
    if cursor in {LAST, "1"}:  # what our own lists of pages know besides
        raise bad_cursor()
    page = paginate(rows, cursor, size=limit)
    if page.notice == BAD_CURSOR:
        raise bad_cursor()
    if page.notice == GONE:  # what stood behind has gone: the end, not the last page once more
        return listed(request, [], "")
    return listed(request, show(page), page.next)


def page_of_keys(keys: Sequence[int], cursor: str, limit: int) -> tuple[Sequence[int], str]:
    """The same for keys in ascending order that are at hand; the page, and the cursor of the next one."""
    start = bisect_right(keys, _read(cursor)) if cursor else 0
    page = keys[start : start + limit]
    return page, _write(page[-1]) if start + limit < len(keys) else ""


def listed(request: HttpRequest, results: list[Any], cursor: str) -> HttpResponse:
    headers = {}
    if cursor:
        query = request.GET.copy()
        query["cursor"] = cursor
        address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        headers["Link"] = f'<{address}>; rel="next"'
    return answer({"results": results, "next": cursor or None}, headers=headers)


def bad_cursor() -> Problem:
    return Problem(422, "指定に誤りがあります。", [("cursor", _BAD)])


def _write(key: int) -> str:
    return urlsafe_base64_encode(f"{key}:{_seal(key)}".encode())


def _read(cursor: str) -> int:
    try:
        text, _, seal = urlsafe_base64_decode(cursor).decode().partition(":")
        key = int(text[:19])
    except ValueError as error:
        raise bad_cursor() from error
    if not constant_time_compare(seal, _seal(key)):
        raise bad_cursor()
    return key


def _seal(key: int) -> str:
    return salted_hmac(_SALT, str(key), algorithm="sha256").hexdigest()[:8]
