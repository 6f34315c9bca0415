"""The term queries give the same rows as the pure functions, on rows written today or long ago."""

import random
from calendar import monthrange
from datetime import date, timedelta

import pytest

from agreements.actions.register import roll_terms
from agreements.choices import AgreementState, RenewalChoice
from agreements.domain import lifecycle, renewal
from agreements.models import Agreement, RenewalDecision
from tests.factories import DepartmentFactory

pytestmark = pytest.mark.django_db
NUMBER = 2500
HORIZONS = (0, 1, 30, 90, 400, 36_525)
WRITTEN = date(2025, 11, 15)  # when the rows that nobody rolled since were last saved
TODAYS = [
    date(2026, 1, 1),
    date(2026, 2, 28),
    date(2026, 3, 31),
    date(2026, 4, 1),
    date(2026, 10, 1),
    date(2027, 2, 28),
    date(2027, 3, 1),
    date(2027, 3, 31),
    date(2028, 2, 28),
    date(2028, 2, 29),
    date(2028, 3, 1),
    date(2028, 8, 31),
]


def awkward_day(dice: random.Random) -> date:
    """A day of 2015–2032, every second time the last of its month or 29 February."""
    year, month = dice.randint(2015, 2032), dice.randint(1, 12)
    last = monthrange(year, month)[1]
    return dice.choice([date(year, month, dice.randint(1, last)), date(year, month, last), date(2024, 2, 29)])


def generated(dice: random.Random, place: int, municipality, department) -> Agreement:
    auto_renew = dice.random() < 0.7
    notice = dice.choice(["months", "days", None])
    agreement = Agreement(
        municipality=municipality,
        department=department,
        ledger_number=f"G-{place:05}",
        state=dice.choice([*AgreementState.values, *["active"] * 12, *["suspended"] * 3]),
        ended_reason="expired",
        first_expiry=None if dice.random() < 0.05 else awkward_day(dice),
        auto_renew=auto_renew,
        renewal_months=dice.choice([1, 3, 5, 6, 12, 12, 12, 13, 24, 36]) if auto_renew else None,
        notice_months=dice.randint(0, 12) if notice == "months" else None,
        notice_days=dice.randint(0, 400) if notice == "days" else None,
    )
    if agreement.first_expiry and dice.random() < 0.1:
        agreement.extended_to = agreement.first_expiry + timedelta(days=dice.randint(1, 1500))
    if agreement.first_expiry and dice.random() < 0.15:
        # As decided for the term of some day, or left behind by a correction of the terms.
        day = dice.choice([*TODAYS, awkward_day(dice)])
        aligned = renewal.current_expiry(agreement.terms, day)
        agreement.terminates_on = dice.choice([aligned, aligned, day])
    return agreement


@pytest.fixture
def agreements(fukuoka) -> list[Agreement]:
    """Thousands of rows of every state; a third written long ago, a third as of 2026, a third later."""
    dice = random.Random(20261001)
    department = DepartmentFactory(municipality=fukuoka)
    made = [generated(dice, place, fukuoka, department) for place in range(NUMBER)]
    for agreement in made:
        agreement.set_expiry(dice.choice([WRITTEN, TODAYS[0], TODAYS[4]]))
    Agreement.objects.bulk_create(made)
    decisions = []
    for agreement in made:
        if agreement.first_expiry is None or dice.random() < 0.4:
            continue
        days = dice.sample(TODAYS, dice.randint(1, 3))
        terms = {renewal.current_expiry(agreement.terms, day) for day in days} | (
            {awkward_day(dice)} if dice.random() < 0.1 else set()
        )
        decisions += [
            RenewalDecision(
                agreement=agreement,
                term=term,
                decision=RenewalChoice.RENEWED,
                reason="継続する",
                decided_on=WRITTEN,
                withdrawn_at=None if dice.random() < 0.8 else "2026-01-01T00:00Z",
                withdrawn_reason="誤り",
            )
            for term in terms
        ]
    RenewalDecision.objects.bulk_create(decisions)
    return made


def in_force(agreement: Agreement) -> bool:
    return agreement.state in {"active", "suspended"}


def decided(agreements: list[Agreement]) -> dict[int, date]:
    standing = RenewalDecision.objects.standing().order_by("term")
    return dict(standing.values_list("agreement_id", "term"))


def facts(agreement: Agreement, newest: dict[int, date]) -> lifecycle.AgreementFacts:
    return lifecycle.AgreementFacts(
        state=lifecycle.State(agreement.state), terms=agreement.terms, decided_for=newest.get(agreement.pk)
    )


def keys(queryset) -> set[int]:
    found = list(queryset.values_list("pk", flat=True))
    assert len(found) == len(set(found))
    return set(found)


def saved_before(agreements: list[Agreement], today: date) -> list[Agreement]:
    """Rows cannot have been written later than today."""
    return [each for each in agreements if each.expires_on is None or written_on_or_before(each, today)]


def written_on_or_before(agreement: Agreement, today: date) -> bool:
    return any(
        day <= today and renewal.current_expiry(agreement.terms, day) == agreement.expires_on
        for day in (WRITTEN, TODAYS[0], TODAYS[4])
    )


def test_term_queries_and_pure_functions_find_the_same_agreements(agreements):
    newest = decided(agreements)
    seen = {"expiring": 0, "notice": 0, "past": 0, "due": 0}
    for today in TODAYS:
        subject = saved_before(agreements, today)
        among = keys(Agreement.objects.all()) & {each.pk for each in subject}
        running = [each for each in subject if in_force(each)]
        expiry = {each.pk: renewal.current_expiry(each.terms, today) for each in running}
        notice = {each.pk: renewal.notice_deadline(each.terms, today) for each in running}
        for days in HORIZONS:
            until = today + timedelta(days=days)
            expiring = {pk for pk, day in expiry.items() if day and today <= day <= until}
            assert keys(Agreement.objects.expiring_within(days, today)) & among == expiring, (today, days)
            due = {
                pk
                for pk, day in notice.items()
                if day and today <= day <= until and expiry[pk] >= today  # type: ignore[operator]
            }
            assert keys(Agreement.objects.notice_within(days, today)) & among == due, (today, days)
            seen["expiring"] += len(expiring)
            seen["notice"] += len(due)
        past = {each.pk for each in running if lifecycle.is_past_expiry(facts(each, newest), today)}
        assert keys(Agreement.objects.past_expiry(today)) & among == past, today
        undecided = {each.pk for each in running if lifecycle.is_renewal_due(facts(each, newest), today)}
        assert keys(Agreement.objects.renewal_due(today)) & among == undecided, today
        seen["past"] += len(past)
        seen["due"] += len(undecided)
    assert min(seen.values()) > 500, seen  # the rows are worth comparing


def test_rolling_the_terms_changes_no_answer(agreements):
    today = TODAYS[-1]
    queries = {
        "expiring": lambda: Agreement.objects.expiring_within(90, today),
        "notice": lambda: Agreement.objects.notice_within(90, today),
        "past": lambda: Agreement.objects.past_expiry(today),
        "due": lambda: Agreement.objects.renewal_due(today),
    }
    before = {name: keys(query()) for name, query in queries.items()}
    assert roll_terms(today=today) > 500
    assert {name: keys(query()) for name, query in queries.items()} == before
    assert not Agreement.objects.stale(today).exists()
    assert roll_terms(today=today) == 0


def test_horizon_beyond_the_calendar_is_the_end_of_the_calendar(agreements):
    assert Agreement.objects.expiring_within(10_000_000, TODAYS[0]).exists()
    assert Agreement.objects.notice_within(10_000_000, TODAYS[0]).exists()
