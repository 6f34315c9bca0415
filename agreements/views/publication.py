"""公開 of one agreement: exactly what goes out, and the steps; the settings of the municipality's pages."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views import View

from agreements import open_data, open_results
from agreements.actions import public_documents, publication
from agreements.actions.publication import PublicationRefused
from agreements.actions.register import ChangedMeanwhile
from agreements.choices import Publication, PublicField
from agreements.file_properties import FileProperties, is_cleanable
from agreements.forms.publication_forms import PublicationForm
from agreements.models import Agreement, AgreementDocument, AnnualReport, PublicEdition, PublicProfile
from agreements.printing.annual_report import print_public_report
from municipalities import access, audit
from municipalities.choices import AuditKind

from .pdf_answer import pdf_answer

_DONE = {
    "choose": "公開する書類の選択を保存しました。公開すると、選んだ書類が出ます。",
    "prepare": "公開準備にしました。管理（企画課）の職員が内容を確かめて公開します。",
    "unprepare": "公開準備をやめました。",
    "publish": "公開しました。",
    "withdraw": "公開を取り下げました。もう一度公開することもできます。",
}
_READING_SECONDS = 4.0
"""How long a person waits for the properties of files that nobody has looked at yet."""
_MEANWHILE = "この協定は、開いた後にほかの人が変更しました。新しい内容を確かめて、もう一度操作してください。"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document on the preview: whether it is to go out, and what its file tells of itself."""

    document: AgreementDocument
    is_ticked: bool
    is_read: bool
    properties: FileProperties | None

    @property
    def is_cleaned(self) -> bool:
        """Whether a copy of it goes out, without its properties."""
        return is_cleanable(self.document.content_type)


class PublicationView(View):
    template_name = "agreements/publication.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        agreement = self._agreement(pk)
        audit.record(AuditKind.VIEW_INTERNAL, request=request, target=agreement)
        return self._show(agreement, self._form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        agreement = self._agreement(pk)
        if not access.may_edit(request.user, agreement):
            raise PermissionDenied
        form = self._form(request.POST)
        if "version" in form.errors or "step" in form.errors:
            return self._show(agreement, self._form(), _MEANWHILE, status=409)
        if not form.is_valid():
            return self._show(agreement, form)
        try:
            self._make(agreement, form)
        except ChangedMeanwhile:
            return self._show(self._agreement(pk), self._form(), _MEANWHILE, status=409)
        except PublicationRefused as refusal:
            return self._show(self._agreement(pk), form, str(refusal), status=409)
        messages.success(request, _DONE[form.cleaned_data["step"]])
        return redirect("agreements:publication", pk)

    def _agreement(self, pk: int) -> Agreement:
        internal = Agreement.objects.internal_to(self.request.user)
        agreement = get_object_or_404(internal.select_related("municipality", "department"), pk=pk)
        self.profile = PublicProfile.of(agreement.municipality)
        is_offered = PublicField.DOCUMENTS in self.profile.fields
        self.documents = list(public_documents.choosable(agreement)) if is_offered else []
        return agreement

    def _form(self, data: Any = None) -> PublicationForm:
        return PublicationForm(data, documents=self.documents)

    def _make(self, agreement: Agreement, form: PublicationForm) -> None:
        user: Any = self.request.user
        values, today = form.cleaned_data, timezone.localdate()
        step, chosen = values["step"], form.chosen
        common = {"agreement": agreement, "by": user, "version": values["version"]}
        if step == "choose":
            public_documents.choose_documents(agreement=agreement, chosen=chosen or (), by=user)
        elif step == "prepare":
            publication.prepare(**common, documents=chosen)
        elif step == "unprepare":
            publication.unprepare(**common)
        elif step == "publish":
            publication.publish(**common, today=today, reason=values["reason"], documents=chosen)
        else:
            publication.withdraw(**common, today=today, reason=values["reason"])

    def _show(
        self, agreement: Agreement, form: PublicationForm, problem: str = "", status: int = 200
    ) -> HttpResponse:
        user, today = self.request.user, timezone.localdate()
        facts = open_data.public_facts(agreement, self.profile.fields)
        standing = publication.standing_edition(agreement)
        may_decide = access.may_decide(user, agreement)
        may_edit = access.may_edit(user, agreement)
        is_signed = agreement.state in publication.PUBLISHABLE
        context = {
            "page_title": "公開",
            "agreement": agreement,
            "form": form,
            "problem": problem,
            "facts": open_data.spoken(facts, today),
            "profile": self.profile,
            "is_preview": True,
            "offers_documents": PublicField.DOCUMENTS in self.profile.fields,
            "document_rows": self._rows(form),
            "standing": standing,
            "changed": open_data.changed_labels(standing.payload, facts) if standing else [],
            "editions": PublicEdition.objects.filter(agreement=agreement).select_related("by"),
            "is_signed": is_signed,
            # With documents on the page there may be something to change although nothing has changed yet.
            "may_publish": is_signed
            and may_decide
            and (standing is None or standing.payload != facts or bool(self.documents)),
            "may_withdraw": may_decide and agreement.publication == Publication.PUBLISHED,
            "may_choose": may_edit and bool(self.documents),
            "may_prepare": is_signed
            and may_edit
            and agreement.publication in {Publication.PRIVATE, Publication.WITHDRAWN},
            "may_unprepare": may_edit and agreement.publication == Publication.PREPARING,
        }
        return TemplateResponse(self.request, self.template_name, context, status=status)

    def _rows(self, form: PublicationForm) -> list[DocumentRow]:
        found = public_documents.properties_of(self.documents, seconds=_READING_SECONDS)
        return [
            DocumentRow(each, form.is_ticked(each), each.pk in found, found.get(each.pk))
            for each in self.documents
        ]


class ReportPublicationView(View):
    """The PDF of a report exactly as it goes out with the next approval."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reports = AnnualReport.objects.internal_to(request.user)  # type: ignore[attr-defined]
        report = get_object_or_404(reports.select_related("agreement__municipality"), pk=pk)
        fields = PublicProfile.of(report.agreement.municipality).fields
        content = open_results.report_content(
            open_data.public_facts(report.agreement, ()), open_results.report_facts(report, fields)
        )
        audit.record(AuditKind.PRINT, request=request, target=report, 書式="年度実績報告書（公開の確認）")
        return pdf_answer(
            print_public_report(content, published_on=timezone.localdate()), f"{report}_公開用.pdf"
        )
