"""Moving an agreement on: one page for each move, the same checks for those who post without it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views import View

from agreements.actions.register import ChangedMeanwhile
from agreements.actions.transition import NotAllowed
from agreements.actions.undo import last_undoable
from agreements.choices import ApprovalDecision
from agreements.domain import procedure
from agreements.domain.lifecycle import Blocker, State
from agreements.forms.move_forms import FORMS, ApproveForm, MoveForm, UndoForm, WithdrawApprovalForm
from agreements.models import Agreement
from municipalities import access

from .procedure import procedure_facts, shown_blockers, standing_blockers


class StepView(View):
    """Shows the form of one step, makes the step, or says in Japanese why not (409).

    Who acts second is told so, with what was typed kept; a step that is still possible can be tried again.
    """

    template_name = "agreements/agreement_move.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.today = timezone.localdate()
        internal = Agreement.objects.internal_to(request.user).select_related("municipality", "department")
        self.agreement = get_object_or_404(internal, pk=kwargs["pk"])
        if not self.may_act():
            # Who might act when the page was opened is told what happened, not that the right is missing.
            if self.is_outdated(request.POST.get("version", "")) and access.may_edit(
                request.user, self.agreement
            ):
                return self.show_meanwhile()
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    # -- What differs between the steps -----------------------------------------------------------------
    def may_act(self) -> bool:
        return access.may_decide(self.request.user, self.agreement)

    def form_class(self) -> type[MoveForm] | None:
        """The form of the step; None when the step does not lead on from the present state."""
        raise NotImplementedError

    def blockers(self) -> list[Blocker]:
        """What forbids the step whatever is typed."""
        return []

    def cautions(self) -> list[str]:
        return []

    # -- What is the same ---------------------------------------------------------------------------
    def form(self, data: Any = None) -> MoveForm | None:
        form_class = self.form_class()
        if form_class is None:
            return None
        return form_class(data, agreement=self.agreement, user=self.request.user, today=self.today)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form(), self.blockers())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.is_outdated(request.POST.get("version", "")):
            return self.show_meanwhile()
        form = self.form(request.POST)
        if form is None:
            return self.show(None, self.blockers(), status=409)
        if not form.is_valid():
            return self.show(form, self.blockers())
        try:
            made = form.make()
        except ChangedMeanwhile:
            return self.show_meanwhile()
        except NotAllowed as refusal:
            left = [blocker for blocker in refusal.blockers if not form.add_blocker(blocker)]
            return self.show(form, left, status=409)
        messages.success(request, form.done)
        for notice in form.notices():
            messages.warning(request, notice)
        return redirect(self.next_page(made))

    def next_page(self, made: Any) -> Any:
        """Where to go after the step, given what its verb returned."""
        return self.agreement

    def is_outdated(self, posted_version: str) -> bool:
        """Whether the post comes from a page that showed an older version."""
        return posted_version.isdecimal() and posted_version != str(self.agreement.version)

    def show_meanwhile(self) -> HttpResponse:
        """Somebody was quicker. What was typed stays, on top of what holds now."""
        self.agreement = Agreement.objects.select_related("municipality", "department").get(
            pk=self.agreement.pk
        )
        form = self.form(self._posted_anew()) if self.may_act() else None
        last = self.agreement.history.select_related("history_user").first()  # type: ignore[attr-defined]
        return self.show(form, self.blockers(), status=409, meanwhile=last or True)

    def _posted_anew(self) -> Any:
        data = self.request.POST.copy()
        data["version"] = str(self.agreement.version)
        return data

    def show(
        self, form: MoveForm | None, blockers: list[Blocker], status: int = 200, **context: Any
    ) -> HttpResponse:
        context = {
            "page_title": form.label if form else "この手続きには進めません",
            "agreement": self.agreement,
            "form": form,
            "blockers": shown_blockers(self.agreement, blockers),
            "cautions": self.cautions() if form else [],
            "is_typed": self.request.method == "POST",
            **context,
        }
        return TemplateResponse(self.request, self.template_name, context, status=status)


class AgreementMoveView(StepView):
    """A move of the life cycle: `/agreements/5/move/ended/`."""

    @property
    def target(self) -> State:
        try:
            return State(self.kwargs["target"])
        except ValueError:
            raise Http404 from None

    @property
    def state(self) -> State:
        return State(self.agreement.state)

    def may_act(self) -> bool:
        return access.may_move(self.request.user, self.agreement)

    def form_class(self) -> type[MoveForm] | None:
        return FORMS.get((self.state, self.target))

    def blockers(self) -> list[Blocker]:
        return standing_blockers(self.agreement, self.target, self.agreement.facts())

    def cautions(self) -> list[str]:
        opinions = list(self.agreement.opinions.select_related("department"))
        return procedure.cautions(procedure_facts(self.agreement, opinions), self.state, self.target)


class AgreementApproveView(StepView):
    def form_class(self) -> type[MoveForm] | None:
        waits = self.agreement.approvals.filter(decision=ApprovalDecision.PENDING).exists()
        return ApproveForm if waits and self.agreement.state == State.APPROVING else None

    def blockers(self) -> list[Blocker]:
        if self.form_class():
            return []
        return [Blocker("nothing_to_approve", "決裁を待っている協定ではありません。", "state")]


class AgreementApprovalWithdrawView(StepView):
    def form_class(self) -> type[MoveForm] | None:
        stands = self.agreement.approvals.filter(decision=ApprovalDecision.APPROVED).exists()
        return WithdrawApprovalForm if stands and self.agreement.state == State.APPROVING else None

    def blockers(self) -> list[Blocker]:
        if self.form_class():
            return []
        return [Blocker("nothing_to_withdraw", "取り消せる承認がありません。", "state")]


class AgreementUndoView(StepView):
    def form_class(self) -> type[MoveForm] | None:
        return UndoForm if last_undoable(self.agreement) else None

    def form(self, data: Any = None) -> MoveForm | None:
        form = super().form(data)
        if isinstance(form, UndoForm):
            form.last = last_undoable(self.agreement)
        return form

    def blockers(self) -> list[Blocker]:
        if self.form_class():
            return []
        return [Blocker("nothing_to_undo", "取り消せる手続きがありません。", "state")]
