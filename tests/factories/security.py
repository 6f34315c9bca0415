from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from municipalities.choices import ApiScope
from municipalities.models import ApiToken, AuditChain, LoginFailure, PasswordHistory
from municipalities.models.api_token import hash_of

from .municipalities import MunicipalityFactory, StaffMemberFactory


class LoginFailureFactory(DjangoModelFactory):
    class Meta:
        model = LoginFailure

    login_key = factory.Sequence(lambda number: f"{number:064x}")
    staff_member = factory.SubFactory(StaffMemberFactory)
    address = "192.0.2.7"


class PasswordHistoryFactory(DjangoModelFactory):
    class Meta:
        model = PasswordHistory

    staff_member = factory.SubFactory(StaffMemberFactory)
    password = factory.Sequence(lambda number: f"pbkdf2_sha256$1$salt${number:044x}")


class ApiTokenFactory(DjangoModelFactory):
    """A token that may read; its text is `text`."""

    class Meta:
        model = ApiToken

    class Params:
        text = factory.Sequence(lambda number: f"rk_{number:08x}_secret")
        writing = factory.Trait(scopes=[ApiScope.READ.value, ApiScope.WRITE_PROGRESS.value])

    municipality = factory.SubFactory(MunicipalityFactory)
    name = factory.Sequence(lambda number: f"庁内システム{number}")
    prefix = factory.LazyAttribute(lambda token: token.text[:11])
    token_hash = factory.LazyAttribute(lambda token: hash_of(token.text))
    scopes = [ApiScope.READ.value]
    expires_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=365))
    created_by = factory.SubFactory(
        StaffMemberFactory, manager=True, municipality=factory.SelfAttribute("..municipality")
    )


class AuditChainFactory(DjangoModelFactory):
    """An empty chain. `audit.record` makes a municipality's chain itself."""

    class Meta:
        model = AuditChain

    municipality = factory.SubFactory(MunicipalityFactory)
