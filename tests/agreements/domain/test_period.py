from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.period import distance, period_bar

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))


def test_period_bar_places_the_dates_of_a_running_term():
    bar = period_bar(
        start=date(2026, 4, 1), expiry=date(2027, 4, 1), notice=date(2027, 3, 2), today=date(2026, 10, 1)
    )
    assert (bar.start_at, bar.today_at, bar.notice_at, bar.expiry_at) == (0.0, 50.1, 91.8, 100.0)
    assert (bar.elapsed, bar.elapsed_share, bar.notice_length, bar.over_length) == (50.1, 50, 8.2, 0.0)
    assert not bar.is_over


def test_period_bar_runs_on_to_today_when_the_term_is_over():
    bar = period_bar(start=date(2020, 1, 1), expiry=date(2021, 1, 1), notice=None, today=date(2022, 1, 2))
    assert (bar.expiry_at, bar.today_at, bar.is_over) == (50.0, 100.0, True)
    assert (bar.elapsed_share, bar.over_length) == (100, 50.0)


def test_period_bar_begins_today_when_the_term_has_not_begun():
    bar = period_bar(start=date(2027, 4, 1), expiry=date(2028, 4, 1), notice=None, today=date(2026, 4, 1))
    assert (bar.today_at, bar.elapsed) == (0.0, 0)
    assert 49 < bar.start_at < 51


@pytest.mark.parametrize(
    ("start", "expiry"),
    [
        (None, date(2027, 4, 1)),
        (date(2026, 4, 1), None),
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 4, 1), date(2026, 3, 31)),
    ],
)
def test_period_bar_needs_a_start_and_a_later_end(start, expiry):
    assert period_bar(start=start, expiry=expiry, notice=None, today=date(2026, 10, 1)) is None


def test_period_bar_leaves_out_a_notice_outside_the_term_and_too_many_renewals():
    start, expiry = date(2000, 1, 1), date(2026, 1, 1)
    early = period_bar(start=start, expiry=expiry, notice=date(1999, 12, 31), today=date(2010, 1, 1))
    assert (early.notice_at, early.notice_length) == (None, 0.0)
    years = [date(year, 1, 1) for year in range(2001, 2026)]
    assert period_bar(start=start, expiry=expiry, notice=None, today=start, renewals=years).renewals_at == ()
    assert (
        len(period_bar(start=start, expiry=expiry, notice=None, today=start, renewals=years[1:]).renewals_at)
        == 24
    )


@given(start=DAYS, expiry=DAYS, notice=st.none() | DAYS, today=DAYS, renewals=st.lists(DAYS, max_size=5))
def test_period_bar_keeps_everything_on_the_bar_and_in_order(start, expiry, notice, today, renewals):
    bar = period_bar(start=start, expiry=expiry, notice=notice, today=today, renewals=renewals)
    if bar is None:
        assert expiry <= start
        return
    marks = [bar.start_at, bar.today_at, bar.expiry_at, *bar.renewals_at]
    assert all(0 <= mark <= 100 for mark in marks)
    assert bar.start_at <= bar.expiry_at
    assert {bar.start_at, bar.today_at} & {0.0}
    assert {bar.expiry_at, bar.today_at} & {100.0}
    assert 0 <= bar.elapsed_share <= 100
    assert bar.is_over is (today > expiry)
    if bar.notice_at is not None:
        assert bar.start_at <= bar.notice_at <= bar.expiry_at
    if timedelta(0) < today - start and today <= expiry:
        assert bar.elapsed == pytest.approx(bar.today_at - bar.start_at, abs=0.11)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 10, 31), "あと30日"),
        (date(2026, 10, 2), "あと1日"),
        (date(2026, 10, 1), "今日"),
        (date(2026, 9, 30), "1日前"),
        (None, ""),
    ],
)
def test_distance_of_a_day_from_today_in_words(day, words):
    assert distance(day, date(2026, 10, 1)) == words
