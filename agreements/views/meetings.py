"""会議・記録: write a meeting down, change it, delete it, make actions of its tasks."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from agreements.actions.meetings import (
    change_meeting,
    delete_meeting,
    make_action_of,
    record_meeting,
    restore_meeting,
)
from agreements.actions.register import ChangedMeanwhile
from agreements.forms.meeting_forms import MeetingRecordForm
from agreements.models import Agreement, Meeting, MeetingTask
from municipalities import access

from .agreement_parts import OfAgreementView, PartStepView, PartView, back_to
from .undo import offer_undo

SECTION = "meetings"


def meetings_context(agreement: Agreement, user: Any) -> dict[str, Any]:
    """What the section 会議・記録 shows; a fixed number of queries."""
    meetings = list(
        agreement.meetings.prefetch_related("tasks__action_item", "documents").select_related("created_by")  # type: ignore[attr-defined]
    )
    may_edit = access.may_edit(user, agreement)
    alive = [each for each in meetings if each.deleted_at is None]
    return {
        "meetings": alive,
        "next_meeting_on": alive[0].next_on if alive else None,
        "deleted_meetings": [each for each in meetings if each.deleted_at] if may_edit else [],
    }


class MeetingFormMixin:
    """What writing down and changing share."""

    request: HttpRequest
    page_title: str

    def form(self, data: Any = None, **start: Any) -> MeetingRecordForm:
        raise NotImplementedError

    def save(self, form: MeetingRecordForm) -> Meeting:
        raise NotImplementedError

    def whose(self) -> Agreement:
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(request.POST)
        if "add_row" in request.POST:
            typed = form.typed()
            return self.show(self.form(initial=typed["initial"], rows=[*typed["rows"], {}]), is_typed=True)
        if not form.is_valid():
            return self.show(form)
        try:
            meeting = self.save(form)
        except ChangedMeanwhile:
            return self.show_meanwhile(form)
        for notice in form.notices():
            messages.warning(request, notice)
        messages.success(request, f"{meeting}を保存しました。")
        return back_to(self.whose(), SECTION)

    def show_meanwhile(self, form: MeetingRecordForm) -> HttpResponse:
        raise NotImplementedError

    def show(self, form: MeetingRecordForm, status: int = 200, **context: Any) -> HttpResponse:
        context = {"page_title": self.page_title, "agreement": self.whose(), "form": form, **context}
        return TemplateResponse(self.request, "agreements/meeting_form.html", context, status=status)


class MeetingCreateView(MeetingFormMixin, OfAgreementView):
    page_title = "会議の記録"

    def whose(self) -> Agreement:
        return self.agreement

    def form(self, data: Any = None, **start: Any) -> MeetingRecordForm:
        today = timezone.localdate()
        start.setdefault("initial", {"held_on": today})
        return MeetingRecordForm(data, agreement=self.agreement, today=today, **start)

    def save(self, form: MeetingRecordForm) -> Meeting:
        return record_meeting(agreement=self.agreement, by=self.user, values=form.values(), **form.parts())


class MeetingUpdateView(MeetingFormMixin, PartView):
    page_title = "会議の記録の編集"

    def internal_parts(self) -> QuerySet[Meeting]:
        return Meeting.objects.internal_to(self.request.user)

    def whose(self) -> Agreement:
        return self.part.agreement

    def form(self, data: Any = None, **start: Any) -> MeetingRecordForm:
        instance = Meeting.objects.get(pk=self.part.pk)
        today = timezone.localdate()
        return MeetingRecordForm(data, agreement=self.whose(), today=today, instance=instance, **start)

    def save(self, form: MeetingRecordForm) -> Meeting:
        return change_meeting(meeting=self.part, seen=form.seen_at, values=form.values(), **form.parts())

    def show_meanwhile(self, form: MeetingRecordForm) -> HttpResponse:
        """Somebody was quicker: both versions, with what was typed on top of what holds now."""
        data = self.request.POST.copy()
        data["seen"] = self.part.updated_at.isoformat()
        return self.show(self.form(data), status=409, conflict_rows=form.conflict_with(self.part))


class MeetingDeleteView(PartStepView):
    section = SECTION

    def internal_parts(self) -> QuerySet[Meeting]:
        return Meeting.objects.internal_to(self.request.user)

    def step(self, part: Meeting) -> None:
        delete_meeting(meeting=part, by=self.user)
        url = reverse("agreements:meeting-restore", args=[part.pk])
        offer_undo(self.request, f"{part}の記録を削除しました。", url)


class MeetingRestoreView(PartStepView):
    section = SECTION

    def internal_parts(self) -> QuerySet[Meeting]:
        return Meeting.objects.restorable_by(self.request.user)

    def step(self, part: Meeting) -> None:
        restore_meeting(meeting=part, by=self.user)
        messages.success(self.request, f"{part}の記録を元に戻しました。")


class MeetingTaskActionView(PartStepView):
    """One click: the task becomes a 取組."""

    section = "items"
    path = "meeting__agreement"

    def internal_parts(self) -> QuerySet[MeetingTask]:
        return MeetingTask.objects.filter(meeting__in=Meeting.objects.internal_to(self.request.user))

    def step(self, part: MeetingTask) -> None:
        action = make_action_of(task=part)
        messages.success(
            self.request, f"取組「{action}」を登録しました。連携事項との結び付きは、編集で選べます。"
        )
