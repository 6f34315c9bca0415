"""When a link opens, and codes as people type them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.share_links import (
    CODE_DIGITS,
    SESSION_IDLE,
    SESSION_LONGEST,
    Closed,
    LinkFacts,
    Progress,
    closed_because,
    end_of_day,
    ends_sessions,
    grouped,
    is_session_over,
    may_remind,
    normalise_code,
    progress,
)

NOW = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
codes = st.text("0123456789", min_size=CODE_DIGITS, max_size=CODE_DIGITS)
moments = st.integers(0, 20 * 366 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


def facts(**changes):
    return LinkFacts(**{"expires_at": NOW + timedelta(days=1), "uses": 0, "max_uses": 3, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"uses": 2}, None),
        ({"uses": 3}, Closed.USED_UP),
        ({"expires_at": NOW}, Closed.EXPIRED),
        ({"expires_at": NOW, "uses": 3}, Closed.EXPIRED),
        ({"is_contact_current": False}, Closed.CONTACT_GONE),
        ({"is_revoked": True, "is_contact_current": False, "uses": 3}, Closed.REVOKED),
    ],
)
def test_link_closes_for_the_gravest_reason(changes, expected):
    assert closed_because(facts(**changes), NOW) is expected


def test_used_up_link_lets_those_inside_finish():
    assert [each for each in (None, *Closed) if not ends_sessions(each)] == [None, Closed.USED_UP]


def test_progress_of_the_company():
    assert progress(was_opened=False, was_submitted=False) is Progress.UNOPENED
    assert progress(was_opened=True, was_submitted=False) is Progress.IN_PROGRESS
    assert progress(was_opened=True, was_submitted=True) is Progress.SUBMITTED


@given(codes, st.sampled_from(["", " ", "　", "-", "－", "ー", "–"]), st.booleans())
def test_codes_are_read_however_they_are_typed(code, separator, wide):
    half = CODE_DIGITS // 2
    typed = f" {code[:half]}{separator}{code[half:]}\n"
    if wide:
        typed = typed.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert normalise_code(typed) == code
    assert normalise_code(grouped(code)) == code


@given(st.text(max_size=40).filter(lambda text: sum(each.isdecimal() for each in text) != CODE_DIGITS))
def test_anything_else_is_refused_in_japanese(text):
    with pytest.raises(ValueError, match="8桁"):
        normalise_code(text)


@given(
    moments, st.timedeltas(timedelta(0), timedelta(days=2)), st.timedeltas(timedelta(0), timedelta(days=2))
)
def test_session_ends_by_idleness_and_by_age(started, since_start, idle):
    now = started + since_start
    seen = max(started, now - idle)
    over = is_session_over(started, seen, now)
    assert over == (since_start >= SESSION_LONGEST or now - seen >= SESSION_IDLE)


@given(moments, st.integers(0, 180))
def test_end_of_day_is_on_that_day(now, days):
    end = end_of_day(now, days)
    assert end.date() == (now + timedelta(days=days)).date()
    assert (end + timedelta(minutes=1)).date() > end.date()


def test_one_reminder_a_day():
    day = date(2026, 10, 1)
    assert not may_remind(sent_on=day, reminded_on=None, today=day)
    assert may_remind(sent_on=day, reminded_on=None, today=date(2026, 10, 2))
    assert not may_remind(sent_on=day, reminded_on=date(2026, 10, 2), today=date(2026, 10, 2))
