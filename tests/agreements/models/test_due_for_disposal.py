"""`due_for_disposal` gives the rows that `disposal_due` says, and keeps what others hang on."""

from datetime import date

import pytest
from django.utils import timezone

from agreements.choices import AgreementState, Retention
from agreements.models import Agreement
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db

ENDS = [date(2015, 3, 31), date(2015, 4, 1), date(2020, 3, 31), date(2021, 4, 1), None]


@pytest.mark.parametrize("today", [date(2021, 3, 31), date(2021, 4, 1), date(2026, 10, 1)])
def test_due_for_disposal_is_the_rule_of_the_pure_function(fukuoka, today):
    for ended_on in ENDS:
        for years in [*Retention.values, None]:
            AgreementFactory(
                municipality=fukuoka,
                disposable=True,
                signed_on=date(2014, 1, 1),
                ended_on=ended_on,
                retention=years,
            )
    found = set(Agreement.objects.due_for_disposal(today))
    assert found == {
        each for each in Agreement.objects.all() if each.disposal_due and each.disposal_due <= today
    }
    assert found


def test_due_for_disposal_needs_the_end(fukuoka):
    AgreementFactory(municipality=fukuoka, disposable=True, state=AgreementState.ACTIVE, ended_reason="")
    assert not Agreement.objects.due_for_disposal(date(2030, 4, 1))


def test_due_for_disposal_takes_deleted_ones_too(fukuoka):
    deleted = AgreementFactory(municipality=fukuoka, disposable=True, deleted_at=timezone.now())
    assert list(Agreement.objects.due_for_disposal(date(2030, 4, 1))) == [deleted]


@pytest.mark.parametrize(
    ("child", "is_free"),
    [
        ({"disposable": True}, True),
        ({"disposable": True, "retention": Retention.TEN}, False),
        ({"disposable": True, "retention": None}, False),
        ({"disposable": True, "ended_on": None}, False),
        ({}, False),
    ],
)
def test_due_for_disposal_waits_for_agreements_that_hang_on_it(fukuoka, child, is_free):
    parent = AgreementFactory(municipality=fukuoka, disposable=True)
    AgreementFactory(municipality=fukuoka, parent=parent, **child)
    assert Agreement.objects.due_for_disposal(date(2024, 4, 1)).filter(pk=parent.pk).exists() == is_free
