"""Pages for everyone know nobody: no cookie reaches them, none leaves them, and caches may keep them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFIXES = ("/open/", "/api/")


class PublicPagesMiddleware:
    """Takes the cookies off requests for public pages and the API, before anything looks for a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIXES):
            return self.get_response(request)
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
