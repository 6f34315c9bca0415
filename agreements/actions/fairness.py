"""Link a talk of the policy-making stage to the procurement that came of it, and take such a link back."""

from django.db import transaction
from django.utils import timezone

from agreements.models import ActionItem, FairnessLink, Meeting
from municipalities.models import StaffMember


@transaction.atomic
def link_talk(*, action: ActionItem, meeting: Meeting, note: str, by: StaffMember) -> FairnessLink:
    """Linking the same pair again brings a withdrawn link back with the new note.

    Raises ValidationError for a talk with somebody else, or one that came after the contract.
    """
    # The lock keeps two clicks at once from breaking the constraint.
    ActionItem.objects.select_for_update().get(pk=action.pk)
    link = FairnessLink.objects.filter(action=action, meeting=meeting).first()
    link = link or FairnessLink(action=action, meeting=meeting)
    link.note, link.by, link.withdrawn_at = note, by, None
    link.clean()
    link.save()
    return link


@transaction.atomic
def withdraw_link(*, link: FairnessLink) -> None:
    """The pair counts as unlinked again. Withdrawing twice is harmless."""
    _set_withdrawn(link, withdrawn=True)


@transaction.atomic
def restore_link(*, link: FairnessLink) -> None:
    _set_withdrawn(link, withdrawn=False)


def _set_withdrawn(link: FairnessLink, *, withdrawn: bool) -> None:
    link.withdrawn_at = timezone.now() if withdrawn else None
    link.save(update_fields=["withdrawn_at", "updated_at"])
