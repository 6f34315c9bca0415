from .action_item import ActionItem
from .agreement import Agreement
from .approval import Approval
from .company import Company, CompanyContact, CompanyFormerName
from .cooperation_field import CooperationField, CooperationFieldCategory
from .department_opinion import DepartmentOpinion
from .intake_criterion import IntakeCriterion
from .party import Party
from .proposal import IntakeAnswer, Proposal
from .renewal_decision import RenewalDecision
from .search_document import SearchDocument
from .signing_ceremony import SigningCeremony
from .transition import Transition

__all__ = [
    "ActionItem",
    "Agreement",
    "Approval",
    "Company",
    "CompanyContact",
    "CompanyFormerName",
    "CooperationField",
    "CooperationFieldCategory",
    "DepartmentOpinion",
    "IntakeAnswer",
    "IntakeCriterion",
    "Party",
    "Proposal",
    "RenewalDecision",
    "SearchDocument",
    "SigningCeremony",
    "Transition",
]
