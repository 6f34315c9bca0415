"""Verbs of a manager: invite, change, disable and bring back staff of the own municipality."""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from .choices import Role
from .invitations import VALID_FOR
from .models import StaffMember


class LastManager(ValueError):
    """Without this person nobody could manage the municipality any more."""

    def __init__(self) -> None:
        super().__init__("管理の役割を持つ職員が一人もいなくなります。先に別の職員を管理にしてください。")


@transaction.atomic
def invite(*, member: StaffMember) -> None:
    """Save a new person, or one whose first password is still missing; earlier invitations end here."""
    member.set_unusable_password()
    member.save()


@transaction.atomic
def change(*, member: StaffMember) -> None:
    """Save a changed person. Raises `LastManager`."""
    if member.role != Role.MANAGER:
        _refuse_last_manager(member)
    member.save()


@transaction.atomic
def disable(*, member: StaffMember) -> None:
    """The person cannot log in any more, and is logged out everywhere. Raises `LastManager`."""
    _refuse_last_manager(member)
    member.is_active = False
    member.save(update_fields=["is_active"])
    for session in UserSession.objects.filter(user=member):
        session.end()


@transaction.atomic
def enable(*, member: StaffMember) -> None:
    member.is_active = True
    member.save(update_fields=["is_active"])


def send_invitation(*, member: StaffMember, link: str, by: StaffMember) -> None:
    context = {"member": member, "link": link, "by": by, "days": VALID_FOR.days}
    EmailMultiAlternatives(
        "【Renkei】利用の案内",
        render_to_string("emails/invitation.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [member.email],
    ).send()


def _refuse_last_manager(member: StaffMember) -> None:
    """The managers' rows are locked: two managers leaving at once must not both be let go."""
    managers = StaffMember.objects.select_for_update().filter(
        municipality=member.municipality_id, role=Role.MANAGER, is_active=True
    )
    others = [manager for manager in managers if manager.pk != member.pk and manager.has_usable_password()]
    if not others and any(manager.pk == member.pk for manager in managers):
        raise LastManager
