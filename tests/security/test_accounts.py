"""Sessions, keys and logs: what an attacker would take, keep or read. The rest: tests/municipalities/auth."""

import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from agreements.choices import AgreementState
from config import browser_policy
from tests.conftest import client_of
from tests.factories import PASSWORD, AgreementFactory, DepartmentFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def log_in(client: Client, username: str, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": username, "password": password})


# -- Sessions -----------------------------------------------------------------------------------------
def test_a_session_key_planted_before_the_login_is_worth_nothing(viewer):
    victim, attacker = Client(), Client()
    victim.cookies["sessionid"] = attacker.cookies["sessionid"] = "a" * 32
    log_in(victim, viewer.username)
    assert victim.get("/").status_code == 200
    assert victim.cookies["sessionid"].value != "a" * 32
    assert attacker.get("/").status_code == 302


def test_a_session_of_before_the_login_does_not_become_one_of_after_it(viewer):
    victim = Client()
    victim.get(reverse("account_login"), {"next": "/companies/"})
    attacker = Client()
    attacker.cookies = victim.cookies.copy()
    log_in(victim, viewer.username)
    assert victim.get("/").status_code == 200
    assert attacker.get("/").status_code == 302


def test_a_cookie_of_before_the_logout_is_dead(viewer):
    client = client_of(viewer)
    stolen = client.cookies["sessionid"].value
    client.post(reverse("account_logout"))
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/").status_code == 302


def test_guessing_passwords_ends_soon(viewer, settings):
    for number in range(settings.RENKEI_LOGIN_FAILURES):
        assert log_in(Client(), viewer.username, f"guess-{number}").status_code == 200
    client = Client()
    assert "ロックされています" in log_in(client, viewer.username).content.decode()
    assert client.get("/").status_code == 302


# -- Keys ---------------------------------------------------------------------------------------------
def test_rotating_the_key_logs_nobody_out(viewer, settings):
    client = client_of(viewer)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-" * 20, [settings.SECRET_KEY]
    assert client.get("/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []  # the session was signed anew with the new key
    assert client.get("/").status_code == 200


def test_a_key_that_was_dropped_ends_what_it_signed(viewer, settings):
    client = client_of(viewer)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-" * 20, []
    assert client.get("/").status_code == 302


# -- Production ---------------------------------------------------------------------------------------
def test_production_settings_are_strict():
    wanted = {
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_PROXY_SSL_HEADER": None,
        "USE_X_FORWARDED_HOST": False,
        "DEBUG": False,
    }
    script = (
        "from django.conf import settings\n"
        f"print({{name: getattr(settings, name) for name in {sorted(wanted)!r}}} == {wanted!r})"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "x" * 60, "DEBUG": "0"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=kept | environment | {"ALLOWED_HOSTS": "renkei.example.jp"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "True", done.stdout + done.stderr


def test_cookies_say_how_they_may_be_used(viewer, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    client.get(reverse("account_login"))
    log_in(client, viewer.username)
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax"), name


def test_plain_http_is_sent_to_https_with_hsts(settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    assert Client().get("/login/").url == "https://testserver/login/"
    assert "max-age=31536000" in Client().get("/login/", secure=True)["Strict-Transport-Security"]


def test_every_answer_says_what_the_browser_may_do(client):
    for url in ("/login/", "/static/css/base.css", "/nowhere/"):
        response = client.get(url)
        for name, value in browser_policy.HEADERS.items():
            assert response[name] == value, url
    assert "publickey-credentials-get=(self)" in client.get("/login/")["Permissions-Policy"]


def test_the_browser_keeps_no_copy_of_pages_for_its_history(viewer):
    page = client_of(viewer).get("/").content.decode()
    assert '"historyCacheSize":0' in page
    assert '"allowEval":false' in page


# -- Logs ---------------------------------------------------------------------------------------------
def test_logs_tell_of_no_person_and_no_secret(manager, viewer, fukuoka, caplog):
    section = DepartmentFactory(municipality=fukuoka)
    member = StaffMemberFactory(
        viewer=True, municipality=fukuoka, name="博多 一郎", username="hakata-1", email="hakata@example.jp"
    )
    private = AgreementFactory(municipality=fukuoka, state=AgreementState.ACTIVE, note="内部の意見")
    client = client_of(manager)
    with caplog.at_level(logging.INFO):
        log_in(Client(), member.username, "wrong-Passw0rd")
        log_in(Client(), member.username)
        client.get(reverse("municipalities:staff-list"), {"q": "博多 一郎"})
        client.get(reverse("agreements:personal-data"), {"q": "hakata@example.jp"})
        client.get(reverse("agreements:agreement-detail", args=[private.pk]))
        client.get(reverse("agreements:agreement-detail", args=[0]), {"q": "博多 一郎"})
        client.post(
            reverse("municipalities:staff-update", args=[member.pk]),
            {"name": "博多 一郎", "email": "hakata@example.jp", "department": section.pk, "role": "viewer"},
        )
        client.post(reverse("municipalities:staff-disable", args=[member.pk]))
    options = dict(settings.LOGGING["formatters"]["json"])
    formatter = import_string(options.pop("()"))(options.pop("format"), **options)  # as in production
    written = "\n".join(formatter.format(record) for record in caplog.records)
    assert "GET /agreements/0/" in written  # it does write
    for secret in ("博多", "%E5%8D%9A", "hakata", "wrong-Passw0rd", PASSWORD, "内部の意見", "sessionid"):
        assert secret not in written, secret
