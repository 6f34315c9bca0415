"""When the records of an ended agreement may be disposed of."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.choices import Retention
from agreements.domain.retention import PERMANENT, disposal_due, last_end_due
from municipalities.fiscal_year import fiscal_year_of

DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31))
YEARS = st.sampled_from([1, 3, 5, 10])


@pytest.mark.parametrize(
    ("ended_on", "years", "due"),
    [
        (date(2020, 9, 30), 5, date(2026, 4, 1)),  # ended in 令和2年度, kept 令和3 to 7年度
        (date(2021, 3, 31), 5, date(2026, 4, 1)),
        (date(2021, 4, 1), 5, date(2027, 4, 1)),
        (date(2020, 2, 29), 1, date(2021, 4, 1)),
        (date(2019, 4, 30), 10, date(2030, 4, 1)),  # the change of the era changes nothing
    ],
)
def test_disposal_due_counts_from_the_fiscal_year_after_the_end(ended_on, years, due):
    assert disposal_due(ended_on, years) == due


@pytest.mark.parametrize(
    ("ended_on", "years"), [(None, 5), (date(2020, 1, 1), None), (None, None), (date(1960, 1, 1), PERMANENT)]
)
def test_disposal_due_is_never_without_an_end_or_a_term_or_for_good(ended_on, years):
    assert disposal_due(ended_on, years) is None


def test_permanent_is_the_stored_value():
    assert Retention.PERMANENT == PERMANENT


@given(DAYS, YEARS)
def test_records_are_kept_for_whole_years(ended_on, years):
    due = disposal_due(ended_on, years)
    assert (due.month, due.day) == (4, 1)
    assert fiscal_year_of(due - timedelta(days=1)) - fiscal_year_of(ended_on) == years
    assert due.replace(year=due.year - years) > ended_on


@given(DAYS, YEARS, DAYS)
def test_last_end_due_is_the_same_rule(ended_on, years, today):
    assert (ended_on <= last_end_due(years, today)) == (disposal_due(ended_on, years) <= today)
