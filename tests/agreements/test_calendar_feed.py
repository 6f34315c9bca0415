from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from agreements.actions.calendar_feeds import issue_feed, revoke_feed, show_holidays
from agreements.choices import ActionState, RenewalChoice
from agreements.models import CalendarFeed, Meeting, RenewalDecision, SigningCeremony
from municipalities.models import AuditEvent
from tests.conftest import client_of
from tests.factories import ActionItemFactory, AgreementFactory, DepartmentFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db

PAGE = reverse("agreements:calendar")
ISSUE = reverse("agreements:calendar-issue")
REVOKE = reverse("agreements:calendar-revoke")


def feed_of(owner, by=None):
    """The URL of a new feed."""
    return reverse(
        "agreements:calendar-feed", args=[issue_feed(owner=owner, by=by or owner, now=timezone.now())]
    )


def events(url):
    """{summary: day} of the feed as a calendar program reads it, without a session."""
    response = Client().get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(response.content)
    assert not calendar.errors
    found = list(calendar.walk("VEVENT"))
    assert len({str(event["UID"]) for event in found}) == len(found)
    for event in found:
        assert timedelta(days=1) == event.DTEND - event.DTSTART
        assert event["TRANSP"] == "TRANSPARENT"
    return {str(event["SUMMARY"]): event.DTSTART for event in found}


def uids(url):
    return {
        str(event["SUMMARY"]): str(event["UID"])
        for event in Calendar.from_ical(Client().get(url).content).walk("VEVENT")
    }


@pytest.fixture
def agreement(editor, today):
    """仙台市・山形市 of the domain pack: 2027-03-31 / 2027-02-28."""
    return AgreementFactory(
        municipality=editor.municipality,
        department=editor.department,
        title="連携協定",
        signed_on=date(2016, 11, 2),
        first_expiry=date(2017, 3, 31),
        auto_renew=True,
        renewal_months=12,
        notice_months=1,
    )


def test_feed_tells_deadlines_meetings_and_actions(editor, agreement):
    Meeting.objects.create(
        agreement=agreement, held_on=date(2026, 9, 1), summary="打合せ", next_on=date(2026, 12, 1)
    )
    SigningCeremony.objects.create(agreement=agreement, held_on=date(2026, 10, 20), place="市役所")
    ActionItemFactory(agreement=agreement, title="清掃", due_on=date(2026, 11, 3))
    ActionItemFactory(agreement=agreement, due_on=date(2026, 11, 4), state=ActionState.DONE)
    assert events(feed_of(editor)) == {
        "更新の通知期限：連携協定": date(2027, 2, 28),
        "満了（自動更新）：連携協定": date(2027, 3, 31),
        "会議：連携協定": date(2026, 9, 1),
        "会議の予定：連携協定": date(2026, 12, 1),
        "締結式：連携協定": date(2026, 10, 20),
        "取組の期限：清掃（連携協定）": date(2026, 11, 3),
    }


def test_decided_term_has_no_notice_deadline_any_more(editor, agreement):
    RenewalDecision.objects.create(
        agreement=agreement,
        term=date(2027, 3, 31),
        decision=RenewalChoice.RENEWED,
        decided_on=date(2026, 10, 1),
        reason="続ける",
        by=editor,
    )
    assert events(feed_of(editor)) == {"満了（自動更新）：連携協定": date(2027, 3, 31)}


def test_changed_date_moves_its_event_instead_of_adding_one(editor, agreement):
    url = feed_of(editor)
    before = uids(url)
    agreement.first_expiry = date(2017, 4, 30)
    agreement.save()
    assert uids(url) == before
    assert events(url)["満了（自動更新）：連携協定"] == date(2027, 4, 30)


def test_holidays_are_shown_only_if_chosen_and_move_nothing(editor, agreement):
    ActionItemFactory(agreement=agreement, title="清掃", due_on=date(2026, 11, 3))
    url = feed_of(editor)
    without = events(url)
    show_holidays(feed=CalendarFeed.objects.get(), shown=True)
    with_them = events(url)
    assert with_them["祝日：文化の日"] == date(2027, 11, 3)  # the last of those shown
    assert "holiday-2026-11-03@renkei" in Client().get(url).content.decode()
    assert without.items() <= with_them.items()
    assert all(summary.startswith("祝日：") for summary in with_them.keys() - without.keys())


