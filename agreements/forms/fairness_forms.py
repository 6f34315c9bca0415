"""Link a talk of the policy-making stage to a procurement."""

from typing import Any

from django import forms

from agreements.models import ActionItem, FairnessLink, Meeting
from agreements.models.fairness_link import talks_before
from municipalities.form_fields import NoticesMixin
from municipalities.widgets import PlainSelect

from .rows import form_field


class FairnessLinkForm(NoticesMixin, forms.Form):
    meeting = forms.ModelChoiceField(
        label="政策形成段階の話し合い",
        queryset=Meeting.objects.none(),
        empty_label="選んでください",
        widget=PlainSelect,
        error_messages={
            "required": "話し合いを選んでください。",
            "invalid_choice": "同じ相手方との、契約より前の政策形成段階の話し合いを選んでください。",
        },
    )
    note = form_field(FairnessLink, "note")

    def __init__(self, data: Any = None, *, action: ActionItem, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.talks = talks_before(action)
        choice: Any = self.fields["meeting"]
        choice.queryset = Meeting.objects.filter(pk__in=[each.pk for each in self.talks]).select_related(
            "agreement"
        )
        choice.label_from_instance = lambda talk: f"{talk}：{talk.agreement}"
