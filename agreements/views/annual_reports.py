"""年度実績報告: begin, write, hand in, accept or send back, correct; files; the summary."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.generic import DetailView, View

from agreements.actions import annual_reports as verbs
from agreements.actions.register import ChangedMeanwhile
from agreements.choices import ReportState
from agreements.domain.annual_report import newest_year
from agreements.forms.print_forms import ReportPrintForm
from agreements.forms.report_forms import (
    AnnualReportForm,
    CorrectionForm,
    ReportDeadlineForm,
    ReturnForm,
)
from agreements.models import Agreement, AnnualReport, ReportDeadline
from agreements.models.annual_report import deadline_of, owing
from agreements.printing.annual_report import print_annual_report
from agreements.printing.report_workbook import report_workbook, summary_workbook
from municipalities import access, audit, fiscal_year
from municipalities.choices import AuditKind
from municipalities.views.managers import OwnMunicipalityManagerMixin

from .agreement_parts import OfAgreementView, PartView, PostOnlyMixin
from .pdf_answer import printed_answer
from .report_summary import chosen_year, summary_of, years_of
from .undo import offer_undo, take_offer

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OF_REPORT = ("agreement__municipality", "department", "submitted_by", "decided_by")


def reports_context(agreement: Agreement, user: Any) -> dict[str, Any]:
    """What the section 年度実績 of an agreement shows; a fixed number of queries."""
    today = timezone.localdate()
    reports = list(agreement.annual_reports.exclude(state=ReportState.DISCARDED))  # type: ignore[attr-defined]
    year = newest_year(today)
    begun = {report.fiscal_year for report in reports}
    first = fiscal_year.fiscal_year_of(agreement.signed_on) if agreement.signed_on else None
    open_years = [each for each in range(year, year - 5, -1) if first is not None and each >= first]
    return {
        "annual_reports": reports,
        "report_year": year,
        "report_owed": owing(Agreement.objects.filter(pk=agreement.pk), year).exists(),
        "report_deadline": deadline_of(agreement.municipality_id, year),
        "report_years": [each for each in open_years if each not in begun],
    }


class ReportBeginView(PostOnlyMixin, OfAgreementView):
    """Opens the year's report, prefilled; one that is in work already is shown."""

    def post(self, request: HttpRequest, pk: int, year: int) -> HttpResponse:
        try:
            report = verbs.begin_report(agreement=self.agreement, year=year, today=timezone.localdate())
        except verbs.ReportNotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect(f"{self.agreement.get_absolute_url()}#reports")
        if report.is_writable and access.may_edit(self.user, self.agreement):
            return redirect("agreements:report-update", report.pk)
        return redirect(report)


class ReportDetailView(DetailView):
    """What the report says and its next step."""

    template_name = "agreements/report_detail.html"
    context_object_name = "report"

    def get_queryset(self) -> QuerySet[AnnualReport]:
        return AnnualReport.objects.internal_to(self.request.user).select_related(*_OF_REPORT)  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report: AnnualReport = self.object
        user = self.request.user
        audit.record(AuditKind.VIEW_INTERNAL, request=self.request, target=report)
        may_edit = access.may_edit(user, report.agreement)
        versions = report.agreement.annual_reports.filter(fiscal_year=report.fiscal_year)  # type: ignore[attr-defined]
        return super().get_context_data(
            **kwargs,
            page_title=str(report),
            agreement=report.agreement,
            content=report.content,
            may_edit=may_edit,
            may_write=may_edit and report.is_writable,
            may_decide=access.may_decide(user, report.agreement),
            missing=verbs.missing(report) if may_edit and report.is_writable else [],
            return_form=kwargs.get("return_form") or ReturnForm(),
            correction_form=kwargs.get("correction_form") or CorrectionForm(),
            versions=versions.exclude(pk=report.pk).exclude(state=ReportState.DISCARDED),
            undo=take_offer(self.request),
        )


class ReportPartView(PartView):
    """`pk` is a report whose agreement the person may write."""

    def internal_parts(self) -> QuerySet[AnnualReport]:
        return AnnualReport.objects.internal_to(self.request.user).select_related(*_OF_REPORT[1:])  # type: ignore[attr-defined]


