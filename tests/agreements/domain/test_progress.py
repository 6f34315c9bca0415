from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain import progress
from agreements.domain.progress import ActionFacts, Bar, Owed
from agreements.domain.renewal import add_months
from municipalities.fiscal_year import first_day, fiscal_year_of, last_day

TODAY = date(2026, 10, 1)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
maybe_days = st.none() | days
figures = st.decimals(-10_000, 10_000, places=2)
periods = st.tuples(maybe_days, maybe_days).map(
    lambda pair: tuple(sorted(pair)) if None not in pair else pair
)


def facts(**values):
    return ActionFacts(**{"is_open": True, **values})


@pytest.mark.parametrize(
    ("due", "is_open", "expected"),
    [
        (date(2026, 9, 30), True, True),
        (date(2026, 10, 1), True, False),
        (date(2026, 9, 30), False, False),
        (None, True, False),
    ],
)
def test_overdue_begins_the_day_after_the_due_date(due, is_open, expected):
    assert progress.is_overdue(facts(due_on=due, is_open=is_open), TODAY) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"told_on": date(2026, 7, 1)}, None),  # three months ago to the day
        ({"told_on": date(2026, 6, 30)}, Owed.QUIET),
        ({"told_on": date(2026, 4, 1)}, Owed.QUIET),  # six months to the day
        ({"told_on": date(2026, 3, 31)}, Owed.STALE),
        ({"told_on": date(2026, 3, 31), "starts_on": date(2026, 9, 1)}, None),  # only just begun
        ({"told_on": date(2026, 3, 31), "starts_on": date(2026, 10, 2)}, None),  # to come
        ({"told_on": date(2026, 9, 30), "due_on": date(2026, 9, 30)}, Owed.OVERDUE),
        ({"told_on": date(2020, 1, 1), "is_open": False}, None),
        ({}, Owed.STALE),
    ],
)
def test_owed_tells_the_most_urgent_reason(values, expected):
    assert progress.owed(facts(**values), TODAY) is expected


@given(days, days, st.sampled_from([3, 6]))
def test_silence_is_measured_as_rule_v04_measures_it(day, today, months):
    assert (day < progress.silent_since(today, months)) == (add_months(day, months) < today)


@pytest.mark.parametrize(
    ("baseline", "target", "current", "rate"),
    [
        (None, "100", "120", "120.0"),
        (None, "3", "1", "33.3"),
        ("100", "120", "110", "50.0"),
        ("100", "80", "90", "50.0"),  # less is better
        ("100", "120", "90", "0.0"),
        (None, "0", "5", None),
        (None, None, "5", None),
        (None, "100", None, None),
    ],
)
def test_achievement_is_the_part_of_the_way_gone(baseline, target, current, rate):
    values = [Decimal(each) if each is not None else None for each in (baseline, target, current)]
    assert progress.achievement(*values) == (Decimal(rate) if rate is not None else None)


@given(figures, figures)
def test_achievement_at_the_target_is_100_and_at_the_baseline_0(baseline, target):
    if baseline == target:
        assert progress.achievement(baseline, target, target) is None
    else:
        assert progress.achievement(baseline, target, target) == 100
        assert progress.achievement(baseline, target, baseline) == 0


@pytest.mark.parametrize(
    ("starts", "due", "expected"),
    [
        (date(2026, 4, 1), date(2027, 3, 31), Bar(0, 11)),
        (date(2025, 4, 1), date(2026, 5, 10), Bar(0, 1, from_before=True)),
        (date(2027, 1, 5), date(2028, 3, 31), Bar(9, 11, goes_on=True)),
        (date(2026, 9, 1), None, Bar(5, 11, goes_on=True)),
        (None, date(2026, 9, 30), Bar(5, 5)),
        (None, date(2026, 3, 31), None),
        (date(2027, 4, 1), None, None),
        (None, None, None),
    ],
)
def test_bar_fills_the_months_of_the_year(starts, due, expected):
    assert progress.bar(starts, due, 2026) == expected


@given(periods, st.integers(1995, 2085))
def test_bar_covers_exactly_the_months_with_a_day_of_the_action(period, year):
    starts, due = period
    found = progress.bar(starts, due, year)
    begin, end = starts or due, due or date.max
    months = []
    for month in range(12):
        first = add_months(first_day(year), month)
        last = add_months(first, 1) - timedelta(days=1)
        months += [month] if begin is not None and begin <= last and end >= first else []
    assert (found is None) == (not months)
    if found:
        assert [*range(found.first, found.last + 1)] == months
        assert found.from_before == (begin < first_day(year))
        assert found.goes_on == (end > last_day(year))


@given(periods, st.integers(1995, 2085))
def test_next_dates_lie_in_the_year_they_name_and_keep_their_order(period, this_year):
    starts, due, year = progress.next_dates(*period, this_year)
    assert progress.year_of(starts, due) == year
    assert year >= this_year
    if period != (None, None):
        own = progress.year_of(*period)
        assert year == max(own + 1, this_year)
        assert (starts is None, due is None) == (period[0] is None, period[1] is None)
    if starts and due:
        assert starts <= due


def test_next_dates_of_29_february_end_with_february():
    starts, due, year = progress.next_dates(date(2027, 6, 1), date(2028, 2, 29), 2027)
    assert (starts, due, year) == (date(2028, 6, 1), date(2029, 2, 28), 2028)
    assert fiscal_year_of(due) == 2028


@given(st.dictionaries(st.integers(1, 8), st.sets(st.integers(1, 8), max_size=3), max_size=8))
def test_added_dependencies_never_make_a_circle(wanted):
    """Taking only what `finds_cycle` lets through, every action can be done some day."""
    waits = {}
    for key, before in wanted.items():
        if not progress.finds_cycle(waits, key, before):
            waits[key] = before
    done = set()
    for _round in range(9):
        done |= {key for key in range(1, 9) if waits.get(key, set()) <= done}
    assert done == set(range(1, 9))


def test_cycle_is_told_as_the_way_round():
    assert progress.finds_cycle({2: [3], 3: [1]}, 1, [2]) == [1, 2, 3, 1]
    assert progress.finds_cycle({}, 1, [1]) == [1, 1]
    assert progress.finds_cycle({2: [3]}, 1, [2]) == []
