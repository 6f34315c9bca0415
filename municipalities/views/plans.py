"""総合計画: the plans of a municipality, and their tree edited by its managers.

Pages that show what serves a plan need agreements, so they live there (`agreements.views.plans`).
"""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView, View

from municipalities import access, planning
from municipalities.models import Plan, PlanItem
from municipalities.plan_forms import PlanForm, PlanItemForm, PlanPasteForm

from .managers import ManagerMixin, OwnMunicipalityManagerMixin
from .undo import offer_undo, take_offer

_DIRECTIONS = {"up": "上へ", "down": "下へ", "in": "一段下げて", "out": "一段上げて"}
_PASTE_SALT = "municipalities.plan_paste"


def answers(view: View, request: HttpRequest) -> bool:
    """Whether the view has a method for the request: only then its row is looked for (405 before 404)."""
    method = (request.method or "").lower()
    return method in view.http_method_names and hasattr(view, method)


class PlanListView(ListView):
    """Every plan of the municipality, the newest first."""

    template_name = "municipalities/plan_list.html"
    extra_context = {"page_title": "総合計画"}

    def get_queryset(self) -> QuerySet[Plan]:
        living = Q(items__deleted_at=None)
        plans = Plan.objects.visible_to(self.request.user).select_related("municipality", "predecessor")
        return plans.annotate(item_count=Count("items", filter=living))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(
            **kwargs,
            may_create=access.is_manager(user) and access.is_staff_of_a_municipality(user),
            undo=take_offer(self.request),
        )


class PlanSavedMixin:
    """What registering and changing a plan share."""

    request: HttpRequest

    def show(self, form: PlanForm, status: int = 200, **context: Any) -> HttpResponse:
        title = "総合計画の変更" if form.instance.pk else "総合計画の登録"
        context = {"page_title": title, "form": form, "plan": form.instance, **context}
        return TemplateResponse(self.request, "municipalities/plan_form.html", context, status=status)

    def save(self, form: PlanForm) -> HttpResponse:
        ended = planning.save_plan(plan=form.save(commit=False))
        messages.success(self.request, f"「{form.instance}」を保存しました。")
        if ended is not None:
            messages.info(self.request, f"前の計画「{ended}」を終了にしました。")
        return redirect("municipalities:plan-tree", form.instance.pk)