class ReportUpdateView(ReportPartView):
    """The form of a report in work. POST `refill` also adds 取組 that came since."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.part.is_writable:
            messages.info(request, "提出した報告は、書き換えられません。受理した後は「訂正する」で直せます。")
            return redirect(self.part)
        return self.show(AnnualReportForm(instance=self.part))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = AnnualReportForm(request.POST, instance=self.part)
        if "add_row" in request.POST:
            typed = form.typed()
            again = AnnualReportForm(instance=self.part, initial=typed["initial"], rows=[*typed["rows"], {}])
            return self.show(again, is_typed=True)
        if not form.is_valid():
            return self.show(form)
        try:
            report = verbs.write_report(
                report=self.part, seen=form.seen_at, values=form.values(), lines=form.lines()
            )
            if "refill" in request.POST:
                count = verbs.refill_report(report=report)
                messages.success(request, f"保存しました。この年度の取組を{count}件加えました。")
                return redirect("agreements:report-update", pk)
        except ChangedMeanwhile:
            return self.show_meanwhile(form)
        except verbs.ReportNotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect(self.part)
        for notice in form.notices():
            messages.warning(request, notice)
        messages.success(request, f"{report}を保存しました。")
        return redirect(report)

    def show_meanwhile(self, form: AnnualReportForm) -> HttpResponse:
        stored = self.internal_parts().get(pk=self.part.pk)
        rows = form.conflict_with(stored)
        data = self.request.POST.copy()
        data["seen"] = stored.updated_at.isoformat()
        return self.show(AnnualReportForm(data, instance=stored), status=409, conflict_rows=rows)

    def show(self, form: AnnualReportForm, status: int = 200, **context: Any) -> HttpResponse:
        context = {
            "page_title": f"{self.part}の作成",
            "report": self.part,
            "agreement": self.part.agreement,
            "form": form,
            **context,
        }
        return TemplateResponse(self.request, "agreements/report_form.html", context, status=status)


class ReportStepView(PostOnlyMixin, ReportPartView):
    """One step with a report, by POST, back to its page."""

    by_managers = False

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.by_managers and not access.may_decide(self.user, self.part.agreement):
            raise PermissionDenied
        try:
            return redirect(self.step(self.part))
        except verbs.ReportNotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect(self.part)

    def step(self, report: AnnualReport) -> Any:
        raise NotImplementedError

    def offer(self, report: AnnualReport, message: str) -> None:
        offer_undo(self.request, message, reverse("agreements:report-take-back", args=[report.pk]))


class ReportSubmitView(ReportStepView):
    def step(self, report: AnnualReport) -> Any:
        done = verbs.submit_report(report=report, by=self.user, today=timezone.localdate())
        self.offer(done, f"{done}を提出しました。企画課の受理を待っています。")
        return done


class ReportAcceptView(ReportStepView):
    by_managers = True

    def step(self, report: AnnualReport) -> Any:
        done = verbs.accept_report(report=report, by=self.user, today=timezone.localdate())
        self.offer(done, f"{done}を受理しました。")
        return done


class ReportReturnView(ReportStepView):
    by_managers = True

    def step(self, report: AnnualReport) -> Any:
        form = ReturnForm(self.request.POST)
        if not form.is_valid():
            raise verbs.ReportNotAllowed("差戻しの理由を入力してください。")
        reason = form.cleaned_data["reason"]
        done = verbs.return_report(report=report, by=self.user, today=timezone.localdate(), reason=reason)
        messages.success(self.request, f"{done}を差し戻しました。")
        return done


class ReportTakeBackView(ReportStepView):
    """Takes the last step back: managers what they decided, the 課 what it handed in or gave up."""

    def step(self, report: AnnualReport) -> Any:
        if report.state == ReportState.ACCEPTED and not access.may_decide(self.user, report.agreement):
            raise PermissionDenied
        done = verbs.take_back(report=report)
        messages.success(self.request, f"{done}を「{done.get_state_display()}」に戻しました。")
        return done


class ReportCorrectView(ReportStepView):
    def step(self, report: AnnualReport) -> Any:
        form = CorrectionForm(self.request.POST)
        if not form.is_valid():
            raise verbs.ReportNotAllowed("訂正の理由を入力してください。")
        fresh = verbs.correct_report(report=report, reason=form.cleaned_data["reason"])
        messages.success(
            self.request, f"訂正版（第{fresh.version}版）を作りました。受理されるまでは、今の版が有効です。"
        )
        return reverse("agreements:report-update", args=[fresh.pk])


class ReportDiscardView(ReportStepView):
    def step(self, report: AnnualReport) -> Any:
        done = verbs.discard_report(report=report, by=self.user)
        self.offer(done, f"{done}の作成を取りやめました。")
        return f"{done.agreement.get_absolute_url()}#reports"


class ReportFileView(View):
    """A report as a file; `?for=public` leaves out what is internal."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reports = AnnualReport.objects.internal_to(request.user).select_related(*_OF_REPORT)  # type: ignore[attr-defined]
        report = get_object_or_404(reports, pk=pk)
        return self.file(report, internal=request.GET.get("for") != "public")

    def file(self, report: AnnualReport, *, internal: bool) -> HttpResponse:
        raise NotImplementedError


