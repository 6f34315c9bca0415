"""施策 of an agreement, chosen as one types; and the rows of the plan-change wizard."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from agreements.models import Agreement
from municipalities import plan_mapping
from municipalities.form_fields import LineFormField, ListedObjectField
from municipalities.models import PlanItem

NOTHING = "none"
"""「引き継ぐ施策なし」"""
_LATER = ""


class PlanLinkForm(forms.Form):
    """One 施策 of a plan in force of the agreement's municipality, by its key or as it is written."""

    item = LineFormField(
        label="施策",
        max_length=260,
        help_text="コードか名称の一部を入力して選びます。",
        widget=forms.TextInput(
            attrs={
                "data-suggest-url": reverse_lazy("agreements:plan-item-suggest"),
                "data-suggest-value": "item_key",
                "data-suggest-noun": "施策",
                "autocomplete": "off",
            }
        ),
    )
    item_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=18)

    def __init__(self, *args: Any, agreement: Agreement, is_required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreement = agreement
        self.fields["item"].required = is_required

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("item"):
            try:
                cleaned["plan_item"] = self._found(cleaned.get("item_key", ""), cleaned["item"])
            except ValidationError as error:
                self.add_error("item", error)
        return cleaned

    def _found(self, key: str, text: str) -> PlanItem:
        choosable = PlanItem.objects.choosable(self.agreement.municipality_id).select_related("plan")
        if key:
            chosen = choosable.filter(pk=int(key)).first() if key.isdecimal() else None
            if chosen is None:
                raise ValidationError(
                    "この施策は選べません。自分の自治体の、計画期間中の計画から選んでください。"
                )
            return chosen
        found = list(choosable.named_so(text.strip())[:2])  # type: ignore[attr-defined]
        if not found:
            raise ValidationError("この施策は見つかりません。計画にある名称かコードを入力してください。")
        if len(found) > 1:
            raise ValidationError("同じ名称の施策が複数あります。コードと名称を入力してください。")
        return found[0]


class CorrespondenceForm(forms.Form):
    """One choice for each node of the old plan: undecided, a node of the new plan, or none."""

    def __init__(
        self,
        *args: Any,
        old: list[PlanItem],
        new: list[PlanItem],
        confirmed: Mapping[int, int | None],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.old, self.confirmed = old, confirmed
        self.new_by_key = {str(item.pk): item for item in new}
        open_ones = [item for item in old if item.pk not in confirmed]
        self.suggestions = plan_mapping.suggest(_nodes(open_ones), _nodes(new))
        choices = [
            (_LATER, "（まだ決めない）"),
            (NOTHING, "引き継ぐ施策なし"),
            *((key, f"{'　' * item.depth}{item}") for key, item in self.new_by_key.items()),
        ]
        for item in old:
            self.fields[self.name_of(item)] = forms.ChoiceField(
                label=str(item),
                choices=choices,
                required=False,
                initial=self._initial(item),
                widget=ListedObjectField.widget,
            )

    @staticmethod
    def name_of(item: PlanItem) -> str:
        return f"item-{item.pk}"

    def _initial(self, item: PlanItem) -> str:
        if item.pk in self.confirmed:
            return str(self.confirmed[item.pk] or NOTHING)
        found = self.suggestions.get(item.pk)
        return str(found.key) if found else _LATER

    def rows(self) -> list[dict[str, Any]]:
        """For the page: the node, its field, what was suggested and why, whether a person confirmed it."""
        return [
            {
                "item": item,
                "field": self[self.name_of(item)],
                "suggestion": self.suggestions.get(item.pk),
                "is_confirmed": item.pk in self.confirmed,
            }
            for item in self.old
        ]

    def chosen(self) -> dict[PlanItem, PlanItem | None]:
        """What was decided, without what is left for later."""
        found = {}
        for item in self.old:
            value = self.cleaned_data[self.name_of(item)]
            if value:
                found[item] = self.new_by_key.get(value)
        return found

    def left(self) -> list[PlanItem]:
        return [item for item in self.old if not self.cleaned_data[self.name_of(item)]]


def _nodes(items: list[PlanItem]) -> list[plan_mapping.Node]:
    return [plan_mapping.Node(item.pk, item.code, item.name, item.depth) for item in items]
