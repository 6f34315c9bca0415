"""Documents of an agreement: send files, say what they are, change, delete, bring back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.generic import DetailView

from agreements.actions.document_text import extract_texts
from agreements.actions.documents import (
    Refused,
    VersionTaken,
    change_document,
    confirm_uploads,
    delete_document,
    record_paper,
    restore_document,
    stage_upload,
)
from agreements.actions.register import ChangedMeanwhile
from agreements.forms.document_forms import ConfirmForm, DocumentForm, PaperForm, UploadForm
from agreements.models import AgreementDocument, StagedUpload
from municipalities import access

from .agreement_parts import OfAgreementView, PartStepView, PartView, back_to
from .undo import offer_undo

_REFUSED = "refused_uploads"
_TEXT_SECONDS = 4.0
"""How long a person waits for the text of their PDFs; the daily run reads what is left."""


class DocumentUploadView(OfAgreementView):
    """Takes files in. The script sends one file at a time and asks for JSON."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(UploadForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        wants_json = request.headers.get("Accept") == "application/json"
        if not form.is_valid():
            refused = [{"name": "", "message": str(form.errors["uploads"][0])}]
            return JsonResponse({"accepted": [], "refused": refused}) if wants_json else self.show(form)
        accepted, refused = self.stage(form.cleaned_data["uploads"])
        if wants_json:
            return JsonResponse({"accepted": accepted, "refused": refused})
        if refused:
            request.session[_REFUSED] = refused
        return redirect("agreements:document-confirm" if accepted else "agreements:document-upload", pk=pk)

    def stage(self, files: list[Any]) -> tuple[list[str], list[dict[str, str]]]:
        """The names kept, and the names refused with the reason; one bad file spoils no other."""
        accepted, refused = [], []
        for file in files:
            try:
                staged = stage_upload(agreement=self.agreement, file=file, name=file.name, by=self.user)
                accepted.append(staged.original_name)
            except Refused as refusal:
                refused.append({"name": file.name, "message": str(refusal)})
        return accepted, refused

    def show(self, form: UploadForm) -> HttpResponse:
        context = {
            "page_title": "書類の登録",
            "agreement": self.agreement,
            "form": form,
            "refused": self.request.session.pop(_REFUSED, []),
            "waiting": StagedUpload.objects.waiting_for(self.request.user, self.agreement).count(),
            "max_bytes": settings.RENKEI_UPLOAD_MAX_BYTES,
            "max_files": settings.RENKEI_UPLOAD_MAX_FILES,
        }
        return TemplateResponse(self.request, "agreements/document_upload.html", context)


class DocumentConfirmView(OfAgreementView):
    """Asks what each file is; points out copies of what the municipality has; saves all or nothing."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            made = confirm_uploads(
                agreement=self.agreement,
                by=self.user,
                drafts=[row.draft() for row in form.kept],
                discarded=form.discarded,
            )
        except VersionTaken as taken:
            form.kept[taken.place].add_version_taken()
            return self.show(form)
        except ChangedMeanwhile:
            messages.warning(request, "同じファイルが別の画面で登録または取り消されました。")
            return redirect("agreements:document-confirm", pk=pk)
        extract_texts(documents=[each for each in made if each.is_pdf], seconds=_TEXT_SECONDS)
        if made:
            names = "、".join(f"「{document}」" for document in made[:5])
            messages.success(request, f"書類{len(made)}件を登録しました：{names}{'ほか' if made[5:] else ''}")
        else:
            messages.info(request, "ファイルを取り消しました。登録した書類はありません。")
        return back_to(self.agreement, "documents")

    def form(self, data: Any = None) -> ConfirmForm:
        waiting = StagedUpload.objects.waiting_for(self.request.user, self.agreement)
        if data is not None:  # only what was on the page: a file sent meanwhile waits for its own turn
            posted = [key for key in data.getlist("file") if key.isdecimal() and len(key) < 19]
            waiting = waiting.filter(pk__in=posted)
        return ConfirmForm(waiting, agreement=self.agreement, user=self.request.user, data=data)

    def show(self, form: ConfirmForm) -> HttpResponse:
        titles = self.agreement.documents.order_by("title").values_list("title", flat=True)  # type: ignore[attr-defined]
        context = {
            "page_title": "書類の確認",
            "agreement": self.agreement,
            "form": form,
            "titles": titles.distinct(),
            "refused": self.request.session.pop(_REFUSED, []),
        }
        return TemplateResponse(self.request, "agreements/document_confirm.html", context)


class PaperCreateView(OfAgreementView):
    """Records a document that exists only on paper."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(PaperForm(initial={"title": self.agreement.title}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = PaperForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            document = record_paper(agreement=self.agreement, by=self.user, **form.cleaned_data)
        except VersionTaken:
            form.add_version_taken()
            return self.show(form)
        messages.success(request, f"紙原本「{document}」を登録しました。")
        return back_to(self.agreement, "documents")

    def show(self, form: PaperForm) -> HttpResponse:
        context = {"page_title": "紙原本の登録", "agreement": self.agreement, "form": form}
        return TemplateResponse(self.request, "agreements/document_form.html", context)


