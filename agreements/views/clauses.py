"""条項ひな形: the clause library of a municipality, kept by those who write its agreements."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import FormView, TemplateView, View

from agreements.actions.clauses import (
    add_clause,
    add_usual_clauses,
    change_clause,
    missing_clauses,
    move_clause,
    restore_clause,
    retire_clause,
)
from agreements.actions.register import ChangedMeanwhile
from agreements.forms.clause_forms import ClauseForm
from agreements.models import Clause
from municipalities import access

from .undo import offer_undo, take_offer

_LIST = "agreements:clause-list"
_CHANGED = (
    "この画面を開いた後に、ほかの人が保存しました。あなたの入力はまだ保存されていません。"
    "下に示す現在の内容を確かめて、必要ならもう一度保存してください。"
)
PLACEHOLDERS = (
    ("{当事者}", "甲及び乙。呼称がないときは「両市」「両者」など"),
    ("{当事者又は}", "甲又は乙"),
    ("{自治体} {相手方}", "自分の自治体と、ほかの締結者の呼称"),
    ("{自治体名} {相手方名}", "その正式な名称"),
    ("{甲} {乙} {丙} …", "それぞれの呼称"),
    ("{当事者の表示}", "○○市（以下「甲」という。）と…"),
    ("{協定名称} {目的}", "台帳の名称と目的"),
    ("{連携事項}", "号の行に1つだけ書くと、連携事項の数だけ号になります"),
    ("{締結日} {効力発生日} {満了日}", "台帳の日付"),
    ("{有効期間}", "…の日から…年…月…日まで"),
    ("{更新期間} {通知期限}", "1年間、1か月前など"),
    ("{通数}", "締結者の数"),
    ("{条:目的}", "見出しが「目的」の条の番号（第1条）。並べ替えても付いていきます"),
    ("{別記:見出し}", "その見出しの別記。{別紙:…} {別表:…}も使えます"),
)
"""What a person may write between braces, for the page."""


class ClausesMixin(UserPassesTestMixin):
    """Open to editors and managers of a municipality (403 for others), for the clauses of their own."""

    request: HttpRequest
    raise_exception = True

    def test_func(self) -> bool:
        return access.may_keep_clauses(self.request.user)

    @property
    def municipality(self) -> Any:
        user: Any = self.request.user
        return user.municipality

    def clauses(self) -> QuerySet[Clause]:
        return Clause.objects.editable_by(self.request.user)


class ClauseListView(ClausesMixin, TemplateView):
    template_name = "agreements/clause_list.html"
    extra_context = {"page_title": "条項ひな形"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        clauses = list(self.clauses())
        return super().get_context_data(
            **kwargs,
            in_use=[each for each in clauses if each.retired_at is None],
            retired=[each for each in clauses if each.retired_at is not None],
            missing=missing_clauses(self.municipality),
            undo=take_offer(self.request),
        )


class _ClauseFormView(ClausesMixin, FormView):
    form_class = ClauseForm
    template_name = "agreements/clause_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "municipality": self.municipality}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, placeholders=PLACEHOLDERS)


class ClauseCreateView(_ClauseFormView):
    extra_context = {"page_title": "条項ひな形の追加"}

    def form_valid(self, form: ClauseForm) -> HttpResponse:
        add_clause(municipality=self.municipality, values=form.values())
        messages.success(self.request, "条項ひな形を追加しました。")
        return redirect(_LIST)


class ClauseUpdateView(_ClauseFormView):
    extra_context = {"page_title": "条項ひな形の編集"}

    def get_form_kwargs(self) -> dict[str, Any]:
        clause = get_object_or_404(self.clauses(), pk=self.kwargs["pk"])
        return {**super().get_form_kwargs(), "instance": clause}

    def form_valid(self, form: ClauseForm) -> HttpResponse:
        try:
            change_clause(clause=form.instance, seen=form.seen_at, values=form.values())
        except ChangedMeanwhile:
            return self._show_meanwhile()
        messages.success(self.request, "条項ひな形を保存しました。")
        return redirect(_LIST)

    def _show_meanwhile(self) -> HttpResponse:
        stored = get_object_or_404(self.clauses(), pk=self.kwargs["pk"])
        data = self.request.POST.copy()
        data["seen"] = stored.updated_at.isoformat()
        form = ClauseForm(data, instance=stored, municipality=self.municipality)
        shown = [("見出し", stored.heading), ("本文", stored.text)]
        context = self.get_context_data(form=form, changed=_CHANGED, stored=shown)
        return self.render_to_response(context, status=409)


class ClauseStepView(ClausesMixin, View):
    """One step with one clause, by POST, back to the list."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.step(get_object_or_404(self.clauses(), pk=pk))
        return redirect(_LIST)

    def step(self, clause: Clause) -> None:
        raise NotImplementedError


class ClauseMoveView(ClauseStepView):
    """POST `direction` = up or down."""

    def step(self, clause: Clause) -> None:
        move_clause(clause=clause, by_places=-1 if self.request.POST.get("direction") == "up" else 1)


class ClauseRetireView(ClauseStepView):
    def step(self, clause: Clause) -> None:
        retire_clause(clause=clause)
        url = reverse("agreements:clause-restore", args=[clause.pk])
        offer_undo(self.request, f"「{clause}」を使わないことにしました。", url)


class ClauseRestoreView(ClauseStepView):
    def step(self, clause: Clause) -> None:
        restore_clause(clause=clause)
        messages.success(self.request, f"「{clause}」を使うことにしました。")


class ClauseUsualView(ClausesMixin, View):
    """Copy our own texts of the kinds that are missing; harmless when none is."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        if added := add_usual_clauses(municipality=self.municipality):
            messages.success(request, f"条項ひな形を{len(added)}件追加しました。自由に直してください。")
        return redirect(_LIST)
