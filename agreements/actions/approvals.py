"""決裁: submit, approve, send back, take an approval back."""

import unicodedata
from datetime import date

from django.db import IntegrityError
from django.db import transaction as database

from agreements.choices import AgreementState, ApprovalDecision
from agreements.domain.lifecycle import Blocker, State
from agreements.domain.procedure import check_day
from agreements.models import Agreement, Approval, SearchDocument, Transition
from municipalities import fiscal_year
from municipalities.models import Municipality, StaffMember
from municipalities.wareki import format_wareki

from .approval_rounds import reset
from .transition import NotAllowed, claim, transition, write_state

_NUMBER_TAKEN = Blocker(
    "document_number_taken", "この文書番号は、同じ年度にすでに使われています。", "document_number"
)


def submit_for_approval(
    *,
    agreement: Agreement,
    on: date,
    by: StaffMember,
    version: int,
    today: date,
    drafter: StaffMember | None = None,
    document_number: str = "",
    comment: str = "",
) -> Transition:
    """決裁に回す: the text is locked, a round waits for its decision."""
    return transition(
        agreement=agreement,
        target=AgreementState.APPROVING,
        on=on,
        by=by,
        comment=comment,
        version=version,
        today=today,
        drafter=drafter,
        document_number=normalise_number(document_number),
    )


@database.atomic
def approve(
    *,
    agreement: Agreement,
    on: date,
    document_number: str,
    decider_title: str,
    by: StaffMember,
    version: int,
    today: date,
    decider_name: str = "",
    comment: str = "",
) -> Approval:
    """承認: the round is decided; number and day go into the ledger. The text stays locked.

    Raises `ChangedMeanwhile` and `NotAllowed` (nothing waits, the day, the number is taken).
    """
    stored = claim(agreement, version)
    approval = stored.approvals.filter(decision=ApprovalDecision.PENDING).first()
    if approval is None or stored.state != AgreementState.APPROVING:
        raise NotAllowed([Blocker("nothing_to_approve", "決裁を待っている協定ではありません。", "state")])
    number = normalise_number(document_number)
    blockers = [*_missing(number, decider_title)]
    blockers += check_day(on, today=today, earliest=approval.drafted_on, what="起案日")
    if number and number_is_taken(stored.municipality, number, on, other_than=stored):
        blockers.append(_NUMBER_TAKEN)
    if blockers:
        raise NotAllowed(blockers)
    approval.decision = ApprovalDecision.APPROVED
    approval.document_number, approval.decided_on = number, on
    approval.fiscal_year = fiscal_year.fiscal_year_of(on)
    approval.decider_title, approval.decider_name = decider_title, decider_name
    approval.decided_by, approval.comment = by, comment
    try:
        with database.atomic():
            approval.save()
    except IntegrityError as error:  # somebody took the number at this very moment
        raise NotAllowed([_NUMBER_TAKEN]) from error
    stored.document_number, stored.approved_on = number, on
    reason = f"決裁の承認（{format_wareki(on)}）{comment}"
    write_state(stored, State.APPROVING, today=today, reason=reason)
    SearchDocument.objects.refresh([stored.pk])
    return approval


def send_back(
    *, agreement: Agreement, on: date, by: StaffMember, comment: str, version: int, today: date
) -> Transition:
    """差し戻す, with a reason: the talks go on, the text is open again."""
    return transition(
        agreement=agreement,
        target=AgreementState.NEGOTIATING,
        on=on,
        by=by,
        comment=comment,
        version=version,
        today=today,
    )


@database.atomic
def withdraw_approval(
    *, agreement: Agreement, by: StaffMember, reason: str, version: int, today: date
) -> Approval:
    """Take an approval back that was recorded by mistake: the round waits again. Not after the signing."""
    stored = claim(agreement, version)
    approval = stored.approvals.filter(decision=ApprovalDecision.APPROVED).first()
    if approval is None or stored.state != AgreementState.APPROVING:
        raise NotAllowed([Blocker("nothing_to_withdraw", "取り消せる承認がありません。", "state")])
    if not reason.strip():
        raise NotAllowed([Blocker("no_comment", "取消しの理由を入力してください。", "comment")])
    reset(approval)
    stored.document_number, stored.approved_on = "", None
    write_state(stored, State.APPROVING, today=today, reason=f"承認の取消し　{reason}")
    SearchDocument.objects.refresh([stored.pk])
    return approval


def number_is_taken(
    municipality: Municipality, number: str, on: date, *, other_than: Agreement | None = None
) -> bool:
    """Whether another agreement was approved under this number in the same 年度, here or in an old ledger."""
    year = fiscal_year.fiscal_year_of(on)
    others = Agreement.objects.filter(
        municipality=municipality,
        document_number=number,
        approved_on__range=(fiscal_year.first_day(year), fiscal_year.last_day(year)),
    )
    return (others.exclude(pk=other_than.pk) if other_than else others).exists()


def normalise_number(text: str) -> str:
    """「企第１２３号」 and 「企第123号」 are one number."""
    return unicodedata.normalize("NFKC", text).strip()


def _missing(number: str, decider_title: str) -> list[Blocker]:
    blockers = []
    if not number:
        blockers.append(Blocker("no_document_number", "文書番号を入力してください。", "document_number"))
    if not decider_title.strip():
        blockers.append(Blocker("no_decider", "決裁者の職を入力してください。", "decider_title"))
    return blockers
