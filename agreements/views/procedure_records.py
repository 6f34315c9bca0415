"""What is written down along the way: 提案票, 庁内意見, 締結式."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View

from agreements.actions.opinions import answer_opinion, ask_opinions, restore_opinion, withdraw_opinion
from agreements.actions.proposals import receive_proposal
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.signing import CEREMONY_STATES, cancel_ceremony, record_ceremony, restore_ceremony
from agreements.actions.transition import NotAllowed
from agreements.forms.procedure_forms import AnswerOpinionForm, AskOpinionsForm, CeremonyForm, ProposalForm
from agreements.models import Agreement, DepartmentOpinion, SigningCeremony
from agreements.models.department_opinion import ASKING_STATES
from municipalities import access

from .undo import offer_undo

_CHANGED = (
    "この画面を開いた後に、ほかの人が保存しました。あなたの入力はまだ保存されていません。"
    "下に示す現在の内容を確かめて、必要ならもう一度保存してください。"
)


class RecordView(View):
    """The form of one record of an agreement that the person may write; back to its page afterwards.

    When somebody saved meanwhile, what was typed is shown again beside what is stored now (409).
    """

    page_title: str
    template_name = "agreements/procedure_record_form.html"
    lead = ""
    states: frozenset[str] = frozenset(ASKING_STATES)
    too_late = "決裁に回った後は変更できません。"
    success_message: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.today = timezone.localdate()
        self.user: Any = request.user
        self.load(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def load(self, pk: int) -> None:
        """Find the agreement; raises what keeps the person out."""
        internal = Agreement.objects.internal_to(self.request.user).select_related(
            "municipality", "department"
        )
        self.agreement = get_object_or_404(internal, pk=pk)
        if not access.may_edit(self.request.user, self.agreement):
            raise PermissionDenied

    def form(self, data: Any = None) -> Any:
        raise NotImplementedError

    def save(self, form: Any) -> None:
        raise NotImplementedError

    def stored(self) -> list[tuple[str, str]]:
        """What is stored now, as label and words: shown when somebody was quicker."""
        return []

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            self.save(form)
        except ChangedMeanwhile:
            again = request.POST.copy()
            again["seen"] = self.form().initial["seen"]
            return self.show(self.form(again), status=409, changed=_CHANGED, stored=self.stored())
        except NotAllowed as refusal:
            for blocker in refusal.blockers:
                form.add_blocker(blocker)
            return self.show(form, status=409)
        messages.success(request, self.success_message)
        if hasattr(form, "notices"):
            for notice in form.notices():
                messages.warning(request, notice)
        return redirect(f"{self.agreement.get_absolute_url()}#procedure")

    def show(self, form: Any, status: int = 200, **context: Any) -> HttpResponse:
        context = {
            "page_title": self.page_title,
            "lead": self.lead,
            "agreement": self.agreement,
            "form": form,
            "is_typed": self.request.method == "POST",
            "closed": "" if self.agreement.state in self.states else self.too_late,
            **context,
        }
        return TemplateResponse(self.request, self.template_name, context, status=status)


class ProposalView(RecordView):
    page_title = "提案票"
    lead = "だれから、いつ、どのような提案があったかを記録し、受付の基準に照らして確かめます。"
    template_name = "agreements/proposal_form.html"
    success_message = "提案票を保存しました。"

    def form(self, data: Any = None) -> ProposalForm:
        return ProposalForm(data, agreement=self.agreement, user=self.request.user, today=self.today)

    def save(self, form: ProposalForm) -> None:
        receive_proposal(
            agreement=self.agreement, values=form.values(), answers=form.answers(), seen=form.seen_at
        )

    def stored(self) -> list[tuple[str, str]]:
        now = self.form()
        proposal = now.instance
        answers = [
            (each.question, f"{each.get_result_display()}　{each.note}") for each in proposal.answers.all()
        ]
        return [
            ("提案者", proposal.proposer),
            ("受付者", str(proposal.received_by or "")),
            ("提案の内容", proposal.summary),
            *answers,
        ]


class AskOpinionsView(RecordView):
    page_title = "庁内意見の照会"
    lead = (
        "関係する課に、協定についての意見を聞きます。照会した課の「今日の仕事」に回答期限とともに並びます。"
    )
    template_name = "agreements/opinion_ask_form.html"
    success_message = "意見を照会しました。"

    def form(self, data: Any = None) -> AskOpinionsForm:
        return AskOpinionsForm(data, agreement=self.agreement, today=self.today)

    def save(self, form: AskOpinionsForm) -> None:
        ask_opinions(agreement=self.agreement, asked_on=self.today, by=self.user, **form.cleaned_data)


class AnswerOpinionView(RecordView):
    """Open to everyone of the asked 課, whatever their role."""

    page_title = "庁内意見の回答"
    template_name = "agreements/opinion_answer_form.html"
    too_late = "決裁に回った後は回答できません。"
    success_message = "意見を回答しました。"

    def load(self, pk: int) -> None:
        user = self.request.user
        internal = DepartmentOpinion.objects.internal_to(user).select_related(
            "agreement__municipality", "department", "asked_by", "answered_by"
        )
        self.opinion = get_object_or_404(internal, pk=pk)
        self.agreement = self.opinion.agreement
        asked = DepartmentOpinion.objects.filter(access.answerable_opinions(user), pk=pk)
        if not asked.exists():
            raise PermissionDenied

    def form(self, data: Any = None) -> AnswerOpinionForm:
        return AnswerOpinionForm(data, opinion=DepartmentOpinion.objects.get(pk=self.opinion.pk))

    def save(self, form: AnswerOpinionForm) -> None:
        answer_opinion(
            opinion=self.opinion,
            answer=form.cleaned_data["answer"],
            text=form.cleaned_data["text"],
            by=self.user,
            now=timezone.now(),
            seen=form.seen_at,
        )

    def stored(self) -> list[tuple[str, str]]:
        now = DepartmentOpinion.objects.select_related("answered_by").get(pk=self.opinion.pk)
        if now.is_withdrawn:
            return [("照会", "取り下げられました。回答は要りません。")]
        return [
            ("回答", now.get_answer_display()),
            ("意見", now.text),
            ("回答者", str(now.answered_by or "")),
        ]

    def show(self, form: Any, status: int = 200, **context: Any) -> HttpResponse:
        parts = {
            "opinion": self.opinion,
            "parties": self.agreement.parties.select_related("municipality", "company"),
            "items": self.agreement.cooperation_fields.all(),
        }
        return super().show(form, status, **parts, **context)


class CeremonyView(RecordView):
    page_title = "締結式"
    lead = "締結式の予定や、行った締結式の記録です。"
    states = frozenset(CEREMONY_STATES)
    too_late = "相手方協議より前、または見送りの協定には、締結式を記録できません。"
    success_message = "締結式を保存しました。"

    def form(self, data: Any = None) -> CeremonyForm:
        return CeremonyForm(data, agreement=self.agreement)

    def save(self, form: CeremonyForm) -> None:
        record_ceremony(agreement=self.agreement, values=form.values(), seen=form.seen_at)

    def stored(self) -> list[tuple[str, str]]:
        now = self.form().instance
        names = ("place", "own_attendees", "partner_attendees", "note")
        return [(str(now._meta.get_field(name).verbose_name), getattr(now, name)) for name in names]


class OpinionStepView(View):
    """One step with a question to a 課, by POST, back to the agreement."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        internal = DepartmentOpinion.objects.internal_to(request.user)
        opinion = get_object_or_404(internal.select_related("agreement__municipality", "department"), pk=pk)
        if not access.may_edit(request.user, opinion.agreement):
            raise PermissionDenied
        try:
            self.step(opinion)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        return redirect(f"{opinion.agreement.get_absolute_url()}#procedure")

    def step(self, opinion: DepartmentOpinion) -> None:
        raise NotImplementedError


