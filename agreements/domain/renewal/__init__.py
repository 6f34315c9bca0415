"""Terms of an agreement: when it ends, when notice is due, how often it has renewed itself.

`terms` is the date arithmetic; `first_expiry` and `clause` read the wording a clerk pasted and make
suggestions that a person confirms; `periods` says how Japanese law counts days.
"""

from agreements.domain.renewal.clause import RenewalWording, suggest_renewal
from agreements.domain.renewal.first_expiry import Suggestion, suggest_first_expiry
from agreements.domain.renewal.terms import (
    DEFAULT_NOTICE_DAYS,
    Terms,
    add_months,
    current_expiry,
    next_expiry,
    notice_deadline,
    renewal_dates,
    renewed_expiries,
    times_renewed,
    unrecorded_renewals,
)

__all__ = [
    "DEFAULT_NOTICE_DAYS",
    "RenewalWording",
    "Suggestion",
    "Terms",
    "add_months",
    "current_expiry",
    "next_expiry",
    "notice_deadline",
    "renewal_dates",
    "renewed_expiries",
    "suggest_first_expiry",
    "suggest_renewal",
    "times_renewed",
    "unrecorded_renewals",
]
