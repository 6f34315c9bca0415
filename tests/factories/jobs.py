from datetime import UTC, datetime

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from agreements.choices import RowOutcome
from agreements.models import BackgroundJob, JobFile, JobRow, SavedView, SavedViewUse

from .municipalities import MunicipalityFactory, StaffMemberFactory


class BackgroundJobFactory(DjangoModelFactory):
    """Ordered, not begun."""

    class Meta:
        model = BackgroundJob

    municipality = factory.SubFactory(MunicipalityFactory)
    by = factory.SubFactory(
        StaffMemberFactory, editor=True, municipality=factory.SelfAttribute("..municipality")
    )
    kind = "export"
    title = factory.Sequence(lambda number: f"協定の書き出し{number}")


class JobFileFactory(DjangoModelFactory):
    class Meta:
        model = JobFile

    job = factory.SubFactory(BackgroundJobFactory)
    name = "協定.csv"
    content_type = "text/csv"
    file = factory.LazyFunction(lambda: ContentFile("管理番号".encode(), "any.csv"))
    size = 12
    expires_at = datetime(2099, 1, 1, tzinfo=UTC)


class JobRowFactory(DjangoModelFactory):
    class Meta:
        model = JobRow

    job = factory.SubFactory(BackgroundJobFactory)
    number = factory.Sequence(lambda number: number + 1)
    label = factory.Sequence(lambda number: f"見本の協定{number}")
    outcome = RowOutcome.DONE


class SavedViewFactory(DjangoModelFactory):
    class Meta:
        model = SavedView

    municipality = factory.SelfAttribute("owner.municipality")
    owner = factory.SubFactory(StaffMemberFactory, editor=True)
    list_key = "agreements"
    name = factory.Sequence(lambda number: f"観光の協定{number}")
    query = "category=03"


class SavedViewUseFactory(DjangoModelFactory):
    class Meta:
        model = SavedViewUse

    view = factory.SubFactory(SavedViewFactory)
    person = factory.SelfAttribute("view.owner")
    list_key = factory.SelfAttribute("view.list_key")
