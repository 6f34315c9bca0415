"""Requests that no form of ours would send: forged, disguised, oversized, doubled, badly encoded."""

import json
import logging
import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.conftest import client_of
from tests.test_urls import API, ARGUMENTS, OPEN, OWN_LOGIN, PEOPLE, TABLE, URLS, address

from .markup import Markup, header_problems

pytestmark = pytest.mark.django_db
MANAGER = PEOPLE.index("manager")
ELSEWHERE = "https://evil.example/x"
ERROR_ID = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")


def manager_gets(answers: tuple[str, str]) -> tuple[str, str]:
    """The table's answers to GET and POST for the manager."""
    return answers[0].split()[MANAGER], answers[1].split()[MANAGER]


def our_record(caplog):
    """The one line that our error page wrote."""
    return [record for record in caplog.records if record.name == "renkei.errors"][-1]


# -- Forged requests ----------------------------------------------------------------------------------
def test_no_url_is_exempt_from_the_check_of_the_token():
    exempt = [name for name, url in URLS.items() if getattr(url.callback, "csrf_exempt", False)]
    # No cookie reaches the API (`test_api_answers_a_logged_in_person_as_anybody`): nothing could be forged.
    assert {name for name in exempt if name not in API} == set()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_every_url_refuses_a_request_without_the_token(people, rows, method, caplog):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["manager"])
    urls = [address(name, about, rows) for name, about in TABLE]
    urls += [reverse(name, args=ARGUMENTS.get(name, [])) for name in [*OPEN, *OWN_LOGIN]]
    urls += [reverse("admin:index"), reverse("admin:municipalities_staffmember_add")]
    if method != "post":
        urls = urls[::7]  # the check does not look at the URL: a few of each kind tell
    with caplog.at_level(logging.INFO, logger="renkei.errors"):
        for url in urls:
            caplog.clear()
            assert getattr(client, method)(url).status_code == 403, url
            assert "CSRF" in our_record(caplog).reason, url


