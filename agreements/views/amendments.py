"""変更の手続き: the draft beside the running text, its form, its steps."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View

from agreements.actions.amendments import current_text, find_start_blockers
from agreements.actions.register import ChangedMeanwhile
from agreements.choices import AmendmentState
from agreements.domain.agreement_text import AgreementText, compare
from agreements.domain.lifecycle import Blocker
from agreements.forms.amendment_forms import (
    AmendmentDraftForm,
    MergeAmendmentForm,
    RejectAmendmentForm,
    StartAmendmentForm,
    WithdrawAmendmentForm,
)
from agreements.forms.move_forms import MoveForm
from agreements.models import Agreement, Amendment
from municipalities import access

from .moves import StepView

_CLOSED = [Blocker("not_a_draft", "この変更の手続きは、すでに終わっています。", "state")]


def amendments_context(agreement: Agreement, user: Any) -> dict[str, Any]:
    """What the section 「変更」 shows."""
    amendments = list(agreement.amendments.select_related("created_by", "decided_by"))[::-1]  # type: ignore[attr-defined]
    may_start = access.may_edit(user, agreement) and not find_start_blockers(agreement)
    return {"amendments": amendments, "may_amend": may_start}


def comparison(amendment: Amendment) -> dict[str, Any]:
    """The proposed text beside the running one; of a merged amendment beside the one it replaced."""
    before = (
        AgreementText.from_json(amendment.previous)
        if amendment.previous
        else current_text(amendment.agreement)
    )
    if amendment.state in {AmendmentState.REJECTED, AmendmentState.WITHDRAWN}:
        before = AgreementText.from_json(amendment.base)
    differences = compare(before, amendment.text)
    is_draft = amendment.state == AmendmentState.DRAFT
    return {
        "differences": differences,
        "changed_count": sum(each.is_changed for each in differences),
        "has_moved_on": is_draft and AgreementText.from_json(amendment.base).wording() != before.wording(),
    }


def _amendment(request: HttpRequest, pk: int) -> Amendment:
    internal = Amendment.objects.internal_to(request.user)
    return get_object_or_404(
        internal.select_related("agreement__municipality", "created_by", "decided_by", "reverts"), pk=pk
    )


class AmendmentDetailView(View):
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        amendment = _amendment(request, pk)
        agreement = amendment.agreement
        is_draft = amendment.state == AmendmentState.DRAFT
        context = {
            "page_title": f"{amendment}（{amendment.get_state_display()}）",
            "amendment": amendment,
            "agreement": agreement,
            "may_edit": is_draft and access.may_edit(request.user, agreement),
            "may_decide": is_draft and access.may_decide(request.user, agreement),
            "may_revert": amendment.previous
            and access.may_edit(request.user, agreement)
            and not find_start_blockers(agreement),
            **comparison(amendment),
        }
        return TemplateResponse(request, "agreements/amendment_detail.html", context)


class AmendmentUpdateView(View):
    """Edit the draft; who saves second is told so and keeps what was typed."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.amendment = _amendment(request, kwargs["pk"])
        if not access.may_edit(request.user, self.amendment.agreement):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.amendment.state != AmendmentState.DRAFT:
            return redirect("agreements:amendment-detail", pk)
        return self.show(AmendmentDraftForm(self.amendment), self.amendment.version)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.amendment.state != AmendmentState.DRAFT:
            messages.error(request, _CLOSED[0].message)
            return redirect("agreements:amendment-detail", pk)
        opened = request.POST.get("version", "")
        version = int(opened) if opened.isascii() and opened.isdecimal() and len(opened) < 10 else 0
        form = AmendmentDraftForm(self.amendment, request.POST)
        if "add_row" in request.POST:
            return self.show(form.shown_again(add_row=True), version)
        if not form.is_valid():
            return self.show(form, version)
        try:
            form.save(version)
        except ChangedMeanwhile:
            current = Amendment.objects.get(pk=pk).version
            return self.show(form, current, status=409, meanwhile=True)
        for notice in form.form.notices():
            messages.warning(request, notice)
        messages.success(request, "変更案を保存しました。")
        return redirect("agreements:amendment-detail", pk)

    def show(self, form: AmendmentDraftForm, version: int, status: int = 200, **context: Any) -> HttpResponse:
        context = {
            "page_title": f"{self.amendment}の編集",
            "amendment": self.amendment,
            "agreement": self.amendment.agreement,
            "draft": form,
            "form": form.form,
            "version": version,
            "is_typed": self.request.method == "POST",
            **context,
        }
        return TemplateResponse(self.request, "agreements/amendment_form.html", context, status=status)


class AmendmentStartView(StepView):
    """変更案を作る; `?reverts=5` proposes the text before that amendment."""

    def may_act(self) -> bool:
        return access.may_edit(self.request.user, self.agreement)

    def form_class(self) -> type[MoveForm] | None:
        return None if self.blockers() else StartAmendmentForm

    def form(self, data: Any = None) -> MoveForm | None:
        form = super().form(data)
        pk = self.request.GET.get("reverts", "")
        reverted = (
            self.agreement.amendments.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 10 else None
        )  # type: ignore[attr-defined]
        if form is not None and reverted is not None:
            form.initial.update(reverts=reverted.pk, comment=f"{reverted}を元に戻す。")
        return form

    def blockers(self) -> list[Blocker]:
        return find_start_blockers(self.agreement)

    def next_page(self, made: Any) -> str:
        return reverse("agreements:amendment-update", args=[made.pk])


class _AmendmentStepView(StepView):
    template_name = "agreements/amendment_step.html"
    step: type[MoveForm]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.amendment = _amendment(request, kwargs["pk"])
        return super().dispatch(request, pk=self.amendment.agreement_id)

    def form_class(self) -> type[MoveForm] | None:
        return None if self.blockers() else self.step

    def form(self, data: Any = None) -> MoveForm | None:
        form_class: Any = self.form_class()
        if form_class is None:
            return None
        return form_class(
            data,
            agreement=self.agreement,
            user=self.request.user,
            today=timezone.localdate(),
            amendment=self.amendment,
        )

    def blockers(self) -> list[Blocker]:
        return [] if self.amendment.state == AmendmentState.DRAFT else _CLOSED

    def show_meanwhile(self) -> HttpResponse:
        self.amendment = Amendment.objects.select_related("agreement").get(pk=self.amendment.pk)
        return super().show_meanwhile()

    def _posted_anew(self) -> Any:
        data = super()._posted_anew()
        data["seen"] = str(self.amendment.version)
        return data

    def show(self, form: MoveForm | None, blockers: list[Blocker], status: int = 200, **context: Any) -> Any:
        context = {"amendment": self.amendment, **comparison(self.amendment), **context}
        return super().show(form, blockers, status, **context)

    def next_page(self, made: Any) -> str:
        return reverse("agreements:amendment-detail", args=[made.pk])


class AmendmentMergeView(_AmendmentStepView):
    step = MergeAmendmentForm


class AmendmentRejectView(_AmendmentStepView):
    step = RejectAmendmentForm


class AmendmentWithdrawView(_AmendmentStepView):
    step = WithdrawAmendmentForm

    def may_act(self) -> bool:
        return access.may_edit(self.request.user, self.agreement)
