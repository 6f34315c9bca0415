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
