"""Test data: `XFactory()` makes one consistent, valid row; traits and keywords make it the row of a test.

Real bodies keep their real codes (`MunicipalityFactory(fukuoka=True)` is the same row every time); the rest
is made up, with valid check digits.
"""

from .actions import ProgressEntryFactory
from .agreement_texts import ClauseFactory, TextVersionFactory
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
from .diagnosis import (
    DiagnosisMonthFactory,
    DiagnosisResponseFactory,
    DiagnosisResultFactory,
    DiagnosisSettingsFactory,
    FairnessLinkFactory,
    RestartFactory,
)
from .documents import DocumentFactory
from .expectations import (
    CompanyMergeFactory,
    CompanySubmissionFactory,
    ExpectationAnswerFactory,
    ExpectationConfirmationFactory,
    ExpectationRoundFactory,
    ExpectationRowFactory,
)
from .imports import ImportMappingFactory, ImportRowFactory, LedgerImportFactory
from .jobs import BackgroundJobFactory, JobFileFactory, JobRowFactory, SavedViewFactory, SavedViewUseFactory
from .meetings import MeetingFactory, MeetingTaskFactory
from .municipalities import PASSWORD, DepartmentFactory, MunicipalityFactory, StaffMemberFactory
from .notices import NoticeFactory, NoticeMailFactory, NoticePreferenceFactory, PrintChoiceFactory
from .plans import (
    AnnualReportFactory,
    AnnualReportLineFactory,
    PlanChangeFactory,
    PlanCorrespondenceFactory,
    PlanFactory,
    PlanItemFactory,
    PlanLinkFactory,
    ReportDeadlineFactory,
)
from .procedure import (
    ApprovalFactory,
    DepartmentOpinionFactory,
    IntakeCriterionFactory,
    ProposalFactory,
    SigningCeremonyFactory,
    TransitionFactory,
)
from .publication import (
    PublicEditionFactory,
    PublicProfileFactory,
    WebhookDeliveryFactory,
    WebhookEndpointFactory,
)
from .records import AmendmentFactory, OwnerChangeFactory, RenewalDecisionFactory, StagedUploadFactory
from .security import ApiTokenFactory, AuditChainFactory, LoginFailureFactory, PasswordHistoryFactory
from .share_links import ShareFileFactory, ShareLinkFactory

__all__ = [
    "PASSWORD",
    "ActionItemFactory",
    "AgreementFactory",
    "AmendmentFactory",
    "AnnualReportFactory",
    "AnnualReportLineFactory",
    "ApiTokenFactory",
    "ApprovalFactory",
    "AuditChainFactory",
    "BackgroundJobFactory",
    "ClauseFactory",
    "CompanyContactFactory",
    "CompanyFactory",
    "CompanyMergeFactory",
    "CompanySubmissionFactory",
    "CooperationFieldFactory",
    "DepartmentFactory",
    "DepartmentOpinionFactory",
    "DiagnosisMonthFactory",
    "DiagnosisResponseFactory",
    "DiagnosisResultFactory",
    "DiagnosisSettingsFactory",
    "DisposalItemFactory",
    "DisposalListFactory",
    "DocumentFactory",
    "ExpectationAnswerFactory",
    "ExpectationConfirmationFactory",
    "ExpectationRoundFactory",
    "ExpectationRowFactory",
    "FairnessLinkFactory",
    "ImportMappingFactory",
    "ImportRowFactory",
    "IntakeCriterionFactory",
    "JobFileFactory",
    "JobRowFactory",
    "LedgerImportFactory",
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
    "PlanChangeFactory",
    "PlanCorrespondenceFactory",
    "PlanFactory",
    "PlanItemFactory",
    "PlanLinkFactory",
    "PrintChoiceFactory",
    "ProgressEntryFactory",
    "ProposalFactory",
    "PublicEditionFactory",
    "PublicProfileFactory",
    "RenewalDecisionFactory",
    "ReportDeadlineFactory",
    "RestartFactory",
    "SavedViewFactory",
    "SavedViewUseFactory",
    "ShareFileFactory",
    "ShareLinkFactory",
    "SigningCeremonyFactory",
    "StaffMemberFactory",
    "StagedUploadFactory",
    "TextVersionFactory",
    "TransitionFactory",
    "WebhookDeliveryFactory",
    "WebhookEndpointFactory",
]
