"""The lock on the text, the day of a move, what to think of before it."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from agreements.domain.lifecycle import State
from agreements.domain.procedure import (
    ProcedureFacts,
    TextLock,
    cautions,
    check_day,
    lock_reason,
    text_lock,
)

TODAY = date(2026, 10, 1)


@pytest.mark.parametrize("state", State)
def test_the_text_is_locked_from_the_approval_on(state):
    is_open = state in {State.PROPOSED, State.REVIEWING, State.NEGOTIATING, State.DECLINED}
    assert (text_lock(state, backfilled=False) is TextLock.OPEN) is is_open
    assert is_open or text_lock(state, backfilled=False) is TextLock.LOCKED


@pytest.mark.parametrize("state", [State.ACTIVE, State.SUSPENDED, State.ENDED])
def test_the_text_of_a_taken_over_agreement_can_be_corrected(state):
    assert text_lock(state, backfilled=True) is TextLock.CORRECTABLE


def test_the_reason_says_what_to_do_instead():
    assert "差し戻して" in lock_reason(State.APPROVING)
    assert "変更の手続き" in lock_reason(State.ACTIVE)


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (TODAY, []),
        (TODAY + timedelta(days=1), ["day_to_come"]),
        (date(2026, 9, 1), []),
        (date(2026, 8, 31), ["day_too_early"]),
    ],
)
def test_a_move_lies_between_the_last_one_and_today(on, code):
    found = check_day(on, today=TODAY, earliest=date(2026, 9, 1), what="直前の手続きの日")
    assert [blocker.code for blocker in found] == code
    assert all(blocker.place == "on" for blocker in found)


def test_without_a_day_before_it_a_move_may_be_as_old_as_it_likes():
    assert check_day(date(1990, 1, 1), today=TODAY) == []


CAREFUL = ProcedureFacts(has_proposal=True, opinions_asked=2)


def test_a_careful_procedure_raises_no_caution():
    assert [cautions(CAREFUL, source, target) for source, target in product(State, State)] == [[]] * 64


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"has_proposal": False, "unchecked_criteria": 3}, "提案票がまだありません。"),
        ({"unmet_criteria": ("営業だけが目的ではない",)}, "営業だけが目的ではない"),
        ({"unchecked_criteria": 3}, "3件が未確認"),
    ],
)
def test_cautions_before_the_departments_are_asked(change, words):
    (caution,) = cautions(replace(CAREFUL, **change), State.PROPOSED, State.REVIEWING)
    assert words in caution
    assert cautions(replace(CAREFUL, **change), State.NEGOTIATING, State.APPROVING) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"opinions_asked": 0}, "照会していません"),
        ({"unanswered": ("健康課", "防災課")}, "健康課、防災課"),
        ({"opposed": ("財政課",)}, "「不可」と回答した課があります：財政課"),
        ({"conditional": ("法務課",)}, "「条件付」と回答した課があります：法務課"),
    ],
)
@pytest.mark.parametrize(
    ("source", "target"),
    [(State.REVIEWING, State.NEGOTIATING), (State.NEGOTIATING, State.APPROVING)],
)
def test_cautions_while_opinions_are_open(change, words, source, target):
    (caution,) = cautions(replace(CAREFUL, **change), source, target)
    assert words in caution


def test_sending_back_asks_nothing():
    facts = ProcedureFacts(unanswered=("健康課",))
    assert cautions(facts, State.APPROVING, State.NEGOTIATING) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lacks_text": True}, "協定書案がまだありません"),
        ({"text_gaps": 3}, "3か所"),
        ({"text_faults": 2}, "2件"),
    ],
)
def test_cautions_about_the_text_come_before_the_decision_alone(change, words):
    (caution,) = cautions(replace(CAREFUL, **change), State.NEGOTIATING, State.APPROVING)
    assert words in caution
    assert cautions(replace(CAREFUL, **change), State.REVIEWING, State.NEGOTIATING) == []
