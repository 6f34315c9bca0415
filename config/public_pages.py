"""Pages for everyone know nobody: no cookie reaches them, none leaves them, and caches may keep them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFIX = "/open/"


class PublicPagesMiddleware:
    """Takes the cookies off requests for public pages, before anything looks for a session in them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
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
