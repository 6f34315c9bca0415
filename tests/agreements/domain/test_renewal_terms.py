"""Renewal arithmetic on awkward dates, against a brute-force definition."""

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.renewal import (
    Terms,
    add_months,
    current_expiry,
    next_expiry,
    notice_deadline,
    renewal_dates,
    renewed_expiries,
    times_renewed,
    unrecorded_renewals,
)

dates = st.dates(date(1950, 1, 1), date(2150, 12, 31))
month_ends = dates.map(lambda d: d.replace(day=monthrange(d.year, d.month)[1]))
awkward_dates = st.one_of(dates, month_ends, st.sampled_from([date(2020, 2, 29), date(2024, 2, 28)]))


@st.composite
def terms(draw, always_renews=False):
    notice = draw(st.sampled_from(["months", "days", None]))
    return Terms(
        first_expiry=draw(awkward_dates),
        auto_renew=always_renews or draw(st.booleans()),
        renewal_months=draw(st.integers(1, 130)),
        notice_months=draw(st.integers(0, 24)) if notice == "months" else None,
        notice_days=draw(st.integers(0, 800)) if notice == "days" else None,
    )


auto_renewing = terms(always_renews=True)


def brute_force(terms, today):
    """(expiry, renewals) by walking term after term from the first expiry, as domain.md defines it."""
    k = 0
    while terms.auto_renew and add_months(terms.first_expiry, terms.renewal_months * k) < today:
        k += 1
    return add_months(terms.first_expiry, (terms.renewal_months or 0) * k), k


SENDAI_YAMAGATA = Terms(date(2017, 3, 31), True, 12, notice_months=1)


@pytest.mark.parametrize(
    ("today", "expiry", "notice", "renewed"),
    [
        (date(2016, 11, 2), date(2017, 3, 31), date(2017, 2, 28), 0),
        (date(2017, 3, 31), date(2017, 3, 31), date(2017, 2, 28), 0),
        (date(2017, 4, 1), date(2018, 3, 31), date(2018, 2, 28), 1),
        (date(2019, 4, 1), date(2020, 3, 31), date(2020, 2, 29), 3),
        (date(2026, 10, 1), date(2027, 3, 31), date(2027, 2, 28), 10),
    ],
)
def test_sendai_and_yamagata(today, expiry, notice, renewed):
    assert current_expiry(SENDAI_YAMAGATA, today) == expiry
    assert notice_deadline(SENDAI_YAMAGATA, today) == notice
    assert times_renewed(SENDAI_YAMAGATA, today) == renewed


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 12, 31), -10, date(2024, 2, 29)),
        (date(2024, 5, 31), 0, date(2024, 5, 31)),
        (date(2024, 11, 30), 2, date(2025, 1, 30)),
        (date(1, 12, 31), -11, date(1, 1, 31)),
        (date(9999, 1, 31), 11, date(9999, 12, 31)),
    ],
)
def test_add_months_clamps_to_the_month_end(start, months, expected):
    assert add_months(start, months) == expected


@pytest.mark.parametrize(("start", "months"), [(date(9999, 12, 1), 1), (date(1, 1, 1), -1)])
def test_add_months_says_when_the_calendar_ends(start, months):
    with pytest.raises(ValueError, match="範囲"):
        add_months(start, months)


def test_without_auto_renewal_the_first_expiry_stays_also_when_past():
    terms = Terms(date(2020, 3, 31), False, None, notice_days=30)
    assert current_expiry(terms, date(2026, 1, 1)) == date(2020, 3, 31)
    assert notice_deadline(terms, date(2026, 1, 1)) == date(2020, 3, 1)
    assert times_renewed(terms, date(2026, 1, 1)) == 0
    assert next_expiry(terms, date(2019, 1, 1)) is None
    assert renewal_dates(terms, date(2026, 1, 1)) == []


def test_an_open_ended_agreement_never_expires():
    for terms in (Terms(None, False, None), Terms(None, True, 12, notice_months=3)):
        today = date(2026, 1, 1)
        assert current_expiry(terms, today) is None
        assert notice_deadline(terms, today) is None
        assert next_expiry(terms, today) is None
        assert times_renewed(terms, today) == 0
        assert renewal_dates(terms, today) == []


def test_without_a_notice_clause_the_internal_deadline_is_90_days():
    assert notice_deadline(Terms(date(2026, 3, 31), False, None), date(2025, 1, 1)) == date(2025, 12, 31)


def test_a_notice_of_zero_means_until_the_expiry_itself():
    assert notice_deadline(Terms(date(2026, 3, 31), False, None, notice_days=0), date(2025, 1, 1)) == date(
        2026, 3, 31
    )


def test_the_renewed_term_may_differ_from_the_initial_one():
    three_years_then_one = Terms(date(2023, 3, 31), True, 12, notice_months=3)
    assert current_expiry(three_years_then_one, date(2023, 4, 1)) == date(2024, 3, 31)
    assert next_expiry(three_years_then_one, date(2023, 4, 1)) == date(2025, 3, 31)
    assert renewal_dates(three_years_then_one, date(2025, 3, 31)) == [date(2023, 4, 1), date(2024, 4, 1)]
    assert renewal_dates(three_years_then_one, date(2025, 4, 1))[-1] == date(2025, 4, 1)


