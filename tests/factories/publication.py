from datetime import date

import factory
from factory.django import DjangoModelFactory

from agreements.choices import EditionKind
from agreements.models import PublicEdition, PublicProfile
from agreements.open_data import columns_of, public_facts

from .agreements import AgreementFactory
from .municipalities import MunicipalityFactory


class PublicProfileFactory(DjangoModelFactory):
    class Meta:
        model = PublicProfile

    municipality = factory.SubFactory(MunicipalityFactory)


class PublicEditionFactory(DjangoModelFactory):
    """The first edition of a published agreement."""

    class Meta:
        model = PublicEdition

    agreement = factory.SubFactory(AgreementFactory, published=True)
    municipality = factory.SelfAttribute("agreement.municipality")
    number = 1
    kind = EditionKind.PUBLISHED
    on = date(2026, 10, 1)
    payload = factory.LazyAttribute(lambda edition: public_facts(edition.agreement, ()))

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        return {**columns_of(kwargs["payload"]), **kwargs}
