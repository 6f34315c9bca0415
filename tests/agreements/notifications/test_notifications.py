"""To whom a notice is told, in which mails, and what happens when something goes wrong."""

from datetime import date, datetime, timedelta
from smtplib import SMTPException
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outgoing
from django.core.mail.backends.locmem import EmailBackend

from agreements.choices import AgreementState, NoticeFrequency, RenewalChoice
from agreements.models import (
    ActionItem,
    DepartmentOpinion,
    Meeting,
    Notice,
    NoticeMail,
    NoticePreference,
    RenewalDecision,
)
from agreements.notifications import NotSent, collect_due, due_for, refresh_notices, tell_everyone
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    CompanyContactFactory,
    DepartmentFactory,
    PartyFactory,
    StaffMemberFactory,
)

TODAY = date(2026, 10, 1)

pytestmark = pytest.mark.django_db


def at(day, hour=6):
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Tokyo"))


def run(day=TODAY, hour=6):
    return tell_everyone(today=day, now=at(day, hour))


def undecided(deadline_in=50, **given):
    """An agreement whose notice deadline (a month before its expiry) is so many days away."""
    expiry = TODAY + timedelta(days=deadline_in + 30)
    values = {
        "signed_on": TODAY - timedelta(days=100),
        "first_expiry": expiry,
        "auto_renew": True,
        "renewal_months": 12,
        "notice_days": 30,
        **given,
    }
    notice_on = TODAY + timedelta(days=deadline_in)
    return AgreementFactory(**values, expires_on=expiry, notice_on=notice_on)


def ours(editor, **given):
    return undecided(municipality=editor.municipality, department=editor.department, **given)


def told():
    """Who got how many mails."""
    found = {}
    for message in outgoing.outbox:
        found[message.to[0]] = found.get(message.to[0], 0) + 1
    return found


@pytest.fixture
def editor(editor):
    editor.email = "editor@example.lg.jp"
    editor.save()
    return editor


@pytest.fixture
def manager(manager):
    manager.email = "manager@example.lg.jp"
    manager.save()
    return manager


# -- To whom ------------------------------------------------------------------------------------------
def test_person_in_charge_is_told_alone(editor, manager):
    person = StaffMemberFactory(
        municipality=editor.municipality, department=editor.department, email="a@x.jp"
    )
    ours(editor, person_in_charge=person)
    run()
    assert told() == {"a@x.jp": 1}


def test_disabled_person_in_charge_falls_back_to_the_editors_of_the_section(editor, manager):
    person = StaffMemberFactory(
        municipality=editor.municipality, department=editor.department, email="a@x.jp", is_active=False
    )
    StaffMemberFactory(
        viewer=True, municipality=editor.municipality, department=editor.department, email="viewer@x.jp"
    )
    ours(editor, person_in_charge=person)
    run()
    assert told() == {"editor@example.lg.jp": 1}


def test_section_without_editors_falls_back_to_the_managers(editor, manager):
    undecided(
        municipality=editor.municipality, department=DepartmentFactory(municipality=editor.municipality)
    )
    run()
    assert told() == {"manager@example.lg.jp": 1}


def test_nobody_of_another_municipality_is_told(editor, neighbour):
    neighbour.email = "neighbour@example.lg.jp"
    neighbour.save()
    ours(editor, person_in_charge=neighbour)
    run()
    assert told() == {"editor@example.lg.jp": 1}


def test_opinion_is_told_to_the_asked_section(editor, manager):
    asked = DepartmentFactory(municipality=editor.municipality)
    StaffMemberFactory(viewer=True, municipality=editor.municipality, department=asked, email="asked@x.jp")
    draft = AgreementFactory(
        draft=True,
        municipality=editor.municipality,
        department=editor.department,
        state=AgreementState.REVIEWING,
    )
    opinion = DepartmentOpinion.objects.create(
        agreement=draft,
        department=asked,
        question="どうですか",
        asked_on=TODAY,
        due_on=TODAY + timedelta(days=2),
    )
    run()
    assert told() == {"asked@x.jp": 1}
    assert "庁内意見の回答期限は令和8年10月3日です。" in outgoing.outbox[0].body
    opinion.withdrawn_at = at(TODAY)
    opinion.save()
    assert collect_due(TODAY) == []


