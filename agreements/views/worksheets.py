"""すり合わせワークシート: its page, the city's answers, the steps of a round, wording and confirmations."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View

from agreements.actions.expectations import (
    cancel_round,
    confirm_rows,
    open_round,
    opening_blockers,
    propose_wording,
    resume_round,
    save_answers,
    start_round,
    submit_answers,
    take_back_answers,
    take_in_items,
    withdraw_confirmations,
)
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.transition import NotAllowed
from agreements.choices import Side
from agreements.forms.expectation_forms import (
    AnswersForm,
    ConfirmForm,
    ReasonForm,
    WordingForm,
    seen_version,
)
from agreements.models import ExpectationRound, ExpectationRow
from agreements.models.expectation_sheet import SheetRow, read_sheet
from municipalities import access, audit
from municipalities.choices import AuditKind

from .agreement_parts import OfAgreementView, PartStepView, PartView, back_to
from .undo import offer_undo, take_offer
from .worksheet_hints import answer_hints, hints_answer, wording_hints
from .worksheet_section import at_hand, changes_since_confirmed

SECTION = "worksheet"
CHANGED = "この画面を開いた後に、ほかの人が変更しました。内容を確かめて、もう一度行ってください。"


class WorksheetView(View):
    """The sheet with both sides side by side; while it is closed, with the city's own side alone."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rounds = ExpectationRound.objects.internal_to(request.user)
        round_ = get_object_or_404(
            rounds.select_related(
                "agreement__municipality", "agreement__department", "own_submitted_by", "opened_by"
            ),
            pk=pk,
        )
        may_edit = access.may_edit(request.user, round_.agreement)
        worksheet = at_hand(round_, timezone.localdate(), may_edit=may_edit)
        since, changes = changes_since_confirmed(worksheet.sheet)
        audit.record(AuditKind.VIEW_INTERNAL, request=request, target=round_)
        context = {
            "page_title": str(round_),
            "agreement": round_.agreement,
            "round": round_,
            "worksheet": worksheet,
            "sheet": worksheet.sheet,
            "may_edit": may_edit,
            "submissions": round_.submissions.select_related("decided_by", "received_by"),  # type: ignore[attr-defined]
            "since": since,
            "changes": changes,
            "undo": take_offer(request),
        }
        return TemplateResponse(request, "agreements/worksheet.html", context)


class WorksheetStartView(OfAgreementView):
    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return self.http_method_not_allowed(request)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            round_ = start_round(agreement=self.agreement, by=self.user)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return back_to(self.agreement, SECTION)
        messages.success(request, f"{round_}を始めました。")
        return redirect(round_)


class RoundView(PartView):
    """A page of one round that the person may write."""

    template_name: str

    def internal_parts(self) -> QuerySet[ExpectationRound]:
        return ExpectationRound.objects.internal_to(self.request.user)

    def show(self, form: Any, status: int = 200, **context: Any) -> HttpResponse:
        context = {
            "agreement": self.part.agreement,
            "round": self.part,
            "form": form,
            "version": self.part.version,
            **context,
        }
        return TemplateResponse(self.request, self.template_name, context, status=status)


class WorksheetAnswersView(RoundView):
    """The city's side of every row: saved as a draft, or handed in."""

    template_name = "agreements/worksheet_answers.html"

    def form(self, data: Any = None) -> AnswersForm:
        return AnswersForm(data, sheet=read_sheet(self.part, viewer=Side.OWN), side=Side.OWN)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, version=form.version)
        try:
            round_ = save_answers(round_=self.part, answers=form.values(), by=self.user, version=form.version)
        except ChangedMeanwhile:
            stored = read_sheet(self.part, viewer=Side.OWN)
            return self.show(form, status=409, conflict_rows=form.conflict_rows(stored))
        except NotAllowed as refusal:
            return self.show(form, status=409, refusal=str(refusal))
        if "submit" not in request.POST:
            messages.success(request, "自治体側の期待を保存しました。")
            # Without JavaScript nobody has seen them yet.
            for hint in answer_hints(request):
                messages.info(request, f"診断のヒント：{hint.about}　{hint.message}")
            return redirect(self.part)
        try:
            submit_answers(round_=round_, by=self.user, version=round_.version, now=timezone.now())
        except NotAllowed as refusal:
            self.part.refresh_from_db()
            return self.show(form, status=409, refusal=f"保存しましたが、提出できません。{refusal}")
        url = reverse("agreements:worksheet-take-back", args=[self.part.pk])
        offer_undo(request, "自治体側の期待を提出しました。", url)
        return redirect(self.part)

    def show(self, form: Any, status: int = 200, **context: Any) -> HttpResponse:
        page_title = "自治体側の期待"
        closed = self.part.is_cancelled or (self.part.is_filling and self.part.own_submitted_at is not None)
        hints = answer_hints(self.request) if self.request.method == "POST" else []
        return super().show(form, status, page_title=page_title, closed=closed, hints=hints, **context)


