"""Three years of daily runs over hundreds of agreements; days are skipped, runs killed at any query or mail.

What must be told is computed day by day from the pure rules and a list of recipients written down here.
"""

import os
import random
from collections import defaultdict
from contextlib import nullcontext
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone
from factory import Sequence

from agreements.choices import AgreementState, NoticeFrequency
from agreements.domain import notices, renewal
from agreements.management.commands.daily import STEPS
from agreements.models import Agreement, Notice, NoticeMail, NoticePreference
from tests.factories import AgreementFactory, DepartmentFactory, MunicipalityFactory, StaffMemberFactory

START, DAYS = date(2026, 4, 1), 3 * 365 + 1
# What notices come from; the other steps of the day neither make nor send any of these.
_WANTED = ("現在の満了日の更新", "黙示更新の記録", "お知らせ")
TOLD_BY = [step for label, step in STEPS if label in _WANTED]
# The whole simulation is of 500: SIMULATED_AGREEMENTS=500 (about a minute). Fewer come to the same sooner.
AGREEMENTS = int(os.environ.get("SIMULATED_AGREEMENTS", "60"))

pytestmark = pytest.mark.django_db(transaction=True)  # what is killed must really roll back


class Killed(BaseException):
    """As by a signal: nothing that the program catches."""


class MailServer:
    """Accepts mails; on demand the program dies just before or just after."""

    def __init__(self) -> None:
        self.accepted = defaultdict(list)  # Message-ID -> what it said, each time it came
        self.told = defaultdict(set)  # notice -> Message-IDs
        self.kill = ""

    def take(self, backend, messages) -> int:
        for message in messages:
            if self.kill == "before":
                raise Killed
            number = message.extra_headers["Message-ID"]
            self.accepted[number].append((message.to, message.subject, message.body))
            row = NoticeMail.objects.get(number=number[1:].partition("@")[0])
            for identity in row.notices.values_list("recipient", "kind", "object_id", "due_on", "stage"):
                self.told[identity].add(number)
            if self.kill == "after":
                raise Killed
        return len(messages)


@pytest.fixture
def server(monkeypatch):
    server = MailServer()
    monkeypatch.setattr(
        EmailBackend, "send_messages", lambda backend, messages: server.take(backend, messages)
    )
    return server


def staff(municipality, **given):
    return StaffMemberFactory(municipality=municipality, email=Sequence(lambda n: f"staff{n}@x.jp"), **given)


def people_of(municipality, frequencies):
    """課 with their editors and one person in charge; who is told for each way an agreement can be kept."""
    managers = [staff(municipality, manager=True, department=None)]
    ways = []
    for frequency in frequencies:
        section = DepartmentFactory(municipality=municipality)
        editors = [staff(municipality, editor=True, department=section) for _ in range(2)]
        left = staff(municipality, editor=True, department=section, is_active=False)
        for person in editors:
            NoticePreference.objects.create(person=person, frequency=frequency)
        ways += [
            (section, editors[0], editors[:1]),
            (section, None, editors),
            (section, left, editors),
        ]
    empty = DepartmentFactory(municipality=municipality)
    return [*ways, (empty, None, managers), (None, None, managers)]


def agreements_of(municipality, ways, chance):
    made = []
    for _ in range(AGREEMENTS):
        section, person, _told = way = chance.choice(ways)
        signed_on = START - timedelta(days=chance.randrange(10, 4000))
        first = renewal.add_months(signed_on, chance.choice([6, 12, 36, 60, 120]))
        agreement = AgreementFactory.build(
            municipality=municipality,
            department=section,
            person_in_charge=person,
            state=AgreementState.ACTIVE,
            signed_on=signed_on,
            first_expiry=chance.choice([None, first, first, first]),
            auto_renew=chance.random() < 0.7,
            renewal_months=chance.choice([6, 12, 12, 36]),
            notice_months=chance.choice([None, 0, 1, 3]),
        )
        agreement.set_expiry(START)
        made.append((agreement, way))
    Agreement.objects.bulk_create([agreement for agreement, _ in made])
    return made


