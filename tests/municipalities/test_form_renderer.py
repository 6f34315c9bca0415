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


CHOICES = [("", "すべて"), ("a<b", "<b>太字</b>"), (7, "七"), ("群", [("x", "甲"), ("y", "乙")])]


@pytest.mark.parametrize("value", [None, "", "a<b", 7, "7", "x", "ない"])
@pytest.mark.parametrize(
    "widget",
    [
        forms.Select({"class": "a <b>", "required": True, "disabled": False}, choices=CHOICES),
        forms.NullBooleanSelect(),
        forms.SelectMultiple(choices=CHOICES),
        forms.Select(),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_the_same_select(widget, value):
    ours, theirs = (
        widget.render("名", value, {"id": "id_x"}, renderer=each)
        for each in (FormRenderer(), TemplatesSetting())
    )
    SimpleTestCase().assertHTMLEqual(ours, theirs)