def test_token_of_one_person_from_another_site_is_refused(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["manager"])
    url = reverse("municipalities:department-create")
    client.get(url)
    data = {"name": "x課", "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    foreign = client.post(url, data, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert client.post(url, data, headers={"origin": "http://testserver"}).status_code in {200, 302}


# -- Disguised methods --------------------------------------------------------------------------------
def test_a_get_stays_a_get_whatever_it_claims_to_be(people, rows):
    client = client_of(people["manager"])
    for (name, about), answers in TABLE.items():
        if manager_gets(answers)[0] == "405":
            url = address(name, about, rows)
            claims = {"x-http-method-override": "POST", "x-method-override": "POST"}
            assert client.get(url, {"_method": "POST"}, headers=claims).status_code == 405, url


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"])
def test_unusual_methods_get_no_further_than_a_post(people, rows, method):
    client = client_of(people["manager"])
    for (name, about), answers in list(TABLE.items())[len(method) % 3 :: 3]:
        url = address(name, about, rows)
        with transaction.atomic():
            status = client.generic(method, url).status_code
            transaction.set_rollback(True)
        assert str(status) in {"403", "404", "405", "409", manager_gets(answers)[1]}, (method, url, status)


# -- Redirects ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("target", [ELSEWHERE, "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_no_step_leads_to_another_site(people, rows, target):
    client = client_of(people["manager"])
    names = ("next", "url", "return", "return_to", "redirect", "back", "HTTP_REFERER")
    wishes = dict.fromkeys(names, target)
    lines = [line for line, answers in TABLE.items() if manager_gets(answers)[1] == "302"]
    assert len(lines) > 15
    for name, about in lines:
        url = address(name, about, rows)
        with transaction.atomic():
            response = client.post(
                f"{url}?next={target}", wishes, headers={"referer": target, "hx-current-url": target}
            )
            transaction.set_rollback(True)
        location = response.get("Location", "/")
        assert not re.match(r"//|/?\\|[a-z]+:", location), (url, location)


@pytest.mark.parametrize("name", ["account_login", "account_logout", "account_reauthenticate", "admin:login"])
@pytest.mark.parametrize("target", [ELSEWHERE, "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_no_page_of_the_login_leads_to_another_site(people, name, target):
    client = client_of(people["system_admin"])
    for response in (
        client.get(reverse(name), {"next": target}),
        client.post(f"{reverse(name)}?next={target}", {"next": target, "password": "kyoutei-test-2026"}),
    ):
        assert not response.get("Location", "/").startswith(("http", "//", "/\\", "javascript"))


# -- Hosts --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", ""]
)
def test_a_host_that_is_not_ours_is_refused(host):
    response = Client().get(reverse("account_login"), headers={"host": host})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


def test_a_forwarded_host_counts_for_nothing(people, mailoutbox):
    people["viewer"].email = "viewer@example.jp"
    people["viewer"].save()
    Client().post(
        reverse("account_reset_password"),
        {"email": "viewer@example.jp"},
        headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
    )
    assert len(mailoutbox) == 1
    assert "evil" not in mailoutbox[0].body
    assert "testserver" in mailoutbox[0].body


# -- Sizes --------------------------------------------------------------------------------------------
def assert_our_error_page(response, status, caplog):
    text = response.content.decode()
    assert response.status_code == status
    assert not Markup(text).problems
    assert not header_problems(response)
    (found,) = ERROR_ID.findall(text)
    assert found == our_record(caplog).error_id


@pytest.mark.parametrize("url", ["account_login", "agreements:split-items", "agreements:company-create"])
def test_too_much_text_gets_our_413(people, url, caplog):
    client = client_of(people["manager"])
    with caplog.at_level(logging.INFO, logger="renkei.errors"):
        response = client.post(reverse(url), {"text": "x" * 3_000_000})
        assert_our_error_page(response, 413, caplog)


def test_too_many_fields_get_our_413(people, caplog):
    client = client_of(people["manager"])
    with caplog.at_level(logging.INFO, logger="renkei.errors"):
        response = client.post(reverse("agreements:company-create"), {f"f{n}": "" for n in range(10_001)})
        assert_our_error_page(response, 413, caplog)
        query = "&".join(f"a{n}=" for n in range(10_001))
        assert_our_error_page(client.get(f"{reverse('agreements:agreement-list')}?{query}"), 413, caplog)


def test_too_many_rows_are_refused_without_being_made(people):
    url = reverse("agreements:agreement-create")
    client = client_of(people["manager"])
    response = client.post(url, {"parties-TOTAL_FORMS": "99999", "title": "x"})
    assert response.status_code == 200
    assert len(response.content) < 5_000_000


# -- Texts nobody types -------------------------------------------------------------------------------
HOSTILE = [
    "' OR '1'='1' --",
    '"; DROP TABLE agreements_agreement; --',
    "%' UNION SELECT password FROM municipalities_staffmember --",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "a\x00b",
    "\ud800".encode("utf-8", "surrogatepass"),
    "９" * 400,
    "../../../../etc/passwd",
    "%s%n%d\\",
    "-1",
    "999999999999999999999999999",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_lists_answer_any_query_and_show_nothing_more(people, rows, text):
    client = client_of(people["manager"])
    for (name, about), answers in TABLE.items():
        if about or manager_gets(answers)[0] != "200":
            continue
        url = reverse(name, args=ARGUMENTS.get(name, []))
        names = ("q", "page", "sort", "department", "role", "kind", "state", "date_min", "actor", "tab")
        # A printout with a wrong query leads to its print page, which says what is wrong.
        response = client.get(url, {each: [text, "2", text] for each in names}, follow=True)
        assert response.status_code in {200, 400, 404}, (url, response.status_code)
        body = b"".join(response)
        assert b"SECRET" not in body or b"settings.SECRET_KEY" in body
        assert b"md5$" not in body


def test_a_search_never_reads_as_sql(people, rows):
    client = client_of(people["manager"])
    url = reverse("agreements:agreement-list")
    nothing = client.get(url, {"q": "そのような協定はありません"}).content.decode()
    assert rows["private"].title not in nothing
    for text in HOSTILE[:3]:
        assert rows["private"].title not in client.get(url, {"q": text}).content.decode()


@pytest.mark.parametrize(
    "shape", ["[" * 100_000, '{"a":' * 50_000, '{"id": ' + "9" * 5_000 + "}", "[[]]", "null"]
)
@pytest.mark.parametrize("name", ["mfa_login_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn"])
def test_deep_or_odd_json_is_refused_as_a_wrong_input(people, name, shape):
    client = client_of(people["manager"]) if name != "mfa_login_webauthn" else Client()
    client.get(reverse(name))
    response = client.post(reverse(name), {"credential": shape, "name": "x"})
    assert response.status_code in {200, 302, 400}


def test_json_as_a_body_is_no_form(people):
    client = client_of(people["manager"])
    url = reverse("municipalities:department-create")
    body = json.dumps({"name": "x課", "order": 1})
    response = client.post(url, body, content_type="application/json")
    assert response.status_code == 200
    assert response.context["form"].errors
