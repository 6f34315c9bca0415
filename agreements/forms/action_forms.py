"""取組: what is done for which items, by whom, from when to when."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from agreements.actions.drafts import ActionDraft
from agreements.choices import ActionState
from agreements.models import ActionItem
from agreements.models.action_item import OPEN_STATES
from municipalities.form_fields import LineFormField, ListedObjectField, NoticesMixin, WarekiDateField
from municipalities.models import Department, StaffMember

from .rows import RowForm, RowFormSet, form_field

_NUMBER = re.compile(r"\((?P<n>[0-9]{1,3})\)|[0-9]{1,3}")
_BETWEEN = re.compile(r"[,、・.\s]+|(?<=\))(?=\()")


def _with_parentheses(character: str) -> str:
    """「①」 and 「⑴」 as 「(1)」: NFKC would make 13 of 「①③」."""
    if unicodedata.category(character) != "No":
        return character
    return f"({unicodedata.numeric(character):g})"


class ItemNumbersField(LineFormField):
    """Numbers of items as people write them: 「1,3」「１、３」「(1)(3)」. `cleaned` is a tuple of ints."""

    def to_python(self, value: Any) -> tuple[int, ...]:  # type: ignore[override]
        text = "".join(map(_with_parentheses, super().to_python(value) or ""))
        words = list(filter(None, _BETWEEN.split(unicodedata.normalize("NFKC", text))))
        numbers = [match for word in words if (match := _NUMBER.fullmatch(word))]
        if len(numbers) != len(words):
            raise ValidationError("連携事項の番号を「1,3」のように入力してください。", code="invalid")
        return tuple(dict.fromkeys(int(match["n"] or match[0]) for match in numbers))

    def prepare_value(self, value: Any) -> Any:
        return ",".join(map(str, value)) if isinstance(value, tuple) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((data or "").strip())

    def run_validators(self, value: Any) -> None:
        """The pattern leaves nothing for the validators of a line of text to find."""


class ActionRowForm(NoticesMixin, RowForm):
    """One 取組. Nothing but a title is needed, and that only when something else is filled in."""

    title = form_field(
        ActionItem,
        "title",
        error_messages={"required": "取組の名称を入力するか、この行を削除してください。"},
    )
    items = ItemNumbersField(label="連携事項の番号", required=False, help_text="例：1,3")
    partner_in_charge = form_field(ActionItem, "partner_in_charge")
    starts_on = WarekiDateField(label="開始日", required=False)
    due_on = WarekiDateField(label="期限", required=False)
    state = forms.ChoiceField(
        label="状態", choices=ActionState.choices, initial=ActionState.PLANNED, required=False
    )
    id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, departments: Sequence[Department], staff: Sequence[StaffMember], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"] = ListedObjectField(label="担当課", required=False, objects=departments)
        self.fields["person_in_charge"] = ListedObjectField(label="担当者", required=False, objects=staff)
        self.fields["starts_on"].help_text = self.fields["due_on"].help_text = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, due_on = cleaned.get("starts_on"), cleaned.get("due_on")
        if starts_on and due_on and due_on < starts_on:
            self.add_error("due_on", "期限が開始日より前です。どちらかの日付を直してください。")
        return cleaned

    def draft(self, numbering: Mapping[int, int]) -> ActionDraft:
        """`numbering`: number beside an item on the page -> number under which it is saved."""
        values = {name: value for name, value in self.cleaned_data.items() if name in _DRAFTED}
        values["items"] = tuple(numbering[number] for number in values["items"])
        values["state"] = values["state"] or ActionState.PLANNED
        return ActionDraft(**values)


_DRAFTED = frozenset(ActionDraft.__dataclass_fields__)


class ActionFormSet(RowFormSet):
    form = ActionRowForm
    noun = "取組"
    can_order = False
    max_num = 300

    def check_item_numbers(self, numbering: Mapping[int, int]) -> None:
        """Add an error where an action names an item that is not there."""
        for row in self.rows():
            unknown = [number for number in row.cleaned_data.get("items", ()) if number not in numbering]
            if unknown:
                named = "、".join(f"({number})" for number in unknown)
                row.add_error("items", f"連携事項{named}はありません。上の連携事項の番号を確かめてください。")

    def check_states(self, stored: Mapping[int, str]) -> None:
        """完了 and 中止 need proof, which a row has no room for: they begin and end on the action's page.

        `stored` are the states of the stored actions by key.
        """
        for row in self.rows():
            before = stored.get(row.cleaned_data.get("id") or 0, ActionState.PLANNED)
            after = row.cleaned_data.get("state") or ActionState.PLANNED
            if after != before and not {before, after} <= set(OPEN_STATES):
                row.add_error("state", "完了・中止の記録と取消しは、取組のページで行ってください。")

    def drafts(self, numbering: Mapping[int, int]) -> tuple[ActionDraft, ...]:
        return tuple(row.draft(numbering) for row in self.rows())

    def notices(self) -> list[str]:
        return [notice for row in self.rows() for notice in row.notices()]
