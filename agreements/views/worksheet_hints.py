"""Hints in the forms of すり合わせ while they are typed. Nothing is saved."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views import View

from agreements.forms.diagnosis_hints import Hint
from agreements.forms.worksheet_hints import answer_hints_for, wording_hints_for
from agreements.models import DiagnosisSettings
from agreements.models.expectation_sheet import SheetRow

_TEMPLATE = "agreements/_diagnosis_hints.html"


def answer_hints(request: HttpRequest) -> list[Hint]:
    """Of the own side's answers as typed; nothing of the other side is read."""
    settings = DiagnosisSettings.objects.of(getattr(request.user, "municipality_id", None))
    return answer_hints_for(request.POST, today=timezone.localdate(), settings=settings)


def wording_hints(row: SheetRow, form: Any, municipality_id: int) -> list[Hint]:
    """Of an opened row with what is typed into its form."""
    form.is_valid()  # puts what is valid into the instance, which nobody saves
    settings = DiagnosisSettings.objects.of(municipality_id)
    typed = replace(row, row=form.instance)
    return wording_hints_for(typed, today=timezone.localdate(), settings=settings)


def hints_answer(request: HttpRequest, hints: list[Hint]) -> HttpResponse:
    return TemplateResponse(request, _TEMPLATE, {"hints": hints})


class AnswerHintsView(View):
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        return hints_answer(request, answer_hints(request))
