"""相手方: the shared register of companies and other bodies that are no municipality."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import CreateView, DetailView, UpdateView, View

from agreements.actions.companies import (
    CompanyInUse,
    change_company,
    delete_company,
    register_company,
    restore_company,
)
from agreements.actions.register import ChangedMeanwhile
from agreements.choices import FieldCategory
from agreements.filters import PAGE_PARAMETER
from agreements.forms.company import CompanyForm
from agreements.lists import LISTS
from agreements.models import (
    Agreement,
    Company,
    CompanyContact,
    CompanyMerge,
    CooperationFieldCategory,
)
from agreements.printing.bulk import safe_name
from agreements.printing.company_sheet import print_company_sheet
from agreements.record_filters import KANA_ROWS
from municipalities import access, audit
from municipalities.choices import AuditKind

from .agreement_rows import agreement_rows
from .lists import ListPageView
from .pdf_answer import printed_answer
from .undo import offer_undo, take_offer

_SHOWN_AGREEMENTS = 20


class CompanyListView(ListPageView):
    spec = LISTS["companies"]
    template_name = "agreements/company_list.html"
    results_template_name = "agreements/_company_results.html"
    extra_context = {"page_title": "相手方"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "kana_rows": list(self._kana_links()),
            "may_edit": access.may_edit_companies(self.request.user),
        }

    def _kana_links(self) -> Iterable[dict[str, Any]]:
        query = self.request.GET.copy()
        query.pop(PAGE_PARAMETER, None)
        chosen = query.get("row", "")
        for row in ["", *KANA_ROWS, "他"]:
            query.pop("row", None)
            if row:
                query["row"] = row
            yield {"label": row or "すべて", "url": f"?{query.urlencode()}", "is_current": row == chosen}


class CompanyDetailView(DetailView):
    """A company, its agreements anywhere as far as this person may see them, its contacts as we know them.

    A deleted company keeps its page: a restored agreement may still name it.
    """

    queryset = Company.objects.prefetch_related("former_names")
    template_name = "agreements/company_detail.html"
    context_object_name = "company"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        company: Company = self.object
        user, today = self.request.user, timezone.localdate()
        visible = Agreement.objects.visible_to(user).with_company(company)
        own = visible.internal_to(user)
        contacts = CompanyContact.objects.visible_to(user).filter(company=company)
        if contacts.exists():
            audit.record(AuditKind.VIEW_INTERNAL, request=self.request, target=company, 内容="相手窓口")
        may_edit = access.may_edit_companies(user)
        return super().get_context_data(
            **kwargs,
            page_title=company.name,
            today=today,
            own=self._agreements(own),
            others=self._agreements(visible.exclude(pk__in=own.values("pk"))),
            contacts=_with_state(contacts.select_related("verified_by", "municipality"), today),
            fields=_fields(visible),
            municipality_count=visible.values("municipality").distinct().count(),
            merges=CompanyMerge.objects.filter(Q(source=company) | Q(target=company)).select_related(
                "target", "by"
            )
            if may_edit
            else (),
            may_merge=access.may_merge_companies(user) and company.deleted_at is None,
            may_merge_at_all=access.may_merge_companies(user),
            may_edit=may_edit and company.deleted_at is None,
            may_restore=may_edit and company.deleted_at is not None,
            may_delete=may_edit and company.deleted_at is None and not company.is_in_use(),
            may_keep_contacts=access.may_register(user) and company.deleted_at is None,
            undo=take_offer(self.request),
        )

    def _agreements(self, found: QuerySet) -> dict[str, Any]:
        rows = agreement_rows(found[:_SHOWN_AGREEMENTS], user=self.request.user, today=timezone.localdate())
        total = len(rows) if len(rows) < _SHOWN_AGREEMENTS else found.count()
        return {"rows": rows, "total": total, "more": total - len(rows)}


def _fields(visible: QuerySet[Agreement]) -> list[tuple[str, int]]:
    """分野 of these agreements with how many agreements have it, the commonest first; one query."""
    rows = CooperationFieldCategory.objects.filter(
        cooperation_field__agreement__in=visible.order_by().values("pk")
    )
    counts = (
        rows.order_by()
        .values_list("category")
        .annotate(count=Count("cooperation_field__agreement", distinct=True))
    )
    return [
        (str(FieldCategory(code).label), count)
        for code, count in sorted(counts, key=lambda each: (-each[1], each[0]))
    ]


def _with_state(contacts: Iterable[CompanyContact], today: Any) -> list[dict[str, Any]]:
    """Contacts for the page, those that have ended last."""
    shown = [
        {
            "contact": contact,
            "has_ended": contact.ended_on is not None and contact.ended_on <= today,
            "needs_verification": contact.needs_verification(today),
        }
        for contact in contacts
    ]
    return sorted(shown, key=lambda each: each["has_ended"])


class CompanySheetView(View):
    """相手方シート as PDF; `?for=partner` without contacts, 管理番号 and 課."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = get_object_or_404(Company.objects.prefetch_related("former_names"), pk=pk)
        internal = request.GET.get("for") != "partner"
        form = "相手方シート（内部用）" if internal else "相手方シート（相手方用）"
        audit.record(AuditKind.PRINT, request=request, target=company, 書式=form)
        return printed_answer(
            request,
            lambda: print_company_sheet(
                company, user=request.user, today=timezone.localdate(), internal=internal
            ),
            f"相手方シート_{safe_name(company.name)}.pdf",
        )


