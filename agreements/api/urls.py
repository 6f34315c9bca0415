"""Addresses below /api/v1/. Every operation is wrapped in its entrance: public, or internal with a token."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from django.urls import URLPattern, path

from . import entrance
from .documentation import ApiDocumentationView, ApiRootView
from .v1 import api

app_name = "api"


@cache
def _parameters() -> dict[str, frozenset[str]]:
    """Of each path of the OpenAPI document the conditions that its GET takes."""
    paths = api.get_openapi_schema(path_prefix="")["paths"]
    return {
        route.strip("/"): frozenset(
            each["name"] for each in operations.get("get", {}).get("parameters", ()) if each["in"] == "query"
        )
        for route, operations in paths.items()
    }


def _names(route: str) -> frozenset[str]:
    return _parameters().get(route, frozenset())


def _wrapped(pattern: Any) -> URLPattern:
    route = str(pattern.pattern).replace("<", "{").replace(">", "}")
    way: Callable[..., Any] = entrance.internal if route.startswith("internal/") else entrance.public
    view = way(pattern.callback, partial(_names, route))
    return URLPattern(pattern.pattern, view, pattern.default_args, pattern.name)


_of_ninja: Any = api.urls[0]
urlpatterns = [
    path("", ApiRootView.as_view(), name="api-root"),
    path("docs/", ApiDocumentationView.as_view(), name="documentation"),
    *(_wrapped(pattern) for pattern in _of_ninja if pattern.name != "api-root"),
]
