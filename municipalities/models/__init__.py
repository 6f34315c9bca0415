from .api_token import ApiReply, ApiToken
from .audit_chain import AuditChain
from .audit_event import AuditEvent
from .department import Department
from .login_failure import LoginFailure
from .municipality import Municipality, MunicipalityFormerName
from .password_history import PasswordHistory
from .plan import Plan, PlanItem
from .staff_member import StaffMember

__all__ = [
    "ApiReply",
    "ApiToken",
    "AuditChain",
    "AuditEvent",
    "Department",
    "LoginFailure",
    "Municipality",
    "MunicipalityFormerName",
    "PasswordHistory",
    "Plan",
    "PlanItem",
    "StaffMember",
]
