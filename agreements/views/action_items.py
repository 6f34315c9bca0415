"""A 取組 on its own page: look, change, begin, complete, cancel, take back, repeat, put away."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View

from agreements.actions.action_items import (
    Circular,
    NotInThisState,
    cancel_action,
    change_action,
    complete_action,
    create_action,
    delete_action,
    reopen_action,
    restore_action,
    start_action,
)
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.repetition import repeat_action
from agreements.forms.action_item_forms import ActionItemForm, CancelForm, CompleteForm
from agreements.forms.diagnosis_hints import Hint, action_hints_for
from agreements.forms.progress_forms import ProgressForm
from agreements.models import ActionItem, DiagnosisSettings
from municipalities import access, audit
from municipalities.choices import AuditKind

from .action_fairness import fairness_context
from .agreement_parts import OfAgreementView, PartStepView, PartView
from .undo import offer_undo, take_offer

# A form without the version it was opened with fits no stored one.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def action_page(request: HttpRequest, action: ActionItem, form: ProgressForm | None = None) -> HttpResponse:
    """The page of a 取組 (read `for_list()`), with the form of the journal as it stands."""
    today = timezone.localdate()
    may_edit = access.may_edit_action(request.user, action)
    if may_edit and form is None and action.is_open:
        form = ProgressForm(action=action, today=today)
    entries = action.progress.filter(deleted_at=None).select_related("by").prefetch_related("documents")  # type: ignore[attr-defined]
    repetition = ActionItem.objects.alive().filter(repeats=action).first()
    context = {
        "page_title": action.title,
        "action": action,
        "agreement": action.agreement,
        "today": today,
        "may_edit": may_edit,
        "owed": action.owed(today),
        "is_late": action.is_overdue(today),
        "entries": entries,
        "sub_plan_items": action.sub_plan_items.all(),
        "before": action.depends_on.filter(deleted_at=None),
        "behind": action.awaited_by.filter(deleted_at=None),  # type: ignore[attr-defined]
        "repetition": repetition,
        **fairness_context(action),
        "form": form,
        "undo": take_offer(request),
    }
    return TemplateResponse(request, "agreements/action_detail.html", context)


class ActionDetailView(View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        action = get_object_or_404(ActionItem.objects.internal_to(request.user).for_list(), pk=pk)
        audit.record(AuditKind.VIEW_INTERNAL, request=request, target=action)
        return action_page(request, action)


def action_hints(request: HttpRequest) -> list[Hint]:
    """What the 診断 would say of the form of a 取組 as typed."""
    settings = DiagnosisSettings.objects.of(getattr(request.user, "municipality_id", None))
    return action_hints_for(request.POST, today=timezone.localdate(), settings=settings)


class ActionHintsView(View):
    """POST the form of a 取組 as typed -> the hints about it. Nothing is saved."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        return TemplateResponse(request, "agreements/_diagnosis_hints.html", {"hints": action_hints(request)})


class ActionFormMixin:
    """What writing a 取組 in full has in common."""

    request: HttpRequest

    def show(self, form: Any, status: int = 200, **context: Any) -> HttpResponse:
        context = {
            "form": form,
            "agreement": form.agreement,
            "action": form.instance,
            "hints": action_hints(self.request) if self.request.method == "POST" else [],
            **context,
        }
        return TemplateResponse(self.request, "agreements/action_form.html", context, status=status)

    def done(self, form: Any, action: ActionItem) -> HttpResponse:
        for notice in form.notices():
            messages.warning(self.request, notice)
        if action.funding_warning:
            messages.warning(self.request, action.funding_warning)
        messages.success(self.request, f"取組「{action}」を保存しました。")
        # Without JavaScript nobody has seen them yet.
        if hints := "　".join(dict.fromkeys(hint.message for hint in action_hints(self.request))):
            messages.info(self.request, f"診断のヒント：{hints}")
        return redirect(action)


class ActionCreateView(ActionFormMixin, OfAgreementView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.form(), page_title="取組の登録")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, page_title="取組の登録")
        action = create_action(agreement=self.agreement, by=self.user, values=form.values())
        return self.done(form, action)

    def form(self, data: Any = None) -> ActionItemForm:
        item = self.request.GET.get("item", "")
        initial = {
            "department": self.user.department_id or self.agreement.department_id,
            "cooperation_fields": [item] if item.isdecimal() else [],
        }
        return ActionItemForm(data, agreement=self.agreement, today=timezone.localdate(), initial=initial)


class ActionPartView(PartView):
    """`pk` is a 取組 that the person may write."""

    part: ActionItem

    def internal_parts(self) -> QuerySet[ActionItem]:
        return ActionItem.objects.internal_to(self.request.user).with_progress()

    def may_write(self) -> bool:
        return access.may_edit_action(self.request.user, self.part)


