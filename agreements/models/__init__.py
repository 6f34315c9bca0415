from .action_item import ActionItem
from .agreement import Agreement
from .company import Company, CompanyContact, CompanyFormerName
from .cooperation_field import CooperationField, CooperationFieldCategory
from .party import Party
from .search_document import SearchDocument

__all__ = [
    "ActionItem",
    "Agreement",
    "Company",
    "CompanyContact",
    "CompanyFormerName",
    "CooperationField",
    "CooperationFieldCategory",
    "Party",
    "SearchDocument",
]
