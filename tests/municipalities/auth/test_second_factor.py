"""The second factor: codes of an app, recovery codes, passkeys; who has to have one."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.urls import reverse

from municipalities.login import mfa_adapter
from municipalities.login.mfa_adapter import StaffMfaAdapter

from .conftest import SECRET, app_code, is_logged_in, log_in, set_up_app, set_up_recovery_codes

pytestmark = pytest.mark.django_db
AUTHENTICATE = "/account/mfa/authenticate/"


def test_password_then_code_of_the_app(client, viewer):
    set_up_app(viewer)
    assert log_in(client, viewer, next="/agreements/").url == AUTHENTICATE
    assert not is_logged_in(client)
    response = client.post(AUTHENTICATE, {"code": app_code()})
    assert response.url == "/agreements/"
    assert is_logged_in(client)


def test_code_is_read_as_people_type_it(client, viewer):
    set_up_app(viewer)
    log_in(client, viewer)
    code = app_code().translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    client.post(AUTHENTICATE, {"code": f" {code[:3]} {code[3:]} "})
    assert is_logged_in(client)


def test_wrong_code_is_refused(client, viewer):
    set_up_app(viewer)
    log_in(client, viewer)
    wrong = "000000" if app_code() != "000000" else "000001"
    assert "正しくありません" in client.post(AUTHENTICATE, {"code": wrong}).content.decode()
    assert not is_logged_in(client)


def test_code_counts_once(client, viewer):
    set_up_app(viewer)
    code = app_code()
    log_in(client, viewer)
    client.post(AUTHENTICATE, {"code": code})
    client.post("/logout/")
    log_in(client, viewer)
    client.post(AUTHENTICATE, {"code": code})
    assert not is_logged_in(client)


def test_code_without_password_is_nothing(client, viewer):
    set_up_app(viewer)
    assert client.post(AUTHENTICATE, {"code": app_code()}).url == "/login/"


def test_recovery_code_counts_once(client, viewer):
    set_up_app(viewer)
    code = set_up_recovery_codes(viewer)[0]
    log_in(client, viewer)
    client.post(AUTHENTICATE, {"code": code})
    assert is_logged_in(client)
    client.post("/logout/")
    log_in(client, viewer)
    client.post(AUTHENTICATE, {"code": code})
    assert not is_logged_in(client)


def secret_on(page) -> str:
    return re.search(r'<code class="setup-secret">(\w+)</code>', page.content.decode())[1]


@pytest.mark.django_db(transaction=True)  # the mail goes out on commit
def test_setting_up_an_app_gives_recovery_codes(client, viewer, mailoutbox):
    viewer.email = "viewer@city.example.jp"
    viewer.save()
    log_in(client, viewer)
    page = client.get(reverse("mfa_activate_totp"))
    assert "<svg" in page.content.decode()
    assert "<?xml" not in page.content.decode()
    done = client.post(reverse("mfa_activate_totp"), {"code": app_code(secret_on(page))}, follow=True)
    assert len(re.findall(r"<li><code>\d{8}</code>", done.content.decode())) == 10
    assert mfa_adapter.is_set_up_by(viewer)
    assert mailoutbox[0].subject == "【Renkei】認証アプリを設定しました"
    assert "心当たりがないときは" in mailoutbox[0].body
    saved = client.get(reverse("mfa_download_recovery_codes")).content.decode()
    assert len(re.findall(r"^\d{8}$", saved, re.M)) == 10


def test_app_is_set_up_only_with_a_right_code(client, viewer):
    log_in(client, viewer)
    client.get(reverse("mfa_activate_totp"))
    assert client.post(reverse("mfa_activate_totp"), {"code": "123456"}).status_code == 200
    assert not mfa_adapter.is_set_up_by(viewer)


def test_old_login_has_to_confirm_before_a_factor_changes(client, viewer, settings):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    log_in(client, viewer)
    assert client.get(reverse("mfa_activate_totp")).url.startswith(reverse("account_reauthenticate"))


# -- Required of a role -------------------------------------------------------------------------------
def test_required_role_reaches_only_the_set_up(client, manager, requires_mfa):
    requires_mfa("manager")
    log_in(client, manager)
    for url in ("/", "/agreements/", "/companies/", reverse("usersessions_list")):
        assert client.get(url).url == reverse("mfa_index"), url
    page = client.get(reverse("mfa_index")).content.decode()
    assert "はじめに、二段階認証を設定してください" in page
    page = client.get(reverse("mfa_activate_totp"))
    client.post(reverse("mfa_activate_totp"), {"code": app_code(secret_on(page))})
    assert is_logged_in(client)


def test_required_role_gets_a_whole_page_for_a_part(client, manager, requires_mfa):
    requires_mfa("manager")
    log_in(client, manager)
    response = client.get("/agreements/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == reverse("mfa_index")


def test_required_role_may_log_out(client, manager, requires_mfa):
    requires_mfa("manager")
    log_in(client, manager)
    assert client.post("/logout/").url == "/login/"


def test_other_roles_are_not_asked(client, editor, requires_mfa):
    requires_mfa("manager", "system_admin")
    log_in(client, editor)
    assert is_logged_in(client)


def test_admin_is_closed_without_the_second_factor(client, system_admin, requires_mfa):
    requires_mfa("system_admin")
    log_in(client, system_admin)
    assert client.get("/admin/").url == reverse("mfa_index")
    set_up_app(system_admin)
    assert client.get("/admin/").status_code == 200


def test_admin_login_asks_for_the_code(client, system_admin):
    set_up_app(system_admin)
    assert log_in(client, system_admin, next="/admin/").url == AUTHENTICATE
    assert client.get("/admin/").status_code == 302
    assert client.post(AUTHENTICATE, {"code": app_code()}).url == "/admin/"


def test_last_factor_of_a_required_role_stays(client, manager, requires_mfa):
    requires_mfa("manager")
    set_up_app(manager)
    log_in(client, manager)
    client.post(AUTHENTICATE, {"code": app_code()})
    client.post(reverse("mfa_deactivate_totp"))
    assert mfa_adapter.is_set_up_by(manager)


def test_factor_of_another_role_can_go(client, viewer):
    set_up_app(viewer)
    set_up_recovery_codes(viewer)
    log_in(client, viewer)
    client.post(AUTHENTICATE, {"code": app_code()})
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()


def test_recovery_codes_alone_are_no_second_factor(client, manager, requires_mfa):
    requires_mfa("manager")
    set_up_recovery_codes(manager)
    log_in(client, manager)
    assert client.get("/").url == reverse("mfa_index")


# -- Lost devices -------------------------------------------------------------------------------------
def test_command_resets_a_lost_factor(client, viewer, capsys):
    set_up_app(viewer)
    set_up_recovery_codes(viewer)
    call_command("reset_mfa", viewer.username)
    assert "2件" in capsys.readouterr().out
    log_in(client, viewer)
    assert is_logged_in(client)


def test_system_admin_resets_a_lost_factor(viewer, system_admin_client):
    set_up_app(viewer)
    values = {"action": "reset_second_factor", "_selected_action": [viewer.pk]}
    system_admin_client.post(reverse("admin:municipalities_staffmember_changelist"), values)
    assert not mfa_adapter.is_set_up_by(viewer)


# -- Secrets ------------------------------------------------------------------------------------------
def test_secrets_are_encrypted_at_rest(viewer):
    set_up_app(viewer)
    stored = Authenticator.objects.get().data["secret"]
    assert SECRET not in stored
    assert StaffMfaAdapter().decrypt(stored) == SECRET


def test_rotating_the_key_loses_no_factor(viewer, settings, capsys):
    set_up_app(viewer)
    set_up_recovery_codes(viewer)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "the-new-key-0123456789-abcdefghijklmnopqrstuvwxyz"
    stored = Authenticator.objects.get(type="totp").data["secret"]
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS"):
        StaffMfaAdapter().decrypt(stored)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert StaffMfaAdapter().decrypt(stored) == SECRET
    call_command("reencrypt_mfa")
    assert "2件" in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    assert StaffMfaAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == SECRET


# -- Passkeys (the ceremony itself: tests/browser) ----------------------------------------------------
def test_passkey_login_offers_a_challenge(client):
    page = client.get("/login/").content.decode()
    assert "パスキーでログイン" in page
    options = client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["challenge"]


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "null", '{"id": 1}', '{"response": {"userHandle": "x"}}']
)
def test_made_up_passkey_logs_nobody_in(client, viewer, credential):
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    response = client.post(reverse("mfa_login_webauthn"), {"credential": credential})
    assert response.status_code == 302
    assert not is_logged_in(client)


def test_passkey_of_a_colleague_cannot_be_touched(client, viewer, editor):
    key = Authenticator.objects.create(user=editor, type="webauthn", data={"name": "鍵", "credential": {}})
    log_in(client, viewer)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.get(reverse(name, args=[key.pk])).status_code == 404
        assert client.post(reverse(name, args=[key.pk]), {"name": "x"}).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()
