"""更新判断: what each decision does to the terms, what is refused, the way back, 黙示更新."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from agreements.actions.register import ChangedMeanwhile, roll_terms
from agreements.actions.renew import decide_renewal, record_tacit_renewals, withdraw_decision
from agreements.actions.transition import NotAllowed
from agreements.choices import AgreementState, RenewalChoice
from agreements.domain import renewal
from agreements.models import Agreement, RenewalDecision
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)
NOW = datetime(2026, 10, 1, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
TERM = date(2027, 3, 31)
C = RenewalChoice


@pytest.fixture
def running(fukuoka):
    """An agreement in force as of 令和8年10月1日; by default one that renews itself every 31 March."""

    def make(today=TODAY, **values) -> Agreement:
        agreement = AgreementFactory.build(
            municipality=fukuoka,
            department=None,
            **{"renewing": True, "signed_on": date(2024, 4, 1), **values},
        )
        agreement.set_expiry(today)
        agreement.save()
        return agreement

    return make


@pytest.fixture
def fixed(running):
    """An agreement that ends on 令和9年3月31日 unless it is renewed."""
    return lambda **values: running(renewing=False, first_expiry=TERM, notice_months=1, **values)


@pytest.fixture
def decide(manager):
    def call(agreement, decision=C.RENEWED, term=TERM, today=TODAY, **facts):
        seen = Agreement.objects.get(pk=agreement.pk)
        facts = {"decided_on": today, "reason": "市民に役立っている", "version": seen.version, **facts}
        return decide_renewal(agreement=seen, term=term, decision=decision, by=manager, today=today, **facts)

    return call


@pytest.fixture
def withdraw(manager):
    def call(agreement, reason="誤って記録した", today=TODAY, **facts):
        seen = Agreement.objects.get(pk=agreement.pk)
        facts = {"version": seen.version, "now": NOW, **facts}
        return withdraw_decision(agreement=seen, by=manager, reason=reason, today=today, **facts)

    return call


def refusal(verb, *args, **kwargs) -> list[str]:
    with pytest.raises(NotAllowed) as caught:
        verb(*args, **kwargs)
    return [blocker.code for blocker in caught.value.blockers]


def terms_of(agreement) -> tuple:
    agreement.refresh_from_db()
    return (
        agreement.expires_on,
        agreement.notice_on,
        renewal.current_expiry(agreement.terms, date(2027, 4, 1)),
        renewal.next_expiry(agreement.terms, TODAY),
    )


def recorded(agreement) -> list[tuple[date, str]]:
    return list(agreement.renewal_decisions.standing().values_list("term", "decision"))


# -- Decisions ----------------------------------------------------------------------------------------
def test_renewing_an_agreement_that_renews_itself_leaves_its_terms(running, decide, manager):
    agreement = running()
    assert Agreement.objects.renewal_due(date(2027, 1, 1)).get() == agreement
    made = decide(agreement)
    assert terms_of(agreement) == (TERM, date(2027, 2, 28), date(2028, 3, 31), date(2028, 3, 31))
    assert (made.by, made.decided_on, made.term) == (manager, TODAY, TERM)
    assert not Agreement.objects.renewal_due(date(2027, 1, 1)).exists()
    assert Agreement.objects.renewal_due(date(2028, 1, 1)).get() == agreement
    reason = agreement.history.first().history_change_reason
    assert reason == "更新判断：更新（令和8年10月1日）市民に役立っている"


def test_the_decision_to_end_stops_the_automatic_renewal(running, decide):
    agreement = running()
    decide(agreement, C.ENDING)
    assert terms_of(agreement) == (TERM, date(2027, 2, 28), TERM, None)
    after = TERM + timedelta(days=1)
    assert not Agreement.objects.past_expiry(TERM).exists()
    assert Agreement.objects.past_expiry(after).get() == agreement
    assert roll_terms(today=after) == 0
    record_tacit_renewals(today=date(2030, 1, 1))
    assert recorded(agreement) == [
        (date(2025, 3, 31), C.TACIT),
        (date(2026, 3, 31), C.TACIT),
        (TERM, C.ENDING),
    ]


@pytest.mark.parametrize("decision", [C.RENEWED, C.REVISED])
def test_renewing_an_agreement_that_would_end_extends_it_to_a_day(fixed, decide, decision):
    agreement = fixed()
    new = date(2030, 3, 31)
    decide(agreement, decision, extended_to=new)
    assert terms_of(agreement) == (new, date(2030, 2, 28), new, None)
    assert agreement.first_expiry == TERM
    assert not Agreement.objects.past_expiry(date(2027, 4, 1)).exists()
    decide(agreement, decision, term=new, extended_to=date(2033, 3, 31), today=date(2029, 12, 1))
    assert terms_of(agreement)[0] == date(2033, 3, 31)
    assert not record_tacit_renewals(today=date(2032, 1, 1))


def test_an_agreement_past_its_expiry_can_still_be_renewed(fixed, decide):
    agreement = fixed()
    late = date(2027, 5, 1)
    assert Agreement.objects.past_expiry(late).exists()
    decide(agreement, today=late, extended_to=date(2028, 3, 31))
    assert not Agreement.objects.past_expiry(late).exists()


def test_what_is_refused_and_leaves_no_trace(running, fixed, decide):
    agreement, ending = running(), fixed()
    before = Agreement.objects.values_list("pk", "version", "expires_on", "extended_to").order_by("pk")
    before = list(before)
    assert refusal(decide, agreement, term=date(2028, 3, 31)) == ["other_term"]
    assert refusal(decide, agreement, reason=" ") == ["no_reason"]
    assert refusal(decide, agreement, C.TACIT) == ["no_decision"]
    assert refusal(decide, agreement, "nonsense") == ["no_decision"]
    assert refusal(decide, agreement, decided_on=TODAY + timedelta(days=1)) == ["day_to_come"]
    assert refusal(decide, agreement, decided_on=date(2024, 3, 31)) == ["day_too_early"]
    assert refusal(decide, agreement, extended_to=date(2030, 3, 31)) == ["not_extended"]
    assert refusal(decide, ending) == ["no_extended_to"]
    assert refusal(decide, ending, extended_to=TERM) == ["extended_too_early"]
    assert refusal(decide, ending, C.ENDING, extended_to=date(2030, 3, 31)) == ["not_extended"]
    after = Agreement.objects.values_list("pk", "version", "expires_on", "extended_to").order_by("pk")
    assert list(after) == before
    assert not RenewalDecision.objects.exists()


@pytest.mark.parametrize(
    "state", sorted(set(AgreementState) - {AgreementState.ACTIVE, AgreementState.SUSPENDED})
)
def test_only_agreements_in_force_are_decided_about(running, decide, state):
    agreement = running(state=state, ended_reason="mutual" if state == AgreementState.ENDED else "")
    assert refusal(decide, agreement) == ["not_in_force"]


def test_open_ended_agreements_need_no_decision(running, decide):
    assert refusal(decide, running(renewing=False, first_expiry=None)) == ["no_expiry"]


def test_a_term_is_decided_once(running, decide):
    agreement = running()
    decide(agreement)
    assert refusal(decide, agreement, C.ENDING) == ["already_decided"]
    with pytest.raises(IntegrityError), transaction.atomic():
        RenewalDecision.objects.create(
            agreement=agreement, term=TERM, decision=C.ENDING, decided_on=TODAY, reason="二つ目"
        )


def test_who_saw_an_older_version_is_told(running, decide):
    agreement = running()
    seen = agreement.version
    decide(agreement)
    with pytest.raises(ChangedMeanwhile):
        decide(agreement, C.ENDING, version=seen)


def test_only_the_system_writes_tacit_renewals(running, manager):
    with pytest.raises(IntegrityError), transaction.atomic():
        RenewalDecision.objects.create(
            agreement=running(), term=TERM, decision=C.TACIT, decided_on=TODAY, by=manager
        )


# -- The way back -------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["running", "fixed"])
@pytest.mark.parametrize("decision", [C.RENEWED, C.REVISED, C.ENDING])
def test_a_decision_taken_back_leaves_the_terms_as_before(request, decide, withdraw, manager, kind, decision):
    agreement = request.getfixturevalue(kind)()
    before = terms_of(agreement)
    extends = kind == "fixed" and decision != C.ENDING
    decide(agreement, decision, extended_to=date(2030, 3, 31) if extends else None)
    taken = withdraw(agreement)
    assert terms_of(agreement) == before
    assert (taken.withdrawn_by, taken.withdrawn_reason, taken.withdrawn_at) == (
        manager,
        "誤って記録した",
        NOW,
    )
    assert Agreement.objects.renewal_due(date(2027, 1, 1)).exists()
    decide(agreement, C.ENDING)  # decided anew
    assert agreement.renewal_decisions.filter(term=TERM).count() == 2


def test_a_second_extension_taken_back_leaves_the_first(fixed, decide, withdraw):
    agreement = fixed()
    decide(agreement, extended_to=date(2028, 3, 31))
    decide(agreement, term=date(2028, 3, 31), extended_to=date(2029, 3, 31))
    withdraw(agreement)
    assert terms_of(agreement)[0] == date(2028, 3, 31)
    withdraw(agreement)
    assert terms_of(agreement)[0] == TERM
    assert refusal(withdraw, agreement) == ["nothing_to_withdraw"]


def test_taking_back_needs_a_reason_and_something_a_person_decided(running, decide, withdraw):
    agreement = running()
    record_tacit_renewals(today=TODAY)
    assert refusal(withdraw, agreement) == ["nothing_to_withdraw"]
    decide(agreement)
    assert refusal(withdraw, agreement, reason="　") == ["no_comment"]


# -- 黙示更新 -----------------------------------------------------------------------------------------
def test_every_undecided_renewal_is_written_once(running):
    agreement = running(first_expiry=date(2023, 3, 31), signed_on=date(2022, 4, 1))
    expected = [(date(year, 3, 31), C.TACIT) for year in (2023, 2024, 2025, 2026)]
    assert record_tacit_renewals(today=TODAY) == 4
    assert recorded(agreement) == expected
    assert record_tacit_renewals(today=TODAY) == 0
    first = agreement.renewal_decisions.first()
    assert (first.decided_on, first.by) == (date(2023, 4, 1), None)


def test_renewals_before_a_decision_are_written_along_with_it(running, decide):
    agreement = running()
    decide(agreement)
    assert recorded(agreement) == [
        (date(2025, 3, 31), C.TACIT),
        (date(2026, 3, 31), C.TACIT),
        (TERM, C.RENEWED),
    ]
    assert record_tacit_renewals(today=date(2027, 4, 1)) == 0


def test_a_decision_taken_back_after_its_term_counts_as_tacit(running, decide, withdraw):
    agreement = running()
    decide(agreement)
    withdraw(agreement, today=date(2027, 4, 1))
    assert record_tacit_renewals(today=date(2027, 4, 1)) == 1
    assert recorded(agreement)[-1] == (TERM, C.TACIT)


@pytest.mark.parametrize(
    "values",
    [
        {"state": AgreementState.ENDED, "ended_reason": "expired"},
        {"state": AgreementState.NEGOTIATING},
        {"deleted_at": NOW},
        {"renewing": False, "first_expiry": date(2025, 3, 31)},
        {"first_expiry": TERM},
    ],
)
def test_nothing_is_written_for_what_does_not_run_or_renew(running, values):
    running(**values)
    assert record_tacit_renewals(today=TODAY) == 0


def test_the_daily_command_rolls_and_records(running, today):
    agreement = running(today=date(2025, 1, 1))
    assert agreement.expires_on == date(2025, 3, 31)
    call_command("daily", verbosity=0)
    agreement.refresh_from_db()
    assert agreement.expires_on == TERM
    assert len(recorded(agreement)) == 2


class Killed(BaseException):
    """The process dies: nothing after this runs, the open transaction is gone."""


def test_three_years_of_daily_runs_write_every_tacit_renewal_exactly_once(
    running, decide, withdraw, monkeypatch
):
    """With skipped days, runs killed at any write, and people who decide now and then."""
    dice = random.Random(4)
    start, end = date(2026, 4, 1), date(2029, 4, 1)
    firsts = [date(2024, 2, 29), date(2026, 1, 31), date(2025, 8, 31), date(2023, 3, 31), date(2026, 2, 28)]
    agreements = [
        running(
            today=start,
            signed_on=date(2020, 4, 1),
            first_expiry=dice.choice(firsts) + timedelta(days=dice.choice([0, 0, 17, 300])),
            renewal_months=dice.choice([1, 5, 6, 12, 13, 24]),
        )
        for _ in range(25)
    ]
    save, lives = RenewalDecision.save, [0]

    def save_or_die(self, *args, **kwargs):
        lives[0] -= 1
        if lives[0] == 0:
            raise Killed
        save(self, *args, **kwargs)

    monkeypatch.setattr(RenewalDecision, "save", save_or_die)
    killed, decided, day = 0, 0, start
    while day < end:
        day += timedelta(days=dice.choice([1, 1, 1, 1, 2, 3, 11]))
        lives[0] = dice.choice([1, 2, 3, 10**9])
        try:
            roll_terms(today=day)
            record_tacit_renewals(today=day)
        except Killed:
            killed += 1
            continue
        lives[0] = 10**9
        if dice.random() < 0.15:
            agreement = Agreement.objects.get(pk=dice.choice(agreements).pk)
            term = renewal.current_expiry(agreement.terms, day)
            if agreement.decided_for() != term:
                decide(agreement, term=term, today=day)
                decided += 1
                if dice.random() < 0.2:
                    withdraw(agreement, today=day)
    lives[0] = 10**9
    roll_terms(today=day)
    record_tacit_renewals(today=day)
    assert record_tacit_renewals(today=day) == 0
    assert killed > 20
    assert decided > 20
    for agreement in Agreement.objects.all():
        over = renewal.renewed_expiries(agreement.terms, day)
        found = [(term, decision) for term, decision in recorded(agreement) if term < day]
        assert [term for term, _ in found] == over
        assert {decision for _, decision in found} <= {C.TACIT, C.RENEWED}
        assert agreement.expires_on == renewal.current_expiry(agreement.terms, day)