class PlanCreateView(OwnMunicipalityManagerMixin, PlanSavedMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        newest = Plan.objects.alive().filter(municipality=self.municipality).current().first()
        return self.show(
            PlanForm(instance=Plan(municipality=self.municipality), initial={"predecessor": newest})
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PlanForm(request.POST, instance=Plan(municipality=self.municipality))
        return self.save(form) if form.is_valid() else self.show(form)


class OfPlanView(ManagerMixin, View):
    """`pk` is a plan that the person may edit."""

    plan: Plan

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.today = timezone.localdate()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.test_func() and answers(self, request):
            self.plan = get_object_or_404(self.plans().select_related("municipality"), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def plans(self) -> QuerySet[Plan]:
        return Plan.objects.managed_by(self.request.user)


class PlanUpdateView(PlanSavedMixin, OfPlanView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(PlanForm(instance=self.plan))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        seen = self.plan.updated_at
        form = PlanForm(request.POST, instance=self.plan)
        if not form.is_valid():
            return self.show(form)
        if form.seen_at != seen:
            data = request.POST.copy()
            data["seen"] = seen.isoformat()
            return self.show(PlanForm(data, instance=self.plan), status=409, is_conflict=True)
        return self.save(form)


class PlanDeleteView(OfPlanView):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        planning.delete_plan(plan=self.plan, by=request.user)  # type: ignore[arg-type]
        url = reverse("municipalities:plan-restore", args=[pk])
        offer_undo(request, f"「{self.plan}」を削除しました。", url)
        return redirect("municipalities:plan-list")


class PlanRestoreView(OfPlanView):
    http_method_names = ["post"]

    def plans(self) -> QuerySet[Plan]:
        return Plan.objects.restorable_by(self.request.user)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            planning.restore_plan(plan=self.plan, by=request.user)  # type: ignore[arg-type]
        except planning.CannotRestore as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"「{self.plan}」を元に戻しました。")
        return redirect("municipalities:plan-list")


class PlanTreeView(OfPlanView):
    """The tree to edit. POST `move` = 「up:12」 moves a node by one step, `delete` = 「12」 puts it away."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        items = list(self.plan.items.alive().select_related("department").in_order())  # type: ignore[attr-defined]
        mark_ends(items)
        context = {
            "page_title": f"{self.plan}の編集",
            "plan": self.plan,
            "items": items,
            "undo": take_offer(request),
        }
        return TemplateResponse(request, "municipalities/plan_tree.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        direction, _, key = request.POST.get("move", "").partition(":")
        if "delete" in request.POST:
            return self.put_away(self.item(request.POST["delete"]))
        if direction in _DIRECTIONS:
            return self.move(self.item(key), direction)
        return back_to_tree(self.plan)

    def item(self, key: str) -> PlanItem:
        if not key.isdecimal() or len(key) > 18:
            raise Http404
        nodes = PlanItem.objects.alive().filter(plan=self.plan).select_related("plan", "parent")
        return get_object_or_404(nodes, pk=int(key))

    def move(self, item: PlanItem, direction: str) -> HttpResponse:
        target = planning.step(item, direction)
        if target is None:
            messages.info(self.request, f"「{item}」は、それ以上動かせません。")
            return back_to_tree(self.plan, item)
        parent, index = planning.place_of(item)
        try:
            planning.place_item(item=item, parent=target[0], index=target[1])
        except ValidationError as error:
            messages.error(self.request, f"「{item}」を動かせません。{' '.join(error.messages)}")
            return back_to_tree(self.plan, item)
        url = reverse("municipalities:plan-item-place", args=[item.pk, parent.pk if parent else 0, index])
        offer_undo(self.request, f"「{item}」を{_DIRECTIONS[direction]}動かしました。", url)
        return back_to_tree(self.plan, item)

    def put_away(self, item: PlanItem) -> HttpResponse:
        count = planning.delete_item(item=item, by=self.request.user)  # type: ignore[arg-type]
        below = f"と、その下の{count - 1}件" if count > 1 else ""
        url = reverse("municipalities:plan-item-restore", args=[item.pk])
        offer_undo(self.request, f"「{item}」{below}を削除しました。", url)
        return back_to_tree(self.plan)


class PlanPasteView(OfPlanView):
    """Paste text, look at what was understood, save it. POST `save` saves; anything else previews."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        initial = {"parent": request.GET.get("parent", "")}
        return self.show(PlanPasteForm(plan=self.plan, today=self.today, initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = PlanPasteForm(request.POST, plan=self.plan, today=self.today)
        if not form.is_valid() or "save" not in request.POST:
            return self.show(form)
        tops = planning.add_rows(
            plan=self.plan,
            parent=form.cleaned_data["parent"],
            rows=form.reading.rows,
            departments=form.departments,
        )
        token = signing.dumps([item.pk for item in tops], salt=_PASTE_SALT, compress=True)
        url = reverse("municipalities:plan-paste-undo", args=[pk, token])
        offer_undo(request, f"{len(form.reading.rows)}件の項目を追加しました。", url)
        return back_to_tree(self.plan, tops[0])

    def show(self, form: PlanPasteForm) -> HttpResponse:
        context = {"page_title": "計画の貼り付け", "plan": self.plan, "form": form}
        return TemplateResponse(self.request, "municipalities/plan_paste.html", context)


class PlanPasteUndoView(OfPlanView):
    """Takes back what one paste added."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, token: str) -> HttpResponse:
        try:
            keys = signing.loads(token, salt=_PASTE_SALT)
        except signing.BadSignature as error:
            raise Http404 from error
        for item in PlanItem.objects.alive().filter(plan=self.plan, pk__in=keys):
            planning.delete_item(item=item, by=request.user)  # type: ignore[arg-type]
        messages.success(request, "貼り付けた項目を取り消しました。")
        return back_to_tree(self.plan)


def mark_ends(items: list[PlanItem]) -> None:
    """Marks on each node (in the order of the tree) whether it is the first or the last of its siblings."""
    first: dict[Any, PlanItem] = {}
    last: dict[Any, PlanItem] = {}
    for item in items:
        first.setdefault(item.parent_id, item)
        last[item.parent_id] = item
    for item in items:
        item.is_first = first[item.parent_id] is item  # type: ignore[attr-defined]
        item.is_last = last[item.parent_id] is item  # type: ignore[attr-defined]


def back_to_tree(plan: Plan, item: PlanItem | None = None) -> HttpResponse:
    place = f"#item-{item.pk}" if item else ""
    return redirect(reverse("municipalities:plan-tree", args=[plan.pk]) + place)


# -- Nodes --------------------------------------------------------------------------------------------
class PlanItemFormMixin:
    request: HttpRequest

    def show(self, form: PlanItemForm, status: int = 200, **context: Any) -> HttpResponse:
        item = form.instance
        title = f"「{item}」の変更" if item.pk else "項目の追加"
        context = {"page_title": title, "plan": item.plan, "item": item, "form": form, **context}
        return TemplateResponse(self.request, "municipalities/plan_item_form.html", context, status=status)


class PlanItemCreateView(PlanItemFormMixin, OfPlanView):
    """A new node; `?parent=` chooses where. POST `again` opens the next one at the same place."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = PlanItemForm(
            instance=PlanItem(plan=self.plan),
            today=timezone.localdate(),
            initial={"parent": request.GET.get("parent", ""), "level": request.GET.get("level", "")[:20]},
        )
        return self.show(form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = PlanItemForm(request.POST, instance=PlanItem(plan=self.plan), today=timezone.localdate())
        if not form.is_valid():
            return self.show(form)
        item = form.save(commit=False)
        planning.save_item(item=item, seen=None)
        messages.success(request, f"「{item}」を追加しました。")
        if "again" in request.POST:
            url = reverse("municipalities:plan-item-create", args=[pk])
            return redirect(f"{url}?parent={item.parent_id or ''}")
        return back_to_tree(self.plan, item)


class OfPlanItemView(ManagerMixin, View):
    """`pk` is a node that the person may edit."""

    item: PlanItem

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.test_func() and answers(self, request):
            nodes = self.nodes().select_related("plan__municipality", "parent")
            self.item = get_object_or_404(nodes, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def nodes(self) -> QuerySet[PlanItem]:
        return PlanItem.objects.managed_by(self.request.user)


class PlanItemUpdateView(PlanItemFormMixin, OfPlanItemView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(PlanItemForm(instance=self.item, today=timezone.localdate()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = PlanItemForm(request.POST, instance=self.item, today=timezone.localdate())
        if not form.is_valid():
            return self.show(form)
        try:
            planning.save_item(item=form.save(commit=False), seen=form.seen_at)
        except planning.PlanChangedMeanwhile:
            stored = get_object_or_404(self.nodes(), pk=pk)
            data = request.POST.copy()
            data["seen"] = stored.updated_at.isoformat()
            again = PlanItemForm(data, instance=stored, today=timezone.localdate())
            rows = conflict_rows(form, PlanItemForm(instance=stored, today=timezone.localdate()))
            return self.show(again, status=409, conflict_rows=rows)
        messages.success(request, f"「{self.item}」を保存しました。")
        return back_to_tree(self.item.plan, self.item)


def conflict_rows(mine: PlanItemForm, theirs: PlanItemForm) -> list[dict[str, Any]]:
    """Both versions of every field, in words."""

    def words(form: PlanItemForm, name: str) -> str:
        value = form[name].value()
        choices = getattr(form.fields[name], "choices", None)
        if choices is not None:
            return str({str(key): label for key, label in choices}.get(str(value or ""), "")).strip()
        return "" if value is None else str(value)

    rows = []
    for name in mine.fields:
        if name != "seen":
            ours, other = words(mine, name), words(theirs, name)
            label = mine.fields[name].label
            rows.append({"label": label, "mine": ours, "theirs": other, "changed": ours != other})
    return rows


class PlanItemPlaceView(OfPlanItemView):
    """Puts a node back to where it was: the undo of a move. `parent` 0 is the top."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, parent: int, index: int) -> HttpResponse:
        target = get_object_or_404(self.nodes(), pk=parent, plan=self.item.plan_id) if parent else None
        try:
            planning.place_item(item=self.item, parent=target, index=index)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"「{self.item}」を元の場所に戻しました。")
        return back_to_tree(self.item.plan, self.item)


class PlanItemRestoreView(OfPlanItemView):
    http_method_names = ["post"]

    def nodes(self) -> QuerySet[PlanItem]:
        return PlanItem.objects.restorable_by(self.request.user)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            count = planning.restore_item(item=self.item, by=request.user)  # type: ignore[arg-type]
        except planning.CannotRestore as refusal:
            messages.error(request, str(refusal))
            return back_to_tree(self.item.plan)
        messages.success(request, f"「{self.item}」など{count}件を元に戻しました。")
        return back_to_tree(self.item.plan, self.item)