class RoundStepView(PartStepView):
    """One step of a round by POST, with the `version` the person saw; back to its page."""

    def internal_parts(self) -> QuerySet[ExpectationRound]:
        return ExpectationRound.objects.internal_to(self.request.user)

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        try:
            # A step back from the undo bar has no page behind it that could be outdated.
            version = seen_version(request.POST) if "version" in request.POST else self.default_version()
            self.act(self.part, version)
        except ChangedMeanwhile:
            messages.error(request, CHANGED)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        return redirect(self.part)

    def default_version(self) -> int:
        return 0

    def act(self, round_: ExpectationRound, version: int) -> None:
        raise NotImplementedError

    def done(self, message: str) -> None:
        messages.success(self.request, message)


class WorksheetTakeBackView(RoundStepView):
    def default_version(self) -> int:
        return self.part.version

    def act(self, round_: ExpectationRound, version: int) -> None:
        take_back_answers(round_=round_, by=self.user, version=version)
        self.done("提出を取り消しました。直して、もう一度提出できます。")


class WorksheetItemsView(RoundStepView):
    def act(self, round_: ExpectationRound, version: int) -> None:
        take_in_items(round_=round_, by=self.user, version=version)
        self.done("連携事項の変更を取り込みました。")


class WorksheetResumeView(RoundStepView):
    def default_version(self) -> int:
        return self.part.version

    def act(self, round_: ExpectationRound, version: int) -> None:
        resume_round(round_=round_, by=self.user, version=version)
        self.done(f"{round_}を元に戻しました。")


class WorksheetOpenView(RoundView):
    """Looks at what is there once more: an opening cannot be taken back."""

    template_name = "agreements/worksheet_open.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.ask()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = seen_version(request.POST)
        try:
            open_round(round_=self.part, by=self.user, version=version, now=timezone.now())
        except ChangedMeanwhile:
            return self.ask(409, refusal=CHANGED)
        except NotAllowed as refusal:
            return self.ask(409, refusal=str(refusal))
        message = "双方の回答を開示しました。届いている回答を確かめて、取り込んでください。"
        messages.success(request, message)
        return redirect(self.part)

    def ask(self, status: int = 200, **context: Any) -> HttpResponse:
        worksheet = at_hand(self.part, timezone.localdate(), may_edit=False)
        blockers = opening_blockers(self.part)
        return self.show(
            None, status, page_title="双方の回答の開示", worksheet=worksheet, blockers=blockers, **context
        )


class WorksheetCancelView(RoundView):
    template_name = "agreements/worksheet_cancel.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(ReasonForm(), page_title="すり合わせの取りやめ")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ReasonForm(request.POST)
        if form.is_valid():
            try:
                cancel_round(
                    round_=self.part,
                    by=self.user,
                    version=seen_version(request.POST),
                    reason=form.cleaned_data["reason"],
                    now=timezone.now(),
                )
            except ChangedMeanwhile:
                form.add_error(None, CHANGED)
            except NotAllowed as refusal:
                form.add_blockers(refusal.blockers)
            else:
                url = reverse("agreements:worksheet-resume", args=[self.part.pk])
                offer_undo(request, f"{self.part}を取りやめました。", url)
                return redirect(self.part)
        status = 409 if form.non_field_errors() else 200
        return self.show(form, status, page_title="すり合わせの取りやめ")


