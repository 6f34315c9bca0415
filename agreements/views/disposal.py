"""廃棄: candidates whose 保存年限 is over, the list of them, its approval, what stays. For managers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.generic import DetailView, View

from agreements.actions.disposal import approve, make_list, take_off, withdraw
from agreements.forms.disposal import ApprovalForm, DisposalListForm
from agreements.models import Agreement, DisposalItem, DisposalList
from agreements.printing.disposal_list import print_disposal_list
from municipalities import access, audit, fiscal_year
from municipalities.choices import AuditKind
from municipalities.views.managers import ManagerMixin

from .pdf_answer import printed_answer

_PER_PAGE = 100


def _candidates(user: Any) -> QuerySet[Agreement]:
    own = Agreement.objects.filter(access.managed_municipality(user), disposal_item=None)
    due = own.due_for_disposal(timezone.localdate()).order_by("municipality", "ledger_number", "pk")
    return due.select_related("municipality", "department")


class DisposalView(ManagerMixin, View):
    """The candidates with a form that makes a list of them (POST), and the lists there are."""

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        year = fiscal_year.label(fiscal_year.fiscal_year_of(today))
        form = DisposalListForm(
            candidates=_candidates(request.user), initial={"title": f"{year} 協定書類廃棄目録"}
        )
        return self._show(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DisposalListForm(request.POST, candidates=_candidates(request.user))
        if not form.is_valid():
            return self._show(form)
        by: Any = request.user
        try:
            made = make_list(
                municipality=form.municipality,
                agreements=form.cleaned_data["agreements"],
                title=form.cleaned_data["title"],
                by=by,
                today=timezone.localdate(),
            )
        except ValidationError as error:
            form.add_error("agreements", error)
            return self._show(form)
        messages.success(request, "廃棄目録を作成しました。別の管理者が承認すると廃棄されます。")
        return redirect(made)

    def _show(self, form: DisposalListForm) -> HttpResponse:
        user = self.request.user
        chosen = set(form.data.getlist("agreements")) if form.is_bound else set()  # type: ignore[attr-defined]
        page = Paginator(_candidates(user), _PER_PAGE).get_page(self.request.GET.get("page"))
        lists = DisposalList.objects.visible_to(user).select_related(
            "municipality", "created_by", "approved_by"
        )
        context = {
            "page_title": "保存年限と廃棄",
            "form": form,
            "page_obj": page,
            "candidates": [(agreement, str(agreement.pk) in chosen) for agreement in page],
            "total": page.paginator.count,
            "lists": lists.annotate(item_count=Count("items")),
            "shows_municipality": access.is_system_admin(user),
        }
        return TemplateResponse(self.request, "agreements/disposal.html", context)


class DisposalListView(ManagerMixin, DetailView):
    template_name = "agreements/disposal_list.html"
    context_object_name = "disposal_list"

    def get_queryset(self) -> QuerySet[DisposalList]:
        lists = DisposalList.objects.visible_to(self.request.user)
        return lists.select_related("municipality", "created_by", "approved_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        listed: DisposalList = self.object
        return super().get_context_data(
            **kwargs,
            page_title=str(listed),
            items=listed.items.select_related("agreement"),
            is_mine=listed.created_by_id == self.request.user.pk,
        )


class ListStepView(ManagerMixin, View):
    """Something that is done with an open list; what speaks against it is told on its page."""

    http_method_names = ["post", "options"]

    def refuse(self, error: ValidationError, listed: DisposalList) -> HttpResponse:
        for message in error.messages:
            messages.error(self.request, message)
        return redirect(listed)


class DisposalWithdrawView(ListStepView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        listed = get_object_or_404(DisposalList.objects.visible_to(request.user), pk=pk)
        by: Any = request.user
        try:
            withdraw(listed=listed, by=by)
        except ValidationError as error:
            return self.refuse(error, listed)
        messages.success(request, f"「{listed}」を取りやめました。何も廃棄されていません。")
        return redirect("agreements:disposal")


class DisposalItemRemoveView(ListStepView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        items = DisposalItem.objects.visible_to(request.user).select_related("disposal_list")
        item = get_object_or_404(items, pk=pk)
        by: Any = request.user
        try:
            take_off(item=item, by=by)
        except ValidationError as error:
            return self.refuse(error, item.disposal_list)
        messages.success(request, f"「{item}」を目録から除きました。")
        return redirect(item.disposal_list)


class DisposalApproveView(ManagerMixin, View):
    """Shows once more what goes for good (GET); a different manager approves it (POST)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self._list(pk), ApprovalForm(initial={"approved_on": timezone.localdate()}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        listed, form = self._list(pk), ApprovalForm(request.POST)
        if not form.is_valid():
            return self._show(listed, form)
        by: Any = request.user
        try:
            count = approve(
                listed=listed, by=by, on=form.cleaned_data["approved_on"], today=timezone.localdate()
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self._show(listed, form)
        for notice in form.notices():
            messages.warning(request, notice)
        messages.success(request, f"{count}件の協定を廃棄しました。目録は残ります。")
        return redirect(listed)

    def _list(self, pk: int) -> DisposalList:
        return get_object_or_404(DisposalList.objects.visible_to(self.request.user), pk=pk)

    def _show(self, listed: DisposalList, form: ApprovalForm) -> HttpResponse:
        context = {
            "page_title": "廃棄の承認",
            "disposal_list": listed,
            "items": listed.items.all(),
            "form": form,
            "is_mine": listed.created_by_id == self.request.user.pk,
        }
        return TemplateResponse(self.request, "agreements/disposal_approve.html", context)


class DisposalPrintView(ManagerMixin, View):
    """The 廃棄目録 as PDF."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        lists = DisposalList.objects.visible_to(request.user).select_related("municipality")
        listed = get_object_or_404(lists, pk=pk)
        audit.record(AuditKind.PRINT, request=request, target=listed, 書式="廃棄目録")
        return printed_answer(
            request,
            lambda: print_disposal_list(listed, user=request.user, today=timezone.localdate()),
            f"廃棄目録_{listed.pk}.pdf",
        )
