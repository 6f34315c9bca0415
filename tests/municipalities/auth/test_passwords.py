"""The password policy: what a password must be, when it has to change, how it is reset."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from municipalities.login.password_validation import CharacterClassesValidator, ReuseValidator
from municipalities.models import PasswordHistory, StaffMember
from tests.factories import PASSWORD, StaffMemberFactory

from .conftest import is_logged_in, log_in

pytestmark = pytest.mark.django_db
NEW = "Aozora-2026-hikari"
CHANGE = "/account/password/change/"


def change(client, old, new):
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})


def validators(settings, **options):
    """The configured policy with other options of our own validators."""
    policy = []
    for each in settings.AUTH_PASSWORD_VALIDATORS:
        name = each["NAME"].rsplit(".", 1)[-1]
        policy.append({**each, "OPTIONS": options[name]} if name in options else each)
    settings.AUTH_PASSWORD_VALIDATORS = policy


# -- What it must be ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("password", "classes"),
    [("aaaa", 1), ("aaAA", 2), ("aaA1", 3), ("aA1-", 4), ("1234", 1), ("あいう", 1), ("ａＡ１", 3), ("", 0)],
)
def test_character_classes_are_counted(password, classes):
    CharacterClassesValidator(classes).validate(password)
    with pytest.raises(ValidationError, match=f"{classes + 1}種類以上"):
        CharacterClassesValidator(classes + 1).validate(password)


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("short-1", "10 文字以上"),
        ("onlyletters", "2種類以上"),
        ("password123", "一般的すぎます"),
        ("yamada-tarou1", "似ています|似すぎています"),
    ],
)
def test_policy_speaks_japanese(fukuoka, password, message):
    member = StaffMemberFactory(username="yamada-tarou", municipality=fukuoka)
    with pytest.raises(ValidationError) as refused:
        validate_password(password, member)
    assert re.search(message, " ".join(refused.value.messages))


# -- Reuse --------------------------------------------------------------------------------------------
def test_present_and_former_passwords_are_refused(client, viewer):
    log_in(client, viewer)
    assert "最近使った5個のパスワードは使えません" in change(client, PASSWORD, PASSWORD).content.decode()
    assert change(client, PASSWORD, NEW).status_code == 302
    assert "最近使った5個" in change(client, NEW, PASSWORD).content.decode()


def test_only_so_many_are_remembered(client, viewer, settings):
    validators(settings, ReuseValidator={"remembered": 2})
    log_in(client, viewer)
    last = PASSWORD
    for number in range(3):
        assert change(client, last, f"{NEW}-{number}").status_code == 302
        last = f"{NEW}-{number}"
    assert PasswordHistory.objects.filter(staff_member=viewer).count() == 1
    assert change(client, last, PASSWORD).status_code == 302


def test_history_keeps_hashes_only(client, viewer):
    log_in(client, viewer)
    change(client, PASSWORD, NEW)
    assert all(NEW not in row.password for row in PasswordHistory.objects.all())


def test_a_new_person_has_no_former_password(fukuoka):
    ReuseValidator().validate(NEW, StaffMember(username="new"))
    ReuseValidator().validate(NEW, None)


# -- Forced change ------------------------------------------------------------------------------------
def test_password_of_someone_else_has_to_change_first(client, viewer):
    StaffMember.objects.filter(pk=viewer.pk).update(must_change_password=True)
    log_in(client, viewer)
    for url in ("/", "/agreements/", reverse("mfa_index"), reverse("usersessions_list")):
        assert client.get(url).url == CHANGE, url
    assert "はじめに、新しいパスワードを決めてください" in client.get(CHANGE).content.decode()
    assert change(client, PASSWORD, NEW).url == "/"
    assert is_logged_in(client)


def test_person_with_a_duty_may_log_out(client, viewer):
    StaffMember.objects.filter(pk=viewer.pk).update(must_change_password=True)
    log_in(client, viewer)
    assert client.post("/logout/").url == "/login/"


def test_password_grows_too_old(client, viewer, settings):
    settings.RENKEI_PASSWORD_MAX_AGE = timedelta(days=90)
    now = timezone.now()
    StaffMember.objects.filter(pk=viewer.pk).update(password_changed_at=now)
    with time_machine.travel(now + timedelta(days=89)):
        log_in(client, viewer)
        assert is_logged_in(client)
        client.post("/logout/")
    with time_machine.travel(now + timedelta(days=91)):
        log_in(client, viewer)
        assert client.get("/").url == CHANGE
        assert "有効期限が切れました" in client.get(CHANGE).content.decode()
        change(client, PASSWORD, NEW)
        assert is_logged_in(client)


def test_without_a_maximum_age_no_password_is_too_old(client, viewer):
    with time_machine.travel(timezone.now() + timedelta(days=3650)):
        log_in(client, viewer)
        assert is_logged_in(client)


def test_change_ends_the_other_sessions(client, viewer):
    other = type(client)()
    for browser in (client, other):
        log_in(browser, viewer)
    change(client, PASSWORD, NEW)
    assert is_logged_in(client)
    assert not is_logged_in(other)


def test_password_set_in_the_admin_has_to_change_first(viewer, client, system_admin_client):
    url = reverse("admin:auth_user_password_change", args=[viewer.pk])
    values = {"usable_password": "true", "password1": NEW, "password2": NEW}
    assert system_admin_client.post(url, values).status_code == 302
    log_in(client, viewer, NEW)
    assert client.get("/").url == CHANGE


def test_person_added_in_the_admin_has_to_change_the_password_first(fukuoka, client, system_admin_client):
    values = {
        "username": "obuse-hanako",
        "name": "小布施 花子",
        "municipality": fukuoka.pk,
        "role": "viewer",
        "usable_password": "true",
        "password1": NEW,
        "password2": NEW,
    }
    system_admin_client.post(reverse("admin:municipalities_staffmember_add"), values)
    log_in(client, StaffMember.objects.get(username="obuse-hanako"), NEW)
    assert client.get("/").url == CHANGE


# -- Reset by mail ------------------------------------------------------------------------------------
@pytest.fixture
def addressed(viewer):
    viewer.email = "viewer@city.example.jp"
    viewer.save()
    return viewer


def ask_for_reset(client, address):
    return client.post(reverse("account_reset_password"), {"email": address}, follow=True)


def test_reset_by_mail(client, addressed, mailoutbox):
    ask_for_reset(client, "Viewer@city.example.jp")
    [mail] = mailoutbox
    assert mail.subject == "【Renkei】パスワードの再設定"
    assert f"{addressed.name} 様" in mail.body
    assert f"ユーザー名：{addressed.username}" in mail.body
    url = re.search(r"http://testserver(/\S+)", mail.body)[1]
    form = client.get(url, follow=True)
    done = client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW}, follow=True)
    assert "新しいパスワードでログインしてください" in done.content.decode()
    assert mailoutbox[-1].subject == "【Renkei】パスワードを再設定しました"
    assert not is_logged_in(client)
    log_in(client, addressed, NEW)
    assert is_logged_in(client)
    assert "使えないリンク" in type(client)().get(url, follow=True).content.decode()


def test_reset_link_ends_after_an_hour(client, addressed, mailoutbox):
    ask_for_reset(client, addressed.email)
    url = re.search(r"http://testserver(/\S+)", mailoutbox[0].body)[1]
    with time_machine.travel(timezone.localtime() + timedelta(minutes=61)):
        assert "使えないリンク" in client.get(url, follow=True).content.decode()


def test_reset_keeps_to_the_policy(client, addressed, mailoutbox):
    ask_for_reset(client, addressed.email)
    form = client.get(re.search(r"http://testserver(/\S+)", mailoutbox[0].body)[1], follow=True)
    page = client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert "最近使った5個" in page.content.decode()


def test_reset_answers_the_same_for_an_unknown_address(client, addressed, mailoutbox):
    known = ask_for_reset(client, addressed.email)
    mailoutbox.clear()
    unknown = ask_for_reset(client, "nobody@example.jp")
    token = re.compile(r'csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"')
    assert unknown.redirect_chain == known.redirect_chain
    assert token.sub("", unknown.content.decode()) == token.sub("", known.content.decode())
    assert not mailoutbox


def test_former_address_resets_nothing(client, addressed, mailoutbox):
    ask_for_reset(client, addressed.email)
    addressed.email = "new@city.example.jp"
    addressed.save()
    mailoutbox.clear()
    ask_for_reset(client, "viewer@city.example.jp")
    assert not mailoutbox


def test_reset_of_a_switched_off_person_sends_nothing(client, addressed, mailoutbox):
    StaffMember.objects.filter(pk=addressed.pk).update(is_active=False)
    ask_for_reset(client, addressed.email)
    assert not mailoutbox


def test_change_is_told_by_mail(client, addressed, mailoutbox):
    log_in(client, addressed)
    change(client, PASSWORD, NEW)
    [mail] = mailoutbox
    assert mail.subject == "【Renkei】パスワードを変更しました"
    assert "接続元：127.0.0.1" in mail.body
