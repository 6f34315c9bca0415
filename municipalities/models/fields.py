"""Model fields whose values a person reads: free of control characters, bounded in length."""

from django.db import models

from municipalities.validators import validate_plain_line, validate_plain_text


class LineField(models.CharField):
    """A single line of text."""

    default_validators = [validate_plain_line]


class ProseField(models.TextField):
    """Text of several lines. `max_length` bounds it in forms; nothing unbounded reaches a printout."""

    default_validators = [validate_plain_text]

    def __init__(self, *args, max_length: int = 4000, **kwargs) -> None:
        super().__init__(*args, max_length=max_length, **kwargs)
