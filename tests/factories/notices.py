from datetime import date

import factory
from factory.django import DjangoModelFactory

from agreements.choices import NoticeKind, PrintKind
from agreements.models import Notice, NoticeMail, NoticePreference, PrintChoice

from .agreements import AgreementFactory
from .municipalities import StaffMemberFactory


class NoticeFactory(DjangoModelFactory):
    """An open notice about the agreement itself, not mailed yet."""

    class Meta:
        model = Notice

    agreement = factory.SubFactory(AgreementFactory)
    recipient = factory.SubFactory(
        StaffMemberFactory, editor=True, municipality=factory.SelfAttribute("..agreement.municipality")
    )
    kind = NoticeKind.DEADLINE
    object_id = factory.SelfAttribute("agreement.pk")
    due_on = date(2026, 10, 31)
    stage = 30
    created_on = date(2026, 10, 1)


class NoticeMailFactory(DjangoModelFactory):
    """Waits to be sent."""

    class Meta:
        model = NoticeMail

    recipient = factory.SubFactory(StaffMemberFactory)
    address = factory.SelfAttribute("recipient.email")
    subject = factory.Sequence(lambda number: f"お知らせ{number}")
    body = "期限が近い協定があります。"
    claimed_on = date(2026, 10, 1)


class NoticePreferenceFactory(DjangoModelFactory):
    class Meta:
        model = NoticePreference

    person = factory.SubFactory(StaffMemberFactory)


class PrintChoiceFactory(DjangoModelFactory):
    class Meta:
        model = PrintChoice

    person = factory.SubFactory(StaffMemberFactory)
    kind = PrintKind.SHEET