def test_contact_is_told_to_those_who_keep_an_agreement_with_the_company(editor, manager):
    contact = CompanyContactFactory(municipality=editor.municipality, verified_on=date(2025, 9, 30))
    assert collect_due(TODAY) == []
    agreement = AgreementFactory(
        municipality=editor.municipality, department=editor.department, signed_on=date(2026, 4, 1)
    )
    PartyFactory(agreement=agreement, company=contact.company)
    run()
    assert told() == {"editor@example.lg.jp": 1}
    body = outgoing.outbox[0].body
    assert f"{contact.company.name}の窓口" in body
    assert contact.name not in body


def test_overdue_action_is_told_to_its_own_section(editor, manager):
    section = DepartmentFactory(municipality=editor.municipality)
    StaffMemberFactory(editor=True, municipality=editor.municipality, department=section, email="b@x.jp")
    agreement = AgreementFactory(
        municipality=editor.municipality, department=editor.department, signed_on=date(2026, 4, 1)
    )
    ActionItemFactory(agreement=agreement, department=section, due_on=TODAY - timedelta(days=1), title="清掃")
    run()
    assert told() == {"b@x.jp": 1}
    assert "取組「清掃」の期限は令和8年9月30日でした。" in outgoing.outbox[0].body


# -- What ---------------------------------------------------------------------------------------------
def test_meeting_puts_the_notice_off_for_a_year(editor):
    agreement = AgreementFactory(
        municipality=editor.municipality, department=editor.department, signed_on=date(2024, 4, 1)
    )
    AnnualReportFactory(agreement=agreement, handed_in=True)
    assert [each.due.kind for each in due_for(editor, TODAY)] == ["no_meeting"]
    Meeting.objects.create(agreement=agreement, held_on=date(2025, 10, 1), summary="打合せ")
    assert due_for(editor, TODAY) == []
    assert len(due_for(editor, TODAY + timedelta(days=1))) == 1


def test_agreement_taken_over_today_is_not_called_without_meetings(editor, today):
    AgreementFactory(
        municipality=editor.municipality,
        department=editor.department,
        signed_on=date(2010, 4, 1),
        backfilled=True,
    )
    assert due_for(editor, today) == []


def test_decision_settles_the_notice_and_its_withdrawal_brings_it_back(editor):
    agreement = ours(editor)
    refresh_notices(today=TODAY, now=at(TODAY))
    decision = RenewalDecision.objects.create(
        agreement=agreement,
        term=agreement.expires_on,
        decision=RenewalChoice.RENEWED,
        decided_on=TODAY,
        reason="続ける",
        by=editor,
    )
    run()
    assert told() == {}
    decision.withdrawn_at, decision.withdrawn_reason = at(TODAY), "誤り"
    decision.save()
    run()
    assert told() == {"editor@example.lg.jp": 1}
    assert Notice.objects.count() == 1


def test_tacit_renewal_is_told(editor):
    agreement = ours(editor, deadline_in=200)
    RenewalDecision.objects.create(
        agreement=agreement, term=date(2026, 9, 30), decision=RenewalChoice.TACIT, decided_on=TODAY
    )
    run()
    assert "黙示更新" in outgoing.outbox[0].body


# -- Mails --------------------------------------------------------------------------------------------
def test_notices_of_one_person_come_in_one_mail_once(editor, settings):
    settings.RENKEI_BASE_URL = "https://renkei.example.lg.jp"
    first, second = ours(editor), ours(editor, deadline_in=20)
    run()
    run()
    run(TODAY + timedelta(days=1))
    (message,) = outgoing.outbox
    assert message.subject == "【Renkei】協定のお知らせ 2件（令和8年10月1日）"
    assert str(first) in message.body
    assert f"https://renkei.example.lg.jp{second.get_absolute_url()}#renewal" in message.body
    mail = NoticeMail.objects.get()
    assert (mail.address, mail.attempts, mail.notices.count()) == ("editor@example.lg.jp", 1, 2)
    assert mail.sent_at is not None


def test_mail_with_many_notices_names_the_first_and_counts_the_rest(editor):
    agreement = ours(editor, deadline_in=300)
    late = TODAY - timedelta(days=1)
    ActionItem.objects.bulk_create(
        [
            ActionItem(agreement=agreement, title=f"取組{number}", due_on=late, department=editor.department)
            for number in range(25)
        ]
    )
    run()
    assert outgoing.outbox[0].body.count("取組「") == 20
    assert "ほか5件" in outgoing.outbox[0].body


