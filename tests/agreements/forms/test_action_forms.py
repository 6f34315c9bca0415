import contextlib

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from agreements.forms.action_forms import ItemNumbersField

field = ItemNumbersField(required=False)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", ()),
        ("  ", ()),
        ("1", (1,)),
        ("1,3", (1, 3)),
        ("１、３", (1, 3)),
        ("(1)(3)", (1, 3)),
        ("（１）・（３）", (1, 3)),
        ("①③", (1, 3)),
        ("⑴、⑽", (1, 10)),
        ("½", None),
        ("3 1 3", (3, 1)),
        ("1,", (1,)),
        ("1-3", None),
        ("一", None),
        ("1,観光", None),
        ("-1", None),
        ("1234", None),
    ],
)
def test_numbers_as_people_write_them(text, numbers):
    if numbers is None:
        with pytest.raises(ValidationError, match="1,3"):
            field.clean(text)
    else:
        assert field.clean(text) == numbers


@given(st.lists(st.integers(0, 999), unique=True).map(tuple))
def test_shown_numbers_are_read_back(numbers):
    assert field.clean(field.prepare_value(numbers)) == numbers


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ValidationError):
        assert all(0 <= number <= 999 for number in field.clean(text))


@pytest.mark.parametrize(
    ("data", "changed"), [(None, False), ("", False), (" ", False), ("1", True), ("x", True)]
)
def test_only_typed_text_makes_a_row(data, changed):
    assert field.has_changed(None, data) is changed
