"""お知らせ: how often a person wants mail, and putting one notice off."""

from datetime import date, timedelta
from typing import Any

from django import forms

from agreements.choices import NoticeFrequency
from municipalities.form_fields import WarekiDateField

MOST_DAYS = 90
"""A notice can be put off so far at most: what is forgotten comes back."""

_CHOICES = [
    (NoticeFrequency.IMMEDIATE, "すぐに（新しいお知らせがあるたびに）"),
    (NoticeFrequency.DAILY, "まとめて（1日1通まで。急がないものは5日以上あけて）"),
    (NoticeFrequency.WEEKLY, "週1回まとめて（期限まで7日以内のものは、その日のうちに）"),
    (NoticeFrequency.NONE, "メールを受け取らない（「今日の仕事」だけで確かめる）"),
]


class NoticePreferenceForm(forms.Form):
    frequency = forms.ChoiceField(label="メールの頻度", choices=_CHOICES, widget=forms.RadioSelect)


class SnoozeForm(forms.Form):
    """Which of the person's notices (`notice`: kind, object, day and stage) comes back when."""

    notice = forms.CharField(widget=forms.HiddenInput)
    until = WarekiDateField(label="この日に再表示")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until <= self.today:
            raise forms.ValidationError("明日以後の日にしてください。")
        if until > self.today + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(f"{MOST_DAYS}日後までの日にしてください。")
        return until
