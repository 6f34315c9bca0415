"""お知らせ: put one off and bring it back; the person's own 通知の設定."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.generic import FormView, View

from agreements.actions.notices import choose_frequency, snooze_notice, wake_notice
from agreements.choices import NoticeFrequency
from agreements.forms.notice_forms import NoticePreferenceForm, SnoozeForm
from agreements.models import Notice, NoticePreference
from agreements.notifications import due_for
from municipalities.wareki import format_wareki

from .today_notices import key_of
from .undo import offer_undo

_TODAY = "agreements:today"


class NoticeSnoozeView(View):
    """Only what is due to this person at this moment can be put off."""

    def post(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        today = timezone.localdate()
        form = SnoozeForm(request.POST, today=today)
        due = {key_of(each.due, each.object_id): each for each in due_for(user, today)}
        each = due.get(request.POST.get("notice", ""))
        if each is None:
            raise Http404
        if not form.is_valid():
            context = {"page_title": "後で知らせる", "form": form}
            return render(request, "agreements/notice_snooze.html", context)
        until = form.cleaned_data["until"]
        notice = snooze_notice(
            by=user,
            agreement=each.agreement,
            kind=each.due.kind.value,
            object_id=each.object_id,
            due_on=each.due.due_on,
            stage=each.due.stage,
            until=until,
            today=today,
        )
        message = f"お知らせを{format_wareki(until)}まで隠しました。"
        offer_undo(request, message, reverse("agreements:notice-wake", args=[notice.pk]))
        return redirect(_TODAY)


class NoticeWakeView(View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        wake_notice(notice=get_object_or_404(Notice, pk=pk, recipient=user.pk))
        messages.success(request, "お知らせを元に戻しました。")
        return redirect(_TODAY)


class NoticePreferenceView(FormView):
    form_class = NoticePreferenceForm
    template_name = "agreements/notice_preference.html"
    success_url = reverse_lazy("agreements:notice-preference")
    extra_context = {"page_title": "通知の設定"}

    def get_initial(self) -> dict[str, Any]:
        stored = NoticePreference.objects.filter(person=self.request.user.pk).first()
        return {"frequency": stored.frequency if stored else NoticeFrequency.DAILY}

    def form_valid(self, form: NoticePreferenceForm) -> HttpResponse:
        user: Any = self.request.user
        choose_frequency(by=user, frequency=form.cleaned_data["frequency"])
        messages.success(self.request, "通知の設定を保存しました。")
        return super().form_valid(form)
