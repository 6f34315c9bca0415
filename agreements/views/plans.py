"""総合計画 beside the agreements: the plan with its coverage, a 施策's page, and the change to a new plan."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.generic import DetailView, View

from agreements.actions import plan_changes, plan_links
from agreements.forms.plan_forms import CorrespondenceForm, PlanLinkForm
from agreements.models import (
    ActionItem,
    Agreement,
    Company,
    Party,
    PlanChange,
    PlanCorrespondence,
    PlanLink,
)
from municipalities import access
from municipalities.models import Plan, PlanItem
from municipalities.models.plan import with_ancestry
from municipalities.views.managers import ManagerMixin

from .agreement_parts import OfAgreementView, PartStepView, back_to
from .plan_coverage import coverage_of
from .undo import offer_undo, take_offer

SECTION = "plan"
_SUGGESTED = 20
_MAX_QUERY = 100


class PlanDetailView(DetailView):
    """The plan as a tree, with what serves each node. `?only=unserved` leaves the gaps."""

    template_name = "agreements/plan_detail.html"
    context_object_name = "plan"

    def get_queryset(self) -> QuerySet[Plan]:
        return Plan.objects.visible_to(self.request.user).select_related("municipality", "predecessor")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan: Plan = self.object
        coverage = coverage_of(plan)
        only_unserved = self.request.GET.get("only") == "unserved"
        return super().get_context_data(
            **kwargs,
            page_title=str(plan),
            coverage=coverage,
            only_unserved=only_unserved,
            rows=[row for row in coverage.rows if not row.is_served] if only_unserved else coverage.rows,
            successors=Plan.objects.visible_to(self.request.user).filter(predecessor=plan),
            may_edit=access.is_manager(self.request.user),
            undo=take_offer(self.request),
        )


class PlanItemDetailView(DetailView):
    """施策: which agreements, companies and actions serve it or what is below it."""

    template_name = "agreements/plan_item_detail.html"
    context_object_name = "item"

    def get_queryset(self) -> QuerySet[PlanItem]:
        return PlanItem.objects.visible_to(self.request.user).select_related(
            "plan__municipality", "department", "parent"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        item: PlanItem = self.object
        subtree = PlanItem.objects.alive().subtree(item)  # type: ignore[attr-defined]
        serving = Q(plan_item__in=subtree) | Q(sub_plan_items__in=subtree)
        actions = (
            ActionItem.objects.internal_to(self.request.user)
            .filter(pk__in=ActionItem.objects.filter(serving).values("pk"))
            .for_list()
        )
        by_link = PlanLink.objects.filter(plan_item__in=subtree).values("agreement")
        by_action = ActionItem.objects.alive().filter(serving).values("agreement")
        agreements = (
            Agreement.objects.internal_to(self.request.user)
            .filter(Q(pk__in=by_link) | Q(pk__in=by_action))
            .select_related("department")
        )
        parties = Party.objects.filter(agreement__in=agreements, company__isnull=False)
        companies = Company.objects.filter(pk__in=parties.values("company")).annotate(
            agreement_count=Count(
                "parties", filter=Q(parties__agreement__in=agreements.order_by().values("pk"))
            )
        )
        return super().get_context_data(
            **kwargs,
            page_title=str(item),
            ancestors=item.ancestors(),
            children=item.children.filter(deleted_at=None).order_by("order"),  # type: ignore[attr-defined]
            agreements=agreements,
            direct=set(PlanLink.objects.filter(plan_item__in=subtree).values_list("agreement_id", flat=True)),
            actions=actions,
            companies=companies,
            became=PlanCorrespondence.objects.filter(old_item=item, plan__deleted_at=None).select_related(
                "plan", "new_item"
            ),
            came_from=PlanCorrespondence.objects.filter(
                new_item=item, old_item__plan__deleted_at=None
            ).select_related("old_item__plan"),
            may_edit=access.is_manager(self.request.user),
        )


class PlanItemSuggestView(View):
    """GET `?q=` → 施策 of the plans in force of one's own municipality, as the combobox wants them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        text = request.GET.get("q", "").replace("\x00", "")[:_MAX_QUERY]
        nodes = PlanItem.objects.choosable(user.municipality_id).visible_to(user)  # type: ignore[attr-defined]
        found = list(nodes.matching(text).select_related("plan")[: _SUGGESTED + 1])
        above = with_ancestry(found[:_SUGGESTED])
        results = [
            {"id": item.pk, "label": str(item), "sublabel": above[item.pk], "group": str(item.plan)}
            for item in found[:_SUGGESTED]
        ]
        return JsonResponse({"results": results, "more": len(found) > _SUGGESTED})


