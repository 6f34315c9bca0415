"""Remove audit events that are older than the retention, without breaking what stays."""

from datetime import datetime

from django.db import transaction

from municipalities.choices import AuditKind
from municipalities.models import AuditChain, AuditEvent

from .recording import record


@transaction.atomic
def prune(chain: AuditChain, *, before: datetime) -> int:
    """Remove the events before the first one of `before` or later; returns how many.

    The chain keeps number and hash of the last one removed, so the rest can still be verified; a new event
    tells of the removal. The database refuses events younger than 365 days.
    """
    chain = AuditChain.objects.select_for_update().get(pk=chain.pk)
    events = AuditEvent.objects.filter(chain=chain).order_by("sequence")
    first_kept = events.filter(at__gte=before).first()
    removed = (events.filter(sequence__lt=first_kept.sequence) if first_kept else events).last()
    if removed is None:
        return 0
    first, chain.removed_through, chain.removed_hash = (
        chain.removed_through + 1,
        removed.sequence,
        removed.hash,
    )
    chain.save(update_fields=["removed_through", "removed_hash"])
    count = AuditEvent.objects.remove_through(chain)
    record(
        AuditKind.RETENTION,
        municipality=chain.municipality,
        最初の番号=first,
        最後の番号=removed.sequence,
        件数=count,
    )
    return count
