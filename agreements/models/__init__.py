from .action_item import ActionItem
from .agreement import Agreement
from .amendment import Amendment, AmendmentItem
from .approval import Approval
from .calendar_feed import CalendarFeed
from .company import Company, CompanyContact, CompanyFormerName
from .cooperation_field import CooperationField, CooperationFieldCategory
from .department_opinion import DepartmentOpinion
from .disposal_item import DisposalItem
from .disposal_list import DisposalList
from .document import AgreementDocument
from .document_text import DocumentText
from .intake_criterion import IntakeCriterion
from .meeting import Meeting, MeetingTask
from .notice import Notice
from .notice_mail import NoticeMail
from .notice_preference import NoticePreference
from .owner_change import OwnerChange
from .party import Party
from .proposal import IntakeAnswer, Proposal
from .publication import PublicEdition, PublicProfile
from .renewal_decision import RenewalDecision
from .search_document import SearchDocument
from .signing_ceremony import SigningCeremony
from .staged_upload import StagedUpload
from .transition import Transition

__all__ = [
    "ActionItem",
    "Agreement",
    "AgreementDocument",
    "Amendment",
    "AmendmentItem",
    "Approval",
    "CalendarFeed",
    "Company",
    "CompanyContact",
    "CompanyFormerName",
    "CooperationField",
    "CooperationFieldCategory",
    "DepartmentOpinion",
    "DisposalItem",
    "DisposalList",
    "DocumentText",
    "IntakeAnswer",
    "IntakeCriterion",
    "Meeting",
    "MeetingTask",
    "Notice",
    "NoticeMail",
    "NoticePreference",
    "OwnerChange",
    "Party",
    "Proposal",
    "PublicEdition",
    "PublicProfile",
    "RenewalDecision",
    "SearchDocument",
    "SigningCeremony",
    "StagedUpload",
    "Transition",
]