class WorksheetRowView(PartView):
    """Both sides' answers of one row above what they settle."""

    part: ExpectationRow
    path = "round__agreement"

    def internal_parts(self) -> QuerySet[ExpectationRow]:
        rounds = ExpectationRound.objects.internal_to(self.request.user)
        return ExpectationRow.objects.filter(round__in=rounds, round__opened_at__isnull=False)

    def form(self, data: Any = None) -> WordingForm:
        instance = ExpectationRow.objects.get(pk=self.part.pk)
        return WordingForm(data, instance=instance, today=timezone.localdate())

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.form(), self.part.round.version)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form, version = self.form(request.POST), seen_version(request.POST)
        round_ = self.part.round
        if not form.is_valid():
            return self.show(form, version)
        try:
            propose_wording(round_=round_, rows={self.part.pk: form.values()}, by=self.user, version=version)
        except ChangedMeanwhile:
            rows = form.conflict_rows(self.part)
            return self.show(form, round_.version, status=409, conflict_rows=rows)
        except NotAllowed as refusal:
            return self.show(form, version, status=409, refusal=str(refusal))
        for notice in form.notices():
            messages.warning(request, notice)
        messages.success(request, f"{self.part.label}の合意内容を保存しました。")
        return redirect(f"{round_.get_absolute_url()}#row-{self.part.pk}")

    def sheet_row(self) -> SheetRow:
        sheet = read_sheet(self.part.round, viewer=Side.OWN, today=timezone.localdate())
        return next(row for row in sheet.rows if row.row.pk == self.part.pk)

    def show(self, form: WordingForm, version: int, status: int = 200, **context: Any) -> HttpResponse:
        row = self.sheet_row()
        context = {
            "page_title": f"{self.part.label}の合意内容",
            "agreement": self.part.agreement,
            "round": self.part.round,
            "row": row,
            "form": form,
            "version": version,
            "hints": wording_hints(row, form, self.part.agreement.municipality_id) if form.is_bound else [],
            **context,
        }
        return TemplateResponse(self.request, "agreements/worksheet_row.html", context, status=status)


class WorksheetRowHintsView(WorksheetRowView):
    """POST the form of a row as typed -> the hints about it. Nothing is saved."""

    http_method_names = ["post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return self.http_method_not_allowed(request)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(request.POST)
        return hints_answer(
            request, wording_hints(self.sheet_row(), form, self.part.agreement.municipality_id)
        )


class SideMixin:
    """The side in the address: `own` or `partner`."""

    kwargs: dict[str, Any]

    @property
    def side(self) -> Side:
        if self.kwargs["side"] not in Side.values:
            raise Http404
        return Side(self.kwargs["side"])


class WorksheetConfirmView(SideMixin, RoundView):
    template_name = "agreements/worksheet_confirm.html"

    def form(self, data: Any = None) -> ConfirmForm:
        initial = {"name": self.user.name, "title": str(self.user.department or "")}
        return ConfirmForm(
            data,
            sheet=read_sheet(self.part, viewer=Side.OWN),
            side=self.side,
            agreement=self.part.agreement,
            today=timezone.localdate(),
            initial=initial if self.side == Side.OWN else {},
        )

    def get(self, request: HttpRequest, pk: int, side: str) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: int, side: str) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            made = confirm_rows(
                round_=self.part,
                side=self.side,
                rows=form.cleaned_data["rows"],
                confirmer=form.confirmer(),
                by=self.user,
                version=seen_version(request.POST),
                now=timezone.now(),
                today=timezone.localdate(),
            )
        except ChangedMeanwhile:
            form.add_error(None, CHANGED)
            return self.show(form, 409)
        except NotAllowed as refusal:
            form.add_blockers(refusal.blockers)
            return self.show(form, 409)
        url = reverse("agreements:worksheet-confirm-withdraw", args=[self.part.pk, self.side.value])
        offer_undo(request, f"{self.side.label}の確認を{len(made)}件記録しました。", url)
        return redirect(self.part)

    def show(self, form: Any, status: int = 200, **context: Any) -> HttpResponse:
        if self.part.is_blind or self.part.is_cancelled:
            raise PermissionDenied
        return super().show(form, status, page_title=f"{self.side.label}の確認", side=self.side, **context)


class WorksheetConfirmWithdrawView(SideMixin, RoundStepView):
    """Of the rows posted, or of all that this side has confirmed."""

    def default_version(self) -> int:
        return self.part.version

    def act(self, round_: ExpectationRound, version: int) -> None:
        all_rows = list(round_.rows.values_list("pk", flat=True))  # type: ignore[attr-defined]
        chosen = {
            int(each) for each in self.request.POST.getlist("rows") if each.isascii() and each.isdigit()
        }
        count = withdraw_confirmations(
            round_=round_,
            side=self.side,
            rows=chosen or all_rows,
            by=self.user,
            version=version,
            now=timezone.now(),
        )
        self.done(f"{self.side.label}の確認を{count}件取り消しました。取り消した記録は残ります。")
