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
    DisposalItemFactory,
    DisposalListFactory,
    PartyFactory,
)
from .documents import DocumentFactory
from .meetings import MeetingFactory, MeetingTaskFactory
from .municipalities import PASSWORD, DepartmentFactory, MunicipalityFactory, StaffMemberFactory
from .notices import NoticeFactory, NoticeMailFactory, NoticePreferenceFactory
from .procedure import (
    ApprovalFactory,
    DepartmentOpinionFactory,
    IntakeCriterionFactory,
    ProposalFactory,
    SigningCeremonyFactory,
    TransitionFactory,
)
from .publication import PublicEditionFactory, PublicProfileFactory
from .records import AmendmentFactory, OwnerChangeFactory, RenewalDecisionFactory, StagedUploadFactory
from .security import AuditChainFactory, LoginFailureFactory, PasswordHistoryFactory

__all__ = [
    "PASSWORD",
    "ActionItemFactory",
    "AgreementFactory",
    "AmendmentFactory",
    "ApprovalFactory",
    "AuditChainFactory",
    "CompanyContactFactory",
    "CompanyFactory",
    "CooperationFieldFactory",
    "DepartmentFactory",
    "DepartmentOpinionFactory",
    "DisposalItemFactory",
    "DisposalListFactory",
    "DocumentFactory",
    "IntakeCriterionFactory",
    "LoginFailureFactory",
    "MeetingFactory",
    "MeetingTaskFactory",
    "MunicipalityFactory",
    "NoticeFactory",
    "NoticeMailFactory",
    "NoticePreferenceFactory",
    "OwnerChangeFactory",
    "PartyFactory",
    "PasswordHistoryFactory",
    "ProposalFactory",
    "PublicEditionFactory",
    "PublicProfileFactory",
    "RenewalDecisionFactory",
    "SigningCeremonyFactory",
    "StaffMemberFactory",
    "StagedUploadFactory",
    "TransitionFactory",
]