def due_windows(agreement):
    """Every notice about this agreement with the days on which it is due."""
    windows = defaultdict(list)
    terms = agreement.terms
    for offset in range(DAYS):
        today = START + timedelta(days=offset)
        found = [
            *notices.due_of_terms(terms, None, today),
            *notices.due_of_meetings(agreement.signed_on, today),
        ]
        for expiry in renewal.renewed_expiries(terms, today)[-12:]:
            found += notices.due_of_tacit_renewal(expiry, today)
        for due in found:
            windows[due.kind.value, agreement.pk, due.due_on, due.stage].append(today)
    return windows


def run(today, chance, server):
    """One daily run; returns whether it came to its end."""
    server.kill = ""
    left = 10**9
    fate = chance.random()
    if fate < 0.12:
        left = chance.randrange(1, 40)
    elif fate < 0.18:
        server.kill = chance.choice(["before", "after"])

    def killer(execute, sql, params, many, context):
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        return execute(sql, params, many, context)

    now = timezone.make_aware(datetime.combine(today, time(5, 30)))
    try:
        with connection.execute_wrapper(killer) if left < 10**9 else nullcontext():
            for step in TOLD_BY:
                step(today, now)
    except Killed:
        return False
    return True


def expectations(made, runs):
    """Notices that must have been mailed, given the days on which a run finished; those of nobody's wish."""
    chosen = dict(NoticePreference.objects.values_list("person", "frequency"))
    expected, unwanted = set(), set()
    for agreement, (_section, _person, told) in made:
        for (kind, pk, due_on, stage), days in due_windows(agreement).items():
            seen = [day for day in runs if days[0] <= day <= days[-1]]
            is_urgent = any(notices.is_urgent(kind, due_on, day) for day in seen)
            for person in told:
                identity = (person.pk, kind, pk, due_on, stage)
                frequency = chosen.get(person.pk, NoticeFrequency.DAILY)
                at_once = is_urgent or frequency == NoticeFrequency.IMMEDIATE
                if frequency == NoticeFrequency.NONE:
                    unwanted.add(identity)
                elif seen and (at_once or (seen[-1] - seen[0]).days >= 7):
                    expected.add(identity)
    return expected, unwanted


def assert_calm(mails):
    """At most one a day, and 5 days between two of which the later is not urgent."""
    for earlier, later in pairwise(mails):
        gap = (later.claimed_on - earlier.claimed_on).days
        urgent = any(
            notices.is_urgent(notice.kind, notice.due_on, later.claimed_on) for notice in later.notices.all()
        )
        assert gap >= (1 if urgent else 5)


def test_every_due_notice_is_sent_exactly_once_in_three_years(server):
    chance = random.Random(20260401)
    municipality = MunicipalityFactory(fukuoka=True)
    frequencies = [
        NoticeFrequency.IMMEDIATE,
        NoticeFrequency.DAILY,
        NoticeFrequency.WEEKLY,
        NoticeFrequency.NONE,
    ]
    made = agreements_of(municipality, people_of(municipality, frequencies), chance)
    finished = []
    for offset in range(DAYS):
        today = START + timedelta(days=offset)
        if chance.random() < 0.25:
            continue
        for _ in range(chance.choice([1, 1, 1, 2])):
            if run(today, chance, server):
                finished.append(today)
    last = START + timedelta(days=DAYS + 10)  # what the last kill left behind
    assert run(last, random.Random(3), server)

    expected, unwanted = expectations(made, sorted(set(finished)))
    assert len(expected) > 10 * AGREEMENTS
    assert not expected - server.told.keys()
    assert not unwanted & server.told.keys()
    assert {len(numbers) for numbers in server.told.values()} == {1}
    assert NoticeMail.objects.filter(sent_at=None, cancelled_at=None).count() == 0
    # Handed over again only where the program died before it could note it, and then as the same mail.
    assert sum(len(times) > 1 for times in server.accepted.values()) > 0
    assert all(len(set(map(repr, times))) == 1 for times in server.accepted.values())
    assert len(server.accepted) == NoticeMail.objects.count()
    assert not Notice.objects.filter(recipient__is_active=False).exists()
    for person in NoticePreference.objects.filter(frequency=NoticeFrequency.DAILY).values_list(
        "person", flat=True
    ):
        assert_calm(NoticeMail.objects.filter(recipient=person).order_by("pk"))