class CompanyEditorMixin(UserPassesTestMixin):
    """Closed to those who may not edit companies (403)."""

    request: HttpRequest
    raise_exception = True

    def test_func(self) -> bool:
        return access.may_edit_companies(self.request.user)


class CompanyCreateView(CompanyEditorMixin, CreateView):
    form_class = CompanyForm
    template_name = "agreements/company_form.html"
    extra_context = {"page_title": "相手方の登録"}

    def form_valid(self, form: Any) -> HttpResponse:
        company = register_company(values=form.facts)
        messages.success(self.request, f"相手方「{company}」を登録しました。")
        return redirect(company)


class CompanyUpdateView(CompanyEditorMixin, UpdateView):
    form_class = CompanyForm
    template_name = "agreements/company_form.html"
    context_object_name = "company"
    extra_context = {"page_title": "相手方の編集"}

    def get_queryset(self) -> QuerySet[Company]:
        return Company.objects.editable_by(self.request.user)

    def form_valid(self, form: Any) -> HttpResponse:
        stored = Company.objects.get(pk=self.object.pk)
        try:
            company = change_company(
                company=stored,
                seen=form.seen_at or stored.created_at,
                values=form.facts,
                keep_former_name=form.cleaned_data["keep_former_name"],
                former_name_until=form.cleaned_data["former_name_until"],
            )
        except ChangedMeanwhile:
            return self._show_conflict(form, stored)
        for notice in form.notices():
            messages.warning(self.request, notice)
        messages.success(self.request, f"相手方「{company}」を保存しました。")
        return redirect(company)

    def _show_conflict(self, form: CompanyForm, stored: Company) -> HttpResponse:
        """Both versions side by side, everything typed kept; saving again writes ours over theirs."""
        last = stored.history.select_related("history_user").first()  # type: ignore[attr-defined]
        data = form.data.copy()  # type: ignore[attr-defined]
        data["seen"] = stored.updated_at.isoformat()
        form.data = data
        context = self.get_context_data(
            form=form,
            conflict=form.conflict_with(stored),
            conflict_by=last.history_user if last else None,
            conflict_at=stored.updated_at,
        )
        return self.render_to_response(context, status=409)


class CompanyDeleteView(CompanyEditorMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = get_object_or_404(Company.objects.editable_by(request.user), pk=pk)
        try:
            delete_company(company=company)
        except CompanyInUse:
            messages.error(request, f"「{company}」は協定の当事者なので、削除できません。")
            return redirect(company)
        undo_url = reverse("agreements:company-restore", args=[company.pk])
        offer_undo(request, f"相手方「{company}」を削除しました。", undo_url)
        return redirect("agreements:company-list")


class CompanyRestoreView(CompanyEditorMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = get_object_or_404(Company.objects.exclude(deleted_at=None), pk=pk)
        restore_company(company=company)
        messages.success(request, f"相手方「{company}」を元に戻しました。")
        return redirect(company)
