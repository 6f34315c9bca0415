"""States, moves, guards, badges and the line of steps."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import choices
from agreements.domain import lifecycle
from agreements.domain.lifecycle import (
    AgreementFacts,
    Badge,
    State,
    StepStatus,
    allowed,
    badges,
    check,
    entry_states,
    next_step,
    steps,
    transition,
)
from agreements.domain.renewal import Terms, current_expiry, notice_deadline

TODAY = date(2026, 10, 1)
READY = AgreementFacts(
    state=State.NEGOTIATING,
    party_count=2,
    item_count=7,
    has_department=True,
    is_approved=True,
    signed_on=date(2026, 4, 1),
    has_signed_file=True,
    ended_reason="mutual",
    ended_on=date(2026, 9, 30),
    declined_reason="予算がつかないため",
)


def codes(blockers):
    return [blocker.code for blocker in blockers]


@pytest.mark.parametrize(
    ("enum", "choice"),
    [(State, choices.AgreementState), (lifecycle.EndedReason, choices.EndedReason)],
)
def test_the_choices_of_the_models_are_the_same(enum, choice):
    assert [(member.value, member.label) for member in enum] == list(choice.choices)


def test_states_are_found_by_their_value():
    assert State("active") is State.ACTIVE
    assert State.ACTIVE == "active"
    assert State.ACTIVE.label == "締結・実施中"
    assert len(State) == 8


MOVES = {
    "proposed": {"reviewing", "declined"},
    "reviewing": {"negotiating", "declined"},
    "negotiating": {"approving", "declined"},
    "approving": {"active", "negotiating", "declined"},
    "active": {"suspended", "ended"},
    "suspended": {"active", "ended"},
    "ended": set(),
    "declined": set(),
}


@pytest.mark.parametrize(("source", "target"), list(product(State, State)))
def test_exactly_the_moves_of_the_life_cycle_are_possible(source, target):
    possible = target.value in MOVES[source.value]
    assert (target in allowed(source)) is possible
    assert (transition(source, target) is not None) is possible
    assert ("not_allowed" in codes(check(replace(READY, state=source), target))) is not possible


def test_a_forbidden_move_names_both_states_in_japanese():
    (blocker,) = check(replace(READY, state=State.PROPOSED), State.ACTIVE)
    assert blocker.message == "「提案受付」から「締結・実施中」へは進めません。"
    assert blocker.place == "state"


def test_the_next_step_is_the_first_allowed_move_and_leads_to_the_signing():
    path = [State.PROPOSED]
    while (step := next_step(path[-1])) is not None:
        assert step is allowed(path[-1])[0]
        path.append(step)
    assert path[-1] is State.ACTIVE
    assert next_step(State.SUSPENDED) is State.ACTIVE
    assert next_step(State.ENDED) is next_step(State.DECLINED) is None


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"party_count": 0}, "no_party", "parties"),
        ({"item_count": 0}, "no_item", "items"),
        ({"has_department": False}, "no_department", "department"),
        ({"has_e03": True}, "e03", "expectations"),
    ],
)
def test_what_blocks_the_approval(change, code, place):
    assert check(READY, State.APPROVING) == []
    (blocker,) = check(replace(READY, **change), State.APPROVING)
    assert (blocker.code, blocker.place) == (code, place)


def test_every_blocker_is_listed_at_once():
    empty = AgreementFacts(state=State.NEGOTIATING)
    assert codes(check(empty, State.APPROVING)) == ["no_party", "no_item", "no_department"]


@pytest.mark.parametrize("source", [State.APPROVING, State.SUSPENDED])
def test_signing_needs_a_date_and_the_original(source):
    facts = replace(READY, state=source)
    assert check(facts, State.ACTIVE) == []
    assert codes(check(replace(facts, signed_on=None), State.ACTIVE)) == ["no_signed_on"]
    unfiled = replace(facts, has_signed_file=False)
    assert codes(check(unfiled, State.ACTIVE)) == ["no_signed_file"]
    assert check(replace(unfiled, paper_original_only=True), State.ACTIVE) == []


def test_nothing_is_signed_before_it_is_approved():
    (blocker,) = check(replace(READY, state=State.APPROVING, is_approved=False), State.ACTIVE)
    assert (blocker.code, blocker.place) == ("not_approved", "approval")
    # A pause does not ask for the old decision again: taken-over agreements have none.
    assert check(replace(READY, state=State.SUSPENDED, is_approved=False), State.ACTIVE) == []


def test_an_end_needs_a_reason_and_a_date_after_the_signing():
    facts = replace(READY, state=State.ACTIVE)
    assert check(facts, State.ENDED) == []
    assert codes(check(replace(facts, ended_reason=" ", ended_on=None), State.ENDED)) == [
        "no_ended_reason",
        "no_ended_on",
    ]
    early = replace(facts, ended_on=facts.signed_on - timedelta(days=1))
    assert codes(check(early, State.ENDED)) == ["ended_before_signed"]
    assert check(replace(facts, ended_on=facts.signed_on), State.ENDED) == []


def test_declining_needs_a_reason_but_nothing_else():
    facts = AgreementFacts(state=State.PROPOSED, declined_reason="　")
    assert codes(check(facts, State.DECLINED)) == ["no_declined_reason"]
    assert check(replace(facts, declined_reason="趣旨が合わないため"), State.DECLINED) == []


def test_sending_back_and_pausing_need_nothing():
    assert check(AgreementFacts(state=State.APPROVING, has_e03=True), State.NEGOTIATING) == []
    assert check(AgreementFacts(state=State.ACTIVE), State.SUSPENDED) == []


def test_legacy_agreements_enter_directly():
    assert entry_states(backfilled=True) == (State.ACTIVE, State.ENDED)
    assert entry_states(backfilled=False) == (State.PROPOSED,)


# --- Badges ---

RENEWING = Terms(
    date(2017, 3, 31), True, 12, notice_months=1
)  # on TODAY: until 2027-03-31, notice 2027-02-28
RUNNING = AgreementFacts(
    state=State.ACTIVE, signed_on=date(2016, 11, 2), terms=RENEWING, last_activity_on=date(2026, 9, 1)
)


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 12, 29), False),  # 61 days before the notice deadline
        (date(2026, 12, 30), True),
        (date(2027, 2, 28), True),
        (date(2027, 3, 31), True),  # too late for notice, but a decision can still be written down
        (date(2027, 4, 1), False),  # renewed: the next deadline is far
    ],
)
def test_renewal_is_due_sixty_days_before_the_notice_deadline(today, due):
    assert (Badge.RENEWAL_DUE in badges(RUNNING, today)) is due


def test_a_decision_for_this_expiry_takes_the_badge_away_but_an_old_one_does_not():
    today = date(2027, 2, 1)
    assert Badge.RENEWAL_DUE not in badges(replace(RUNNING, decided_for=date(2027, 3, 31)), today)
    assert Badge.RENEWAL_DUE in badges(replace(RUNNING, decided_for=date(2026, 3, 31)), today)


def test_past_a_non_renewing_expiry():
    facts = replace(RUNNING, terms=Terms(date(2026, 9, 30), False, None))
    assert badges(facts, date(2026, 9, 30)) == (Badge.RENEWAL_DUE,)
    assert badges(facts, date(2026, 10, 1)) == (Badge.PAST_EXPIRY,)
    assert Badge.PAST_EXPIRY not in badges(replace(facts, state=State.ENDED), date(2026, 10, 1))
    assert Badge.PAST_EXPIRY not in badges(RUNNING, date(2040, 1, 1))


def test_dormant_after_more_than_twelve_months_without_a_sign_of_life():
    facts = replace(RUNNING, last_activity_on=date(2025, 10, 1))
    assert Badge.DORMANT not in badges(facts, date(2026, 10, 1))
    assert Badge.DORMANT in badges(facts, date(2026, 10, 2))
    assert Badge.DORMANT in badges(replace(facts, last_activity_on=None), TODAY)
    assert Badge.DORMANT not in badges(replace(facts, last_activity_on=None, signed_on=TODAY), TODAY)
    assert Badge.DORMANT not in badges(replace(facts, last_activity_on=None, unprepared=True), TODAY)


@pytest.mark.parametrize("state", [s for s in State if s not in (State.ACTIVE, State.SUSPENDED)])
def test_what_is_not_in_force_has_no_badges(state):
    assert badges(replace(RUNNING, state=state, last_activity_on=None), date(2027, 2, 1)) == ()


def test_an_open_ended_agreement_is_never_due():
    facts = replace(RUNNING, terms=Terms(None, False, None))
    assert badges(facts, TODAY) == ()
    assert badges(replace(facts, terms=None), TODAY) == ()


@given(
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.booleans(),
    st.integers(1, 60),
    st.integers(0, 12),
)
def test_due_and_past_expiry_follow_the_renewal_module(first, today, auto_renew, months, notice):
    terms = Terms(first, auto_renew, months, notice_months=notice)
    found = badges(replace(RUNNING, terms=terms, last_activity_on=today), today)
    expiry = current_expiry(terms, today)
    assert (Badge.PAST_EXPIRY in found) is (expiry < today)
    due = expiry >= today and (notice_deadline(terms, today) - today).days <= 60
    assert (Badge.RENEWAL_DUE in found) is due


# --- Steps ---


def line(*args, **kwargs):
    return [(step.state.value, step.status.value) for step in steps(*args, **kwargs)]


def test_the_line_of_an_agreement_under_way():
    assert line(State.NEGOTIATING) == [
        ("proposed", "done"),
        ("reviewing", "done"),
        ("negotiating", "current"),
        ("approving", "todo"),
        ("active", "todo"),
        ("ended", "todo"),
    ]


def test_a_pause_stands_in_the_line_only_while_it_lasts():
    assert line(State.SUSPENDED)[-3:] == [("active", "done"), ("suspended", "current"), ("ended", "todo")]
    assert "suspended" not in dict(line(State.ACTIVE))


def test_a_backfilled_agreement_skipped_the_first_stages():
    assert line(State.ENDED, backfilled=True) == [
        ("proposed", "skipped"),
        ("reviewing", "skipped"),
        ("negotiating", "skipped"),
        ("approving", "skipped"),
        ("active", "done"),
        ("ended", "current"),
    ]


def test_a_declined_agreement_shows_how_far_it_came():
    assert line(State.DECLINED, declined_from=State.REVIEWING) == [
        ("proposed", "done"),
        ("reviewing", "done"),
        ("negotiating", "skipped"),
        ("approving", "skipped"),
        ("declined", "current"),
    ]
    assert line(State.DECLINED)[1] == ("reviewing", "skipped")


@pytest.mark.parametrize(("state", "backfilled"), list(product(State, [True, False])))
def test_exactly_one_step_is_current_and_labels_are_japanese(state, backfilled):
    shown = steps(state, backfilled=backfilled)
    assert [step.state for step in shown if step.status is StepStatus.CURRENT] == [state]
    assert all(step.label == step.state.label for step in shown)
