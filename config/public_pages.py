"""Pages for everyone know nobody: no cookie reaches them, none leaves them, and caches may keep them."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port, validate_host
from django.template.loader import render_to_string
from django.urls import reverse

from agreements.models import PublicProfile

PREFIX = "/open/"
PREFIXES = (PREFIX, "/api/")


class PublicPagesMiddleware:
    """Takes the cookies off requests for public pages and the API, before anything looks for a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIXES):
            host = _public_host(request)
            return self._outside(request, host) if host else self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.__dict__.pop("COOKIES", None)
        request.COOKIES = {}
        response = self.get_response(request)
        # Whoever asks gets the same: nothing of the answer depends on a cookie.
        vary = [each.strip() for each in response.get("Vary", "").split(",")]
        kept = [each for each in vary if each and each.lower() not in {"cookie", "hx-request"}]
        del response["Vary"]
        if kept:
            response["Vary"] = ", ".join(kept)
        return response

    @staticmethod
    def _outside(request: HttpRequest, host: str) -> HttpResponse:
        """A host for the public: its first page leads to the municipality's; nothing else is there."""
        if request.path_info == "/" and request.method in {"GET", "HEAD"}:
            code = PublicProfile.objects.filter(host_name=host).values_list("municipality__code", flat=True)
            found = code.first()
            path = reverse("agreements:public-municipality", args=[found]) if found else PREFIX
            return HttpResponseRedirect(path)
        return HttpResponse(
            render_to_string("public/404.html", {"page_title": "ページが見つかりません"}), status=404
        )


def _public_host(request: HttpRequest) -> str:
    """The host, when it is one for public pages alone (`PUBLIC_HOSTS`), whoever has it; else nothing."""
    if not settings.RENKEI_PUBLIC_HOSTS:
        return ""
    host, _port = split_domain_port(request.get_host())
    return host if validate_host(host, settings.RENKEI_PUBLIC_HOSTS) else ""