def test_a_leap_day_comes_back():
    terms = Terms(date(2024, 2, 29), True, 12)
    assert current_expiry(terms, date(2024, 3, 1)) == date(2025, 2, 28)
    assert current_expiry(terms, date(2027, 3, 1)) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((date(2026, 3, 31), True, None), "更新後の期間"),
        ((date(2026, 3, 31), True, 0), "更新後の期間"),
        ((date(2026, 3, 31), True, -12), "更新後の期間"),
        ((date(2026, 3, 31), True, 10_000), "更新後の期間"),
        ((None, True, None), "更新後の期間"),
        ((date(2026, 3, 31), False, None, 1, 30), "どちらか一方"),
        ((date(2026, 3, 31), False, None, -1), "月数"),
        ((date(2026, 3, 31), False, None, None, -1), "日数"),
        ((date(2026, 3, 31), False, None, None, 10**6), "日数"),
    ],
)
def test_contradictory_terms_are_refused_in_japanese(arguments, message):
    with pytest.raises(ValueError, match=message):
        Terms(*arguments)


def test_terms_are_frozen():
    with pytest.raises(AttributeError):
        SENDAI_YAMAGATA.auto_renew = False


@given(terms(), awkward_dates)
def test_the_expiry_equals_brute_force(terms, today):
    expiry, renewals = brute_force(terms, today)
    assert current_expiry(terms, today) == expiry
    assert times_renewed(terms, today) == renewals


@given(auto_renewing, awkward_dates)
def test_an_auto_renewing_expiry_is_never_past(terms, today):
    assert current_expiry(terms, today) >= today


@given(auto_renewing, awkward_dates, st.integers(0, 5000))
def test_the_expiry_is_monotone_in_today(terms, today, days):
    later = today + timedelta(days=days)
    assert current_expiry(terms, today) <= current_expiry(terms, later)
    assert notice_deadline(terms, today) <= notice_deadline(terms, later)
    assert times_renewed(terms, today) <= times_renewed(terms, later)


@given(auto_renewing, awkward_dates)
def test_the_day_of_the_month_never_drifts(terms, today):
    expiry = current_expiry(terms, today)
    month_end = monthrange(expiry.year, expiry.month)[1]
    assert expiry.day == min(terms.first_expiry.day, month_end)


@given(auto_renewing, awkward_dates)
def test_the_next_expiry_is_the_current_one_of_the_day_after(terms, today):
    expiry = current_expiry(terms, today)
    assert next_expiry(terms, today) == current_expiry(terms, expiry + timedelta(days=1))


@given(terms(), awkward_dates)
def test_the_notice_counts_from_the_current_expiry(terms, today):
    expiry, notice = current_expiry(terms, today), notice_deadline(terms, today)
    if terms.notice_months is not None:
        assert (expiry.year * 12 + expiry.month) - (notice.year * 12 + notice.month) == terms.notice_months
        assert notice.day == min(expiry.day, monthrange(notice.year, notice.month)[1])
    else:
        assert (expiry - notice).days == (90 if terms.notice_days is None else terms.notice_days)


@given(terms(), awkward_dates)
def test_every_renewed_term_begins_the_day_after_an_expiry(terms, today):
    starts = renewal_dates(terms, today)
    assert len(starts) == times_renewed(terms, today)
    assert starts == sorted(set(starts))
    for start in starts:
        assert start <= today
        assert current_expiry(terms, start - timedelta(days=1)) == start - timedelta(days=1)


# -- 更新判断: extension and end ----------------------------------------------------------------------
@given(auto_renewing, awkward_dates, awkward_dates)
def test_renewals_stop_with_the_term_in_which_the_agreement_was_decided_to_end(terms, day, today):
    ending = replace(terms, terminates_on=current_expiry(terms, day))
    assert current_expiry(ending, today) == min(current_expiry(terms, today), ending.terminates_on)
    follows = next_expiry(ending, today)
    assert follows is None or follows <= ending.terminates_on
    assert (follows is None) == (current_expiry(ending, today) == ending.terminates_on)


@given(terms(), awkward_dates, awkward_dates)
def test_an_extension_takes_the_place_of_the_first_expiry(terms, day, today):
    extended = replace(terms, extended_to=day)
    same = replace(terms, first_expiry=max(day, terms.first_expiry))
    assert current_expiry(extended, today) == current_expiry(same, today)
    assert notice_deadline(extended, today) == notice_deadline(same, today)
    assert renewal_dates(extended, today) == renewal_dates(same, today)


@given(terms(), awkward_dates, st.one_of(st.none(), awkward_dates))
def test_what_is_unrecorded_lies_behind_the_newest_record_and_before_the_current_term(terms, today, newest):
    renewed = renewed_expiries(terms, today)
    assert [day + timedelta(days=1) for day in renewed] == renewal_dates(terms, today)
    unrecorded = unrecorded_renewals(terms, newest, today)
    assert all(day < today and (newest is None or day > newest) for day in unrecorded)
    assert unrecorded_renewals(terms, unrecorded[-1] if unrecorded else newest, today) == []
