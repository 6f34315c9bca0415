"""「自治体の状況」: the figures are those of the lists they lead to."""

from datetime import date

import pytest
from django.urls import reverse

from agreements.actions.diagnosis import refresh_diagnoses
from agreements.choices import ActionState, AgreementState, FieldCategory, Funding
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CooperationFieldFactory,
    MeetingFactory,
    PartyFactory,
    ProgressEntryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def overview(viewer_client, today):
    def visit():
        return viewer_client.get(reverse("agreements:overview")).context

    return visit


def values(bars) -> dict[str, int]:
    return {bar.label: bar.value for bar in bars if bar.value}


def test_states_expiries_and_fields_are_counted_in_the_own_municipality(fukuoka, obuse, overview):
    active = AgreementFactory(municipality=fukuoka, first_expiry=date(2026, 12, 31))
    AgreementFactory(municipality=fukuoka, state=AgreementState.SUSPENDED, first_expiry=date(2027, 10, 1))
    AgreementFactory(municipality=obuse, first_expiry=date(2026, 12, 1), published=True)
    for agreement in (active,):
        agreement.set_expiry(date(2026, 10, 1))
        agreement.save()
    for _ in range(2):
        CooperationFieldFactory(agreement=active, categories=[FieldCategory.TOURISM])
    shown = overview()
    assert shown["total"] == 2
    assert values(shown["states"]) == {"締結・実施中": 1, "休止": 1}
    assert values(shown["expiries"]) == {"令和8年12月": 1}
    assert values(shown["categories"]) == {str(FieldCategory.TOURISM.label): 1}


def test_grades_and_findings_are_the_stored_ones(fukuoka, overview, today):
    AgreementFactory(municipality=fukuoka)
    refresh_diagnoses(today=today)
    shown = overview()
    assert values(shown["grades"]) == {"D 要仕切り直し": 1}
    assert values(shown["findings"])["C02 取組のない連携事項"] == 1


def test_money_and_effects_are_summed(fukuoka, overview):
    agreement = AgreementFactory(municipality=fukuoka)
    paid = {"funding": Funding.SHARED, "budget_thousands": 120, "due_on": date(2026, 12, 1)}
    ActionItemFactory.create_batch(2, agreement=agreement, **paid)
    ActionItemFactory(agreement=agreement, **paid, state=ActionState.CANCELLED)
    ActionItemFactory(
        agreement=agreement,
        due_on=date(2025, 5, 1),
        completed_on=date(2025, 5, 1),
        state=ActionState.DONE,
        effect_yen=300_000,
        effect_method="見本の算定",
    )
    shown = overview()
    (shared,) = [bar for bar in shown["funding"] if bar.value]
    assert (shared.value, shared.note) == (2, "240千円")
    assert values(shown["effects"]) == {"令和7年度": 300_000}


@pytest.mark.parametrize(
    ("sign", "quiet"),
    [
        (lambda agreement: None, True),
        (lambda agreement: MeetingFactory(agreement=agreement, held_on=date(2025, 10, 1)), False),
        (lambda agreement: MeetingFactory(agreement=agreement, held_on=date(2025, 9, 30)), True),
        (
            lambda agreement: ProgressEntryFactory(
                action=ActionItemFactory(agreement=agreement), on=date(2026, 4, 1)
            ),
            False,
        ),
    ],
)
def test_partners_without_activity_are_named(fukuoka, overview, sign, quiet):
    agreement = AgreementFactory(municipality=fukuoka, signed_on=date(2020, 4, 1))
    company = PartyFactory(agreement=agreement).company
    sign(agreement)
    assert overview()["quiet"] == ([company] if quiet else [])


def test_sections_show_what_they_owe(fukuoka, overview, editor, today):
    agreement = AgreementFactory(municipality=fukuoka, department=editor.department)
    ActionItemFactory(agreement=agreement, due_on=date(2026, 9, 1))
    ActionItemFactory(agreement=agreement, due_on=date(2026, 12, 1), department=None)
    refresh_diagnoses(today=today)
    own, nobody = overview()["sections"]
    assert (own.department, own.agreements, own.open_actions, own.overdue, own.weak) == (
        editor.department,
        1,
        1,
        1,
        1,
    )
    assert (nobody.department, nobody.open_actions) == (None, 1)


def test_overview_needs_the_same_queries(fukuoka, viewer_client, assert_same_queries, today):
    def add() -> None:
        agreement = AgreementFactory(municipality=fukuoka, whole=True, signed_on=date(2020, 4, 1))
        refresh_diagnoses(agreement_ids={agreement.pk}, today=today)

    assert_same_queries(add, lambda: viewer_client.get(reverse("agreements:overview")))


def test_numbers_of_the_money_are_those_of_the_lists_they_lead_to(fukuoka, viewer_client, overview):
    agreement = AgreementFactory(municipality=fukuoka)
    ActionItemFactory.create_batch(2, agreement=agreement, due_on=date(2026, 12, 1))
    ActionItemFactory(agreement=agreement, due_on=date(2027, 12, 1))
    ActionItemFactory(agreement=agreement, due_on=date(2026, 12, 1), funding=Funding.ZERO_BUDGET)
    ActionItemFactory(agreement=agreement, due_on=date(2026, 12, 1), state=ActionState.CANCELLED)
    for bar in overview()["funding"]:
        assert len(viewer_client.get(bar.url).context["rows"]) == bar.value
