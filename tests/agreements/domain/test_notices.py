from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import choices
from agreements.domain import notices
from agreements.domain.notices import NoticeKind
from agreements.domain.renewal import Terms, add_months, current_expiry, notice_deadline

SENDAI = Terms(date(2017, 3, 31), True, 12, notice_months=1)  # 2027-03-31 / 2027-02-28 on 2026-10-01

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
terms = st.builds(
    Terms,
    st.dates(date(2018, 1, 1), date(2029, 12, 31)),
    st.booleans(),
    st.integers(1, 60),
    notice_months=st.none() | st.integers(0, 6),
)


def of_terms(today, terms=SENDAI, decided_for=None):
    return {(due.kind, due.due_on, due.stage) for due in notices.due_of_terms(terms, decided_for, today)}


def test_kinds_are_those_of_the_records():
    assert {kind.value for kind in NoticeKind} == set(choices.NoticeKind.values)


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2026, 10, 31), 120),
        (date(2026, 12, 29), 120),
        (date(2026, 12, 30), 60),
        (date(2027, 1, 29), 30),
        (date(2027, 2, 20), 30),
        (date(2027, 2, 21), 7),
        (date(2027, 2, 28), 7),
    ],
)
def test_notice_deadline_counts_from_the_renewed_expiry(today, stage):
    assert of_terms(today) == {(NoticeKind.DEADLINE, date(2027, 2, 28), stage)}


def test_nothing_is_due_before_the_first_stage_or_after_a_decision():
    assert of_terms(date(2026, 10, 30)) == set()
    assert of_terms(date(2027, 2, 25), decided_for=date(2027, 3, 31)) == set()


def test_missing_decision_is_due_from_the_day_after_the_deadline_to_the_expiry():
    missing = {(NoticeKind.UNDECIDED, date(2027, 2, 28), notices.PAST)}
    assert of_terms(date(2027, 3, 1)) == missing
    assert of_terms(date(2027, 3, 31)) == missing
    assert of_terms(date(2027, 4, 1)) == set()


def test_expiry_is_told_where_nothing_follows_and_until_it_is_settled():
    ending = Terms(date(2027, 3, 31), False, None, notice_months=1)
    decided = date(2027, 3, 31)
    assert of_terms(date(2027, 2, 28), ending, decided) == set()
    for today in (date(2027, 3, 1), date(2027, 3, 31), date(2029, 1, 1)):
        assert of_terms(today, ending, decided) == {(NoticeKind.EXPIRY, decided, 30)}


@given(terms, days)
def test_one_notice_a_term_at_once_and_it_stays_until_the_next(terms, today):
    found = [due for due in notices.due_of_terms(terms, None, today) if due.kind is not NoticeKind.EXPIRY]
    assert len(found) <= 1
    for due in found:
        assert due.starts_on <= today
        assert due.due_on == notice_deadline(terms, today)
        # Whenever in between the program runs, it finds the same notice.
        middle = due.starts_on + (today - due.starts_on) // 2
        if current_expiry(terms, middle) == current_expiry(terms, today):
            assert due in list(notices.due_of_terms(terms, None, middle))


@given(terms, days)
def test_undecided_term_is_told_on_each_day_of_the_last_120_before_its_expiry(terms, today):
    expiry, deadline = current_expiry(terms, today), notice_deadline(terms, today)
    within = deadline - timedelta(days=120) <= today <= expiry
    told = {kind for kind, _, _ in of_terms(today, terms)} - {NoticeKind.EXPIRY}
    assert bool(told) == within


@given(days, days)
def test_year_without_a_meeting_is_told_every_twelve_months(since, today):
    found = list(notices.due_of_meetings(since, today))
    assert bool(found) == (today > add_months(since, 12))
    for due in found:
        assert due.due_on < today <= add_months(since, 12 * (1 + round((due.due_on - since).days / 365.25)))


@pytest.mark.parametrize(
    ("today", "stages"),
    [
        (date(2026, 9, 11), []),
        (date(2026, 9, 12), [3]),
        (date(2026, 9, 15), [3]),
        (date(2026, 9, 16), [-1]),
        (date(2027, 9, 16), [-1]),
    ],
)
def test_opinion_is_told_before_its_day_and_after_it(today, stages):
    assert [due.stage for due in notices.due_of_opinion(date(2026, 9, 15), today)] == stages


@pytest.mark.parametrize(
    ("late", "stages"), [(0, []), (1, [-1]), (6, [-1]), (7, [-7]), (30, [-30]), (400, [-30])]
)
def test_overdue_action_is_told_after_1_7_and_30_days(late, stages):
    today = date(2026, 9, 15) + timedelta(days=late)
    assert [due.stage for due in notices.due_of_action(date(2026, 9, 15), today)] == stages


def test_tacit_renewal_is_told_for_sixty_days():
    told = [
        offset
        for offset in range(-5, 100)
        if list(notices.due_of_tacit_renewal(date(2027, 3, 31), date(2027, 3, 31) + timedelta(days=offset)))
    ]
    assert told == list(range(1, 61))


@given(days, days)
def test_only_days_that_can_be_missed_for_good_are_urgent(due_on, today):
    near = (due_on - today).days <= 7
    assert notices.is_urgent("deadline", due_on, today) == near
    assert not notices.is_urgent("no_meeting", due_on, today)
