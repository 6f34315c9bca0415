"""Test data: `XFactory()` makes one consistent, valid row; traits and keywords make it the row of a test.

Real bodies keep their real codes (`MunicipalityFactory(fukuoka=True)` is the same row every time); the rest
is made up, with valid check digits.
"""

from .agreements import (
    ActionItemFactory,
    AgreementFactory,
    CompanyContactFactory,
    CompanyFactory,
    CooperationFieldFactory,
    DisposalListFactory,
    PartyFactory,
)
from .documents import DocumentFactory
from .meetings import MeetingFactory, MeetingTaskFactory
from .municipalities import PASSWORD, DepartmentFactory, MunicipalityFactory, StaffMemberFactory

__all__ = [
    "PASSWORD",
    "ActionItemFactory",
    "AgreementFactory",
    "CompanyContactFactory",
    "CompanyFactory",
    "CooperationFieldFactory",
    "DepartmentFactory",
    "DisposalListFactory",
    "DocumentFactory",
    "MeetingFactory",
    "MeetingTaskFactory",
    "MunicipalityFactory",
    "PartyFactory",
    "StaffMemberFactory",
]
