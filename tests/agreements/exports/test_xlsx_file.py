"""Our own xlsx against a reader that others wrote."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from agreements.exports import xlsx_file
from agreements.exports.table import Column, Kind
from agreements.exports.writers import write_xlsx

COLUMNS = (
    Column("name", "名称", width=30),
    Column("on", "日", Kind.DATE),
    Column("number", "数", Kind.NUMBER),
    Column("lines", "行", Kind.LINES),
    Column("flag", "有無", Kind.FLAG),
)


def written(*rows):
    target = io.BytesIO()
    write_xlsx(target, "協定's <一覧>", COLUMNS, [list(rows)])
    return load_workbook(target)["協定's <一覧>"]


def row(**values):
    return {**dict.fromkeys(("name", "on", "number", "lines", "flag")), **values}


def test_values_have_their_types():
    values = row(name="=1+1 <&>", on=date(2020, 9, 23), number=0, lines="一\n二", flag=False)
    sheet = written(values, row(name=""))
    assert [cell.value for cell in sheet[1]] == [column.header for column in COLUMNS]
    assert [cell.value for cell in sheet[2] if cell.column != 2] == ["=1+1 <&>", 0, "一\n二", "いいえ"]
    assert sheet["B2"].value.date() == date(2020, 9, 23)
    assert sheet["A2"].data_type == "s"
    assert sheet["B2"].number_format == "yyyy/mm/dd"
    assert sheet["D2"].alignment.wrap_text
    assert sheet["A1"].font.bold
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.column_dimensions["A"].width == pytest.approx(30, abs=1)
    assert sheet["A3"].value is None


def test_days_that_excel_counts_wrongly_are_text():
    assert written(row(on=date(1900, 3, 1)))["B2"].value.date() == date(1900, 3, 1)
    assert written(row(on=date(1889, 4, 1)))["B2"].value == "1889-04-01"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_every_text_comes_back(text):
    assert unescaped(written(row(name=text))["A2"].value) == text


def unescaped(value):
    from openpyxl.utils.escape import unescape

    return unescape(value)


def test_half_a_character_is_no_fault():
    assert "\ufffd" in written(row(name="x\ud842"))["A2"].value


@given(st.integers(0, 16_383))
def test_letters(place):
    assert xlsx_file.letters(place) == get_column_letter(place + 1)
