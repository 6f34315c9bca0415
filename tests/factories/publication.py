from datetime import date

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from agreements.choices import EditionKind, WebhookEvent
from agreements.models import PublicEdition, PublicProfile, WebhookDelivery, WebhookEndpoint
from agreements.open_data import columns_of, public_facts

from .agreements import AgreementFactory
from .municipalities import MunicipalityFactory, StaffMemberFactory


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


class WebhookEndpointFactory(DjangoModelFactory):
    """Told of everything. Its address is refused before anything is sent: no test reaches the network."""

    class Meta:
        model = WebhookEndpoint
        skip_postgeneration_save = True

    municipality = factory.SubFactory(MunicipalityFactory)
    name = factory.Sequence(lambda number: f"庁内ポータル{number}")
    url = "https://127.0.0.1/hook"
    events = [event.value for event in WebhookEvent if event != WebhookEvent.TEST]
    created_by = factory.SubFactory(
        StaffMemberFactory, manager=True, municipality=factory.SelfAttribute("..municipality")
    )

    @factory.post_generation
    def secret(self, create, extracted, **kwargs):
        self.set_secret(extracted or "whsec_test")
        if create:
            self.save(update_fields=["secret_box"])


class WebhookDeliveryFactory(DjangoModelFactory):
    class Meta:
        model = WebhookDelivery

    endpoint = factory.SubFactory(WebhookEndpointFactory)
    event = WebhookEvent.TEST
    source = factory.Sequence(lambda number: f"test:{number}")
    payload = '{"event": "test"}'
    next_at = factory.LazyFunction(timezone.now)
