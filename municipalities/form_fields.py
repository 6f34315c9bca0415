"""Form fields that accept what people write on paper."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from . import wareki


class WarekiDateField(forms.Field):
    """A date in 和暦 or Western notation (every form `wareki.parse_date` reads); shown back as 和暦.

    `cleaned` is a `date` or None. A date that needs a word with the user (平成32年) leaves that word
    in the form's `notices` (see `NoticesMixin`).
    """

    widget = forms.TextInput
    default_error_messages = {"invalid": "日付が正しくありません。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not self.help_text:
            self.help_text = "例：令和2年9月23日、R2.9.23、2020/9/23"

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": "off", "inputmode": "text", "maxlength": 40, "class": "input-date"}

    def prepare_value(self, value: Any) -> Any:
        return wareki.format_wareki(value) if isinstance(value, date) else value

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, date):
            return value
        try:
            return wareki.parse_date(str(value)).value
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class NoticesMixin:
    """For forms with `WarekiDateField`s: what the user should know although the input is accepted."""

    def notices(self) -> list[str]:
        """Japanese sentences, one for each date that was read in an unusual way."""
        found = []
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            raw = self[name].data if isinstance(field, WarekiDateField) else None  # type: ignore[index]
            if raw and name in self.cleaned_data:  # type: ignore[attr-defined]
                notice = wareki.parse_date(raw).notice
                if notice:
                    found.append(f"{field.label}：{notice}")
        return found