def mails_on(frequency, editor, *, urgent):
    """Days (counted from the first mail) on which mails come when a new notice is due on each day."""
    NoticePreference.objects.update_or_create(person=editor, defaults={"frequency": frequency})
    days = []
    for offset in range(16):
        ours(editor, deadline_in=offset + (6 if urgent else 50))
        before = len(outgoing.outbox)
        run(TODAY + timedelta(days=offset))
        run(TODAY + timedelta(days=offset), hour=12)
        days += [offset] * (len(outgoing.outbox) - before)
    return days


@pytest.mark.parametrize(
    ("frequency", "days"),
    [
        (NoticeFrequency.IMMEDIATE, list(range(16))),
        (NoticeFrequency.DAILY, [0, 5, 10, 15]),
        (NoticeFrequency.WEEKLY, [0, 7, 14]),
        (NoticeFrequency.NONE, []),
    ],
)
def test_mails_come_as_often_as_the_person_wants(editor, frequency, days):
    assert mails_on(frequency, editor, urgent=False) == days


@pytest.mark.parametrize("frequency", [NoticeFrequency.DAILY, NoticeFrequency.WEEKLY])
def test_urgent_notice_does_not_wait(editor, frequency):
    assert mails_on(frequency, editor, urgent=True) == list(range(16))


def test_snoozed_notice_is_mailed_on_its_day(editor):
    ours(editor)
    refresh_notices(today=TODAY, now=at(TODAY))
    Notice.objects.update(snoozed_until=TODAY + timedelta(days=3))
    run()
    run(TODAY + timedelta(days=2))
    assert told() == {}
    run(TODAY + timedelta(days=3))
    assert told() == {"editor@example.lg.jp": 1}


def test_person_without_an_address_still_has_the_work(editor):
    editor.email = ""
    editor.save()
    ours(editor)
    run()
    assert told() == {}
    assert len(due_for(editor, TODAY)) == 1


def test_refused_mail_is_sent_as_the_same_mail_later_and_others_go_out(editor, manager):
    ours(editor)
    undecided(municipality=editor.municipality, department=None)
    send = EmailBackend.send_messages

    def refuse(backend, messages):
        if messages[0].to == ["editor@example.lg.jp"]:
            raise SMTPException("mailbox busy")
        return send(backend, messages)

    with patch.object(EmailBackend, "send_messages", refuse), pytest.raises(NotSent):
        run()
    assert told() == {"manager@example.lg.jp": 1}
    failed = NoticeMail.objects.get(sent_at=None)
    assert failed.last_error == "mailbox busy"
    run(hour=7)
    assert told() == {"editor@example.lg.jp": 1, "manager@example.lg.jp": 1}
    assert outgoing.outbox[-1].extra_headers["Message-ID"].startswith(f"<{failed.number}@")


def test_mail_in_the_hands_of_another_run_is_left_to_it_until_its_lease_ends(editor):
    ours(editor)
    with patch("agreements.notifications.outbox.deliver", return_value=(0, 0)):
        run()
    NoticeMail.objects.update(leased_until=at(TODAY, 7))
    run()
    assert told() == {}
    run(hour=7)
    assert told() == {"editor@example.lg.jp": 1}


def test_mail_to_a_person_who_left_meanwhile_is_cancelled(editor, manager):
    ours(editor)
    with patch("agreements.notifications.outbox.deliver", return_value=(0, 0)):
        run()
    editor.is_active = False
    editor.save()
    run(hour=7)
    assert told() == {"manager@example.lg.jp": 1}  # the next in line hears of it
    assert NoticeMail.objects.get(recipient=editor).cancelled_at is not None


def test_collecting_needs_as_many_queries_for_many_agreements(editor, assert_same_queries):
    def add():
        agreement = ours(editor)
        ActionItemFactory(agreement=agreement, due_on=date(2026, 9, 1))
        contact = CompanyContactFactory(municipality=editor.municipality, verified_on=date(2025, 1, 1))
        PartyFactory(agreement=agreement, company=contact.company)

    assert_same_queries(add, lambda: collect_due(TODAY))
