"""Settings of the 診断 with a preview of what they would change; what has changed since last month."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from agreements.actions.diagnosis import change_settings
from agreements.choices import DiagnosisGrade
from agreements.domain import diagnosis as rules
from agreements.forms.diagnosis_forms import SettingsForm
from agreements.models import Agreement, DiagnosisMonth, DiagnosisResult, DiagnosisSettings
from agreements.models.diagnosis_settings import settings_from
from agreements.models.diagnosis_snapshot import read_snapshots
from agreements.models.search_document import batched
from municipalities import access
from municipalities.views.managers import OwnMunicipalityManagerMixin

from .undo import offer_undo, take_offer

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class GradeChange:
    """One agreement with two grades of it."""

    agreement: Agreement
    before: str
    after: str
    before_score: Decimal | float | None
    after_score: Decimal | float | None

    @property
    def before_label(self) -> str:
        return str(DiagnosisGrade(self.before).label)

    @property
    def after_label(self) -> str:
        return str(DiagnosisGrade(self.after).label)

    @property
    def difference(self) -> float:
        """Points gained; what was not graded on either side counts as nothing."""
        if self.before_score is None or self.after_score is None:
            return 0.0
        return round(float(self.after_score) - float(self.before_score), 1)


class DiagnosisSettingsView(OwnMunicipalityManagerMixin, View):
    """`preview` shows what the typed settings would do; without it they are saved."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(SettingsForm(settings=self._current()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SettingsForm(request.POST, settings=self._current())
        if not form.is_valid():
            return self._show(form)
        settings = form.cleaned_data["settings"]
        if "preview" in request.POST:
            return self._show(form, preview=preview(self.municipality, self._current(), settings))
        before = DiagnosisSettings.objects.filter(municipality=self.municipality).first()
        record = before.history.first() if before else None  # type: ignore[attr-defined]
        change_settings(municipality=self.municipality, settings=settings, today=timezone.localdate())
        undo_url = reverse("agreements:diagnosis-settings-undo", args=[record.pk if record else 0])
        offer_undo(request, "診断の設定を保存し、すべての協定を診断し直しました。", undo_url)
        return redirect("agreements:diagnosis-settings")

    def _current(self) -> rules.Settings:
        return DiagnosisSettings.objects.of(self.municipality.pk)

    def _show(self, form: SettingsForm, **context: Any) -> HttpResponse:
        return TemplateResponse(
            self.request,
            "agreements/diagnosis_settings.html",
            {
                "page_title": "診断の設定",
                "form": form,
                "is_standard": self._current() == rules.Settings(),
                "undo": take_offer(self.request),
                **context,
            },
        )


class DiagnosisSettingsUndoView(OwnMunicipalityManagerMixin, View):
    """Back to the settings of one record of the history; 0 stands for the method's own."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        settings = rules.Settings()
        if pk:
            past = DiagnosisSettings.history.filter(municipality=self.municipality.pk)  # type: ignore[attr-defined]
            settings = settings_from(get_object_or_404(past, pk=pk).changes)
        change_settings(municipality=self.municipality, settings=settings, today=timezone.localdate())
        messages.success(request, "診断の設定を元に戻しました。" if pk else "診断の設定を標準に戻しました。")
        return redirect("agreements:diagnosis-settings")


def preview(municipality: Any, current: rules.Settings, planned: rules.Settings) -> dict[str, Any]:
    """How many agreements have each grade now and by the planned settings, and which would change."""
    today = timezone.localdate()
    own = Agreement.objects.alive().filter(municipality=municipality).order_by("kana_key", "pk")
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    changes = []
    for chunk in batched(list(own.values_list("pk", flat=True)), 500):
        snapshots = read_snapshots(chunk, today)
        for agreement in own.filter(pk__in=chunk):
            old = rules.diagnose(snapshots[agreement.pk], today, current).overall
            new = rules.diagnose(snapshots[agreement.pk], today, planned).overall
            before[old.grade.value] += 1
            after[new.grade.value] += 1
            if (old.grade, old.score) != (new.grade, new.score):
                changes.append(GradeChange(agreement, old.grade.value, new.grade.value, old.score, new.score))
    changes.sort(key=lambda each: (each.before == each.after, each.difference))
    return {
        "rows": [(label, before[value], after[value]) for value, label in DiagnosisGrade.choices],
        "changes": changes[:_SHOWN],
        "change_count": len(changes),
        "regraded_count": sum(each.before != each.after for each in changes),
    }


class DiagnosisChangesView(TemplateView):
    """What has changed since the beginning of last month, the worst first."""

    template_name = "agreements/diagnosis_changes.html"
    extra_context = {"page_title": "診断の変化"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        base = self._base(timezone.localdate())
        changes = self._changes(base) if base else []
        return super().get_context_data(
            **kwargs,
            base=base,
            worse=[each for each in changes if each.difference < 0],
            better=[each for each in reversed(changes) if each.difference > 0],
        )

    def _months(self) -> Any:
        user = self.request.user
        return DiagnosisMonth.objects.internal_to(user).filter(access.own_municipality(user, "agreement__"))

    def _base(self, today: date) -> date | None:
        """The newest recorded month before this one, or this one when there is no other."""
        months = self._months().order_by("-month").values_list("month", flat=True)
        return months.filter(month__lt=today.replace(day=1)).first() or months.first()

    def _changes(self, base: date) -> list[GradeChange]:
        then = {each.agreement_id: each for each in self._months().filter(month=base)}
        now = DiagnosisResult.objects.internal_to(self.request.user).filter(agreement__in=then.keys())
        changes = [
            GradeChange(
                each.agreement,
                then[each.agreement_id].overall_grade,
                each.overall_grade,
                then[each.agreement_id].overall_score,
                each.overall_score,
            )
            for each in now.select_related("agreement")
        ]
        return sorted(changes, key=lambda each: (each.difference, each.agreement.kana_key))
