"""iCalendar (RFC 5545) of deadlines, meetings and actions: what the owner of a feed may see at this moment.

Every event lasts a whole day and leaves the day free. Public holidays are shown if the owner wants them and
move nothing. UIDs name the record, so a renewed term or a changed date moves its event instead of adding one.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import jpholiday
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from icalendar import Calendar, Event

from agreements.domain import renewal
from agreements.models import ActionItem, Agreement, CalendarFeed, Meeting, SigningCeremony
from agreements.models.action_item import OPEN_STATES

PAST = timedelta(days=90)
AHEAD = timedelta(days=730)


def render_feed(feed: CalendarFeed, today: date, base_url: str = "") -> bytes:
    """The calendar file. The same records give the same bytes, on the same day."""
    calendar = Calendar()
    calendar.add("prodid", "-//Renkei//agreements//JA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"協定（{feed.owner}）")
    calendar.add("x-wr-timezone", "Asia/Tokyo")
    for event in _events(feed, today, base_url):
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def last_modified(feed: CalendarFeed, today: date) -> datetime:
    """When the calendar may have changed last: any change in the municipality, also one that hides a record.

    A new day changes it too: terms renew themselves.
    """
    own = feed.municipality_id
    changes = [
        Agreement.objects.filter(municipality=own).aggregate(at=Max("updated_at"))["at"],
        ActionItem.objects.filter(agreement__municipality=own).aggregate(at=Max("updated_at"))["at"],
        Meeting.objects.filter(agreement__municipality=own).aggregate(at=Max("updated_at"))["at"],
        feed.updated_at,
        timezone.make_aware(datetime.combine(today, time())),
    ]
    return max(change for change in changes if change is not None)


def _events(feed: CalendarFeed, today: date, base_url: str) -> Iterator[Event]:
    window = (today - PAST, today + AHEAD)
    agreements, actions = _scope(feed)
    shown = {agreement.pk: agreement for agreement in agreements}
    yield from _terms(agreements.active(), today, window, base_url)
    meetings = Meeting.objects.alive().filter(agreement__in=shown)
    for meeting in meetings.filter(Q(held_on__range=window) | Q(next_on__range=window)).order_by("pk"):
        agreement = shown[meeting.agreement_id]
        if window[0] <= meeting.held_on:
            key = f"meeting-{meeting.pk}"
            yield _event(agreement, key, f"会議：{agreement}", meeting.held_on, meeting.updated_at, base_url)
        if meeting.next_on is not None and window[0] <= meeting.next_on <= window[1]:
            key, summary = f"meeting-{meeting.pk}-next", f"会議の予定：{agreement}"
            yield _event(agreement, key, summary, meeting.next_on, meeting.updated_at, base_url)
    for ceremony in SigningCeremony.objects.filter(
        agreement__in=shown, cancelled_at=None, held_on__range=window
    ).order_by("pk"):
        agreement, key = shown[ceremony.agreement_id], f"ceremony-{ceremony.pk}"
        yield _event(agreement, key, f"締結式：{agreement}", ceremony.held_on, ceremony.updated_at, base_url)
    open_actions = actions.filter(state__in=OPEN_STATES, due_on__range=window)
    for action in open_actions.select_related("agreement__municipality").order_by("pk"):
        if action.due_on is not None:
            key, summary = f"action-{action.pk}", f"取組の期限：{action}（{action.agreement}）"
            yield _event(action.agreement, key, summary, action.due_on, action.updated_at, base_url)
    if feed.with_holidays:
        yield from _holidays(window)


def _scope(feed: CalendarFeed) -> tuple[Any, QuerySet[ActionItem]]:
    """What the person or the 課 answers for, of what may be seen."""
    if feed.person is not None:
        person = feed.person
        own = Q(person_in_charge=person.pk) | Q(department__isnull=False, department=person.department_id)
        agreements = Agreement.objects.internal_to(person)
        actions = ActionItem.objects.internal_to(person)
    else:
        own = Q(department=feed.department)
        agreements = Agreement.objects.alive().filter(municipality=feed.municipality_id)
        actions = ActionItem.objects.alive().filter(agreement__municipality=feed.municipality_id)
    return agreements.filter(own).select_related("municipality"), actions.filter(own)


def _terms(agreements: Any, today: date, window: tuple[date, date], base_url: str) -> Iterator[Event]:
    for agreement in agreements.with_newest_decision().filter(first_expiry__isnull=False).order_by("pk"):
        expiry = renewal.current_expiry(agreement.terms, today)
        deadline = renewal.notice_deadline(agreement.terms, today)
        changed = agreement.updated_at
        if deadline and window[0] <= deadline <= window[1] and agreement.decided_for != expiry:
            key, summary = f"agreement-{agreement.pk}-notice", f"更新の通知期限：{agreement}"
            yield _event(agreement, key, summary, deadline, changed, base_url)
        if expiry and window[0] <= expiry <= window[1]:
            follows = renewal.next_expiry(agreement.terms, today) is not None
            summary = f"満了{'（自動更新）' if follows else ''}：{agreement}"
            yield _event(agreement, f"agreement-{agreement.pk}-expiry", summary, expiry, changed, base_url)


def _holidays(window: tuple[date, date]) -> Iterator[Event]:
    for day, name in jpholiday.between(*window):
        event = _whole_day(f"holiday-{day.isoformat()}@renkei", f"祝日：{name}", day)
        event.add("dtstamp", datetime(day.year, 1, 1, tzinfo=UTC))
        yield event


def _event(
    agreement: Agreement, key: str, summary: str, day: date, changed: datetime, base_url: str
) -> Event:
    event = _whole_day(f"{key}@{agreement.municipality.code}.renkei", summary, day)
    event.add("dtstamp", changed.astimezone(UTC))
    event.add("last-modified", changed.astimezone(UTC))
    if base_url:
        event.add("url", base_url + agreement.get_absolute_url())
    return event


def _whole_day(uid: str, summary: str, day: date) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("summary", summary)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event
