"""「自課の取組」: the list a 課 works in, and the journal written from it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from agreements.actions.documents import Refused
from agreements.actions.progress import delete_progress, record_progress, restore_progress
from agreements.actions.register import ChangedMeanwhile
from agreements.forms.progress_forms import ProgressForm
from agreements.models import ActionItem, ProgressEntry
from municipalities import access

from .action_items import ActionPartView, action_page
from .agreement_parts import PartStepView
from .undo import offer_undo, take_offer

_PAGE = 30


def own_row(action: ActionItem, user: Any, form: ProgressForm | None = None, **more: Any) -> dict[str, Any]:
    """One action of the list: why a word is owed, and the form for it."""
    today = timezone.localdate()
    may_edit = access.may_edit_action(user, action)
    return {
        "action": action,
        "owed": action.owed(today),
        "is_late": action.is_overdue(today),
        "form": form or (ProgressForm(action=action, today=today) if may_edit else None),
        "today": today,
        **more,
    }


class OwnActionsView(TemplateView):
    """What the 課 of this person does; what it owes a word about comes first."""

    template_name = "agreements/own_actions.html"
    extra_context = {"page_title": "自課の取組"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, timezone.localdate()
        own = ActionItem.objects.internal_to(user).of_department(user).open()
        owing = own.owing_update(today)
        shows_all = "all" in self.request.GET
        listed = (own if shows_all else owing).for_list().order_by("due_on", "pk")
        page = Paginator(listed, _PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            **kwargs,
            rows=[own_row(action, user) for action in page.object_list],
            page_obj=page,
            shows_all=shows_all,
            owing_total=owing.count(),
            total=own.count(),
            undo=take_offer(self.request),
        )


class ProgressCreateView(ActionPartView, PartStepView):
    """Takes an entry; from the list by htmx it answers with the row alone."""

    def internal_parts(self) -> QuerySet[ActionItem]:
        return ActionItem.objects.internal_to(self.request.user).for_list()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ProgressForm(request.POST, request.FILES, action=self.part, today=timezone.localdate())
        if not form.is_valid():
            return self.show(form)
        values = form.cleaned_data
        try:
            entry = record_progress(
                action=self.part,
                by=self.user,
                on=values["on"],
                value=values["value"],
                text=values["text"],
                files=values["files"],
            )
        except Refused as refusal:
            form.add_error("files", str(refusal))
            return self.show(form)
        except ChangedMeanwhile:
            form.add_error(None, "この取組は、ほかの人が削除しました。")
            return self.show(form)
        for notice in form.notices():
            messages.warning(request, notice)
        if request.htmx:  # type: ignore[attr-defined]
            action = self.internal_parts().get(pk=pk)
            context = own_row(action, request.user, saved=entry)
            return TemplateResponse(request, "agreements/_own_action.html", context)
        message = f"「{self.part}」の進捗を記録しました。"
        offer_undo(request, message, reverse("agreements:progress-delete", args=[entry.pk]))
        return redirect("agreements:own-actions" if request.POST.get("back") == "own" else self.part)

    def show(self, form: ProgressForm) -> HttpResponse:
        if self.request.htmx:  # type: ignore[attr-defined]
            context = own_row(self.part, self.request.user, form)
            return TemplateResponse(self.request, "agreements/_own_action.html", context)
        return action_page(self.request, self.part, form)


class ProgressStepView(PartStepView):
    path = "action__agreement"
    part: ProgressEntry

    def may_write(self) -> bool:
        return access.may_edit_action(self.request.user, self.part.action)

    def internal_parts(self) -> QuerySet[ProgressEntry]:
        return ProgressEntry.objects.internal_to(self.request.user)


class ProgressDeleteView(ProgressStepView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        delete_progress(entry=self.part, by=self.user)
        url = reverse("agreements:progress-restore", args=[pk])
        offer_undo(request, f"{self.part}の記録を削除しました。", url)
        return redirect(f"{self.part.action.get_absolute_url()}#progress")


class ProgressRestoreView(ProgressStepView):
    def internal_parts(self) -> QuerySet[ProgressEntry]:
        return ProgressEntry.objects.restorable_by(self.request.user)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        restore_progress(entry=self.part, by=self.user)
        messages.success(request, f"{self.part}の記録を元に戻しました。")
        return redirect(f"{self.part.action.get_absolute_url()}#progress")
