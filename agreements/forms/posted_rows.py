"""Change what was posted before it is read: rows added, pasted text split, stored values taken over."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.formsets import TOTAL_FORM_COUNT
from django.http import QueryDict


def row_count(data: QueryDict, prefix: str) -> int:
    """Rows of the formset in the posted data; 0 when the count is missing or no number."""
    text = data.get(f"{prefix}-{TOTAL_FORM_COUNT}", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def replace_rows(data: QueryDict, prefix: str, rows: Sequence[Mapping[str, list[str]]]) -> None:
    """Put the rows of another formset (`as_posted`) in the place of all posted ones."""
    for name in [name for name in data if name.startswith(f"{prefix}-") and name.split("-")[1].isdecimal()]:
        del data[name]
    for row in rows:
        for name, values in row.items():
            data.setlist(name, values)
    data[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(rows))


def typed(form: forms.BaseForm) -> dict[str, Any]:
    """What was typed into a bound form, as `initial` of another one: shown again without being judged."""
    return {name: form[name].data for name in form.fields}


def as_posted(form: forms.BaseForm) -> dict[str, list[str]]:
    """What an unbound form would send if nobody touched it."""
    return {bound.html_name: _sent(bound) for bound in form}


def _sent(bound: forms.BoundField) -> list[str]:
    value = bound.value()
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return ["on"] if value else []
    if isinstance(value, list | tuple | set):
        return [str(each) for each in value]
    return ["" if value is None else str(value)]
