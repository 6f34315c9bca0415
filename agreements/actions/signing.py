"""締結する; 締結式を記録する."""

from datetime import date, datetime
from typing import Any

from django.db import transaction as database

from agreements.choices import AgreementState
from agreements.domain.lifecycle import Blocker
from agreements.models import Agreement, SigningCeremony, Transition
from municipalities.models import StaffMember

from .register import ChangedMeanwhile
from .transition import NotAllowed, transition

CEREMONY_STATES = frozenset(AgreementState.values) - {
    AgreementState.PROPOSED,
    AgreementState.REVIEWING,
    AgreementState.DECLINED,
}


def sign(
    *,
    agreement: Agreement,
    signed_on: date,
    by: StaffMember,
    version: int,
    today: date,
    comment: str = "",
    **facts: Any,
) -> Transition:
    """締結する; `facts`: effective_on, first_expiry, paper_original_only, if the signing settles them."""
    return transition(
        agreement=agreement,
        target=AgreementState.ACTIVE,
        on=signed_on,
        signed_on=signed_on,
        by=by,
        comment=comment,
        version=version,
        today=today,
        **facts,
    )


@database.atomic
def record_ceremony(
    *, agreement: Agreement, values: dict[str, Any], seen: datetime | None
) -> SigningCeremony:
    """Plan or record the ceremony. `seen`: `updated_at` of the one the form showed, None for none.

    Raises `ChangedMeanwhile`, `NotAllowed` (too early in the life of the agreement).
    """
    stored = Agreement.objects.alive().select_for_update().get(pk=agreement.pk)
    if stored.state not in CEREMONY_STATES:
        message = "相手方協議より前、または見送りの協定には、締結式を記録できません。"
        raise NotAllowed([Blocker("too_early", message, "state")])
    ceremony = SigningCeremony.objects.filter(agreement=stored).first()
    if (ceremony.updated_at if ceremony else None) != seen:
        raise ChangedMeanwhile
    ceremony = ceremony or SigningCeremony(agreement=stored)
    for name, value in values.items():
        setattr(ceremony, name, value)
    ceremony.cancelled_at = None
    ceremony.save()
    return ceremony


def cancel_ceremony(*, ceremony: SigningCeremony, now: datetime) -> None:
    """The ceremony does not take place; `restore_ceremony` brings it back."""
    ceremony.cancelled_at = now
    ceremony.save(update_fields=["cancelled_at", "updated_at"])


def restore_ceremony(*, ceremony: SigningCeremony) -> None:
    ceremony.cancelled_at = None
    ceremony.save(update_fields=["cancelled_at", "updated_at"])
