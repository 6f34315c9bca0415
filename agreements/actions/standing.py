"""休止, 再開, 終了, 見送り: what ends or interrupts an agreement."""

from datetime import date

from agreements.choices import AgreementState
from agreements.models import Agreement, Transition
from municipalities.models import StaffMember

from .transition import transition


def suspend(
    *, agreement: Agreement, on: date, by: StaffMember, version: int, today: date, comment: str = ""
) -> Transition:
    return transition(
        agreement=agreement,
        target=AgreementState.SUSPENDED,
        on=on,
        by=by,
        comment=comment,
        version=version,
        today=today,
    )


def resume(
    *, agreement: Agreement, on: date, by: StaffMember, version: int, today: date, comment: str = ""
) -> Transition:
    return transition(
        agreement=agreement,
        target=AgreementState.ACTIVE,
        on=on,
        by=by,
        comment=comment,
        version=version,
        today=today,
    )


def end(
    *,
    agreement: Agreement,
    ended_on: date,
    ended_reason: str,
    by: StaffMember,
    version: int,
    today: date,
    comment: str = "",
) -> Transition:
    """終了する, with a reason (`EndedReason`); the retention clock starts."""
    return transition(
        agreement=agreement,
        target=AgreementState.ENDED,
        on=ended_on,
        ended_on=ended_on,
        ended_reason=ended_reason,
        by=by,
        comment=comment,
        version=version,
        today=today,
    )


def decline(
    *, agreement: Agreement, on: date, by: StaffMember, reason: str, version: int, today: date
) -> Transition:
    """見送る, with a reason: the agreement is not concluded."""
    return transition(
        agreement=agreement,
        target=AgreementState.DECLINED,
        on=on,
        by=by,
        comment=reason,
        version=version,
        today=today,
    )