def test_feed_tells_only_what_its_person_answers_for_and_may_see_now(editor, agreement, neighbour):
    other = AgreementFactory(municipality=editor.municipality, first_expiry=date(2027, 3, 31), title="他課")
    AgreementFactory(
        municipality=neighbour.municipality, first_expiry=date(2027, 3, 31), published=True, title="他市"
    )
    url = feed_of(editor)
    assert not any("他" in summary for summary in events(url))
    other.person_in_charge = editor
    other.save()
    assert "満了：他課" in events(url)
    other.deleted_at = timezone.now()
    other.save()
    assert "満了：他課" not in events(url)
    editor.municipality, editor.department = neighbour.municipality, None
    editor.save()
    assert events(url) == {}


def test_feed_of_a_disabled_person_is_not_found(editor, agreement):
    url = feed_of(editor)
    editor.is_active = False
    editor.save()
    assert Client().get(url).status_code == 404
    assert client_of(editor).get(url).status_code == 404


def test_feed_of_a_section_tells_its_agreements_until_the_section_ends(editor, manager, agreement):
    url = feed_of(editor.department, by=manager)
    assert "更新の通知期限：連携協定" in events(url)
    editor.department.valid_to = date(2026, 9, 30)
    editor.department.save()
    assert Client().get(url).status_code == 404


def test_new_address_kills_the_old_one_and_only_hashes_are_stored(editor, agreement):
    old = feed_of(editor)
    new = feed_of(editor)
    assert Client().get(old).status_code == 404
    assert events(new)
    feed = CalendarFeed.objects.get()
    assert feed.token_hash not in new
    assert new.rsplit("/", 1)[1].removesuffix(".ics") not in str(CalendarFeed.objects.values())
    revoke_feed(feed=feed, by=editor, now=timezone.now())
    assert Client().get(new).status_code == 404
    assert AuditEvent.objects.filter(kind="credential_change").count() == 3


def test_feed_answers_not_modified_until_something_changes(editor, agreement):
    url = feed_of(editor)
    first = Client().get(url)
    assert first["Cache-Control"] == "private, max-age=900"
    again = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    since = {"HTTP_IF_MODIFIED_SINCE": first["Last-Modified"]}
    assert Client().get(url, **again).status_code == 304
    assert Client().get(url, **since).status_code == 304
    assert Client().head(url)["ETag"] == first["ETag"]


def test_feed_has_changed_when_an_agreement_left_it(editor, agreement, an_hour_later):
    url = feed_of(editor)
    first = Client().get(url)
    an_hour_later()
    agreement.department = None
    agreement.save()
    assert Client().get(url, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    assert Client().get(url, HTTP_IF_MODIFIED_SINCE=first["Last-Modified"]).status_code == 200


@pytest.fixture
def an_hour_later():
    traveller = time_machine.travel(datetime(2026, 10, 1, 11, 0, tzinfo=ZoneInfo("Asia/Tokyo")), tick=False)
    yield traveller.start
    traveller.stop()


# -- The page -----------------------------------------------------------------------------------------
def test_address_is_shown_once(editor, editor_client, agreement):
    page = editor_client.post(ISSUE)
    url = page.context["address"]
    assert url in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert events(url.removeprefix("http://testserver"))
    assert url not in editor_client.get(PAGE).content.decode()


def test_owner_revokes_the_feed(editor, editor_client, agreement):
    url = feed_of(editor)
    assert editor_client.post(REVOKE).url == PAGE
    assert Client().get(url).status_code == 404


def test_feed_of_a_section_is_for_managers_of_its_municipality(
    editor, editor_client, manager_client, neighbour
):
    section = {"department": editor.department.pk}
    assert editor_client.post(ISSUE, section).status_code == 404
    assert client_of(neighbour).post(ISSUE, section).status_code == 404
    assert manager_client.post(ISSUE, {"department": "x"}).status_code == 404
    assert manager_client.post(ISSUE, section).context["address"]
    assert CalendarFeed.objects.get().department == editor.department
    assert editor_client.post(REVOKE, section).status_code == 404
    assert manager_client.post(REVOKE, section).status_code == 302


def test_feed_needs_as_many_queries_for_many_events(editor, today, assert_same_queries):
    url = feed_of(editor)

    def add():
        agreement = AgreementFactory(
            municipality=editor.municipality, department=editor.department, first_expiry=date(2027, 3, 31)
        )
        Meeting.objects.create(agreement=agreement, held_on=date(2026, 9, 1), summary="打合せ")
        ActionItemFactory(agreement=agreement, due_on=date(2026, 11, 3))

    assert_same_queries(add, lambda: Client().get(url))


def test_page_needs_as_many_queries_for_many_sections(manager, manager_client, assert_same_queries):
    def add():
        section = DepartmentFactory(municipality=manager.municipality)
        issue_feed(owner=section, by=manager, now=timezone.now())
        StaffMemberFactory(municipality=manager.municipality, department=section)

    assert_same_queries(add, lambda: manager_client.get(PAGE))
