from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.choices import NoticeFrequency
from agreements.models import Notice, NoticePreference
from agreements.notifications import refresh_notices
from tests.factories import AgreementFactory, AnnualReportFactory

pytestmark = pytest.mark.django_db

TODAY = reverse("agreements:today")
SNOOZE = reverse("agreements:notice-snooze")
PREFERENCE = reverse("agreements:notice-preference")


@pytest.fixture
def agreement(editor, today):
    """Signed two and a half years ago; nobody has met since. The report of the year is handed in."""
    agreement = AgreementFactory(
        municipality=editor.municipality, department=editor.department, signed_on=date(2024, 4, 1)
    )
    AnnualReportFactory(agreement=agreement, handed_in=True)
    return agreement


def notices(client):
    return client.get(TODAY).context["notices"]


def key(client):
    return notices(client)[0].key


def test_today_shows_what_is_due_whatever_mails_a_person_wants(editor, editor_client, agreement):
    NoticePreference.objects.create(person=editor, frequency=NoticeFrequency.NONE)
    html = editor_client.get(TODAY).content.decode()
    assert "令和8年4月1日までの12か月間、会議の記録がありません。" in html


def test_today_shows_nobody_the_notices_of_others(manager_client, agreement):
    assert notices(manager_client) == []


def test_notice_is_hidden_until_its_day_and_comes_back_by_undo(editor_client, agreement, today):
    response = editor_client.post(SNOOZE, {"notice": key(editor_client), "until": "令和8年10月8日"})
    assert response.url == TODAY
    page = editor_client.get(TODAY)
    assert page.context["notices"] == []
    assert "令和8年10月8日に再表示" in page.content.decode()
    editor_client.post(page.context["undo"]["url"])
    assert len(notices(editor_client)) == 1


def test_snooze_keeps_the_row_that_the_daily_run_made(editor_client, agreement, today):
    refresh_notices(today=today, now=timezone.now())
    editor_client.post(SNOOZE, {"notice": key(editor_client), "until": "2026-10-08"})
    assert Notice.objects.get().snoozed_until == date(2026, 10, 8)


@pytest.mark.parametrize("until", ["", "きのう", "2026-10-01", "2026-12-31"])
def test_snooze_refuses_a_day_that_is_none_or_too_far(editor_client, agreement, until):
    response = editor_client.post(SNOOZE, {"notice": key(editor_client), "until": until})
    assert response.status_code == 200
    assert response.context["form"].errors["until"]
    assert Notice.objects.count() == 0


def test_nobody_snoozes_or_wakes_the_notice_of_another(
    editor, editor_client, manager_client, agreement, today
):
    told = {"notice": key(editor_client), "until": "2026-10-08"}
    assert manager_client.post(SNOOZE, told).status_code == 404
    editor_client.post(SNOOZE, told)
    notice = Notice.objects.get()
    assert manager_client.post(reverse("agreements:notice-wake", args=[notice.pk])).status_code == 404


def test_preference_is_daily_until_the_person_chooses(editor, editor_client):
    assert editor_client.get(PREFERENCE).context["form"].initial == {"frequency": "daily"}
    editor_client.post(PREFERENCE, {"frequency": "weekly"})
    assert editor_client.get(PREFERENCE).context["form"].initial == {"frequency": "weekly"}
    assert NoticePreference.objects.get().person == editor


def test_preference_refuses_what_is_no_choice(editor_client):
    assert editor_client.post(PREFERENCE, {"frequency": "hourly"}).context["form"].errors
    assert NoticePreference.objects.count() == 0


def test_today_needs_as_many_queries_for_many_notices(editor, editor_client, today, assert_same_queries):
    def add():
        AgreementFactory(
            municipality=editor.municipality,
            department=editor.department,
            signed_on=today - timedelta(days=900),
            first_expiry=today + timedelta(days=300),
        )

    assert_same_queries(add, lambda: editor_client.get(TODAY))