class ActionUpdateView(ActionFormMixin, ActionPartView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.form(), page_title="取組の編集")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, page_title="取組の編集")
        try:
            action = change_action(
                action=self.part, seen=form.seen_at or _NEVER, by=self.user, values=form.values()
            )
        except Circular as circular:  # made meanwhile
            form.add_circle(circular.way)
            return self.show(form, page_title="取組の編集")
        except ChangedMeanwhile:
            data = request.POST.copy()
            data["seen"] = self.part.updated_at.isoformat()
            again = self.form(data)
            rows = again.conflict_with(ActionItem.objects.get(pk=pk))
            return self.show(again, status=409, page_title="取組の編集", conflict_rows=rows)
        return self.done(form, action)

    def form(self, data: Any = None) -> ActionItemForm:
        instance = ActionItem.objects.select_related("agreement").get(pk=self.part.pk)
        return ActionItemForm(
            data, agreement=self.part.agreement, today=timezone.localdate(), instance=instance
        )


class ActionCompleteView(ActionPartView):
    page_title = "取組の完了"
    template = "agreements/action_complete.html"

    def form(self, data: Any = None) -> Any:
        return CompleteForm(data, action=self.part, today=timezone.localdate())

    def write(self, form: Any) -> ActionItem:
        return complete_action(
            action=self.part, seen=form.seen_at or _NEVER, by=self.user, values=form.values()
        )

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        was_open = self.part.is_open
        try:
            action = self.write(form)
        except NotInThisState as refusal:
            form.add_error(None, str(refusal))
            return self.show(form)
        except ChangedMeanwhile:
            data = request.POST.copy()
            data["seen"] = self.part.updated_at.isoformat()
            form = self.form(data)
            form.is_valid()
            form.add_error(
                None, "ほかの人が先にこの取組を変更しました。内容を確かめ、もう一度保存してください。"
            )
            return self.show(form, status=409)
        message = f"取組「{action}」を「{action.get_state_display()}」にしました。"
        if was_open:
            offer_undo(request, message, reverse("agreements:action-reopen", args=[pk]))
        else:
            messages.success(request, f"取組「{action}」の記録を保存しました。")
        return redirect(action)

    def show(self, form: Any, status: int = 200) -> HttpResponse:
        context = {
            "page_title": self.page_title,
            "action": self.part,
            "agreement": self.part.agreement,
            "form": form,
        }
        return TemplateResponse(self.request, self.template, context, status=status)


class ActionCancelView(ActionCompleteView):
    page_title = "取組の中止"
    template = "agreements/action_cancel.html"

    def form(self, data: Any = None) -> CancelForm:
        return CancelForm(data, action=self.part)

    def write(self, form: Any) -> ActionItem:
        return cancel_action(
            action=self.part, seen=form.seen_at or _NEVER, by=self.user, reason=form.cleaned_data["reason"]
        )


class ActionStepView(ActionPartView, PartStepView):
    """One step by POST, back to the page of the action or, from the board, to the board."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        target = self.take(self.part)
        if request.POST.get("back") == "board":
            return redirect("agreements:action-board")
        return redirect(target)

    def take(self, action: ActionItem) -> Any:
        raise NotImplementedError


class ActionStartView(ActionStepView):
    def take(self, action: ActionItem) -> Any:
        try:
            start_action(action=action, by=self.user)
            messages.success(self.request, f"取組「{action}」を「実施中」にしました。")
        except NotInThisState as refusal:
            messages.warning(self.request, str(refusal))
        return action


class ActionReopenView(ActionStepView):
    def take(self, action: ActionItem) -> Any:
        again = reopen_action(action=action, by=self.user)
        messages.success(self.request, f"取組「{again}」を「{again.get_state_display()}」に戻しました。")
        return again


class ActionRepeatView(ActionStepView):
    def take(self, action: ActionItem) -> Any:
        following, is_new = repeat_action(action=action, today=timezone.localdate(), by=self.user)
        told = "作りました。日付と目標を確かめてください。" if is_new else "すでに作られています。"
        messages.success(self.request, f"次の年度の取組「{following}」を{told}")
        return following


class ActionDeleteView(ActionStepView):
    def take(self, action: ActionItem) -> Any:
        delete_action(action=action, by=self.user)
        url = reverse("agreements:action-restore", args=[action.pk])
        offer_undo(self.request, f"取組「{action}」を削除しました。", url)
        return f"{action.agreement.get_absolute_url()}#items"


class ActionRestoreView(ActionStepView):
    def internal_parts(self) -> QuerySet[ActionItem]:
        return ActionItem.objects.restorable_by(self.request.user)

    def take(self, action: ActionItem) -> Any:
        restore_action(action=action, by=self.user)
        messages.success(self.request, f"取組「{action}」を元に戻しました。")
        return action
