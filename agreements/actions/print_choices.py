"""Remember what a person chose for a printout, forget it, and take that back."""

from typing import Any

from django.db import transaction

from agreements.models import PrintChoice
from municipalities.models import StaffMember


@transaction.atomic
def remember_print_choices(*, by: StaffMember, kind: str, values: dict[str, Any]) -> PrintChoice:
    """Empty values are the defaults."""
    choice, _ = PrintChoice.objects.select_for_update().get_or_create(person=by, kind=kind)
    choice.previous, choice.values = choice.values, values
    choice.save()
    return choice


@transaction.atomic
def undo_print_choices(*, by: StaffMember, kind: str) -> bool:
    """Back to what stood there before the last change; False when nothing was ever changed."""
    choices = PrintChoice.objects.select_for_update().order_by("pk")  # by person, it would lock more rows
    choice = choices.filter(person=by, kind=kind).first()
    if choice is None:
        return False
    choice.previous, choice.values = choice.values, choice.previous
    choice.save()
    return True
