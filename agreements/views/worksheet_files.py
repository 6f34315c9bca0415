"""The worksheet leaves and returns as a file, and is printed."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views import View

from agreements.actions.submissions import receive_submission
from agreements.actions.transition import NotAllowed
from agreements.choices import Side, SubmissionKind, SubmissionSource
from agreements.domain.uploads import clean_name
from agreements.forms.expectation_forms import AnswerForm
from agreements.models import ExpectationAnswer, ExpectationRound
from agreements.models.expectation_sheet import Sheet, read_sheet
from agreements.printing.worksheet import print_confirmation, print_worksheet
from agreements.worksheet_file import FileRefused, Returned, read_workbook, write_workbook
from agreements.worksheet_file.layout import LONGEST_FILE
from municipalities import audit
from municipalities.choices import AuditKind

from .pdf_answer import printed_answer
from .worksheets import RoundView

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorksheetExportView(RoundView):
    """The file for the company: made of what the company may see, whoever fetches it."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.part.is_cancelled:
            raise Http404
        sheet = read_sheet(self.part, viewer=Side.PARTNER)
        audit.record(AuditKind.EXPORT, request=request, target=self.part, 書式="相手方記入用Excel")
        return _file(write_workbook(sheet), _XLSX, f"すり合わせ_{self.part.sheet_id}.xlsx")


class UploadForm(forms.Form):
    file = forms.FileField(
        label="相手方から戻ったExcelファイル",
        help_text=f"「相手方記入用Excel」に記入したもの（xlsx、{LONGEST_FILE // 1024**2}MBまで）",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": "ファイルを選んでください。",
            "empty": "ファイルが空です（0バイト）。",
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LONGEST_FILE:
            raise forms.ValidationError(
                f"ファイルが大きすぎます。{LONGEST_FILE // 1024**2}MBまでです。", code="size"
            )
        return file


class WorksheetUploadView(RoundView):
    """A returned file: read, checked, and laid beside the record; nothing changes yet."""

    template_name = "agreements/worksheet_upload.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(UploadForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        file = form.cleaned_data["file"]
        sheet = read_sheet(self.part, viewer=Side.PARTNER)
        try:
            returned = read_workbook(file.read(), name=file.name, sheet=sheet)
            payload = {"rows": _checked(returned, sheet)}
            submission = receive_submission(
                agreement=self.part.agreement,
                round_=self.part,
                kind=SubmissionKind.ANSWERS,
                source=SubmissionSource.EXCEL,
                payload=payload,
                by_name=returned.by_name,
                by=self.user,
                file_name=clean_name(file.name)[:200],
                now=timezone.now(),
            )
        except FileRefused as refusal:
            for message in refusal.messages:
                form.add_error("file", message)
            return self.show(form)
        except NotAllowed as refusal:
            form.add_error("file", str(refusal))
            return self.show(form, status=409)
        audit.record(AuditKind.UPLOAD, request=request, target=self.part, ファイル=submission.file_name)
        return redirect(reverse("agreements:submission", args=[submission.pk]))

    def show(self, form: Any, status: int = 200, **context: Any) -> HttpResponse:
        if self.part.is_cancelled:
            raise Http404
        return super().show(form, status, page_title="Excelの取込み", **context)


def _checked(returned: Returned, sheet: Sheet) -> dict[str, dict[str, Any]]:
    """The values as a submission holds them, under the same rules as the form. Raises `FileRefused`."""
    rows, problems = {}, []
    for row in sheet.rows:
        instance = row.partner or ExpectationAnswer(row=row.row, side=Side.PARTNER)
        form = AnswerForm(returned.rows[row.row.pk], side=Side.PARTNER, instance=instance)
        if form.is_valid():
            rows[str(row.row.pk)] = form.values()
            continue
        for name, errors in form.errors.items():
            where = returned.places.get((row.row.pk, name), row.row.label)
            problems += [f"{where}：{error}" for error in errors]
    if problems:
        raise FileRefused(*problems)
    return rows


class WorksheetPrintView(View):
    """The sheet as PDF, one page for each item; `?for=partner` without what is internal."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = _round(request, pk)
        for_partner = bool(request.GET.get("for"))
        viewer = Side.PARTNER if for_partner else Side.OWN
        form = "すり合わせワークシート" + ("（相手方用）" if for_partner else "（内部用）")
        audit.record(AuditKind.PRINT, request=request, target=round_, 書式=form)
        return printed_answer(
            request,
            lambda: print_worksheet(round_, viewer=viewer, user=request.user, today=timezone.localdate()),
            f"すり合わせワークシート_{round_.sheet_id}.pdf",
        )


class WorksheetConfirmedPrintView(View):
    """すり合わせ確認書: for both sides, once both have confirmed every item."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        round_ = _round(request, pk)
        if not round_.is_confirmed:
            raise Http404
        audit.record(AuditKind.PRINT, request=request, target=round_, 書式="すり合わせ確認書")
        return printed_answer(
            request,
            lambda: print_confirmation(round_, user=request.user, today=timezone.localdate()),
            f"すり合わせ確認書_{round_.sheet_id}.pdf",
        )


def _round(request: HttpRequest, pk: int) -> ExpectationRound:
    rounds = ExpectationRound.objects.internal_to(request.user)
    return get_object_or_404(
        rounds.select_related("agreement__municipality", "agreement__department", "opened_by"), pk=pk
    )


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, name),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
