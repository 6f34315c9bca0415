"""仕切り直し: day, agenda, decisions, and what became of it."""

from datetime import date
from typing import Any

from django import forms

from agreements.choices import RestartOutcome
from agreements.models import Restart
from municipalities.form_fields import NoticesMixin, WarekiDateField

from .procedure_forms import SeenMixin

_FIELDS = ("meet_on", "agenda", "decisions", "outcome", "outcome_note", "closed_on")


class RestartForm(SeenMixin, NoticesMixin, forms.ModelForm):
    meet_on = WarekiDateField(label="話し合う日", required=False)
    closed_on = WarekiDateField(
        label="結果が出た日", required=False, help_text="結果を選んだら入力します。例：令和8年10月1日"
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Restart
        fields = _FIELDS
        widgets = {
            "agenda": forms.Textarea(attrs={"rows": 10}),
            "decisions": forms.Textarea(attrs={"rows": 6}),
            "outcome_note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, data: Any = None, *, instance: Restart, today: date) -> None:
        super().__init__(data, instance=instance, initial={"seen": instance.updated_at.isoformat()})
        self.today = today
        outcome: Any = self.fields["outcome"]
        outcome.choices = [("", "まだ出ていない"), *RestartOutcome.choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        outcome, closed_on = cleaned.get("outcome"), cleaned.get("closed_on")
        if outcome and not closed_on and "closed_on" not in self.errors:
            self.add_error("closed_on", "結果が出た日を入力してください。")
        if closed_on and not outcome:
            self.add_error("outcome", "結果を選ぶか、結果が出た日を空欄にしてください。")
        if closed_on and closed_on < self.instance.begun_on:
            self.add_error("closed_on", "結果が出た日は、始めた日以後の日にしてください。")
        if closed_on and closed_on > self.today:
            self.add_error("closed_on", "結果が出た日が未来の日付です。")
        return cleaned

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in _FIELDS}

    def _post_clean(self) -> None:
        """The constraints are checked above, in words; the instance stays as it was stored."""
