from django import forms
from django.utils.html import format_html
from pytest_django.asserts import assertHTMLEqual

from municipalities.widgets import PlainSelect

CHOICES = [("", "すべて"), ("a", "甲 & 乙"), (2, "<b>"), ("safe", format_html("<i>{}</i>", "丙"))]


class Form(forms.Form):
    plain = forms.ChoiceField(choices=CHOICES, required=False, widget=PlainSelect(attrs={"class": "x"}))
    usual = forms.ChoiceField(choices=CHOICES, required=False, widget=forms.Select(attrs={"class": "x"}))


def test_plain_select_writes_what_a_select_of_django_writes():
    for value in ("", "a", "2", "unknown", None):
        form = Form({"plain": value, "usual": value} if value is not None else None)
        assertHTMLEqual(str(form["plain"]), str(form["usual"]).replace("usual", "plain"))


def test_plain_select_escapes_labels_that_are_no_markup():
    text = str(Form()["plain"])
    assert "甲 &amp; 乙" in text
    assert "&lt;b&gt;" in text
    assert "<i>丙</i>" in text
