"""更新判断: what is decided about the current term, and taking that back."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from agreements.actions.renew import decide_renewal, last_withdrawable, withdraw_decision
from agreements.choices import RenewalChoice
from agreements.domain import renewal
from municipalities.form_fields import ProseFormField, WarekiDateField
from municipalities.wareki import format_wareki

from .move_forms import MoveForm

_CHOICES = [
    (RenewalChoice.RENEWED, "更新（同じ内容で続ける）"),
    (RenewalChoice.REVISED, "見直して更新（内容を変えて続ける。文言は「変更の手続き」で直します）"),
    (RenewalChoice.ENDING, "終了（満了日で終える）"),
]


class RenewalForm(MoveForm):
    label = "更新判断を記録する"
    done = "更新判断を記録しました。"
    verb = staticmethod(decide_renewal)
    places = {**MoveForm.places, "decision": "decision", "extended_to": "extended_to"}

    decision = forms.ChoiceField(label="判断", choices=_CHOICES, widget=forms.RadioSelect)
    extended_to = WarekiDateField(
        label="更新後の満了日",
        required=False,
        help_text="自動更新しない協定です。更新するときは、新しい満了日を入力します。例：令和12年3月31日",
    )
    on = WarekiDateField(label="判断日", help_text="決裁や会議で判断した日")
    comment = ProseFormField(
        label="理由",
        max_length=2000,
        help_text="取組の実績や、見直す点など。次の担当者が読みます。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    term = forms.DateField(widget=forms.HiddenInput, required=False)
    field_order = ("decision", "extended_to", "on", "comment")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = renewal.current_expiry(self.agreement.terms, self.today)
        self.initial.setdefault("term", current)
        self.lead = (  # type: ignore[misc]
            f"{format_wareki(current)}に満了する期間について、続けるか終えるかを記録します。"
            if current
            else ""
        )
        if self.agreement.auto_renew:
            del self.fields["extended_to"]

    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "term": cleaned["term"] or date.min,
            "decision": cleaned["decision"],
            "decided_on": cleaned["on"],
            "reason": cleaned["comment"],
            "extended_to": cleaned.get("extended_to"),
        }


class WithdrawRenewalForm(MoveForm):
    label = "更新判断を取り消す"
    lead = (
        "誤って記録した更新判断を取り消し、満了日などを判断の前に戻します。取り消した判断も履歴に残ります。"
    )
    done = "更新判断を取り消しました。"
    verb = staticmethod(withdraw_decision)

    on = None  # type: ignore[assignment]
    comment = ProseFormField(label="取消しの理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = last_withdrawable(self.agreement)
        if last is not None:
            self.lead = (  # type: ignore[misc]
                f"「{last}」（{format_wareki(last.term)}に満了する期間）を取り消します。" + type(self).lead
            )

    def facts(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["comment"], "now": timezone.now()}
