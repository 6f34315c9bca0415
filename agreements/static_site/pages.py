"""The public pages as a visitor gets them, without a server, a cache or a session."""

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, get_script_prefix, resolve

from .layout import HOST, Address


class SiteRequest(HttpRequest):
    """The question of nobody in particular."""

    def __init__(self, address: Address) -> None:
        super().__init__()
        self.method = "GET"
        self.path = address.path
        self.path_info = _below_prefix(address.path)
        self.GET = QueryDict(address.query)
        self.META = {"REQUEST_METHOD": "GET", "QUERY_STRING": address.query, "PATH_INFO": self.path_info}

    def get_host(self) -> str:
        return HOST

    def _get_scheme(self) -> str:
        return "https"


@lru_cache(maxsize=50_000)
def view_of(path: str) -> ResolverMatch | None:
    """The public view of this path; None: there is none that belongs into a static site."""
    try:
        match = resolve(_below_prefix(path))
    except Resolver404:
        return None
    return match if hasattr(getattr(match.func, "view_class", None), "static_site") else None


def view_class_of(path: str) -> Any:
    match = view_of(path)
    return match.func.view_class if match else None  # type: ignore[attr-defined]


def exists(path: str) -> bool:
    """Whether any view answers, a public one or not."""
    try:
        resolve(_below_prefix(path))
    except Resolver404:
        return False
    return True


def is_listing(path: str) -> bool:
    """Whether the page is a list whose filters are those of the search."""
    return getattr(view_class_of(path), "is_listing", False)


def fetch(address: Address, site: Any) -> HttpResponseBase:
    """The answer of the public view, made for this site. Raises `Http404`."""
    match = view_of(address.path)
    if match is None:
        raise Http404("not a public page")
    func: Any = match.func
    view = func.view_class.as_view(**{**func.view_initkwargs, "static_site": site})
    return view(SiteRequest(address), *match.args, **match.kwargs)


def _below_prefix(path: str) -> str:
    return f"/{path.removeprefix(get_script_prefix())}"
