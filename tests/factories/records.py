from datetime import date

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from agreements.choices import RenewalChoice
from agreements.models import Amendment, OwnerChange, RenewalDecision, StagedUpload
from tests.sample_files import pdf

from .agreements import AgreementFactory
from .municipalities import MunicipalityFactory, StaffMemberFactory


class AmendmentFactory(DjangoModelFactory):
    """A draft that changes nothing yet. A whole one with its items: `actions.amendments.start_amendment`."""

    class Meta:
        model = Amendment

    agreement = factory.SubFactory(AgreementFactory)
    municipality = factory.SelfAttribute("agreement.municipality")
    number = 1
    reason = "連携の範囲を広げる"
    title = factory.SelfAttribute("agreement.title")
    base = factory.LazyFunction(dict)


class RenewalDecisionFactory(DjangoModelFactory):
    class Meta:
        model = RenewalDecision

    agreement = factory.SubFactory(AgreementFactory, renewing=True)
    term = factory.SelfAttribute("agreement.first_expiry")
    decision = RenewalChoice.RENEWED
    decided_on = date(2025, 1, 31)
    reason = "取組が進んでいる"
    by = factory.SubFactory(
        StaffMemberFactory, editor=True, municipality=factory.SelfAttribute("..agreement.municipality")
    )


class OwnerChangeFactory(DjangoModelFactory):
    class Meta:
        model = OwnerChange

    municipality = factory.SubFactory(MunicipalityFactory)
    summary = factory.Sequence(lambda number: f"担当の引継ぎ{number}")
    by = factory.SubFactory(
        StaffMemberFactory, manager=True, municipality=factory.SelfAttribute("..municipality")
    )


class StagedUploadFactory(DjangoModelFactory):
    class Meta:
        model = StagedUpload

    agreement = factory.SubFactory(AgreementFactory)
    by = factory.SubFactory(
        StaffMemberFactory, editor=True, municipality=factory.SelfAttribute("..agreement.municipality")
    )
    file = factory.LazyFunction(lambda: ContentFile(pdf(), "any.pdf"))
    original_name = factory.Sequence(lambda number: f"送った見本{number}.pdf")
    size = factory.LazyFunction(lambda: len(pdf()))
    sha256 = "0" * 64
    content_type = "application/pdf"
