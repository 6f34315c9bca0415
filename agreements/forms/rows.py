"""Repeatable rows of a form: what parties, items and actions have in common.

No row is bound to a stored one by its place: what a row replaces is in its hidden `id` (or, for a party, in
the body it names). So rows can be added, moved and deleted freely, with and without JavaScript.
"""

import math
from typing import Any

from django import forms
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME


def form_field(model: type[Model], name: str, **overrides: Any) -> Any:
    """A form field with the label, limits and hint of a model field."""
    return model._meta.get_field(name).formfield(**overrides)  # type: ignore[union-attr]


class RowForm(forms.Form):
    """One row. A blank row is as if it were not there."""

    # Fields in which nobody types: a row with nothing else is blank.
    bookkeeping = frozenset({DELETION_FIELD_NAME, ORDERING_FIELD_NAME})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(empty_permitted=True, use_required_attribute=False)
        super().__init__(*args, **kwargs)

    def has_changed(self) -> bool:
        return not self.bookkeeping.issuperset(self.changed_data)


class RowFormSet(forms.BaseFormSet):
    """Rows in the order of their ORDER field."""

    noun = ""  # what a row is called, in the page and in messages
    can_order = can_delete = can_delete_extra = True
    edit_only = False
    renderer = None
    extra = 0
    min_num = 0
    max_num = 100
    validate_min = False
    validate_max = True
    is_frozen = False

    error_messages: dict[str, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extra = len(self.initial or ())
        self.absolute_max = self.max_num + 100
        self.error_messages["too_many_forms"] = f"{self.noun}は{self.max_num}件までです。"
        self.error_messages["missing_management_form"] = (
            "送られた内容が欠けています。画面を開き直して、もう一度入力してください。"
        )

    def freeze(self) -> None:
        """Show the wording without letting anyone write it; the page adds, moves and drops no rows."""
        self.is_frozen = True
        for row in self.forms:
            for name, field in row.fields.items():
                attrs = field.widget.attrs
                if isinstance(field.widget, forms.TextInput | forms.Textarea):
                    attrs["readonly"] = True
                    for suggestion in [key for key in attrs if key.startswith("data-suggest")]:
                        del attrs[suggestion]
                elif isinstance(field.widget, forms.Select):
                    current = row[name].value()
                    field.choices = [choice for choice in field.choices if choice[0] == current]

    def initial_form_count(self) -> int:
        """Django's count of rows that may not be blank: none is special here."""
        return 0

    @staticmethod
    def is_deleted(row: forms.BaseForm) -> bool:
        """Whether the row is marked for deletion, as typed (also in a row that was not validated)."""
        return DELETION_FIELD_NAME in row.fields and bool(row[DELETION_FIELD_NAME].value())

    def in_order(self) -> list[Any]:
        """All rows in the order the user gave them; rows without a place come last."""

        def place(row: forms.BaseForm) -> float:
            try:
                return int(row[ORDERING_FIELD_NAME].value())
            except (KeyError, TypeError, ValueError):
                return math.inf

        return sorted(self.forms, key=place)

    def rows(self) -> list[Any]:
        """The rows that count: neither blank nor deleted, in order."""
        return [row for row in self.in_order() if row.has_changed() and not self.is_deleted(row)]

    def has_errors(self) -> bool:
        """Whether anything is wrong in the rows or between them; deleted rows are not asked."""
        rows = (row for row in self.forms if not self.is_deleted(row))
        return bool(self.non_form_errors()) or any(row.errors for row in rows)
