"""Sessions end: after idleness, after their full time, on this and on every device."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from .conftest import is_logged_in, log_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limits(settings):
    settings.RENKEI_SESSION_IDLE = timedelta(minutes=30)
    settings.SESSION_COOKIE_AGE = 4 * 3600


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_idle_session_ends_and_leads_back(client, viewer, clock):
    log_in(client, viewer)
    clock.shift(timedelta(minutes=30))
    response = client.get("/agreements/?page=2")
    assert unquote(response.url) == "/login/?next=/agreements/?page=2"
    page = client.get(response.url).content.decode()
    assert "しばらく操作がなかったため、ログアウトしました。もう一度ログインしてください。" in page
    assert not is_logged_in(client)


def test_work_keeps_a_session_until_its_full_time(client, viewer, clock):
    log_in(client, viewer)
    for _ in range(11):
        clock.shift(timedelta(minutes=20))
        assert is_logged_in(client)
    clock.shift(timedelta(minutes=20))
    response = client.get("/")
    assert response.url == "/login/?next=/"
    assert "ログインから時間がたったため" in said(response)


def test_what_was_sent_too_late_is_said_to_be_lost(client, viewer, clock):
    log_in(client, viewer)
    clock.shift(timedelta(hours=1))
    sent_from = {"Referer": "http://testserver/agreements/new/"}
    response = client.post("/agreements/new/", {"title": "協定"}, headers=sent_from)
    assert unquote(response.url) == "/login/?next=http://testserver/agreements/new/"
    assert "送信された内容は保存されていません" in said(response)
    assert log_in(client, viewer, next="http://testserver/agreements/new/").url.endswith("/agreements/new/")


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_ended_session_leads_to_no_other_site(client, viewer, clock, where):
    log_in(client, viewer)
    clock.shift(timedelta(hours=1))
    assert client.post("/agreements/new/", headers={"Referer": where}).url == "/login/?next=/"


def test_part_of_a_page_leads_the_whole_page_to_the_login(client, viewer, clock):
    log_in(client, viewer)
    clock.shift(timedelta(hours=1))
    around = {"HX-Request": "true", "HX-Current-URL": "http://testserver/agreements/?page=2"}
    response = client.get("/agreements/?page=3", headers=around)
    assert unquote(unquote(response["HX-Redirect"])) == "/login/?next=http://testserver/agreements/?page=2"


def test_ended_session_does_not_disturb_an_open_page(client, viewer, clock):
    log_in(client, viewer)
    clock.shift(timedelta(hours=1))
    assert client.get(reverse("account_reset_password")).status_code == 200


def test_list_shows_the_devices_and_when_they_were_last_used(client, viewer, clock):
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0"
    log_in(Client(headers={"User-Agent": edge}), viewer, address="10.0.0.7")
    log_in(client, viewer)
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "Edge（Windows）" in page
    assert "10.0.0.7" in page
    assert page.count("この端末") == 1


def test_other_devices_are_logged_out(client, viewer):
    other = Client()
    for browser in (client, other):
        log_in(browser, viewer)
    client.post(reverse("usersessions_list"))
    assert is_logged_in(client)
    assert not is_logged_in(other)


def test_every_device_is_logged_out_and_nobody_elses(client, viewer, editor):
    other, colleague = Client(), Client()
    for browser in (client, other):
        log_in(browser, viewer)
    log_in(colleague, editor)
    response = client.post(reverse("sessions_logout_everywhere"))
    assert response.url == "/login/"
    assert "すべての端末からログアウトしました" in said(response)
    assert [is_logged_in(browser) for browser in (client, other, colleague)] == [False, False, True]


def test_logging_out_everywhere_needs_a_button(client, viewer):
    log_in(client, viewer)
    assert client.get(reverse("sessions_logout_everywhere")).status_code == 405
    assert is_logged_in(client)


def test_pages_of_a_logged_in_person_stay_out_of_the_cache(client, viewer):
    assert "no-store" not in client.get(reverse("account_reset_password")).get("Cache-Control", "")
    log_in(client, viewer)
    assert client.get("/")["Cache-Control"] == "private, no-store"
    assert client.get(reverse("mfa_index"))["Cache-Control"] == "private, no-store"
