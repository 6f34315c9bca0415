"""An entry in the journal of a 取組: a figure, a sentence, photos. Three fields, filled in under a minute."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings

from agreements.domain.figures import spell
from agreements.models import ActionItem, ProgressEntry
from municipalities.form_fields import NoticesMixin, WarekiDateField

from .document_forms import MultipleFileField
from .figures import FigureField
from .rows import form_field


class OptionalFilesField(MultipleFileField):
    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return super().clean(data, initial) if any(data or ()) else []


class ProgressForm(NoticesMixin, forms.Form):
    """`prefix` tells the forms of a list apart."""

    value = FigureField(label="現在値")
    text = form_field(ProgressEntry, "text", widget=forms.Textarea(attrs={"rows": 2}))
    on = WarekiDateField(label="日付")
    files = OptionalFilesField(label="写真・書類", required=False)  # type: ignore[assignment]

    def __init__(self, data: Any = None, files: Any = None, *, action: ActionItem, today: date) -> None:
        super().__init__(data, files, prefix=f"action-{action.pk}", initial={"on": today})
        self.today = today
        value: Any = self.fields["value"]
        value.label = f"現在値（{action.target_unit}）" if action.target_unit else "現在値"
        if action.target_value is not None:
            value.help_text = f"目標 {spell(action.target_value)}{action.target_unit}。これまでの合計"
        self.fields["on"].help_text = ""

    def clean_on(self) -> date:
        on = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError("日付が今日より後です。日付を確かめてください。", code="to_come")
        return on

    def clean_files(self) -> list[Any]:
        files = self.cleaned_data["files"] or []
        if len(files) > settings.RENKEI_UPLOAD_MAX_FILES:
            raise forms.ValidationError(
                f"一度に送れるのは{settings.RENKEI_UPLOAD_MAX_FILES}件までです。", code="too_many"
            )
        return files

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("value") is None and not cleaned.get("text") and not self.errors:
            self.add_error("text", "現在値か、できごとのどちらかを入力してください。")
        return cleaned
