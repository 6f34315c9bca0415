"""Every page and mail of logging in is ours: in Japanese, without inline code."""

import re
from html import unescape
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import strip_tags

from municipalities.templatetags.login import browser, in_words

from .conftest import log_in, set_up_app, set_up_recovery_codes

pytestmark = pytest.mark.django_db
INLINE_CODE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)(?![^>]*json)|\son[a-z]+=|javascript:", re.I)
NAMES = {"Renkei", "JavaScript", "Microsoft", "Google", "Authenticator", "testserver", "staff"}
OPEN_PAGES = [
    "account_login",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "socialaccount_login_cancelled",
]
OWN_PAGES = [
    "account_logout",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
    "usersessions_list",
    "socialaccount_connections",
]


def foreign_words(page: str) -> set[str]:
    page = re.sub(r"<(script|code|svg)\b.*?</\1>", "", page, flags=re.S)
    labels = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', page)
    text = unescape(" ".join([strip_tags(page), *labels]))
    return set(re.findall(r"[A-Za-z]{3,}", text)) - NAMES


def check(response) -> None:
    page = response.content.decode()
    assert response.status_code == 200
    assert not foreign_words(page)
    assert not INLINE_CODE.search(page)


@pytest.mark.parametrize("name", OPEN_PAGES)
def test_open_page_is_ours(client, name):
    check(client.get(reverse(name)))


@pytest.mark.parametrize("name", OWN_PAGES)
def test_own_page_is_ours(client, viewer, name):
    log_in(client, viewer)
    set_up_app(viewer)
    set_up_recovery_codes(viewer)
    check(client.get(reverse(name)))


def test_page_of_the_second_factor_is_ours(client, viewer):
    set_up_app(viewer)
    log_in(client, viewer)
    check(client.get(reverse("mfa_authenticate")))


def test_errors_of_the_forms_are_in_japanese(client, viewer):
    check(client.post("/login/", {}))
    check(client.post(reverse("account_reset_password"), {"email": "x"}))
    log_in(client, viewer)
    check(client.post(reverse("account_change_password"), {"oldpassword": "x", "password1": "a"}))
    check(client.post(reverse("mfa_activate_totp"), {"code": "1"}))
    check(client.post(reverse("mfa_add_webauthn"), {"credential": '{"id": 1}'}))


def mail_templates() -> list[str]:
    """The mails that allauth sends for what we use."""
    folder = Path(allauth.__file__).parent / "templates"
    unused = "email_|login_code|reset_code|account_already|unknown_account|base_"
    names = [str(path.relative_to(folder)) for path in folder.glob("*/email/*.txt")]
    return sorted(
        name
        for name in names
        if not re.search(f"/({unused})", name.replace("password_reset_code", "reset_code"))
    )


@pytest.mark.parametrize("name", mail_templates())
def test_mail_is_ours(name):
    assert Path(get_template(name).origin.name).is_relative_to(settings.BASE_DIR / "templates")


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge（Windows）"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36", "Chrome（Windows）"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0", "Firefox（Linux）"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari（iPhone）",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17.0 Safari/605.1", "Safari（Mac）"),
        ("curl/8.0", "curl/8.0"),
        ("", "不明"),
    ],
)
def test_browser_is_called_by_its_name(user_agent, name):
    assert browser(user_agent) == name


def test_moment_in_words_without_a_moment():
    assert in_words(None) == "—"
