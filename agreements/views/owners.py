"""機構改革 (merge or abolish a 課) and 担当者の見直し (what has no owner now), for managers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, View

from agreements.actions.owners import (
    NotPossible,
    living_agreements,
    living_plan_items,
    open_actions,
    ownerless,
    reassign,
    reorganise,
    undo_owner_change,
)
from agreements.forms.owners import ReassignForm, ReorganisationForm
from agreements.models import OwnerChange
from municipalities.views.managers import OwnMunicipalityManagerMixin

from .undo import offer_undo, take_offer


class OwnerChangeMixin(OwnMunicipalityManagerMixin):
    """Where a change ends: back at the list, with the way to undo it."""

    def changed(self, change: OwnerChange) -> HttpResponse:
        undo_url = reverse("agreements:owner-change-undo", args=[change.pk])
        offer_undo(self.request, f"{change.summary}（{len(change.moves)}件）変更しました。", undo_url)
        return redirect("agreements:ownerless")


class ReorganisationView(OwnerChangeMixin, FormView):
    """Choose old and new 課 and the day; the first press shows what would move, the second does it."""

    form_class = ReorganisationForm
    template_name = "agreements/reorganisation.html"
    extra_context = {"page_title": "課の統合・廃止"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "municipality": self.municipality}

    def form_valid(self, form: Any) -> HttpResponse:
        wanted = form.cleaned_data
        if "confirmed" not in self.request.POST:
            old = wanted["predecessor"]
            agreements = living_agreements(self.municipality)
            preview = {
                "agreements": agreements.filter(department=old).order_by("kana_key"),
                "related_count": agreements.filter(related_departments=old).count(),
                "action_count": open_actions(self.municipality).filter(department=old).count(),
                "plan_item_count": living_plan_items(self.municipality).filter(department=old).count(),
                "staff": old.staff.filter(is_active=True),
            }
            return self.render_to_response(self.get_context_data(form=form, preview=preview))
        user: Any = self.request.user
        try:
            change = reorganise(**wanted, by=user)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        return self.changed(change)


class OwnerlessView(OwnerChangeMixin, FormView):
    """Agreements and actions whose 課 or 担当者 is missing, abolished or gone; hand them over in bulk."""

    form_class = ReassignForm
    template_name = "agreements/ownerless.html"
    extra_context = {"page_title": "担当者の見直し"}

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.test_func():
            nobody = ownerless(timezone.localdate())
            owners = ("department", "person_in_charge")
            self.agreements = list(
                living_agreements(self.municipality).filter(nobody).select_related(*owners).distinct()
            )
            self.actions = list(
                open_actions(self.municipality).filter(nobody).select_related("agreement", *owners).distinct()
            )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "municipality": self.municipality,
            "today": timezone.localdate(),
            "agreements": [agreement.pk for agreement in self.agreements],
            "actions": [action.pk for action in self.actions],
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return {
            **context,
            "agreement_rows": self.agreements,
            "action_rows": self.actions,
            "today": timezone.localdate(),
            "chosen_agreements": set(form["agreements"].value() or ()),
            "chosen_actions": set(form["actions"].value() or ()),
            "undo": take_offer(self.request),
            "recent": OwnerChange.objects.managed_by(self.request.user).select_related("by")[:10],
        }

    def form_valid(self, form: Any) -> HttpResponse:
        user: Any = self.request.user
        change = reassign(municipality=self.municipality, by=user, **form.cleaned_data)
        return self.changed(change)


class OwnerChangeUndoView(OwnMunicipalityManagerMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        change = get_object_or_404(OwnerChange.objects.managed_by(user), pk=pk)
        restored = undo_owner_change(change=change, by=user)
        messages.success(request, f"「{change.summary}」を元に戻しました（{restored}件）。")
        return redirect("agreements:ownerless")
