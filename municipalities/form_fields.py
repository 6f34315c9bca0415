"""Form fields that accept what people write on paper."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from . import wareki
from .validators import validate_plain_line, validate_plain_text

_LONGEST_KEY = 18  # digits that fit into 64 bits, whatever they are


class SharedFields(dict[str, forms.Field]):
    """`base_fields` that a form takes as they are, without copying each: for fields that no form changes."""

    def __deepcopy__(self, memo: Any) -> "SharedFields":
        return self


class LineFormField(forms.CharField):
    """One line of text. Has no `maxlength` in the page: the browser would cut a paste without a word."""

    default_validators = [validate_plain_line]
    default_error_messages = {
        "max_length": "%(limit_value)d文字以内で入力してください（いまは%(show_value)d文字です）。"
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class ProseFormField(LineFormField):
    """Text of several lines; line ends become "\\n", however the browser sends them."""

    default_validators = [validate_plain_text]
    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class WholeNumberField(forms.IntegerField):
    """A whole number, full-width digits too (a number input would refuse them)."""

    widget = forms.TextInput
    default_error_messages = {"invalid": "数字だけで入力してください（例：12）。"}

    def __init__(self, *, min_value: int, max_value: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limits = min_value, max_value

    def validate(self, value: int | None) -> None:
        super().validate(value)
        least, most = self.limits
        if value is not None and not least <= value <= most:
            raise ValidationError(f"{least}から{most}までの数字を入力してください。", code="out_of_range")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "numeric", "autocomplete": "off", "class": "is-number"}


class _PlainSelect(forms.Select):
    """A select without a template for each of its options: 200 rows of 100 options took seconds."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, mark_safe(" selected") if key == chosen else "", label) for key, label in self.choices),
        )
        attributes = flatatt({**self.build_attrs(self.attrs, attrs), "name": name})
        return format_html("<select{}>{}</select>", attributes, options)


class ListedObjectField(forms.ChoiceField):
    """Chooses one of some objects already at hand, so that one query serves every row of a formset.

    `cleaned` is the object or None.
    """

    widget = _PlainSelect

    def __init__(self, *, objects: Iterable[Model], empty_label: str = "（未定）", **kwargs: Any) -> None:
        self.by_key = {str(each.pk): each for each in objects}
        choices = [("", empty_label), *((key, str(each)) for key, each in self.by_key.items())]
        super().__init__(choices=choices, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value.pk if isinstance(value, Model) else value

    def clean(self, value: Any) -> Model | None:
        return self.by_key.get(super().clean(value))


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows by their keys. A key too long for the database is unknown as any other, not a fault."""

    def clean(self, value: Any) -> Any:
        for key in value if isinstance(value, list | tuple) else ():
            if len(str(key)) > _LONGEST_KEY:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": "…"}
                )
        return super().clean(value)


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
