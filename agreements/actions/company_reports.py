"""Take over what a company reported about its 取組, said of the annual report, and attached."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from agreements.choices import DocumentKind, ReportState, SubmissionState
from agreements.models import (
    ActionItem,
    Agreement,
    AgreementDocument,
    AnnualReport,
    CompanySubmission,
    ProgressEntry,
    SearchDocument,
    ShareFile,
)
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import StaffMember

from .annual_reports import ReportNotAllowed
from .documents import next_version
from .submissions import accept_submission, take_back_acceptance

WRITABLE = (ReportState.DRAFT, ReportState.RETURNED)
_IMAGES = ("image/jpeg", "image/png", "image/tiff")


def told_actions(submission: CompanySubmission) -> list[ActionItem]:
    """The 取組 it speaks of that still exist, as they stand."""
    keys = [int(key) for key in submission.payload.get("actions", {}) if key.isdecimal()]
    return list(
        ActionItem.objects.alive().filter(pk__in=keys, agreement=submission.agreement_id).with_progress()
    )


@transaction.atomic
def accept_report(
    *,
    submission: CompanySubmission,
    actions: Collection[int],
    by: StaffMember,
    now: datetime,
    today: date,
) -> list[ProgressEntry]:
    """Write an entry into the journal of each chosen 取組, with its photos as 書類.

    What is not chosen is not taken over. Raises `ChangedMeanwhile` when it was decided before.
    """
    stored = accept_submission(submission=submission, by=by, now=now, today=today)
    told = stored.payload.get("actions", {})
    made = []
    for action in told_actions(stored):
        if action.pk not in actions:
            continue
        said = told[str(action.pk)]
        entry = ProgressEntry.objects.create(
            action=action,
            on=date.fromisoformat(said["on"]),
            value=said["value"] and Decimal(said["value"]),
            text=said["text"],
            by=by,
        )
        files = ShareFile.objects.filter(submission=stored, about=action.pk, document=None)
        documents = [_document_of(file, stored.agreement, by) for file in files]
        if documents:
            entry.documents.set(documents)
        made.append(entry)
    stored.accepted_rows = [entry.action_id for entry in made]
    stored.replaced = {"entries": [entry.pk for entry in made]}
    if len(made) < len(told):
        stored.state = SubmissionState.PARTLY
    stored.save()
    return made


@transaction.atomic
def take_back_report(*, submission: CompanySubmission, by: StaffMember, now: datetime) -> None:
    """Undo of `accept_report`: its entries are put away, the report waits again. 書類 stay."""
    entries = submission.replaced.get("entries", [])
    take_back_acceptance(submission=submission, by=by, now=now)
    for entry in ProgressEntry.objects.filter(pk__in=entries, deleted_at=None):
        entry.deleted_at = now
        entry.save()


@transaction.atomic
def adopt_file(*, file: ShareFile, by: StaffMember) -> AgreementDocument:
    """Make a 書類 of what a company attached. Doing it twice is harmless."""
    file = ShareFile.objects.select_for_update(of=("self",)).select_related("link__agreement").get(pk=file.pk)
    return file.document or _document_of(file, file.agreement, by)


def _document_of(file: ShareFile, agreement: Agreement, by: StaffMember) -> AgreementDocument:
    # Two people must not draw the same version: the agreement is the lock.
    Agreement.objects.select_for_update().get(pk=agreement.pk)
    kind = DocumentKind.PHOTO if file.content_type in _IMAGES else DocumentKind.OTHER
    title = file.original_name.rpartition(".")[0] or file.original_name
    document = AgreementDocument.objects.create(
        agreement=agreement,
        kind=kind,
        title=title,
        version=next_version(agreement, kind, title),
        file=file.file.name,
        original_name=file.original_name,
        size=file.size,
        sha256=file.sha256,
        content_type=file.content_type,
        uploaded_by=by,
    )
    file.document = document
    file.save(update_fields=["document"])
    SearchDocument.objects.refresh([agreement.pk])
    record(AuditKind.UPLOAD, actor=by, target=document, SHA256=document.sha256, 出所="相手方の添付")
    return document


def commented_report(submission: CompanySubmission) -> AnnualReport | None:
    """The report it comments on, as long as that can be written."""
    reports = AnnualReport.objects.alive().filter(agreement=submission.agreement_id, state__in=WRITABLE)
    return reports.filter(pk=submission.payload.get("report")).first()


@transaction.atomic
def accept_comment(*, submission: CompanySubmission, by: StaffMember, now: datetime, today: date) -> None:
    """Write the company's comment and the day it confirmed into the report.

    Raises `ReportNotAllowed` when the report is handed in, `ChangedMeanwhile` when it was decided before.
    """
    stored = accept_submission(submission=submission, by=by, now=now, today=today)
    report = commented_report(stored)
    if report is None:
        raise ReportNotAllowed("この年度実績報告は提出済みのため、コメントを入れられません。")
    stored.replaced = {
        "comment": report.partner_comment,
        "confirmed_on": report.partner_confirmed_on and report.partner_confirmed_on.isoformat(),
    }
    stored.save()
    report.partner_comment = stored.payload["comment"]
    report.partner_confirmed_on = date.fromisoformat(stored.payload["confirmed_on"])
    report.save()


@transaction.atomic
def take_back_comment(*, submission: CompanySubmission, by: StaffMember, now: datetime) -> None:
    """Undo of `accept_comment`. Raises `ReportNotAllowed` when the report went on since."""
    before = submission.replaced
    report = commented_report(submission)
    if report is None or report.partner_comment != submission.payload["comment"]:
        raise ReportNotAllowed("その後に年度実績報告が変わっているため、取り消せません。")
    take_back_acceptance(submission=submission, by=by, now=now)
    report.partner_comment = before.get("comment", "")
    day = before.get("confirmed_on")
    report.partner_confirmed_on = date.fromisoformat(day) if day else None
    report.save()
