import hashlib
import hmac
import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.webhooks import (
    WAITS,
    BadAddress,
    Target,
    may_reach,
    next_try,
    read_url,
    signature,
)

INSIDE = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))
NOW = datetime(2026, 10, 1, tzinfo=UTC)


def test_url_is_read_into_where_it_leads():
    assert read_url("https://example.jp/hook?a=1", https_only=True) == Target(
        True, "example.jp", 443, "/hook?a=1"
    )
    assert read_url("http://portal:8080", https_only=False) == Target(False, "portal", 8080, "/")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.jp/", "https://"),
        ("ftp://example.jp/", "https://"),
        ("https:///hook", "https://"),
        ("https://user:pass@example.jp/", "パスワード"),
        ("https://example.jp/#part", "形"),
        ("https://example.jp:99999/", "形"),
        ("https://[::1/", "形"),
        ("https://例え.jp/", "半角"),
        ("https://example.jp/a b", "半角"),
        ("https://example.jp/\r\nX: y", "半角"),
        ("", "https://"),
    ],
)
def test_url_that_leads_nowhere_good_is_refused(url, words):
    with pytest.raises(BadAddress, match=words):
        read_url(url, https_only=True)


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_refused(text):
    for url in (text, f"https://{text}", f"https://example.jp{text}"):
        try:
            target = read_url(url, https_only=True)
        except BadAddress:
            continue
        assert target.is_secure
        assert target.host
        assert 0 < target.port < 65_536
        assert target.path.isascii()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "no address",
    ],
)
def test_inside_is_not_reached(address):
    assert not may_reach(address, ())


def test_named_networks_and_the_internet_are_reached():
    assert may_reach("203.0.114.9", ())
    assert may_reach("2001:4860:4860::8888", ())
    assert may_reach("10.1.2.3", INSIDE)
    assert may_reach("fd00::1", INSIDE)
    assert may_reach("::ffff:10.1.2.3", INSIDE)
    assert not may_reach("192.168.1.1", INSIDE)
    assert not may_reach("169.254.169.254", INSIDE)


@given(st.ip_addresses())
def test_no_private_address_is_reached_in_any_spelling(address):
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not may_reach(str(address), ())
        if address.version == 4:
            assert not may_reach(f"::ffff:{address}", ())


@given(st.text(min_size=1), st.integers(0, 2**33), st.binary())
def test_signature_is_the_documented_one_and_binds_the_time(secret, timestamp, body):
    secret = secret.encode("utf-8", "ignore").decode()
    expected = hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256).hexdigest()
    assert signature(secret, timestamp, body) == expected
    assert signature(secret, timestamp + 1, body) != expected


def test_waits_grow_from_a_minute_to_a_day_and_end():
    times = [next_try(attempts, NOW) - NOW for attempts in range(1, len(WAITS) + 1)]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (timedelta(minutes=1), timedelta(days=1))
    assert next_try(len(WAITS) + 1, NOW) is None
