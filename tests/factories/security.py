import factory
from factory.django import DjangoModelFactory

from municipalities.models import AuditChain, LoginFailure, PasswordHistory

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


class AuditChainFactory(DjangoModelFactory):
    """An empty chain. `audit.record` makes a municipality's chain itself."""

    class Meta:
        model = AuditChain

    municipality = factory.SubFactory(MunicipalityFactory)
