"""Forms of 機構改革 and 担当者の見直し."""

from datetime import date
from typing import Any

from django import forms

from municipalities.form_fields import WarekiDateField
from municipalities.models import Department, Municipality, StaffMember


class ReorganisationForm(forms.Form):
    predecessor = forms.ModelChoiceField(
        label="廃止する課", queryset=Department.objects.none(), empty_label="（選んでください）"
    )
    successor = forms.ModelChoiceField(
        label="引き継ぐ課",
        queryset=Department.objects.none(),
        empty_label="（選んでください）",
        help_text="新しい課に引き継ぐときは、先に「課を登録」で登録してください。",
    )
    on = WarekiDateField(label="統合・廃止の日", help_text="この日から新しい課になります。例：令和9年4月1日")

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = Department.objects.filter(municipality=municipality, valid_to=None)
        for name in ("predecessor", "successor"):
            self.fields[name].queryset = present  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        old, new = cleaned.get("predecessor"), cleaned.get("successor")
        if old and old == new:
            self.add_error("successor", "廃止する課とは別の課を選んでください。")
        return cleaned


class ReassignForm(forms.Form):
    department = forms.ModelChoiceField(
        label="新しい課", queryset=Department.objects.none(), required=False, empty_label="（変えない）"
    )
    person = forms.ModelChoiceField(
        label="新しい担当者", queryset=StaffMember.objects.none(), required=False, empty_label="（変えない）"
    )
    agreements = forms.TypedMultipleChoiceField(coerce=int, required=False)
    actions = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(
        self,
        *args: Any,
        municipality: Municipality,
        today: date,
        agreements: list[int],
        actions: list[int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        departments = Department.objects.filter(municipality=municipality).valid(today)
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        self.fields["person"].queryset = StaffMember.objects.filter(  # type: ignore[attr-defined]
            municipality=municipality, is_active=True
        )
        self.fields["agreements"].choices = [(pk, pk) for pk in agreements]  # type: ignore[attr-defined]
        self.fields["actions"].choices = [(pk, pk) for pk in actions]  # type: ignore[attr-defined]
        message = "選んだ行は、もう一覧にありません。画面を開き直してください。"
        for name in ("agreements", "actions"):
            self.fields[name].error_messages["invalid_choice"] = message

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            if not cleaned.get("department") and not cleaned.get("person"):
                self.add_error("department", "新しい課か担当者を選んでください。")
            if not cleaned.get("agreements") and not cleaned.get("actions"):
                self.add_error(None, "引き継ぐ協定か取組を選んでください。")
        return cleaned
