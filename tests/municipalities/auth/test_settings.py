"""What the environment decides, read by a fresh process as in production."""

import os
import subprocess
import sys

import pytest

from municipalities import access
from municipalities.choices import Role
from tests.factories import StaffMemberFactory

ROLES = "viewer,editor,manager,system_admin"


def read(expression: str, **environment: str) -> tuple[str, str]:
    """The setting as text, and what the start complains about."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    variables = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "renkei.example.jp", "DEBUG": "0", **environment}
    command = [sys.executable, "-c", f"from config import settings; print({expression})"]
    done = subprocess.run(command, env=kept | variables, capture_output=True, text=True, check=False)
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize(
    ("environment", "required"),
    [
        ({}, "['system_admin']"),
        ({"DEBUG": "1"}, "[]"),
        ({"MFA_REQUIRED_ROLES": "manager,system_admin"}, "['manager', 'system_admin']"),
        ({"MFA_REQUIRED_ROLES": ""}, "[]"),
    ],
)
def test_roles_with_second_factor(environment, required):
    assert read("sorted(settings.RENKEI_MFA_REQUIRED_ROLES)", **environment)[0] == required


def test_misspelt_role_stops_the_start():
    assert "unknown roles: admin" in read("1", MFA_REQUIRED_ROLES="admin,manager")[1]


def test_settings_know_every_role(db):
    assert not read("1", MFA_REQUIRED_ROLES=ROLES)[1]
    assert {*Role.values, access.role_of(StaffMemberFactory(system_admin=True))} == {*ROLES.split(",")}


def test_cache_is_shared_unless_said_otherwise():
    assert read("settings.CACHES['default']['BACKEND']")[0].endswith("DatabaseCache")
    found, _ = read("settings.CACHES['default']['LOCATION']", CACHE_URL="rediscache://cache:6379/1")
    assert "cache:6379" in found


def test_password_policy_is_read_from_the_environment():
    found, _ = read(
        "[each.get('OPTIONS') for each in settings.AUTH_PASSWORD_VALIDATORS]",
        PASSWORD_MIN_LENGTH="14",
        PASSWORD_CHARACTER_CLASSES="3",
        PASSWORD_REMEMBERED="12",
    )
    assert "{'min_length': 14}" in found
    assert "{'classes': 3}" in found
    assert "{'remembered': 12}" in found


def test_sign_on_may_be_reached_by_the_login_form():
    oidc = {"OIDC_ISSUER_URL": "https://idp.example.jp/x", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"}
    found, _ = read("settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action']", **oidc)
    assert "https://idp.example.jp" in found
    assert "idp" not in read("settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action']")[0]
