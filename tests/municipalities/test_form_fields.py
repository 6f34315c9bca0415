from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError

from municipalities.form_fields import (
    LineFormField,
    ListedObjectField,
    NoticesMixin,
    ProseFormField,
    WarekiDateField,
    WholeNumberField,
)
from tests.factories import DepartmentFactory


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("１２", 12), (" 1 ", 1), ("", None)])
def test_whole_number_reads_what_people_type(text, number):
    assert WholeNumberField(min_value=1, max_value=12, required=False).clean(text) == number


@pytest.mark.parametrize(
    ("text", "message"),
    [("0", "1から12まで"), ("13", "1から12まで"), ("一", "数字だけ"), ("12か月", "数字だけ")],
)
def test_whole_number_says_what_is_wrong(text, message):
    with pytest.raises(ValidationError, match=message):
        WholeNumberField(min_value=1, max_value=12).clean(text)


def test_long_text_is_not_cut_by_the_browser():
    for field in (LineFormField(max_length=5), ProseFormField(max_length=5)):
        assert "maxlength" not in field.widget.attrs
        with pytest.raises(ValidationError):
            field.clean("あ" * 6)


def test_line_refuses_line_breaks_and_prose_keeps_them():
    with pytest.raises(ValidationError, match="制御文字"):
        LineFormField().clean("一\n二")
    assert ProseFormField().clean("一\r\n二\r三") == "一\n二\n三"
    with pytest.raises(ValidationError, match="制御文字"):
        ProseFormField().clean("一\x07")


def test_line_ends_do_not_make_a_text_longer():
    assert ProseFormField(max_length=3).clean("一\r\n二") == "一\n二"


@pytest.mark.django_db
def test_listed_object_is_one_of_the_list():
    offered, other = DepartmentFactory(), DepartmentFactory()
    field = ListedObjectField(objects=[offered], required=False)
    assert field.clean(str(offered.pk)) == offered
    assert field.clean("") is None
    assert field.prepare_value(offered) == offered.pk
    with pytest.raises(ValidationError):
        field.clean(str(other.pk))


@pytest.mark.django_db
def test_listed_object_is_shown_as_a_select():
    first, second = DepartmentFactory(name="<企画>課"), DepartmentFactory(name="健康課")
    field = ListedObjectField(objects=[first, second])
    html = field.widget.render("department", field.prepare_value(second), {"id": "x", "required": True})
    assert html == (
        '<select id="x" name="department" required><option value="">（未定）</option>'
        f'<option value="{first.pk}">&lt;企画&gt;課</option>'
        f'<option value="{second.pk}" selected>健康課</option></select>'
    )


class PeriodForm(NoticesMixin, forms.Form):
    ends_on = WarekiDateField(label="満了日", required=False)
    begins_on = WarekiDateField(label="開始日", required=False)


def test_notices_name_the_field_of_an_unusual_date():
    form = PeriodForm({"ends_on": "平成32年3月31日", "begins_on": "R2.4.1"})
    assert form.is_valid()
    assert form.cleaned_data["ends_on"] == date(2020, 3, 31)
    (notice,) = form.notices()
    assert notice.startswith("満了日：")
