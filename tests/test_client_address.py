import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from config.proxy import ClientAddressMiddleware


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("10.0.0.1, 203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("203.0.113.7, <script>", "127.0.0.1"),
        ("", "127.0.0.1"),
        (None, "127.0.0.1"),
    ],
)
def test_address_is_what_the_proxy_saw(settings, forwarded, address):
    settings.RENKEI_BEHIND_PROXY = True
    request = RequestFactory().get("/", headers={} if forwarded is None else {"X-Forwarded-For": forwarded})
    ClientAddressMiddleware(lambda _: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address


def test_header_counts_for_nothing_without_a_proxy(settings):
    settings.RENKEI_BEHIND_PROXY = False
    with pytest.raises(MiddlewareNotUsed):
        ClientAddressMiddleware(lambda _: HttpResponse())
