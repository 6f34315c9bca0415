"""How often one visitor may ask public pages what no cache can answer: counted for all processes together."""

import hashlib
import ipaddress
import time

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

_MINUTE = 60


def too_often(request: HttpRequest) -> HttpResponse | None:
    """The page that says so (429, with the seconds to wait); None while the visitor may ask."""
    minute, second = divmod(int(time.time()), _MINUTE)
    key = f"public-rate:{_visitor(request)}:{minute}"
    counts = caches["default"]
    counts.add(key, 0, 2 * _MINUTE)
    try:
        asked = counts.incr(key)
    except ValueError:  # pushed out of the cache in between
        asked = 1
    if asked <= settings.RENKEI_PUBLIC_SEARCHES_PER_MINUTE:
        return None
    response: HttpResponse = get_resolver().resolve_error_handler(429)(request)
    response.headers["Retry-After"] = str(_MINUTE - second)
    response.headers["Cache-Control"] = "no-store"
    return response


def _visitor(request: HttpRequest) -> str:
    """A digest of the client's address: the cache tells nobody who searched. IPv6 counts by its network."""
    text = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # a socket of the server in front
        pass
    else:
        if address.version == 6:
            text = str(ipaddress.ip_network((address, 64), strict=False))
    return hashlib.sha256(f"{settings.SECRET_KEY}{text}".encode()).hexdigest()[:24]
