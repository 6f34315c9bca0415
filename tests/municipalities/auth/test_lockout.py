"""Failures lock an account: for a while, in every process, without telling who exists."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.login import lockout
from municipalities.models import LoginFailure
from tests.factories import PASSWORD

from .conftest import is_logged_in, log_in, set_up_app

pytestmark = pytest.mark.django_db
LOCKED = "ロックされています"


@pytest.fixture(autouse=True)
def limits(settings):
    settings.RENKEI_LOGIN_FAILURES = 3
    settings.RENKEI_LOGIN_LOCK = timedelta(minutes=15)


def fail(client, member, times, **more):
    return [LOCKED in log_in(client, member, "wrong", **more).content.decode() for _ in range(times)]


def test_limit_locks_also_the_right_password(client, viewer):
    assert fail(client, viewer, 4) == [False, False, False, True]
    page = log_in(client, viewer).content.decode()
    assert "約15分後" in page
    assert "企画課又はシステム管理者" in page
    assert not is_logged_in(client)


def test_unknown_user_name_locks_in_the_same_way(client):
    answers = [client.post("/login/", {"login": "nobody", "password": "x"}) for _ in range(4)]
    assert [LOCKED in answer.content.decode() for answer in answers] == [False, False, False, True]


def test_what_was_typed_is_not_kept(client):
    client.post("/login/", {"login": "my-secret-password", "password": "x"})
    failure = LoginFailure.objects.get()
    assert "my-secret" not in str(vars(failure))


def test_lock_ends_by_itself_counted_from_the_last_failure(client, viewer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        fail(client, viewer, 2)
        clock.shift(timedelta(minutes=10))
        fail(client, viewer, 1)
        clock.shift(timedelta(minutes=14))
        assert LOCKED in log_in(client, viewer).content.decode()
        clock.shift(timedelta(minutes=1, seconds=1))
        log_in(client, viewer)
        assert is_logged_in(client)


def test_few_failures_are_forgotten_after_a_success(client, viewer):
    fail(client, viewer, 2)
    log_in(client, viewer)
    client.post("/logout/")
    assert fail(client, viewer, 3) == [False, False, False]


def test_failures_elsewhere_lock_nobody_out_until_they_are_many(client, viewer):
    for number in range(3):
        fail(client, viewer, 3, address=f"192.0.2.{number}")
    assert fail(client, viewer, 1, address="192.0.2.0") == [True]
    assert log_in(Client(), viewer, address="10.0.0.1").status_code == 302
    fail(client, viewer, 3, address="192.0.2.9")
    assert LOCKED in log_in(client, viewer, address="10.0.0.1").content.decode()


def test_locked_until_tells_and_unlock_opens(client, viewer):
    assert lockout.locked_until(viewer) is None
    fail(client, viewer, 3)
    assert lockout.locked_until(viewer) > timezone.now()
    lockout.unlock(viewer)
    assert lockout.locked_until(viewer) is None
    log_in(client, viewer)
    assert is_logged_in(client)


def test_command_unlocks(client, viewer, capsys):
    fail(client, viewer, 3)
    call_command("unlock_login", viewer.username)
    assert "解除しました" in capsys.readouterr().out
    log_in(client, viewer)
    assert is_logged_in(client)
    with pytest.raises(CommandError, match="見つかりません：nobody"):
        call_command("unlock_login", "nobody")


def test_system_admin_unlocks_in_the_admin(client, viewer, system_admin_client):
    fail(client, viewer, 3)
    values = {"action": "unlock", "_selected_action": [viewer.pk]}
    system_admin_client.post(reverse("admin:municipalities_staffmember_changelist"), values)
    log_in(client, viewer)
    assert is_logged_in(client)


def test_old_failures_are_cleaned_up(client, viewer):
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        fail(client, viewer, 2)
    fail(client, viewer, 1)
    assert LoginFailure.objects.count() == 1


def test_reauthentication_counts_too(client, viewer, settings):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    log_in(client, viewer)
    answers = [client.post("/account/reauthenticate/", {"password": "wrong"}) for _ in range(4)]
    assert LOCKED in answers[-1].content.decode()


def test_requests_from_one_address_are_limited(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    answers = [client.post("/login/", {"login": "a", "password": "b"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "エラー番号" in answers[-1].content.decode()


# -- Across processes ---------------------------------------------------------------------------------
IN_ANOTHER_PROCESS = """
import os, sys
from config import settings_test
settings_test.CACHES["default"] = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache",
}
settings_test.RENKEI_LOGIN_FAILURES = 3
settings_test.ACCOUNT_RATE_LIMITS["login_failed"] = "3/900s/key"
settings_test.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
import django
django.setup()
from django.test import Client
client = Client()
username, password, *codes = sys.argv[1:]
page = client.post("/login/", {"login": username, "password": password})
for code in codes:
    page = client.post("/account/mfa/authenticate/", {"code": code})
print(page.status_code, page.content.decode())
"""


def in_another_process(*arguments: str) -> str:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
    }
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def shared_cache(transactional_db, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "shared_cache",
        }
    }
    call_command("createcachetable", verbosity=0)
    yield caches["default"]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE shared_cache")


def test_lock_holds_in_every_process(shared_cache, client, viewer):
    fail(client, viewer, 1)
    for _ in range(2):
        assert LOCKED not in in_another_process(viewer.username, "wrong")
    assert LOCKED in in_another_process(viewer.username, PASSWORD)
    assert LOCKED in log_in(client, viewer).content.decode()


def test_wrong_codes_are_counted_in_every_process(shared_cache, viewer):
    set_up_app(viewer)
    told = in_another_process(viewer.username, PASSWORD, "000000", "000000")
    assert "正しくありません" in told
    told = in_another_process(viewer.username, PASSWORD, "000000", "000000")
    assert "ログイン失敗が連続しています" in told


def test_attempts_at_the_same_moment_do_not_pass_the_limit(transactional_db, viewer):
    def attempt(_: int) -> bool:
        try:
            return LOCKED in log_in(Client(), viewer, "wrong").content.decode()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        locked = list(pool.map(attempt, range(8)))
    assert locked.count(False) <= 3


def test_migrate_makes_the_table_of_the_shared_cache(transactional_db, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "migrated_cache"}
    }
    call_command("migrate", verbosity=0)
    caches["default"].set("key", "value")
    assert caches["default"].get("key") == "value"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE migrated_cache")
