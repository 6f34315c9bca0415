"""Logging in as a person does it: by keyboard, with a passkey, without scripts. And every page of it."""

import re

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from municipalities.models import StaffMember
from tests.factories import PASSWORD, StaffMemberFactory
from tests.municipalities.auth.conftest import app_code, set_up_app, set_up_recovery_codes

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
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "usersessions_list",
    "socialaccount_connections",
]
WITH_APP = [
    "mfa_index",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
]
REFUSE = (
    "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')); }"
)


@pytest.fixture
def member(live_server, fukuoka) -> StaffMember:
    return StaffMemberFactory(viewer=True, municipality=fukuoka, email="viewer@city.example.jp")


@pytest.fixture(autouse=True)
def insecure_origin(settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # http://localhost


def log_in(page, member, password=PASSWORD):
    page.goto("/login/")
    page.get_by_label("ユーザー名").fill(member.username)
    page.get_by_label("パスワード", exact=False).first.fill(password)
    page.keyboard.press("Enter")


def reset_url(member):
    key = default_token_generator.make_token(member)
    return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(member), key])


@pytest.mark.parametrize("javascript", [True, False])
def test_password_and_code_log_in_without_a_mouse(open_browser, member, javascript):
    set_up_app(member)
    page = open_browser(javascript=javascript).new_page()
    log_in(page, member)
    page.get_by_label("認証コード").fill(app_code())
    page.keyboard.press("Enter")
    page.locator(".user-menu").wait_for()
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="ログアウト").click()
    page.wait_for_url(re.compile(r"/login/$"))


def test_passkey_is_registered_and_logs_in_alone(page, member):
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    log_in(page, member)
    page.locator(".user-menu").wait_for()
    page.goto(reverse("mfa_add_webauthn"))
    page.get_by_label("名前").fill("職場のパソコン")
    page.get_by_role("button", name="登録する").click()
    page.wait_for_url(re.compile("recovery-codes"))
    page.goto(reverse("mfa_list_webauthn"))
    page.get_by_role("row", name=re.compile("職場のパソコン.*パスワードの代わり")).wait_for()
    page.goto("/logout/")
    page.get_by_role("main").get_by_role("button", name="ログアウト").click()
    page.get_by_role("button", name="パスキーでログイン").click()
    page.locator(".user-menu").wait_for()


def test_refused_passkey_says_so(page, member):
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")  # and no device answers
    page.goto("/login/")
    page.evaluate(REFUSE)
    page.get_by_role("button", name="パスキーでログイン").click()
    page.get_by_text("取り消されたか、時間切れになりました").wait_for()


def test_open_pages_are_accessible(page, member, assert_accessible):
    for name in OPEN_PAGES:
        page.goto(reverse(name))
        assert_accessible(page)
    page.goto(reset_url(member))
    assert_accessible(page)
    page.goto(reset_url(member).replace("-", "-x", 1))
    assert_accessible(page)
    log_in(page, member, "wrong")
    page.get_by_text("正しくありません").wait_for()
    assert_accessible(page)


def test_own_pages_are_accessible(page, member, assert_accessible):
    log_in(page, member)
    page.locator(".user-menu").wait_for()
    for name in OWN_PAGES:
        page.goto(reverse(name))
        assert page.url.endswith(reverse(name))
        assert_accessible(page)
    set_up_app(member)
    set_up_recovery_codes(member)
    for name in WITH_APP:
        page.goto(reverse(name))
        assert_accessible(page)


def test_duties_are_accessible(page, member, assert_accessible, settings):
    settings.RENKEI_MFA_REQUIRED_ROLES = frozenset({"viewer"})
    member.must_change_password = True
    member.save()
    log_in(page, member)
    page.get_by_text("はじめに、新しいパスワードを決めてください").wait_for()
    assert_accessible(page)
    page.get_by_label("現在のパスワード").fill(PASSWORD)
    page.get_by_label("新しいパスワード", exact=False).first.fill("Aozora-2026-hikari")
    page.get_by_label("新しいパスワード", exact=False).last.fill("Aozora-2026-hikari")
    page.get_by_role("button", name="パスワードを変更する").click()
    page.get_by_text("はじめに、二段階認証を設定してください").wait_for()
    assert_accessible(page)
