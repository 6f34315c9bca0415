"""新協定へ移行: say which agreement takes the place of another one."""

from typing import Any

from django.db import transaction as database

from agreements.choices import AgreementState
from agreements.domain.lifecycle import Blocker
from agreements.models import Agreement
from agreements.models.agreement import IN_FORCE
from municipalities import access

from .transition import NotAllowed, claim, give_reason

_MAY_BE_REPLACED = (*IN_FORCE, AgreementState.ENDED)


def find_blockers(agreement: Agreement) -> list[Blocker]:
    """What forbids naming a successor whatever is named; [] when it may be done."""
    if agreement.state in _MAY_BE_REPLACED:
        return []
    return [Blocker("not_signed", "締結していない協定には、移行先を登録できません。", "state")]


def may_name(user: Any, agreement: Agreement) -> bool:
    """Whether this person may name its successor now."""
    return access.may_edit(user, agreement) and not find_blockers(agreement)


@database.atomic
def link_successor(*, agreement: Agreement, successor: Agreement | None, version: int) -> Agreement:
    """Name the agreement that takes over, or none again. Raises `ChangedMeanwhile`, `NotAllowed`."""
    stored = claim(agreement, version)
    blockers = find_blockers(stored)
    if successor is not None and successor.municipality_id != stored.municipality_id:
        blockers.append(Blocker("other_municipality", "同じ自治体の協定を選んでください。", "successor"))
    if successor is not None and _leads_to(successor, stored):
        message = "この協定自身や、この協定の移行元の協定は、移行先にできません。"
        blockers.append(Blocker("cycle", message, "successor"))
    if blockers:
        raise NotAllowed(blockers)
    stored.successor = successor
    give_reason(stored, f"移行先の協定：{successor}" if successor else "移行先の協定の取消し")
    stored.save()
    return stored


def _leads_to(agreement: Agreement | None, target: Agreement) -> bool:
    """Whether following the successors from `agreement` reaches `target`."""
    seen: set[int] = set()
    while agreement is not None and agreement.pk not in seen:
        if agreement.pk == target.pk:
            return True
        seen.add(agreement.pk)
        agreement = agreement.successor
    return False
