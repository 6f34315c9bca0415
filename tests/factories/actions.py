from datetime import date

import factory
from factory.django import DjangoModelFactory

from agreements.models import ProgressEntry

from .agreements import ActionItemFactory


class ProgressEntryFactory(DjangoModelFactory):
    """One entry in the journal of an action, without a figure."""

    class Meta:
        model = ProgressEntry

    action = factory.SubFactory(ActionItemFactory)
    on = date(2026, 9, 1)
    text = "打合せを行いました。"
