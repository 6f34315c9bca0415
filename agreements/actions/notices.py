"""Put a notice off, bring it back; choose how often mails come."""

from datetime import date

from django.db import transaction

from agreements.models import Notice, NoticePreference
from municipalities.models import StaffMember


@transaction.atomic
def snooze_notice(
    *,
    by: StaffMember,
    agreement: int,
    kind: str,
    object_id: int,
    due_on: date,
    stage: int,
    until: date,
    today: date,
) -> Notice:
    """The person's own notice is neither shown nor mailed before `until`. It may not have a row yet."""
    notice, _ = Notice.objects.update_or_create(
        recipient=by,
        kind=kind,
        object_id=object_id,
        due_on=due_on,
        stage=stage,
        defaults={"snoozed_until": until},
        create_defaults={"agreement_id": agreement, "created_on": today, "snoozed_until": until},
    )
    return notice


@transaction.atomic
def wake_notice(*, notice: Notice) -> None:
    notice.snoozed_until = None
    notice.save(update_fields=["snoozed_until"])


@transaction.atomic
def choose_frequency(*, by: StaffMember, frequency: str) -> NoticePreference:
    preference, _ = NoticePreference.objects.update_or_create(person=by, defaults={"frequency": frequency})
    return preference
