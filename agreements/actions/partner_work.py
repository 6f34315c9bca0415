"""What a company may see and send behind a 相手方リンク: its own part, nothing of another company's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from agreements.choices import (
    ExpectationRoundState,
    SharePurpose,
    Side,
    SubmissionKind,
    SubmissionSource,
    SubmissionState,
)
from agreements.models import (
    ActionItem,
    AnnualReport,
    AnnualReportLine,
    CompanySubmission,
    ExpectationRound,
    ShareFile,
    ShareLink,
)
from agreements.models.expectation_sheet import Sheet, read_sheet

from .company_reports import WRITABLE
from .share_drafts import mark_sent
from .submissions import receive_submission

KINDS = {
    SharePurpose.WORKSHEET: SubmissionKind.ANSWERS,
    SharePurpose.CONFIRMATION: SubmissionKind.CONFIRMATION,
    SharePurpose.PROGRESS: SubmissionKind.PROGRESS,
    SharePurpose.REPORT: SubmissionKind.COMMENT,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """One row as the company filled it in last; `values` by the names of `ANSWER_FIELDS`."""

    row_id: int
    values: Mapping[str, Any]


def current_round(link: ShareLink) -> ExpectationRound | None:
    """The newest worksheet of the agreement that was not given up."""
    rounds = ExpectationRound.objects.filter(agreement=link.agreement_id)
    newest = rounds.exclude(state=ExpectationRoundState.CANCELLED).order_by("-number").first()
    if newest is not None:
        newest.agreement = link.agreement
    return newest


def partner_sheet(round_: ExpectationRound, today: date) -> Sheet:
    """The worksheet as the company may read it: before the opening, without a word of the city's."""
    return read_sheet(round_, viewer=Side.PARTNER, today=today)


def sent_by(link: ShareLink, round_: ExpectationRound | None = None) -> QuerySet[CompanySubmission]:
    """What this very contact sent for this purpose by link, newest first."""
    return CompanySubmission.objects.filter(
        agreement=link.agreement_id,
        contact=link.contact_id,
        kind=KINDS[SharePurpose(link.purpose)],
        source=SubmissionSource.LINK,
        round=round_,
    )


def own_answers(link: ShareLink, round_: ExpectationRound) -> list[Answered]:
    """What the contact sent last; once a worksheet is open and taken over, what stands in the record."""
    last = sent_by(link, round_).exclude(state=SubmissionState.REPLACED).first()
    if last is None or last.is_taken:
        sheet = read_sheet(round_, viewer=Side.PARTNER)
        return [Answered(row.row.pk, row.partner.values()) for row in sheet.rows if row.partner]
    return [
        Answered(int(key), values) for key, values in last.payload.get("rows", {}).items() if key.isdecimal()
    ]


def actions_for(link: ShareLink) -> list[ActionItem]:
    """Open 取組 this company takes part in: with its contact, or unnamed when it is the only one."""
    actions = ActionItem.objects.alive().open().filter(_own_actions(link), agreement=link.agreement_id)
    return list(actions.with_progress())


def _own_actions(link: ShareLink) -> Q:
    companies = link.agreement.parties.exclude(company=None).values("company").distinct()  # type: ignore[attr-defined]
    mine = Q(partner_contact__company=link.contact.company_id)
    return mine | Q(partner_contact=None) if companies.count() == 1 else mine


def report_for(link: ShareLink) -> AnnualReport | None:
    """The newest annual report that is still being written: a comment finds its place in it."""
    reports = AnnualReport.objects.alive().filter(agreement=link.agreement_id, state__in=WRITABLE)
    return reports.order_by("-fiscal_year", "-version").first()


def report_lines(link: ShareLink, report: AnnualReport) -> list[AnnualReportLine]:
    """What the report says of this company's 取組."""
    own = ActionItem.objects.filter(_own_actions(link), agreement=link.agreement_id)
    return list(AnnualReportLine.objects.filter(report=report, action__in=own))


@transaction.atomic
def deliver(
    *,
    link: ShareLink,
    payload: dict[str, Any],
    by_name: str,
    now: datetime,
    round_: ExpectationRound | None = None,
) -> CompanySubmission:
    """Send: from now on it waits for staff, and takes the place of what this contact sent and still waits.

    Raises `NotAllowed` when the worksheet does not take it (any more).
    """
    kind = KINDS[SharePurpose(link.purpose)]
    if round_ is None:
        waiting = sent_by(link).pending()  # type: ignore[attr-defined]
        waiting.update(state=SubmissionState.REPLACED, decided_at=now)
    submission = receive_submission(
        agreement=link.agreement,
        kind=kind,
        source=SubmissionSource.LINK,
        payload=payload,
        now=now,
        round_=round_,
        contact=link.contact,
        by_name=by_name,
    )
    # What was attached to what is replaced belongs to what replaces it.
    ShareFile.objects.filter(link=link, submission__state=SubmissionState.REPLACED).update(
        submission=submission
    )
    mark_sent(link=link, submission=submission, now=now)
    return submission
