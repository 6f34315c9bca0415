"""Our error pages: in the site's look, without internals, with an id that the log also has.

Someone who reports 「エラー番号 7K3F-92QA」 lets the administrator find the very line of the log.
"""

import logging
import secrets
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist, loader
from django.utils.encoding import escape_uri_path

from .public_pages import PREFIX

logger = logging.getLogger("renkei.errors")

# Without the letters and digits that are confused on the telephone (0 O, 1 I L, …).
_ALPHABET = "23456789ACDEFGHJKMNPQRSTUVWXYZ"
_PUBLIC_TITLES = {
    HTTPStatus.NOT_FOUND: "ページが見つかりません",
    HTTPStatus.TOO_MANY_REQUESTS: "検索の回数が多すぎます",
}
_API = "/api/"
_TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    too_large = isinstance(exception, _TOO_LARGE)
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST
    return error_page(request, status, reason=type(exception).__name__)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, HTTPStatus.FORBIDDEN, reason=type(exception).__name__)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(request, HTTPStatus.FORBIDDEN, reason=reason)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, HTTPStatus.NOT_FOUND, reason=type(exception).__name__)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Called by allauth when a rate is exceeded."""
    return error_page(request, HTTPStatus.TOO_MANY_REQUESTS)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of last resort: rendered without context processors, hence without the database."""
    error_id = new_error_id()
    _log(logging.ERROR, HTTPStatus.INTERNAL_SERVER_ERROR, request, error_id, exc_info=True)
    if request.path.startswith(_API):
        return _for_programs(HTTPStatus.INTERNAL_SERVER_ERROR, error_id)
    try:
        body: str = loader.render_to_string("500.html", {"error_id": error_id})
    except Exception:  # whatever is broken, the person still gets an answer and the id
        logger.exception("500.html cannot be rendered (%s)", error_id)
        body = (
            f"<!DOCTYPE html><html lang=ja><title>システムエラー</title><h1>システムエラー</h1><p>{error_id}"
        )
    return HttpResponse(body, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def error_page(request: HttpRequest, status: int, *, reason: str = "") -> HttpResponse:
    """Log and render the page of an HTTP status; one without a page of its own gets the one of 400."""
    error_id = new_error_id()
    _log(logging.INFO, status, request, error_id, reason=reason)
    if request.path.startswith(_API):
        return _for_programs(status, error_id)
    if request.path_info.startswith(PREFIX) and status in _PUBLIC_TITLES:
        # In the look of the pages for everyone, which know nobody.
        context = {"page_title": _PUBLIC_TITLES[HTTPStatus(status)], "error_id": error_id}
        return HttpResponse(loader.render_to_string(f"public/{int(status)}.html", context), status=status)
    try:
        template = loader.get_template(f"{int(status)}.html")
    except TemplateDoesNotExist:
        template = loader.get_template("400.html")
    return HttpResponse(template.render({"error_id": error_id}, request), status=status)


def _for_programs(status: int, error_id: str) -> HttpResponse:
    """What the API did not answer itself, in the shape of its answers (`agreements.api.answers`)."""
    words = {404: "このアドレスにはAPIがありません。", 413: "送られたものが大きすぎます。"}
    usual = "システムエラーが起きました。" if status >= 500 else "受け付けられない依頼です。"
    detail = f"{words.get(int(status), usual)}エラー番号 {error_id}"
    return JsonResponse(
        {"detail": detail, "errors": []}, status=status, json_dumps_params={"ensure_ascii": False}
    )


def new_error_id() -> str:
    """Eight characters (39 bits) in two groups, easy to read out."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _log(
    level: int, status: int, request: HttpRequest, error_id: str, *, reason: str = "", exc_info: bool = False
) -> None:
    """One line with the id. The query string stays out of the log: it can hold what people typed."""
    where = f"{request.method} {escape_uri_path(request.path)}"
    details = {"error_id": error_id, "status": int(status), "reason": reason}
    logger.log(level, "%s %d %s %s", error_id, status, where, reason, extra=details, exc_info=exc_info)
