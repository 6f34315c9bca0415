from typing import Any

from django import forms

from agreements.actions.succession import link_successor
from agreements.models import Agreement
from municipalities.form_fields import LineFormField

from .move_forms import MoveForm


class SuccessorForm(MoveForm):
    label = "移行先の協定を登録する"
    lead = "この協定に代わる新しい協定を登録します。両方の協定のページから、たがいにたどれるようになります。"
    done = "移行先の協定を登録しました。"
    verb = staticmethod(link_successor)
    places = {**MoveForm.places, "successor": "successor_number"}

    on = None  # type: ignore[assignment]
    comment = None  # type: ignore[assignment]
    successor_number = LineFormField(
        label="移行先の協定の管理番号",
        required=False,
        max_length=30,
        help_text="登録を取り消すときは空欄にします。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.agreement.successor:
            self.initial.setdefault("successor_number", self.agreement.successor.ledger_number)

    def clean_successor_number(self) -> Agreement | None:
        number = self.cleaned_data["successor_number"]
        if not number:
            return None
        own = Agreement.objects.alive().filter(municipality=self.agreement.municipality_id)
        found = own.filter(ledger_number=number).first()
        if found is None:
            raise forms.ValidationError(f"管理番号「{number}」の協定はありません。", code="unknown")
        return found

    def make(self) -> Agreement:
        return link_successor(
            agreement=self.agreement,
            successor=self.cleaned_data["successor_number"],
            version=self.cleaned_data["version"] or 0,
        )
