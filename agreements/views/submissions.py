"""What a company sent: looked at beside the record, then accepted, in part, or not."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View

from agreements.actions.register import ChangedMeanwhile
from agreements.actions.submissions import (
    accept_submission,
    reject_submission,
    restore_submission,
    take_back_acceptance,
)
from agreements.actions.transition import NotAllowed
from agreements.choices import Side, SubmissionKind
from agreements.domain import expectations
from agreements.domain.expectations import RowDifference
from agreements.models import CompanySubmission, ExpectationRound
from agreements.models.expectation_sheet import before_submission, read_sheet, with_submission
from municipalities import access, audit
from municipalities.choices import AuditKind

from .agreement_parts import PartStepView
from .undo import offer_undo, take_offer
from .worksheet_section import completeness
from .worksheets import CHANGED


def submissions_of_rounds(user: Any) -> QuerySet[CompanySubmission]:
    """What belongs to a worksheet; progress and comments have pages of their own."""
    return CompanySubmission.objects.internal_to(user).filter(round__isnull=False)


class SubmissionView(View):
    """The differences row by row; of answers to a closed worksheet only what has arrived."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = get_object_or_404(
            submissions_of_rounds(request.user).select_related(
                "agreement__municipality", "agreement__department", "round", "decided_by", "received_by"
            ),
            pk=pk,
        )
        round_: Any = submission.round
        round_.agreement = submission.agreement
        audit.record(AuditKind.VIEW_INTERNAL, request=request, target=round_, 内容=str(submission))
        context = {
            "page_title": submission.get_kind_display(),
            "agreement": submission.agreement,
            "submission": submission,
            "round": round_,
            "may_edit": access.may_edit(request.user, submission.agreement),
            "before_label": "取り込む前の記録" if submission.is_taken else "いまの記録",
            "undo": take_offer(request),
            **self._content(submission, round_),
        }
        return TemplateResponse(request, "agreements/submission.html", context)

    def _content(self, submission: CompanySubmission, round_: ExpectationRound) -> dict[str, Any]:
        today = timezone.localdate()
        sheet = read_sheet(round_, viewer=Side.OWN, today=today)
        if submission.is_sealed:
            return {"arrived": completeness(sheet, submission)}
        if submission.kind == SubmissionKind.CONFIRMATION:
            keys = {int(key) for key in submission.payload.get("rows", ())}
            rows = [row for row in sheet.rows if row.row.pk in keys]
            return {"confirmation": submission.payload, "rows": rows}
        proposed = with_submission(sheet, submission)
        proposed.judge(today)
        before = before_submission(sheet, submission) if submission.is_taken else sheet
        return {"rows": _pairs(expectations.diff(before.filled_rows(), proposed.filled_rows()), proposed)}


def _pairs(changes: list[RowDifference], proposed: Any) -> list[dict[str, Any]]:
    """Each row with what would change in it and what the rules would say then."""
    return [
        {
            "row": row.row,
            "changes": [change for change in changes if change.label == row.row.label],
            "findings": row.findings,
        }
        for row in proposed.rows
    ]


class SubmissionStepView(PartStepView):
    def internal_parts(self) -> QuerySet[CompanySubmission]:
        return submissions_of_rounds(self.request.user)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        url = reverse("agreements:submission", args=[self.part.pk])
        try:
            return redirect(self.act(self.part) or url)
        except ChangedMeanwhile:
            messages.error(request, CHANGED)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        return redirect(url)

    def act(self, submission: CompanySubmission) -> str | None:
        """Do it; returns where to go, or None for the page of the submission."""
        raise NotImplementedError


class SubmissionAcceptView(SubmissionStepView):
    """All of it, or the rows that were ticked."""

    def act(self, submission: CompanySubmission) -> str | None:
        ticked = [
            int(each) for each in self.request.POST.getlist("rows") if each.isascii() and each.isdigit()
        ]
        accepted = accept_submission(
            submission=submission,
            by=self.user,
            now=timezone.now(),
            today=timezone.localdate(),
            rows=ticked,
        )
        url = reverse("agreements:submission-take-back", args=[submission.pk])
        offer_undo(self.request, f"{len(accepted.accepted_rows)}件の項目を取り込みました。", url)
        return accepted.round.get_absolute_url() if accepted.round else None


class SubmissionRejectView(SubmissionStepView):
    def act(self, submission: CompanySubmission) -> str | None:
        reason = self.request.POST.get("reason", "")[:1000]
        reject_submission(submission=submission, by=self.user, now=timezone.now(), reason=reason)
        url = reverse("agreements:submission-restore", args=[submission.pk])
        offer_undo(self.request, "取り込まないことにしました。", url)
        return None


class SubmissionRestoreView(SubmissionStepView):
    def act(self, submission: CompanySubmission) -> str | None:
        restore_submission(submission=submission, by=self.user)
        messages.success(self.request, "確認待ちに戻しました。")
        return None


class SubmissionTakeBackView(SubmissionStepView):
    def act(self, submission: CompanySubmission) -> str | None:
        take_back_acceptance(submission=submission, by=self.user, now=timezone.now())
        messages.success(self.request, "取込みを取り消しました。確認待ちに戻っています。")
        return None
