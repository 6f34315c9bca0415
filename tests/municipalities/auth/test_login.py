"""Logging in with a user name and a password, and what the way there must not allow."""

from urllib.parse import unquote

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from municipalities.models import StaffMember
from tests.factories import PASSWORD, StaffMemberFactory

from .conftest import is_logged_in, log_in

pytestmark = pytest.mark.django_db


def test_password_logs_in_and_leads_to_todays_work(client, viewer):
    response = log_in(client, viewer)
    assert response.url == reverse("agreements:today")
    assert is_logged_in(client)


@pytest.mark.parametrize("typed", ["Tanaka-01", "TANAKA-01", " tanaka-01 ", "ｔａｎａｋａ－０１"])
def test_user_name_is_read_as_people_type_it(client, fukuoka, typed):
    StaffMemberFactory(username="Tanaka-01", municipality=fukuoka)
    client.post("/login/", {"login": typed, "password": PASSWORD})
    assert is_logged_in(client)


def test_user_names_differing_in_case_only_cannot_exist(fukuoka):
    StaffMemberFactory(username="tanaka", municipality=fukuoka)
    second = StaffMemberFactory.build(username="TANAKA", municipality=fukuoka, department=None)
    with pytest.raises(Exception, match="同じユーザー名"):
        second.full_clean()


def test_mail_address_is_no_user_name(client, fukuoka):
    StaffMemberFactory(email="kikaku@city.example.jp", municipality=fukuoka)
    client.post("/login/", {"login": "kikaku@city.example.jp", "password": PASSWORD})
    assert not is_logged_in(client)


def test_wrong_password_says_so_in_japanese_and_keeps_the_user_name(client, viewer):
    page = log_in(client, viewer, "wrong").content.decode()
    assert "ユーザー名" in page
    assert "正しくありません" in page
    assert f'value="{viewer.username}"' in page
    assert "wrong" not in page


def test_answer_does_not_tell_whether_the_account_exists(client, viewer):
    known = log_in(client, viewer, "wrong").context["form"].non_field_errors()
    unknown = client.post("/login/", {"login": "nobody-1", "password": "wrong"})
    assert known == unknown.context["form"].non_field_errors()


def test_switched_off_person_cannot_log_in(client, viewer):
    StaffMember.objects.filter(pk=viewer.pk).update(is_active=False)
    response = log_in(client, viewer)
    assert not is_logged_in(client)
    assert "利用停止中" in client.get(response.url).content.decode()


def test_switching_off_ends_a_running_session(client, viewer):
    log_in(client, viewer)
    StaffMember.objects.filter(pk=viewer.pk).update(is_active=False)
    assert not is_logged_in(client)


def test_login_leads_back_to_the_page_asked_for(client, viewer):
    first = client.get("/agreements/?q=観光")
    assert first.url.startswith("/login/?next=/agreements/")
    page = client.get(first.url).content.decode()
    assert "ログインが必要です" in page
    response = log_in(client, viewer, next="/agreements/?q=観光")
    assert unquote(response.url) == "/agreements/?q=観光"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "\x00//evil.example",
        " //evil.example",
    ],
)
def test_login_leads_nowhere_else(client, viewer, target):
    assert log_in(client, viewer, next=target).url == reverse("agreements:today")
    assert client.get("/login/", {"next": target}).url == reverse("agreements:today")
    assert client.post("/logout/", {"next": target}).url == reverse("account_login")


def test_session_key_changes_at_login_and_logout(client, viewer):
    client.get("/login/?next=/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    log_in(client, viewer)
    own = client.session.session_key
    assert own != planted
    client.post("/logout/")
    assert client.session.session_key != own
    assert "planted" not in client.session


def test_cookie_goes_with_the_browser(client, viewer):
    cookie = log_in(client, viewer).cookies["sessionid"]
    assert not cookie["max-age"]
    assert not cookie["expires"]
    assert cookie["httponly"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["account_signup", "socialaccount_signup"])
def test_nobody_signs_up(client, name, method):
    values = {"username": "x", "email": "x@example.jp", "password1": PASSWORD, "password2": PASSWORD}
    assert getattr(client, method)(reverse(name), values).status_code == 404
    assert not StaffMember.objects.exists()


def test_previous_login_is_shown_not_the_present_one(client, viewer, today):
    log_in(client, viewer, address="10.1.2.3")
    assert "前回のログイン" not in client.get("/").content.decode()
    client.post("/logout/")
    log_in(client, viewer, address="10.9.9.9")
    page = client.get("/").content.decode()
    assert "前回のログイン：令和8年10月1日 10:00（10.1.2.3）" in page
    assert "10.9.9.9" not in page


def test_login_writes_no_history_row(client, viewer):
    before = viewer.history.count()
    log_in(client, viewer)
    viewer.refresh_from_db()
    assert viewer.last_login
    assert viewer.history.count() == before


def test_logout_asks_first_when_only_visited(client, viewer):
    log_in(client, viewer)
    assert client.get("/logout/").status_code == 200
    assert is_logged_in(client)
    response = client.post("/logout/")
    assert response.url == "/login/"
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["ログアウトしました。"]


def test_admin_has_no_login_of_its_own(client, viewer, system_admin):
    first = client.get("/admin/", follow=True)
    assert first.redirect_chain[-1][0] == "/login/?next=%2Fadmin%2F"
    client.post("/admin/login/", {"username": system_admin.username, "password": PASSWORD})
    assert not is_logged_in(client)
    log_in(client, viewer)
    client.post("/admin/login/", {"username": system_admin.username, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(viewer.pk)
    assert client.get("/admin/login/").status_code == 403
    client.post("/logout/")
    log_in(client, system_admin)
    assert client.get("/admin/login/?next=/admin/municipalities/").url == "/admin/municipalities/"
    assert client.get("/admin/login/?next=//evil.example/").url == "/admin/"
    assert client.get("/admin/password_change/").url == reverse("account_change_password")
    assert client.post("/admin/logout/").url == "/login/"


def test_csrf_is_checked(viewer):
    strict = Client(enforce_csrf_checks=True)
    assert log_in(strict, viewer).status_code == 403