# -- 施策 of an agreement ------------------------------------------------------------------------------
def plan_context(agreement: Agreement) -> dict[str, Any]:
    """What the section 総合計画 of an agreement shows; a fixed number of queries."""
    links = list(agreement.plan_links.select_related("plan_item__plan").order_by("plan_item__plan", "pk"))  # type: ignore[attr-defined]
    above = with_ancestry([link.plan_item for link in links])
    return {"plan_links": [(link, above[link.plan_item_id]) for link in links]}


class PlanLinkCreateView(OfAgreementView):
    """Choose a 施策 that the agreement as a whole serves."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(PlanLinkForm(agreement=self.agreement))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = PlanLinkForm(request.POST, agreement=self.agreement)
        if not form.is_valid():
            return self.show(form)
        link = plan_links.link_agreement(agreement=self.agreement, item=form.cleaned_data["plan_item"])
        url = reverse("agreements:plan-link-delete", args=[link.pk])
        offer_undo(request, f"施策「{link}」を結び付けました。", url)
        return back_to(self.agreement, SECTION)

    def show(self, form: PlanLinkForm) -> HttpResponse:
        has_plan = PlanItem.objects.choosable(self.agreement.municipality_id).exists()
        context = {
            "page_title": "施策を選ぶ",
            "agreement": self.agreement,
            "form": form,
            "has_plan": has_plan,
        }
        return TemplateResponse(self.request, "agreements/plan_link_form.html", context)


class PlanLinkDeleteView(PartStepView):
    section = SECTION

    def internal_parts(self) -> QuerySet[PlanLink]:
        return PlanLink.objects.internal_to(self.request.user).select_related("plan_item")

    def step(self, part: PlanLink) -> None:
        url = reverse("agreements:plan-link-restore", args=[part.agreement_id, part.plan_item_id])
        plan_links.unlink_agreement(link=part)
        offer_undo(self.request, f"施策「{part}」との結び付けを外しました。", url)


class PlanLinkRestoreView(OfAgreementView):
    """Undo of taking a link away: links the 施策 `item` again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, item: int) -> HttpResponse:
        nodes = PlanItem.objects.visible_to(request.user).select_related("plan")
        found = get_object_or_404(nodes, pk=item, plan__municipality=self.agreement.municipality_id)
        plan_links.link_agreement(agreement=self.agreement, item=found)
        messages.success(request, f"施策「{found}」をもう一度結び付けました。")
        return back_to(self.agreement, SECTION)


# -- The change to a new plan -------------------------------------------------------------------------
class PlanChangeView(ManagerMixin, View):
    """The wizard: for each node of the plan before, what it became. POST keeps what is decided so far.

    POST `apply` also links what still runs to the new plan.
    """

    plan: Plan

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.test_func() and request.method in {"GET", "HEAD", "POST"}:
            plans = Plan.objects.managed_by(request.user).select_related("municipality", "predecessor")
            self.plan = get_object_or_404(plans, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(request.POST)
        if self.plan.predecessor is None or not form.is_valid():
            return self.show(form)
        by: Any = request.user
        changed = plan_changes.confirm(plan=self.plan, choices=form.chosen(), by=by)
        plan_changes.unconfirm(plan=self.plan, old_items=form.left())
        if "apply" not in request.POST:
            messages.success(request, f"対応を保存しました（新しく決めたもの {changed}件）。")
            return redirect("agreements:plan-change", pk)
        change = plan_changes.apply_change(plan=self.plan, by=by)
        url = reverse("agreements:plan-change-undo", args=[change.pk])
        done = f"協定{change.link_count}件、取組{change.action_count}件を新しい計画に結び付けました。"
        offer_undo(request, done, url)
        return redirect("agreements:plan-detail", pk)

    def form(self, data: Any = None) -> CorrespondenceForm:
        before = self.plan.predecessor
        old = list(before.items.alive().in_order()) if before else []  # type: ignore[attr-defined]
        new = list(self.plan.items.alive().in_order())  # type: ignore[attr-defined]
        confirmed = dict(
            PlanCorrespondence.objects.filter(plan=self.plan).values_list("old_item_id", "new_item_id")
        )
        return CorrespondenceForm(data, old=old, new=new, confirmed=confirmed)

    def show(self, form: CorrespondenceForm) -> HttpResponse:
        rows = form.rows()
        context = {
            "page_title": "計画の改定",
            "plan": self.plan,
            "form": form,
            "rows": rows,
            "confirmed_count": sum(row["is_confirmed"] for row in rows),
            "has_items": bool(form.new_by_key),
            "changes": self.plan.changes.select_related("by"),  # type: ignore[attr-defined]
        }
        return TemplateResponse(self.request, "agreements/plan_change.html", context)


class PlanChangeUndoView(ManagerMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        change = PlanChange.objects.managed_by(request.user).select_related("plan").filter(pk=pk).first()
        if change is None:
            raise Http404
        by: Any = request.user
        plan_changes.undo_change(change=change, by=by)
        messages.success(request, "新しい計画への結び付けを取り消しました。決めた対応は残っています。")
        return redirect("agreements:plan-change", change.plan_id)
