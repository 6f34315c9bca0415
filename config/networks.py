"""Networks as the environment names them."""

import ipaddress
from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured


def read_networks(texts: Iterable[str]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """ "10.0.0.0/8" and the like. A typo stops the start: it could open or close the wrong door."""
    try:
        return tuple(ipaddress.ip_network(text.strip()) for text in texts if text.strip())
    except ValueError as error:
        raise ImproperlyConfigured(f"WEBHOOK_NETWORKS: {error}") from error
