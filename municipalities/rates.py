"""How often somebody may ask: counted in the shared cache, in windows of a minute."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.core.cache import cache
from django.utils.crypto import salted_hmac

WINDOW = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a count stands in its window, which ends in `reset` seconds."""

    limit: int
    count: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(self.limit - self.count, 0)

    @property
    def is_exceeded(self) -> bool:
        return self.count > self.limit


def visitor(address: str | None) -> str:
    """Who asks without a name: an address (of IPv6 its network), as a digest: the cache tells nobody who."""
    text = address or ""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:  # a socket of the server in front
        pass
    else:
        if found.version == 6:
            text = str(ipaddress.ip_network((found, 64), strict=False))
    return salted_hmac("municipalities.rates", text, algorithm="sha256").hexdigest()[:24]


def count(key: str, *, limit: int, now: datetime) -> Rate:
    """Count one more under this key; counting comes first, so that many at once do not slip through."""
    return _rate(key, limit, now, 1)


def look(key: str, *, limit: int, now: datetime) -> Rate:
    """Where the count stands, without counting."""
    return _rate(key, limit, now, 0)


def _rate(key: str, limit: int, now: datetime, more: int) -> Rate:
    moment = now.timestamp()
    window = int(moment // WINDOW)
    reset = max(1, ceil((window + 1) * WINDOW - moment))
    name = f"rate:{key}:{window}"
    if not more:
        return Rate(limit, cache.get(name, 0), reset)
    cache.add(name, 0, WINDOW * 2)
    try:
        return Rate(limit, cache.incr(name), reset)
    except ValueError:  # thrown out of the cache between the two
        cache.set(name, 1, WINDOW * 2)
        return Rate(limit, 1, reset)
