"""Widgets that write themselves."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    """A `<select>` written at once instead of by a template for each option.

    The conditions of a list have some 140 options (80 fiscal years): by templates they take as long as all
    the rest of the page. Groups of options are not supported.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = ((key, " selected" if str(key) in chosen else "", label) for key, label in self.choices)
        return format_html(
            "<select{}>{}</select>",
            flatatt(self.build_attrs({**self.attrs, "name": name}, attrs)),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )
