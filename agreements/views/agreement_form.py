"""Register an agreement, change it, and what the form asks while it is filled in."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views import View

from agreements.actions.register import ChangedMeanwhile, change_agreement, register_agreement
from agreements.domain.category_hints import suggested_categories
from agreements.domain.items import split_numbered
from agreements.forms.conflict import conflict_of
from agreements.forms.diagnosis_hints import Hint, hints_for
from agreements.forms.party_forms import whereabouts
from agreements.forms.party_lookup import key_of, suggestions
from agreements.forms.plan_forms import PlanLinkForm
from agreements.forms.registration import RegistrationForm, with_pasted_items, with_stored_values
from agreements.forms.term_suggestions import (
    APPLY,
    SUGGEST,
    suggestions_for,
    typed_date,
    with_suggested_terms,
)
from agreements.models import Agreement, Company, DiagnosisSettings
from municipalities import access
from municipalities.models import PlanItem

MAX_PASTED = 20_000
MAX_QUERY = 100
SUGGESTED = 20
SECTIONS = [
    {"id": "basic", "label": "基本"},
    {"id": "parties", "label": "当事者"},
    {"id": "term", "label": "期間と更新"},
    {"id": "items", "label": "連携事項"},
    {"id": "actions", "label": "取組"},
    {"id": "charge", "label": "担当・文書"},
]


class RegistrationView(View):
    """What registering and changing share: show, show again with one more row, check, save."""

    page_title: str
    success_message: str

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.registration())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "add_row" in request.POST or "split" in request.POST:
            typed = self.registration(with_pasted_items(request.POST, suggest=True))
            return self.show(typed.shown_again(add_row=request.POST.get("add_row", "")))
        if SUGGEST in request.POST or APPLY in request.POST:
            data = with_suggested_terms(request.POST, request.POST.get(APPLY, ""))
            return self.show(self.registration(data).shown_again(), **term_suggestions(request.POST))
        registration = self.registration(self.posted())
        if not self.is_valid(registration):
            return self.show(registration)
        try:
            agreement = self.save(registration)
        except IntegrityError:
            # Somebody was quicker with the same number: checking again finds it. Anything else is a fault.
            registration = self.registration(self.posted())
            if registration.is_valid():
                raise
            return self.show(registration)
        messages.success(request, self.success_message)
        for notice in registration.notices():
            messages.warning(request, notice)
        return redirect(agreement)

    def is_valid(self, registration: RegistrationForm) -> bool:
        return registration.is_valid()

    def posted(self) -> QueryDict:
        return self.request.POST

    def registration(self, data: QueryDict | None = None) -> RegistrationForm:
        return RegistrationForm(
            agreement=self.get_agreement(), user=self.request.user, today=timezone.localdate(), data=data
        )

    def get_agreement(self) -> Agreement:
        """The agreement as stored, or a new one of the own municipality. Raises what keeps the user out."""
        raise NotImplementedError

    def save(self, registration: RegistrationForm) -> Agreement:
        raise NotImplementedError

    def show(self, registration: RegistrationForm, status: int = 200, **context: Any) -> HttpResponse:
        context = {
            "page_title": self.page_title,
            "registration": registration,
            "form": registration,
            "sections": SECTIONS,
            "is_typed": self.request.method == "POST",
            "hints": form_hints(self.request) if self.request.method == "POST" else [],
            **context,
        }
        return TemplateResponse(self.request, "agreements/agreement_form.html", context, status=status)


def form_hints(request: HttpRequest) -> list[Hint]:
    """What the 診断 would say of the registration form as typed."""
    settings = DiagnosisSettings.objects.of(getattr(request.user, "municipality_id", None))
    return hints_for(request.POST, today=timezone.localdate(), settings=settings)


class DiagnosisHintsView(View):
    """POST the registration form as typed -> the hints about it. Nothing is saved."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        return TemplateResponse(request, "agreements/_diagnosis_hints.html", {"hints": form_hints(request)})


