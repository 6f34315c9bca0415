"""Inputs written at once are those of Django's templates."""

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.test import SimpleTestCase

from municipalities.form_renderer import FormRenderer

WIDGETS = [
    forms.TextInput({"class": "a <b>", "required": True, "disabled": False, "maxlength": 3}),
    forms.NumberInput(),
    forms.HiddenInput(),
    forms.EmailInput(),
    forms.URLInput(),
    forms.DateInput({"type": "date"}),
]


@pytest.mark.parametrize("value", [None, "", 0, "\"<&'", "観光"])
@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
def test_the_same_element(widget, value):
    ours, theirs = (
        widget.render("名", value, {"id": "id_x"}, renderer=each)
        for each in (FormRenderer(), TemplatesSetting())
    )
    SimpleTestCase().assertHTMLEqual(ours, theirs)


def test_values_are_escaped():
    html = forms.TextInput().render("q", '"><script>', renderer=FormRenderer())
    assert "<script" not in html
