"""How often one visitor may ask public pages what no cache can answer."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver
from django.utils import timezone

from municipalities import rates


def too_often(request: HttpRequest) -> HttpResponse | None:
    """The page that says so (429, with the seconds to wait); None while the visitor may ask."""
    visitor = rates.visitor(request.META.get("REMOTE_ADDR"))
    limit = settings.RENKEI_PUBLIC_SEARCHES_PER_MINUTE
    rate = rates.count(f"public-search:{visitor}", limit=limit, now=timezone.now())
    if not rate.is_exceeded:
        return None
    response: HttpResponse = get_resolver().resolve_error_handler(429)(request)
    response.headers["Retry-After"] = str(rate.reset)
    response.headers["Cache-Control"] = "no-store"
    return response
