"""What happens to a contact: it is made sure of, it ends, it comes back."""

from datetime import date

from agreements.models import CompanyContact
from municipalities.models import StaffMember


def verify_contact(*, contact: CompanyContact, by: StaffMember, today: date) -> None:
    """Note that this person has made sure today that the contact is right."""
    contact.verified_on, contact.verified_by = today, by
    contact.save(update_fields=["verified_on", "verified_by", "updated_at"])


def end_contact(*, contact: CompanyContact, today: date) -> None:
    """The contact is no longer one; today is its last day."""
    contact.ended_on = today
    contact.save(update_fields=["ended_on", "updated_at"])


def reopen_contact(*, contact: CompanyContact) -> None:
    contact.ended_on = None
    contact.save(update_fields=["ended_on", "updated_at"])
