"""What of a company's report is taken over."""

from collections.abc import Sequence
from typing import Any

from django import forms

from municipalities.form_fields import ProseFormField


class AcceptReportForm(forms.Form):
    """One box for each 取組 the report speaks of (`actions`: rows with an `action`)."""

    def __init__(self, data: Any = None, *, actions: Sequence[Any]) -> None:
        super().__init__(data)
        self.told = actions
        for each in actions:
            self.fields[f"take-{each.action.pk}"] = forms.BooleanField(
                label="この報告を取り込む", required=False, initial=True
            )

    def rows(self) -> list[dict[str, Any]]:
        return [{"told": each, "take": self[f"take-{each.action.pk}"]} for each in self.told]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.chosen:
            raise forms.ValidationError(
                "取り込む取組に印を付けてください。全部を取り込まないときは、下に理由を書きます。"
            )
        return cleaned

    @property
    def chosen(self) -> set[int]:
        return {each.action.pk for each in self.told if self.cleaned_data.get(f"take-{each.action.pk}")}


class RejectForm(forms.Form):
    reason = ProseFormField(
        label="取り込まない理由",
        max_length=1000,
        help_text="相手方のページに表示されます。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
