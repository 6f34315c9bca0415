from .action_item import ActionItem
from .agreement import Agreement
from .amendment import Amendment, AmendmentItem
from .annual_report import AnnualReport, AnnualReportLine, ReportDeadline
from .approval import Approval
from .background_job import BackgroundJob, JobFile, JobRow
from .calendar_feed import CalendarFeed
from .clause import Clause
from .company import Company, CompanyContact, CompanyFormerName
from .company_merge import CompanyMerge
from .company_submission import CompanySubmission
from .cooperation_field import CooperationField, CooperationFieldCategory
from .department_opinion import DepartmentOpinion
from .diagnosis_response import DiagnosisResponse
from .diagnosis_result import DiagnosisMonth, DiagnosisResult
from .diagnosis_settings import DiagnosisSettings
from .disposal_item import DisposalItem
from .disposal_list import DisposalList
from .document import AgreementDocument
from .document_text import DocumentText
from .expectation_answer import ExpectationAnswer
from .expectation_confirmation import ExpectationConfirmation
from .expectation_round import ExpectationRound
from .expectation_row import ExpectationRow
from .fairness_link import FairnessLink
from .intake_criterion import IntakeCriterion
from .ledger_import import ImportMapping, ImportRow, LedgerImport
from .meeting import Meeting, MeetingTask
from .national_count import NationalCount
from .notice import Notice
from .notice_mail import NoticeMail
from .notice_preference import NoticePreference
from .owner_change import OwnerChange
from .party import Party
from .plan_change import PlanChange, PlanCorrespondence
from .plan_link import PlanLink
from .print_choice import PrintChoice
from .progress_entry import ProgressEntry
from .proposal import IntakeAnswer, Proposal
from .publication import PublicCopy, PublicEdition, PublicProfile
from .renewal_decision import RenewalDecision
from .restart import Restart
from .saved_view import SavedView, SavedViewUse
from .search_document import SearchDocument
from .share_access import ShareCode, ShareFailure, ShareSession
from .share_draft import ShareDraft, ShareFile
from .share_link import ShareLink
from .signing_ceremony import SigningCeremony
from .staged_upload import StagedUpload
from .text_version import TextVersion
from .transition import Transition
from .webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "ActionItem",
    "Agreement",
    "AgreementDocument",
    "Amendment",
    "AmendmentItem",
    "AnnualReport",
    "AnnualReportLine",
    "Approval",
    "BackgroundJob",
    "CalendarFeed",
    "Clause",
    "Company",
    "CompanyContact",
    "CompanyFormerName",
    "CompanyMerge",
    "CompanySubmission",
    "CooperationField",
    "CooperationFieldCategory",
    "DepartmentOpinion",
    "DiagnosisMonth",
    "DiagnosisResponse",
    "DiagnosisResult",
    "DiagnosisSettings",
    "DisposalItem",
    "DisposalList",
    "DocumentText",
    "ExpectationAnswer",
    "ExpectationConfirmation",
    "ExpectationRound",
    "ExpectationRow",
    "FairnessLink",
    "ImportMapping",
    "ImportRow",
    "IntakeAnswer",
    "IntakeCriterion",
    "JobFile",
    "JobRow",
    "LedgerImport",
    "Meeting",
    "MeetingTask",
    "NationalCount",
    "Notice",
    "NoticeMail",
    "NoticePreference",
    "OwnerChange",
    "Party",
    "PlanChange",
    "PlanCorrespondence",
    "PlanLink",
    "PrintChoice",
    "ProgressEntry",
    "Proposal",
    "PublicCopy",
    "PublicEdition",
    "PublicProfile",
    "RenewalDecision",
    "ReportDeadline",
    "Restart",
    "SavedView",
    "SavedViewUse",
    "SearchDocument",
    "ShareCode",
    "ShareDraft",
    "ShareFailure",
    "ShareFile",
    "ShareLink",
    "ShareSession",
    "SigningCeremony",
    "StagedUpload",
    "TextVersion",
    "Transition",
    "WebhookDelivery",
    "WebhookEndpoint",
]
