"""The ledger: the list of agreements; deletion, which is a state, and its undoing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import DetailView, ListView, View

from agreements.actions.register import delete_agreement, restore_agreement
from agreements.filters import AgreementFilterSet
from agreements.lists import LISTS
from agreements.models import Agreement
from municipalities import access

from .lists import ListPageView
from .undo import offer_undo


class AgreementListView(ListPageView):
    spec = LISTS["agreements"]
    template_name = "agreements/agreement_list.html"
    extra_context = {"page_title": "協定"}
    filterset: AgreementFilterSet

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "is_own_only": self.filterset.is_valid() and self.filterset.is_own_only,
            "may_register": access.may_register(self.request.user),
        }


class AgreementDeleteView(DetailView):
    """Asks once (GET), deletes (POST), and offers to take it back."""

    template_name = "agreements/agreement_confirm_delete.html"
    context_object_name = "agreement"
    extra_context = {"page_title": "協定の削除"}

    def get_queryset(self) -> QuerySet[Agreement]:
        return Agreement.objects.visible_to(self.request.user).select_related("municipality", "department")

    def get_object(self, queryset: QuerySet | None = None) -> Agreement:
        agreement = super().get_object(queryset)
        if not access.may_edit(self.request.user, agreement):
            raise PermissionDenied
        return agreement

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, parties=self.object.parties.select_related("municipality", "company")
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        agreement = self.get_object()
        delete_agreement(agreement=agreement)
        undo_url = reverse("agreements:agreement-restore", args=[agreement.pk])
        offer_undo(request, f"「{agreement}」を削除しました。", undo_url)
        return redirect("agreements:agreement-list")


class AgreementRestoreView(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        agreement = get_object_or_404(Agreement.objects.restorable_by(request.user), pk=pk)
        restore_agreement(agreement=agreement)
        messages.success(request, f"「{agreement}」を元に戻しました。")
        return redirect(agreement)


class AgreementDeletedListView(ListView):
    """Deleted agreements that this person may bring back, the last deleted first."""

    template_name = "agreements/agreement_deleted_list.html"
    extra_context = {"page_title": "削除した協定"}
    paginate_by = 50

    def get_queryset(self) -> QuerySet:
        deletions = Agreement.history.filter(id=OuterRef("pk"), deleted_at=OuterRef("deleted_at"))  # type: ignore[attr-defined]
        return (
            Agreement.objects.restorable_by(self.request.user)
            .select_related("municipality", "department")
            .annotate(
                deleted_on=TruncDate("deleted_at"),
                deleted_by=Subquery(deletions.order_by("history_date").values("history_user__name")[:1]),
            )
            .order_by("-deleted_at", "-pk")
        )
