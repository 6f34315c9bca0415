"""Who may open the pages of managers."""

from typing import Any

from django.contrib.auth.mixins import UserPassesTestMixin
from django.http import HttpRequest

from municipalities import access
from municipalities.models import Municipality


class ManagerMixin(UserPassesTestMixin):
    """Closed to everyone but managers and system admins (403)."""

    request: HttpRequest
    raise_exception = True

    def test_func(self) -> bool:
        return access.is_manager(self.request.user)


class OwnMunicipalityManagerMixin(ManagerMixin):
    """Managers of a municipality only (403): a system admin belongs to none."""

    def test_func(self) -> bool:
        return super().test_func() and access.is_staff_of_a_municipality(self.request.user)

    @property
    def municipality(self) -> Municipality:
        user: Any = self.request.user
        return user.municipality
