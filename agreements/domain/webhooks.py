"""Rules of webhooks: what an address may be, how a message is signed, when a failed one is sent again."""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long to wait after the first, the second, … failure; after the last one nothing is tried any more."""

KEPT = timedelta(days=30)
"""What could not be sent for so long is given up: it would tell of a state long gone."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class BadAddress(ValueError):
    """No address to send to; the message says why, in Japanese."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads."""

    is_secure: bool
    host: str
    port: int
    path: str


def read_url(url: str, *, https_only: bool) -> Target:
    """The parts of the URL. Raises `BadAddress`."""
    if not url.isascii() or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise BadAddress("URLは半角の英数字と記号で入力してください（空白も使えません）。")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress("URLの形が正しくありません。") from error
    if parts.scheme not in {"https", "http"} or not host:
        raise BadAddress("URLは https:// から入力してください。")
    if https_only and parts.scheme != "https":
        raise BadAddress("URLは https:// で始まるものにしてください。暗号化されないアドレスには送りません。")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("URLにユーザー名やパスワードを入れないでください。署名で送り元を確かめられます。")
    if parts.fragment or port == 0:
        raise BadAddress("URLの形が正しくありません。")
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(is_secure, host, port or (443 if is_secure else 80), path)


def may_reach(address: str, networks: Iterable[Network]) -> bool:
    """Whether a message may go to this IP address: anywhere on the internet, inside only into `networks`.

    Otherwise a manager could have our server ask its own neighbours (SSRF).
    """
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    candidates = [found, *_inside(found)]
    if any(
        each.version == network.version and each in network for each in candidates for network in networks
    ):
        return True
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in candidates)


def _inside(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    found += address.teredo or ()
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [each for each in found if each is not None]


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over 「timestamp.body」: an old message cannot be sent again under a new time."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to send again after so many failures; None: no more."""
    return now + WAITS[attempts - 1] if 1 <= attempts <= len(WAITS) else None