class ReportPrintView(ReportFileView):
    def file(self, report: AnnualReport, *, internal: bool) -> HttpResponse:
        form = ReportPrintForm(self.request.GET, user=self.request.user)
        if not form.is_usable():  # the print page says what is wrong
            page = reverse("agreements:report-print-page", args=[report.pk])
            return redirect(f"{page}?{self.request.GET.urlencode()}")
        internal = internal and form.is_internal
        audit.record(
            AuditKind.VIEW_INTERNAL if "preview" in self.request.GET else AuditKind.PRINT,
            request=self.request,
            target=report,
            書式="年度実績報告書（内部用）" if internal else "年度実績報告書（公開用）",
        )
        return printed_answer(
            self.request,
            lambda: print_annual_report(
                report.content,
                user=self.request.user,
                today=timezone.localdate(),
                internal=internal,
                state=report.get_state_display(),
                choices=form.choices,
            ),
            file_name(report, internal, "pdf"),
        )


class ReportExportView(ReportFileView):
    def file(self, report: AnnualReport, *, internal: bool) -> HttpResponse:
        form = "年度実績報告（内部用）" if internal else "年度実績報告（公開用）"
        audit.record(AuditKind.EXPORT, request=self.request, target=report, 書式=form)
        return file_response(
            report_workbook(report.content, internal=internal), _XLSX, file_name(report, internal, "xlsx")
        )


def file_name(report: AnnualReport, internal: bool, ending: str) -> str:
    """「令和8年度実績報告_12.pdf」: fit for every file system."""
    public = "" if internal else "_公開用"
    year = fiscal_year.label(report.fiscal_year)
    return f"{year}実績報告_{report.agreement_id}_第{report.version}版{public}.{ending}"


def file_response(
    content: bytes, content_type: str, name: str, *, as_attachment: bool = True
) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment, name),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


# -- The municipality's year --------------------------------------------------------------------------
class SummaryMixin:
    """For staff of a municipality (404 for a system admin, who belongs to none)."""

    request: HttpRequest

    def summary(self) -> Any:
        user: Any = self.request.user
        if not access.is_staff_of_a_municipality(user):
            raise PermissionDenied
        year = chosen_year(self.request.GET.get("year", ""), timezone.localdate())
        return summary_of(user.municipality, year)


class ReportSummaryView(SummaryMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        summary = self.summary()
        context = {
            "page_title": f"{fiscal_year.label(summary.year)}の実績",
            "summary": summary,
            "totals": summary.totals,
            "years": years_of(user.municipality, timezone.localdate()),
            "may_set_deadline": access.is_manager(user),
            "today": timezone.localdate(),
        }
        return TemplateResponse(request, "agreements/report_summary.html", context)


class ReportSummaryExportView(SummaryMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        summary = self.summary()
        rows = [
            (
                str(row.agreement),
                "、".join(row.content.partners) if row.content else "",
                row.content.department if row.content else str(row.agreement.department or ""),
                row.report.get_state_display() if row.report else "未作成",
                row.totals,
            )
            for row in summary.rows
        ]
        audit.record(AuditKind.EXPORT, request=request, municipality=user.municipality, 書式="年度実績の集計")
        content = summary_workbook(
            municipality=str(user.municipality),
            year=summary.year,
            partners=summary.partner_count,
            totals=summary.totals,
            rows=rows,
        )
        return file_response(content, _XLSX, f"{fiscal_year.label(summary.year)}実績の集計.xlsx")


class ReportDeadlineView(OwnMunicipalityManagerMixin, View):
    """Until when the 課 hand in their reports."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(ReportDeadlineForm(instance=self.deadline()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReportDeadlineForm(request.POST, instance=self.deadline())
        if not form.is_valid():
            return self.show(form)
        form.save()
        messages.success(request, f"年度実績報告の提出期限を{form.instance}にしました。")
        return redirect("agreements:report-summary")

    def deadline(self) -> ReportDeadline:
        stored = ReportDeadline.objects.filter(municipality=self.municipality).first()
        return stored or ReportDeadline(municipality=self.municipality)

    def show(self, form: ReportDeadlineForm) -> HttpResponse:
        context = {"page_title": "年度実績報告の提出期限", "form": form}
        return TemplateResponse(self.request, "agreements/report_deadline.html", context)