class AgreementCreateView(RegistrationView):
    page_title = "協定の登録"
    success_message = "登録しました。"

    def get_agreement(self) -> Agreement:
        user: Any = self.request.user
        if not access.may_register(user):
            raise PermissionDenied
        return Agreement(municipality=user.municipality)

    def is_valid(self, registration: RegistrationForm) -> bool:
        return registration.is_valid() & self.plan_form(registration).is_valid()

    def plan_form(self, registration: RegistrationForm) -> PlanLinkForm:
        """The 施策 of the whole agreement, if one is chosen already."""
        data = self.request.POST if self.request.method == "POST" else None
        return PlanLinkForm(data, agreement=registration.instance, is_required=False)

    def save(self, registration: RegistrationForm) -> Agreement:
        chosen = self.plan_form(registration)
        return register_agreement(
            municipality=registration.own,
            draft=registration.to_draft(),
            by=registration.user,
            today=registration.today,
            plan_item=chosen.cleaned_data.get("plan_item") if chosen.is_valid() else None,
        )

    def show(self, registration: RegistrationForm, status: int = 200, **context: Any) -> HttpResponse:
        own = registration.own
        if PlanItem.objects.choosable(own).exists():  # type: ignore[attr-defined]
            context["plan_form"] = self.plan_form(registration)
        return super().show(registration, status, **context)


class AgreementUpdateView(RegistrationView):
    """Edit with optimistic locking: who saves second is shown both versions and decides."""

    page_title = "協定の編集"
    success_message = "保存しました。"

    def get_agreement(self) -> Agreement:
        visible = Agreement.objects.visible_to(self.request.user).select_related("municipality", "parent")
        agreement = get_object_or_404(visible, pk=self.kwargs["pk"])
        if not access.may_edit(self.request.user, agreement):
            raise PermissionDenied
        return agreement

    def opened_version(self) -> int:
        """The version the form was opened with; 0, which is never stored, when the post does not say."""
        text = self.request.POST.get("version", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0

    def posted(self) -> QueryDict:
        """The posted data, with the stored values where the user chose them after a conflict."""
        data = self.request.POST
        taken = data.getlist("take")
        start = self.registration() if taken else None
        if start and start.instance.version == self.opened_version():
            return with_stored_values(data, start, taken)
        return data

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except ChangedMeanwhile:
            mine = self.registration(self.posted())
            if not mine.is_valid():
                return self.show(mine)
            conflict = conflict_of(mine, self.opened_version())
            return self.show(mine, status=409, conflict=conflict, version=mine.instance.version)

    def save(self, registration: RegistrationForm) -> Agreement:
        return change_agreement(
            agreement=registration.instance,
            version=self.opened_version(),
            draft=registration.to_draft(),
            today=registration.today,
            reason=registration.reason.cleaned_data["change_reason"],
        )

    def show(self, registration: RegistrationForm, status: int = 200, **context: Any) -> HttpResponse:
        agreement = registration.instance
        opened = self.opened_version() if self.request.method == "POST" else agreement.version
        context = {"agreement": agreement, "version": opened, **context}
        return super().show(registration, status, **context)


class SplitItemsView(View):
    """POST `text`, a numbered list -> {"items": [{"text": …, "suggested": "03,04"}]}.

    The texts are verbatim, without their numbers; `suggested` are codes of 分野.
    """

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> JsonResponse:
        text = request.POST.get("text", "")
        if len(text) > MAX_PASTED:
            return JsonResponse({"error": f"一度に貼り付けられるのは{MAX_PASTED}文字までです。"}, status=400)
        items = [
            {"text": item, "suggested": ",".join(suggested_categories(item))} for item in split_numbered(text)
        ]
        return JsonResponse({"items": items})


def term_suggestions(data: QueryDict) -> dict[str, Any]:
    """Context of `_term_suggestions.html` for what is typed into the form."""
    return {
        "asks_for_terms": True,
        "term_suggestions": suggestions_for(data),
        "lacks_signed_on": typed_date(data.get("signed_on", "")) is None,
    }


class TermSuggestionsView(View):
    """POST `renewal_text` and `signed_on` as typed -> what the wording seems to say, for the form."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        if len(request.POST.get("renewal_text", "")) > MAX_PASTED:
            return HttpResponse(f"一度に読み取れるのは{MAX_PASTED}文字までです。", status=400)
        return TemplateResponse(request, "agreements/_term_suggestions.html", term_suggestions(request.POST))


class PartySuggestView(View):
    """GET `q` -> companies and open municipalities for the field 当事者名. They are no secret of anyone."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> JsonResponse:
        found = suggestions(request.GET.get("q", "").replace("\x00", "")[:MAX_QUERY], SUGGESTED + 1)
        results = [
            {
                "id": key_of(body),
                "label": body.name,
                "sublabel": whereabouts(body),
                "group": "企業・団体" if isinstance(body, Company) else "自治体",
            }
            for body in found[:SUGGESTED]
        ]
        return JsonResponse({"results": results, "more": len(found) > SUGGESTED})
