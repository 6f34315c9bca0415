"""The API put together, and how it says that something is wrong."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from . import internal, progress, public  # noqa: F401  (`progress` adds its operation to `internal`)
from .answers import Problem, refusal
from .wording import spoken_errors

_ABOUT = (
    "公開された協定を、だれでも読み取れます。"
    "庁内のシステムは、自治体が発行したAPIトークンで、自分の自治体の台帳を読み取り、取組の進捗を記録できます。"
)

api = NinjaAPI(
    title="Renkei 連携協定台帳 API",
    version="1.0",
    description=_ABOUT,
    urls_namespace="api",
    docs_url=None,
)
api.add_router("", public.router)
api.add_router("/internal", internal.router)


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(error)


@api.exception_handler(ValidationError)
def on_wrong_input(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(Problem(422, "指定に誤りがあります。", spoken_errors(error.errors)))


@api.exception_handler(HttpError)
def on_unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """What the framework itself refuses: a body that is no JSON."""
    return refusal(Problem(error.status_code, "本文をJSONとして読めません。"))


@api.exception_handler(Http404)
def on_not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(Problem(404, "ありません。番号を確かめてください。"))