class OpinionWithdrawView(OpinionStepView):
    def step(self, opinion: DepartmentOpinion) -> None:
        withdraw_opinion(opinion=opinion, now=timezone.now())
        url = reverse("agreements:opinion-restore", args=[opinion.pk])
        offer_undo(self.request, f"{opinion.department}への照会を取り下げました。", url)


class OpinionRestoreView(OpinionStepView):
    def step(self, opinion: DepartmentOpinion) -> None:
        restore_opinion(opinion=opinion)
        messages.success(self.request, f"{opinion.department}への照会を元に戻しました。")


class CeremonyStepView(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        internal = SigningCeremony.objects.internal_to(request.user)
        ceremony = get_object_or_404(internal.select_related("agreement"), agreement=pk)
        if not access.may_edit(request.user, ceremony.agreement):
            raise PermissionDenied
        self.step(ceremony)
        return redirect(f"{ceremony.agreement.get_absolute_url()}#procedure")

    def step(self, ceremony: SigningCeremony) -> None:
        raise NotImplementedError


class CeremonyCancelView(CeremonyStepView):
    def step(self, ceremony: SigningCeremony) -> None:
        cancel_ceremony(ceremony=ceremony, now=timezone.now())
        url = reverse("agreements:ceremony-restore", args=[ceremony.agreement_id])
        offer_undo(self.request, "締結式を取りやめにしました。", url)


class CeremonyRestoreView(CeremonyStepView):
    def step(self, ceremony: SigningCeremony) -> None:
        restore_ceremony(ceremony=ceremony)
        messages.success(self.request, "締結式を元に戻しました。")
