"""異動引継ぎシート: choose a person or a 課, look at what is handed over, print it."""

from typing import Any

from django import forms
from django.contrib.auth.mixins import UserPassesTestMixin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views import View

from agreements.printing.handover import print_handover, read_handover
from municipalities import access, audit
from municipalities.choices import AuditKind
from municipalities.models import Department, StaffMember
from municipalities.widgets import PlainSelect

from .pdf_answer import printed_answer


class HandoverForm(forms.Form):
    """Whose work: one person or one 課 of the own municipality."""

    person = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="担当者",
        required=False,
        empty_label="（選ばない）",
        widget=PlainSelect,
        error_messages={"invalid_choice": "指定された職員が見つかりません。選び直してください。"},
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label="課",
        required=False,
        empty_label="（選ばない）",
        widget=PlainSelect,
        error_messages={"invalid_choice": "指定された課が見つかりません。選び直してください。"},
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = access.own_municipality(user)
        people: Any = self.fields["person"]
        people.queryset = StaffMember.objects.filter(own).order_by("name", "pk")
        sections: Any = self.fields["department"]
        sections.queryset = Department.objects.filter(own)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("person") and cleaned.get("department"):
            self.add_error("department", "担当者と課は、どちらか一方を選んでください。")
        return cleaned

    @property
    def owner(self) -> StaffMember | Department | None:
        return self.cleaned_data.get("person") or self.cleaned_data.get("department")


class HandoverView(UserPassesTestMixin, View):
    """`?person=` or `?department=`; with `print` as PDF. Everyone of the municipality may hand over."""

    http_method_names = ["get", "head", "options"]
    raise_exception = True

    def test_func(self) -> bool:
        return access.is_staff_of_a_municipality(self.request.user)

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        today = timezone.localdate()
        form = HandoverForm(request.GET or {"person": user.pk}, user=user)
        owner = form.owner if form.is_valid() else None
        handover = read_handover(owner, user=user, today=today) if owner else None
        if handover and "print" in request.GET:
            audit.record(AuditKind.PRINT, request=request, target=owner, 書式="異動引継ぎシート")
            return printed_answer(
                request,
                lambda: print_handover(handover, user=user, municipality=user.municipality.name, today=today),
                f"異動引継ぎシート_{owner}.pdf",
            )
        context = {
            "page_title": "異動引継ぎ",
            "form": form,
            "handover": handover,
            "today": today,
            "print_query": f"department={owner.pk}"
            if isinstance(owner, Department)
            else f"person={owner.pk}"
            if owner
            else "",
        }
        return TemplateResponse(request, "agreements/handover.html", context)
