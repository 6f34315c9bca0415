from datetime import date

import factory
from factory.django import DjangoModelFactory

from agreements.models import Meeting, MeetingTask

from .agreements import AgreementFactory


class MeetingFactory(DjangoModelFactory):
    class Meta:
        model = Meeting

    agreement = factory.SubFactory(AgreementFactory)
    held_on = date(2026, 4, 10)
    summary = "今年度の進め方を話し合った。"


class MeetingTaskFactory(DjangoModelFactory):
    class Meta:
        model = MeetingTask

    meeting = factory.SubFactory(MeetingFactory)
    order = 1
    what = factory.Sequence(lambda number: f"見本の宿題{number}")
