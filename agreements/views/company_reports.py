"""What a company sent by link, as staff decide about it: reports on 取組, and attached files."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View

from agreements.actions.annual_reports import ReportNotAllowed
from agreements.actions.company_reports import (
    accept_comment,
    accept_report,
    adopt_file,
    take_back_comment,
    take_back_report,
    told_actions,
)
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.submissions import reject_submission, restore_submission
from agreements.actions.transition import NotAllowed
from agreements.choices import SubmissionKind
from agreements.forms.company_report_forms import AcceptReportForm, RejectForm
from agreements.models import ActionItem, AnnualReport, CompanySubmission, ShareFile
from municipalities import access, audit
from municipalities.choices import AuditKind
from municipalities.wareki import format_wareki

from .agreement_parts import PartStepView, PartView
from .document_files import POLICY
from .undo import offer_undo, take_offer

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Told:
    """One 取組 as it stands and as the company reports it."""

    action: ActionItem
    on: str
    value: str
    text: str
    files: list[ShareFile]


def submission_url(submission: CompanySubmission) -> str:
    """Where staff decide about it (what belongs to a worksheet: `views.submissions`)."""
    page = "company-comment" if submission.kind == SubmissionKind.COMMENT else "company-report"
    return reverse(f"agreements:{page}", args=[submission.pk])


def arrived(user: Any) -> dict[str, Any]:
    """Of 「今日の仕事」: reports and comments that wait for this person (worksheets: `worksheet_work`)."""
    editable = access.editable_agreements(user, "agreement__")
    waiting = CompanySubmission.objects.alive().pending().filter(editable, round=None)
    found = list(waiting.select_related("agreement").order_by("received_at", "pk")[: _SHOWN + 1])
    return {
        "arrived": [{"submission": each, "url": submission_url(each)} for each in found[:_SHOWN]],
        "arrived_total": len(found) if len(found) <= _SHOWN else waiting.count(),
    }


class ReportPartMixin:
    request: HttpRequest
    kinds: tuple[str, ...] = (SubmissionKind.PROGRESS, SubmissionKind.COMMENT)

    def internal_parts(self) -> QuerySet[CompanySubmission]:
        reports = CompanySubmission.objects.filter(kind__in=self.kinds)
        return reports.internal_to(self.request.user).select_related("contact__company", "decided_by")  # type: ignore[attr-defined]


class DecisionView(ReportPartMixin, PartView):
    """What was sent beside what stands in the record; taken over or not."""

    template: str

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        audit.record(AuditKind.VIEW_INTERNAL, request=request, target=self.part)
        return self.show(self.form(), RejectForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.part.is_pending:
            return self.too_late()
        try:
            return self.reject() if "reject" in request.POST else self.accept()
        except ChangedMeanwhile:
            return self.too_late()

    def form(self, data: Any = None) -> Any:
        """What is asked before it is taken over; None: nothing."""
        raise NotImplementedError

    def accept(self) -> HttpResponse:
        raise NotImplementedError

    def reject(self) -> HttpResponse:
        form = RejectForm(self.request.POST)
        if not form.is_valid():
            return self.show(self.form(), form)
        reason = form.cleaned_data["reason"]
        reject_submission(submission=self.part, by=self.user, now=timezone.now(), reason=reason)
        return self.done("取り込まないことにしました。相手方のページに理由が表示されます。")

    def too_late(self) -> HttpResponse:
        messages.warning(self.request, "ほかの人がすでに判断しました。")
        return redirect(submission_url(self.part))

    def done(self, message: str) -> HttpResponse:
        offer_undo(self.request, message, reverse("agreements:company-report-undo", args=[self.part.pk]))
        return redirect(submission_url(self.part))

    def show(self, form: Any, reject_form: RejectForm, **context: Any) -> HttpResponse:
        day = format_wareki(timezone.localdate(self.part.received_at))
        context = {
            "page_title": f"{self.part.get_kind_display()}（{day}受信）",
            "agreement": self.part.agreement,
            "submission": self.part,
            "form": form,
            "reject_form": reject_form,
            "undo": take_offer(self.request),
            **context,
        }
        return TemplateResponse(self.request, self.template, context)


class CompanyCommentView(DecisionView):
    """相手方のコメント of an annual report, beside the one that stands in it."""

    kinds = (SubmissionKind.COMMENT,)
    template = "agreements/company_comment.html"

    def form(self, data: Any = None) -> None:
        return None

    def accept(self) -> HttpResponse:
        try:
            accept_comment(submission=self.part, by=self.user, now=timezone.now(), today=timezone.localdate())
        except ReportNotAllowed as refusal:
            messages.error(self.request, str(refusal))
            return redirect(submission_url(self.part))
        return self.done("年度実績報告に取り込みました。")

    def show(self, form: Any, reject_form: RejectForm, **context: Any) -> HttpResponse:
        found = AnnualReport.objects.filter(agreement=self.part.agreement_id)
        return super().show(
            form,
            reject_form,
            report=found.filter(pk=self.part.payload.get("report")).first(),
            **context,
        )


class CompanyReportView(DecisionView):
    """A report on 取組, taken over as a whole, in part or not at all."""

    kinds = (SubmissionKind.PROGRESS,)
    template = "agreements/company_report.html"

    def form(self, data: Any = None) -> AcceptReportForm:
        return AcceptReportForm(data, actions=self.told())

    def accept(self) -> HttpResponse:
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self.show(form, RejectForm())
        made = accept_report(
            submission=self.part,
            actions=form.chosen,
            by=self.user,
            now=timezone.now(),
            today=timezone.localdate(),
        )
        return self.done(f"取組{len(made)}件の進捗に取り込みました。")

    def told(self) -> list[Told]:
        said = self.part.payload.get("actions", {})
        files: dict[int | None, list[ShareFile]] = {}
        for file in self.part.share_files.select_related("document"):
            files.setdefault(file.about, []).append(file)
        return [
            Told(
                action=action,
                on=said[str(action.pk)]["on"],
                value=said[str(action.pk)]["value"] or "",
                text=said[str(action.pk)]["text"],
                files=files.get(action.pk, []),
            )
            for action in told_actions(self.part)
        ]


class CompanyReportUndoView(ReportPartMixin, PartStepView):
    """Back to waiting, whether it was taken over or not."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            if not self.part.is_taken:
                restore_submission(submission=self.part, by=self.user)
            elif self.part.kind == SubmissionKind.COMMENT:
                take_back_comment(submission=self.part, by=self.user, now=timezone.now())
            else:
                take_back_report(submission=self.part, by=self.user, now=timezone.now())
        except (ChangedMeanwhile, NotAllowed, ReportNotAllowed):
            messages.error(request, "取り消せませんでした。いまの状態を確かめてください。")
        else:
            messages.success(request, "判断を取り消しました。")
        return redirect(submission_url(self.part))


class ShareFileAdoptView(PartStepView):
    """One click: what a company attached becomes a 書類."""

    section = "documents"

    path = "link__agreement"

    def internal_parts(self) -> QuerySet[ShareFile]:
        return ShareFile.objects.internal_to(self.request.user)

    def step(self, part: ShareFile) -> None:
        document = adopt_file(file=part, by=self.user)
        messages.success(self.request, f"書類「{document}」を登録しました。")


class ShareFileDownloadView(View):
    """The file as the company sent it: never shown by the browser itself."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found = ShareFile.objects.internal_to(request.user).select_related("link__agreement__municipality")
        attached = get_object_or_404(found, pk=pk)
        try:
            file = attached.file.open("rb")
        except OSError as error:
            raise Http404("the file is missing") from error
        audit.record(AuditKind.DOWNLOAD, request=request, target=attached)
        return FileResponse(
            file,
            as_attachment=True,
            filename=attached.original_name,
            content_type=attached.content_type,
            headers={
                "Content-Security-Policy": POLICY,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )
