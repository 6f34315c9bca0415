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

from agreements.actions.company_reports import accept_report, adopt_file, take_back_report, told_actions
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.submissions import reject_submission, restore_submission
from agreements.actions.transition import NotAllowed
from agreements.choices import SubmissionKind
from agreements.forms.company_report_forms import AcceptReportForm, RejectForm
from agreements.models import ActionItem, CompanySubmission, ShareFile
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
    """Where staff decide about it."""
    if submission.kind == SubmissionKind.PROGRESS:
        return reverse("agreements:company-report", args=[submission.pk])
    if submission.round_id is not None:
        return reverse("agreements:submission", args=[submission.pk])
    return f"{submission.agreement.get_absolute_url()}#links"


def arrived(user: Any) -> dict[str, Any]:
    """Of 「今日の仕事」: what companies sent and nobody has decided about, for who may. Fixed queries."""
    waiting = (
        CompanySubmission.objects.alive().pending().filter(access.editable_agreements(user, "agreement__"))
    )
    found = list(waiting.select_related("agreement").order_by("received_at", "pk")[: _SHOWN + 1])
    return {
        "arrived": [{"submission": each, "url": submission_url(each)} for each in found[:_SHOWN]],
        "arrived_total": len(found) if len(found) <= _SHOWN else waiting.count(),
    }


class ReportPartMixin:
    request: HttpRequest

    def internal_parts(self) -> QuerySet[CompanySubmission]:
        reports = CompanySubmission.objects.filter(kind=SubmissionKind.PROGRESS)
        return reports.internal_to(self.request.user).select_related("contact__company", "decided_by")  # type: ignore[attr-defined]


class CompanyReportView(ReportPartMixin, PartView):
    """The report beside what stands in the record; taken over as a whole, in part or not at all."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        audit.record(AuditKind.VIEW_INTERNAL, request=request, target=self.part)
        return self.show(AcceptReportForm(actions=self.told()), RejectForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.part.is_pending:
            messages.warning(request, "この報告は、ほかの人がすでに判断しました。")
            return redirect("agreements:company-report", pk=pk)
        return self.reject() if "reject" in request.POST else self.accept()

    def accept(self) -> HttpResponse:
        form = AcceptReportForm(self.request.POST, actions=self.told())
        if not form.is_valid():
            return self.show(form, RejectForm())
        try:
            made = accept_report(
                submission=self.part,
                actions=form.chosen,
                by=self.user,
                now=timezone.now(),
                today=timezone.localdate(),
            )
        except ChangedMeanwhile:
            messages.warning(self.request, "この報告は、ほかの人がすでに判断しました。")
            return redirect("agreements:company-report", pk=self.part.pk)
        return self.done(f"取組{len(made)}件の進捗に取り込みました。")

    def reject(self) -> HttpResponse:
        form = RejectForm(self.request.POST)
        if not form.is_valid():
            return self.show(AcceptReportForm(actions=self.told()), form)
        try:
            reject_submission(
                submission=self.part,
                by=self.user,
                now=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except ChangedMeanwhile:
            messages.warning(self.request, "この報告は、ほかの人がすでに判断しました。")
            return redirect("agreements:company-report", pk=self.part.pk)
        return self.done("取り込まないことにしました。相手方のページに理由が表示されます。")

    def done(self, message: str) -> HttpResponse:
        offer_undo(self.request, message, reverse("agreements:company-report-undo", args=[self.part.pk]))
        return redirect("agreements:company-report", pk=self.part.pk)

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

    def show(self, form: AcceptReportForm, reject_form: RejectForm) -> HttpResponse:
        day = format_wareki(timezone.localdate(self.part.received_at))
        context = {
            "page_title": f"{self.part.get_kind_display()}（{day}受信）",
            "agreement": self.part.agreement,
            "submission": self.part,
            "form": form,
            "reject_form": reject_form,
            "undo": take_offer(self.request),
        }
        return TemplateResponse(self.request, "agreements/company_report.html", context)


class CompanyReportUndoView(ReportPartMixin, PartStepView):
    """Back to waiting, whether it was taken over or not."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            if self.part.is_taken:
                take_back_report(submission=self.part, by=self.user, now=timezone.now())
            else:
                restore_submission(submission=self.part, by=self.user)
        except (ChangedMeanwhile, NotAllowed):
            messages.error(request, "取り消せませんでした。いまの状態を確かめてください。")
        else:
            messages.success(request, "判断を取り消しました。")
        return redirect("agreements:company-report", pk=pk)


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
