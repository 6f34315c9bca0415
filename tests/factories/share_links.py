from datetime import timedelta

import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from agreements.choices import SharePurpose
from agreements.models import ShareFile, ShareLink
from tests.sample_files import pdf

from .agreements import AgreementFactory, CompanyContactFactory
from .municipalities import StaffMemberFactory


class ShareLinkFactory(DjangoModelFactory):
    """A living link to a contact that the agreement's municipality knows."""

    class Meta:
        model = ShareLink

    agreement = factory.SubFactory(AgreementFactory)
    contact = factory.SubFactory(
        CompanyContactFactory, municipality=factory.SelfAttribute("..agreement.municipality")
    )
    purpose = SharePurpose.WORKSHEET
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))
    sent_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=1))
    created_by = factory.SubFactory(
        StaffMemberFactory, editor=True, municipality=factory.SelfAttribute("..agreement.municipality")
    )


class ShareFileFactory(DjangoModelFactory):
    class Meta:
        model = ShareFile

    link = factory.SubFactory(ShareLinkFactory)
    file = factory.LazyFunction(lambda: ContentFile(pdf(), "any.pdf"))
    original_name = factory.Sequence(lambda number: f"添付の見本{number}.pdf")
    size = factory.LazyFunction(lambda: len(pdf()))
    sha256 = "0" * 64
    content_type = "application/pdf"
