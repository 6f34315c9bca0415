from .action_item import ActionItem
from .agreement import Agreement
from .amendment import Amendment, AmendmentItem
from .approval import Approval
from .background_job import BackgroundJob, JobFile, JobRow
from .calendar_feed import CalendarFeed
from .company import Company, CompanyContact, CompanyFormerName
from .cooperation_field import CooperationField, CooperationFieldCategory
from .department_opinion import DepartmentOpinion
from .disposal_item import DisposalItem
from .disposal_list import DisposalList
from .document import AgreementDocument
from .document_text import DocumentText
from .intake_criterion import IntakeCriterion
from .ledger_import import ImportMapping, ImportRow, LedgerImport
from .meeting import Meeting, MeetingTask
from .notice import Notice
from .notice_mail import NoticeMail
from .notice_preference import NoticePreference
from .owner_change import OwnerChange
from .party import Party
from .proposal import IntakeAnswer, Proposal
from .renewal_decision import RenewalDecision
from .saved_view import SavedView, SavedViewUse
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
    "BackgroundJob",
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
    "ImportMapping",
    "ImportRow",
    "IntakeAnswer",
    "IntakeCriterion",
    "JobFile",
    "JobRow",
    "LedgerImport",
    "Meeting",
    "MeetingTask",
    "Notice",
    "NoticeMail",
    "NoticePreference",
    "OwnerChange",
    "Party",
    "Proposal",
    "RenewalDecision",
    "SavedView",
    "SavedViewUse",
    "SearchDocument",
    "SigningCeremony",
    "StagedUpload",
    "Transition",
]
