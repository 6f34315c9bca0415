"""受付の基準: the municipality's own checklist for proposals, kept by its managers."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, TemplateView, View

from agreements.actions.proposals import (
    USUAL_CRITERIA,
    add_criterion,
    add_usual_criteria,
    end_criterion,
    move_criterion,
    reopen_criterion,
)
from agreements.forms.procedure_forms import IntakeCriterionForm
from agreements.models import IntakeCriterion
from municipalities.views.managers import OwnMunicipalityManagerMixin

from .undo import offer_undo, take_offer

_LIST = "agreements:intake-criterion-list"


class CriteriaMixin(OwnMunicipalityManagerMixin):
    """The checklist of the manager's own municipality; system admins keep none."""

    def criteria(self) -> QuerySet[IntakeCriterion]:
        return IntakeCriterion.objects.editable_by(self.request.user)


class IntakeCriterionListView(CriteriaMixin, TemplateView):
    template_name = "agreements/intake_criterion_list.html"
    extra_context = {"page_title": "受付の基準"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        criteria = list(self.criteria())
        return super().get_context_data(
            **kwargs,
            today=today,
            in_use=[each for each in criteria if not each.is_over(today)],
            over=[each for each in criteria if each.is_over(today)],
            usual=USUAL_CRITERIA,
            undo=take_offer(self.request),
        )


class IntakeCriterionCreateView(CriteriaMixin, FormView):
    form_class = IntakeCriterionForm
    template_name = "agreements/intake_criterion_form.html"
    extra_context = {"page_title": "受付の基準の追加"}

    def form_valid(self, form: IntakeCriterionForm) -> HttpResponse:
        add_criterion(municipality=self.municipality, values=form.values())
        messages.success(self.request, "受付の基準を追加しました。")
        return redirect(_LIST)


class IntakeCriterionUpdateView(CriteriaMixin, FormView):
    form_class = IntakeCriterionForm
    template_name = "agreements/intake_criterion_form.html"
    extra_context = {"page_title": "受付の基準の編集"}

    def get_form_kwargs(self) -> dict[str, Any]:
        criterion = get_object_or_404(self.criteria(), pk=self.kwargs["pk"])
        return {**super().get_form_kwargs(), "instance": criterion}

    def form_valid(self, form: IntakeCriterionForm) -> HttpResponse:
        form.save()
        messages.success(self.request, "受付の基準を保存しました。")
        return redirect(_LIST)


class CriterionStepView(CriteriaMixin, View):
    """One step with one criterion, by POST, back to the list."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.step(get_object_or_404(self.criteria(), pk=pk))
        return redirect(_LIST)

    def step(self, criterion: IntakeCriterion) -> None:
        raise NotImplementedError


class IntakeCriterionMoveView(CriterionStepView):
    """POST `direction` = up or down."""

    def step(self, criterion: IntakeCriterion) -> None:
        by_places = -1 if self.request.POST.get("direction") == "up" else 1
        move_criterion(criterion=criterion, by_places=by_places, today=timezone.localdate())


class IntakeCriterionEndView(CriterionStepView):
    def step(self, criterion: IntakeCriterion) -> None:
        end_criterion(criterion=criterion, today=timezone.localdate())
        url = reverse("agreements:intake-criterion-reopen", args=[criterion.pk])
        offer_undo(self.request, f"「{criterion}」を使わないことにしました。", url)


class IntakeCriterionReopenView(CriterionStepView):
    def step(self, criterion: IntakeCriterion) -> None:
        reopen_criterion(criterion=criterion)
        messages.success(self.request, f"「{criterion}」を使うことにしました。")


class IntakeCriterionUsualView(CriteriaMixin, View):
    """Start from the usual checklist; harmless when there is one already."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        added = add_usual_criteria(municipality=self.municipality)
        if added:
            messages.success(request, f"よく使われる基準を{len(added)}件追加しました。自由に直してください。")
        return redirect(_LIST)
