"""One POST to an address that a manager typed: to that address and no other, for seconds and not longer.

The name is resolved once, every address behind it is looked at, and the connection goes to the one that was
looked at: a name that changes its mind in between leads nowhere else. Redirects are not followed.
"""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from agreements.domain.webhooks import BadAddress, Target, may_reach, read_url

_STEP_SECONDS = 5
"""For the connection and for each wait on the other side."""

_WHOLE_SECONDS = 10
"""For everything after the name is resolved: who answers byte by byte is cut off."""

_READ = 2_000
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; without a `status` nothing was answered. `error` is for people, in Japanese."""

    status: int | None
    error: str = ""

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Send it once. Whatever goes wrong is an `Outcome`."""
    try:
        target = read_url(url, https_only=settings.RENKEI_WEBHOOK_HTTPS_ONLY)
        address = _resolve(target)
    except BadAddress as error:
        return Outcome(None, str(error))
    connection = _connection(target, address)
    timer = threading.Timer(_WHOLE_SECONDS, _cut_off, [connection])
    timer.daemon = True
    timer.start()
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        response = connection.getresponse()
        response.read(_READ)
        return _read(response.status)
    except ssl.SSLCertVerificationError:
        return Outcome(None, "サーバー証明書を確かめられませんでした。")
    except TimeoutError:
        return Outcome(None, "時間内に応答がありませんでした。")
    except ConnectionRefusedError:
        return Outcome(
            None, "送り先に接続を断られました。送り先が動いているか、ポートが正しいかを確かめてください。"
        )
    except ssl.SSLError:
        return Outcome(None, "暗号化した通信を始められませんでした。")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Outcome(None, f"つながりませんでした（{type(error).__name__}）。")
    finally:
        timer.cancel()
        connection.close()


def _read(status: int) -> Outcome:
    if status in _REDIRECTS:
        return Outcome(
            status, "別のアドレスへの転送が返りました。転送には従いません。URLを確かめてください。"
        )
    if 200 <= status < 300:
        return Outcome(status)
    return Outcome(status, f"{status} が返りました。")


def _resolve(target: Target) -> str:
    """The address to connect to. Raises `BadAddress` when there is none, or any that must not be reached."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadAddress("送り先のホスト名が見つかりませんでした。") from error
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(may_reach(each, settings.RENKEI_WEBHOOK_NETWORKS) for each in addresses):
        raise BadAddress(
            "送り先が内部のネットワークのアドレスです。"
            "送るには、システム管理者が設定（WEBHOOK_NETWORKS）で許可します。"
        )
    return addresses[0]


def _connection(target: Target, address: str) -> http.client.HTTPConnection:
    """To this address, while name and certificate stay those of the host."""
    connection: Any
    if target.is_secure:
        connection = http.client.HTTPSConnection(
            target.host, target.port, timeout=_STEP_SECONDS, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(target.host, target.port, timeout=_STEP_SECONDS)
    # http.client opens its connections through this: the name is not resolved a second time.
    connection._create_connection = lambda _, timeout, source: socket.create_connection(
        (address, target.port), timeout, source
    )
    return connection


def _cut_off(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
