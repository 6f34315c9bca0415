"""仕切り直し: one click begins it and makes its pack; then day, agenda, decisions and outcome are kept."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View

from agreements.actions.register import ChangedMeanwhile
from agreements.actions.restarts import (
    NotInForce,
    begin_restart,
    change_restart,
    resume_restart,
    withdraw_restart,
)
from agreements.forms.restart_forms import RestartForm
from agreements.models import Agreement, Restart
from agreements.models.agreement import IN_FORCE
from agreements.printing.restart_pack import print_restart_pack
from municipalities import access, audit
from municipalities.choices import AuditKind
from municipalities.wareki import format_wareki

from .agreement_parts import OfAgreementView, PartStepView, PartView, back_to
from .diagnosis import SECTION, current_diagnosis
from .pdf_answer import printed_answer
from .undo import offer_undo, take_offer

_SHOWN = 20
_CHANGED = (
    "この画面を開いた後に、ほかの人が保存しました。あなたの入力はまだ保存されていません。"
    "下に示す現在の内容を確かめて、必要ならもう一度保存してください。"
)


_LEAD = "動きのない協定を、双方でもう一度話し合うための記録です。結果が出るまで「今日の仕事」に表示されます。"


def restart_context(agreement: Agreement, user: Any) -> dict[str, Any]:
    """What the section 診断 shows of 仕切り直し; one query."""
    restarts = list(agreement.restarts.select_related("begun_by"))  # type: ignore[attr-defined]
    standing = [each for each in restarts if each.withdrawn_at is None]
    running = next((each for each in standing if each.is_running), None)
    can_begin = agreement.state in IN_FORCE and running is None
    return {
        "running_restart": running,
        "past_restarts": [each for each in standing if each is not running],
        "may_restart": can_begin and access.may_edit(user, agreement),
    }


def restart_work(user: Any) -> dict[str, Any]:
    """Of 「今日の仕事」: 仕切り直し without an outcome yet; one query."""
    running = Restart.objects.internal_to(user).running()
    if not access.is_manager(user):
        department = user.department_id or 0
        running = running.filter(Q(agreement__person_in_charge=user.pk) | Q(agreement__department=department))
    own = running.filter(access.own_municipality(user, "agreement__"))
    return {"restarts": list(own.select_related("agreement").order_by("meet_on", "begun_on", "pk")[:_SHOWN])}


class RestartBeginView(OfAgreementView):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            restart = begin_restart(agreement=self.agreement, by=self.user, today=timezone.localdate())
        except NotInForce:
            messages.error(request, "有効な協定だけを仕切り直せます。")
            return back_to(self.agreement, SECTION)
        undo_url = reverse("agreements:restart-withdraw", args=[restart.pk])
        offer_undo(
            request, "仕切り直しを始めました。パックを印刷して、話し合う日を決めてください。", undo_url
        )
        return redirect(restart)


class RestartView(PartView):
    """One 仕切り直し: written with optimistic locking; both versions are shown when somebody was quicker."""

    def internal_parts(self) -> QuerySet[Restart]:
        return Restart.objects.internal_to(self.request.user).filter(withdrawn_at=None)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self._form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._show(form)
        try:
            change_restart(restart=self.part, seen=form.seen_at, values=form.values())
        except ChangedMeanwhile:
            stored = Restart.objects.get(pk=self.part.pk)
            data = request.POST.copy()
            data["seen"] = stored.updated_at.isoformat()
            return self._show(self._form(data), status=409, changed=_CHANGED, stored=_stored(stored))
        messages.success(request, "仕切り直しの記録を保存しました。")
        return back_to(self.part.agreement, SECTION)

    def _form(self, data: Any = None) -> RestartForm:
        restart = Restart.objects.get(pk=self.part.pk)
        return RestartForm(data, instance=restart, today=timezone.localdate())

    def _show(self, form: RestartForm, status: int = 200, **context: Any) -> HttpResponse:
        agreement, today = self.part.agreement, timezone.localdate()
        return TemplateResponse(
            self.request,
            "agreements/restart_form.html",
            {
                "page_title": "仕切り直し",
                "lead": _LEAD,
                "agreement": agreement,
                "restart": self.part,
                "vitality": current_diagnosis(agreement, today).vitality,
                "form": form,
                "is_typed": self.request.method == "POST",
                "undo": take_offer(self.request),
                **context,
            },
            status=status,
        )


def _stored(restart: Restart) -> list[tuple[str, str]]:
    """What is stored now, in words."""
    values = [
        ("話し合う日", restart.meet_on),
        ("議題", restart.agenda),
        ("決まったこと", restart.decisions),
        ("結果", restart.get_outcome_display()),
        ("結果の説明", restart.outcome_note),
        ("結果が出た日", restart.closed_on),
    ]
    return [(label, format_wareki(v) if isinstance(v, date) else str(v or "")) for label, v in values]


class RestartPackView(View):
    """The 仕切り直しパック as PDF, for whoever may read the agreement's internal side."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        restarts = Restart.objects.internal_to(request.user).filter(withdrawn_at=None)
        restart = get_object_or_404(restarts.select_related("agreement__municipality", "begun_by"), pk=pk)
        audit.record(AuditKind.PRINT, request=request, target=restart.agreement, 書式="仕切り直しパック")
        return printed_answer(
            request,
            lambda: print_restart_pack(restart, user=request.user, today=timezone.localdate()),
            f"仕切り直しパック_{restart.agreement.ledger_number}.pdf",
        )


class RestartWithdrawView(PartStepView):
    section = SECTION

    def internal_parts(self) -> QuerySet[Restart]:
        return Restart.objects.internal_to(self.request.user)

    def step(self, part: Restart) -> None:
        withdraw_restart(restart=part)
        url = reverse("agreements:restart-resume", args=[part.pk])
        offer_undo(self.request, "仕切り直しを取りやめました。", url)


class RestartResumeView(RestartWithdrawView):
    def step(self, part: Restart) -> None:
        if resume_restart(restart=part):
            messages.success(self.request, "仕切り直しを元に戻しました。")
        else:
            messages.error(self.request, "別の仕切り直しが始まっているため、元に戻せません。")