class DocumentDetailView(DetailView):
    """One version: what it is, its preview, its text, where it came from. For the own municipality."""

    template_name = "agreements/document_detail.html"
    context_object_name = "document"

    def get_queryset(self) -> QuerySet[AgreementDocument]:
        internal = AgreementDocument.objects.internal_to(self.request.user)
        return internal.select_related("agreement__municipality", "uploaded_by", "text")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        document = self.object
        same = AgreementDocument.objects.same_content(
            [document.sha256], document.municipality_id, self.request.user
        )
        versions = AgreementDocument.objects.internal_to(self.request.user).filter(
            agreement=document.agreement_id, kind=document.kind, title=document.title
        )
        return super().get_context_data(
            **kwargs,
            page_title=str(document),
            may_edit=access.may_edit(self.request.user, document.agreement),
            copies=same.exclude(pk=document.pk).select_related("agreement"),
            versions=versions.exclude(pk=document.pk).order_by("-version"),
        )


class DocumentUpdateView(PartView):
    def internal_parts(self) -> QuerySet[AgreementDocument]:
        return AgreementDocument.objects.internal_to(self.request.user)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(DocumentForm(instance=self.part))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = DocumentForm(request.POST, instance=AgreementDocument.objects.get(pk=pk))
        if not form.is_valid():
            return self.show(form)
        try:
            document = change_document(
                document=self.part, seen=form.seen_at, by=self.user, values=form.values()
            )
        except VersionTaken:
            form.add_version_taken()
            return self.show(form)
        except ChangedMeanwhile:
            return self.show_meanwhile(form)
        messages.success(request, f"書類「{document}」を保存しました。")
        return redirect(document)

    def show_meanwhile(self, form: DocumentForm) -> HttpResponse:
        """Somebody was quicker: both versions, with what was typed on top of what holds now."""
        rows = form.conflict_with(self.part)
        data = self.request.POST.copy()
        data["seen"] = self.part.updated_at.isoformat()
        return self.show(DocumentForm(data, instance=form.instance), status=409, conflict_rows=rows)

    def show(self, form: DocumentForm, status: int = 200, **context: Any) -> HttpResponse:
        context = {
            "page_title": "書類の編集",
            "agreement": self.part.agreement,
            "document": self.part,
            "form": form,
            **context,
        }
        return TemplateResponse(self.request, "agreements/document_form.html", context, status=status)


class DocumentDeleteView(PartStepView):
    section = "documents"

    def internal_parts(self) -> QuerySet[AgreementDocument]:
        return AgreementDocument.objects.internal_to(self.request.user)

    def step(self, part: AgreementDocument) -> None:
        delete_document(document=part, by=self.user)
        url = reverse("agreements:document-restore", args=[part.pk])
        offer_undo(self.request, f"書類「{part}」を削除しました。", url)


class DocumentRestoreView(PartStepView):
    section = "documents"

    def internal_parts(self) -> QuerySet[AgreementDocument]:
        return AgreementDocument.objects.restorable_by(self.request.user)

    def step(self, part: AgreementDocument) -> None:
        restore_document(document=part, by=self.user)
        messages.success(self.request, f"書類「{part}」を元に戻しました。")
