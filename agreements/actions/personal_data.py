"""個人情報の消去: what is known of one person goes; that it went stays."""

from datetime import date

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from agreements.models import CompanyContact, CompanySubmission, ShareDraft
from municipalities import audit
from municipalities.choices import AuditKind
from municipalities.models import StaffMember

from .share_links import close_links_of

ERASED_NAME = "（消去済み）"
_PERSONAL: dict[str, str] = {"name": ERASED_NAME, "section": "", "title": "", "email": "", "phone": ""}


@transaction.atomic
def erase_contact(*, contact: CompanyContact, by: StaffMember, today: date, reason: str) -> None:
    """Erase the person from the contact, from every record of its history and from the admin's log.

    The row stays, for what refers to it. History and audit keep that something was erased, by whom and why,
    not what. `reason` must not name the person. Erasing twice is harmless.
    """
    contact = CompanyContact.objects.select_for_update().get(pk=contact.pk)
    if contact.erased_at:
        return
    for name, value in _PERSONAL.items():
        setattr(contact, name, value)
    contact.erased_at = timezone.now()
    contact.ended_on = contact.ended_on or today
    contact._change_reason = "個人情報の消去"  # type: ignore[attr-defined]
    contact.save()
    close_links_of(contact=contact, by=by, now=timezone.now())
    CompanySubmission.objects.filter(contact=contact).exclude(by_name="").update(by_name=ERASED_NAME)
    ShareDraft.objects.filter(link__contact=contact).delete()
    # Reasons given for earlier changes may name the person as well.
    records = contact.history.all()  # type: ignore[attr-defined]
    records.update(**_PERSONAL)
    records.exclude(pk=records.first().pk).update(history_change_reason=None)
    of_contacts = ContentType.objects.get_for_model(CompanyContact)
    LogEntry.objects.filter(content_type=of_contacts, object_id=str(contact.pk)).update(
        object_repr=ERASED_NAME
    )
    audit.record(AuditKind.ERASURE, actor=by, target=contact, 相手方=contact.company.name, 理由=reason)
