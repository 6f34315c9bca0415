"""Model fields whose values a person reads: free of control characters, bounded in length."""

from django import forms
from django.db import models

from municipalities.form_fields import LineFormField, ProseFormField
from municipalities.validators import validate_plain_line, validate_plain_text


class LineField(models.CharField):
    """A single line of text."""

    default_validators = [validate_plain_line]

    def formfield(self, **kwargs) -> forms.Field | None:  # type: ignore[override]
        return super().formfield(**{"form_class": LineFormField, **kwargs})


class ProseField(models.TextField):
    """Text of several lines. `max_length` bounds it in forms; nothing unbounded reaches a printout."""

    default_validators = [validate_plain_text]

    def __init__(self, *args, max_length: int = 4000, **kwargs) -> None:
        super().__init__(*args, max_length=max_length, **kwargs)  # type: ignore[misc]

    def formfield(self, **kwargs) -> forms.Field | None:  # type: ignore[override]
        return super().formfield(**{"form_class": ProseFormField, **kwargs})


class ChosenField(models.JSONField):
    """Several of some choices, as a list of their values. `words` says them as a person reads them."""

    def __init__(self, *args, labels: dict[str, str] | None = None, **kwargs) -> None:
        self.labels = labels or {}
        super().__init__(*args, **{"default": list, "blank": True, **kwargs})

    def words(self, value: list[str]) -> str:
        return "、".join(self.labels.get(each, each) for each in value)
