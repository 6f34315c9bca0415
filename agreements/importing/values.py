"""Field values as JSON, for taking an import back, and as words, for showing what changes."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from agreements.domain.figures import spell
from municipalities.wareki import format_wareki


def to_json(instance: Any, names: Iterable[str]) -> dict[str, Any]:
    """What the fields hold now: dates in ISO, related rows by their keys."""
    found: dict[str, Any] = {}
    for name in names:
        value = getattr(instance, name)
        if isinstance(value, models.Model):
            value = value.pk
        if isinstance(value, Decimal):
            value = str(value)
        found[name] = value.isoformat() if isinstance(value, date) else value
    return found


def from_json(model: Any, name: str, value: Any) -> tuple[str, Any]:
    """(attribute, value) to set on a row of the model."""
    model_field = model._meta.get_field(name)
    if model_field.is_relation:
        return model_field.attname, value
    return name, None if value is None else model_field.to_python(value)


def as_words(instance: Any, name: str, value: Any) -> str:
    """A value as a person reads it; "" for nothing."""
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, date):
        return format_wareki(value)
    if isinstance(value, Decimal):
        return spell(value)
    choices = dict(instance._meta.get_field(name).flatchoices)
    return str(choices.get(value, value))
