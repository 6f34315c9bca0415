"""The rounds of an agreement through the 決裁, kept in step with its state by `transition`."""

from datetime import date

from agreements.choices import ApprovalDecision
from agreements.domain.lifecycle import State
from agreements.models import Agreement, Approval
from municipalities.models import StaffMember


def open_round(
    agreement: Agreement, *, drafter: StaffMember | None, on: date, document_number: str = ""
) -> Approval:
    return Approval.objects.create(
        agreement=agreement,
        municipality=agreement.municipality,
        drafter=drafter,
        drafted_on=on,
        document_number=document_number,
    )


def close_round(
    agreement: Agreement, target: State | None, *, on: date, by: StaffMember | None, comment: str
) -> None:
    """End the round without a signing: sent back or withdrawn. The agreement loses its number."""
    approval = agreement.approvals.current().first()
    if approval is None:
        return
    is_sent_back = target is State.NEGOTIATING
    approval.decision = ApprovalDecision.SENT_BACK if is_sent_back else ApprovalDecision.WITHDRAWN
    approval.decided_on, approval.decided_by, approval.comment = on, by, comment
    approval.fiscal_year = None
    approval.save()
    agreement.document_number, agreement.approved_on = "", None


def reopen_round(agreement: Agreement) -> None:
    """The last round waits for its decision again."""
    approval = agreement.approvals.order_by("-pk").first()
    if approval is not None:
        reset(approval)


def reset(approval: Approval) -> None:
    """Take the decision away; what was typed for it (number, who decides) stays as a proposal."""
    approval.decision = ApprovalDecision.PENDING
    approval.decided_on = approval.decided_by = approval.fiscal_year = None
    approval.comment = ""
    approval.save()
