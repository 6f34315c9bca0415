"""The Excel file for a company: what is in it, and what may come back."""

import io
import zipfile

import openpyxl
import pytest

from agreements.choices import Side
from agreements.models.expectation_sheet import read_sheet
from agreements.worksheet_file import FileRefused, read_workbook, write_workbook
from agreements.worksheet_file.layout import FIRST_ROW, HEADER_ROW, HIDDEN_SHEET, SHEET_NAME
from tests.factories import AgreementFactory
from tests.factories.worksheets import OWN_SECRET, filled_round, opened_round, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(editor):
    agreement = AgreementFactory(
        whole=True, municipality=editor.municipality, department=editor.department, title="=見本の協定"
    )
    return filled_round(agreement, editor)


def sheet_of(round_):
    return read_sheet(stored(round_), viewer=Side.PARTNER)


def fill(content: bytes, change=None, **cells) -> bytes:
    """What a company would send back: cells by heading, of the first row."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book[SHEET_NAME]
    headings = {page.cell(HEADER_ROW, at).value: at for at in range(1, page.max_column + 1)}
    for heading, value in cells.items():
        page.cell(FIRST_ROW, headings[heading]).value = value
    if change:
        change(book, page)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read(content: bytes, round_):
    return read_workbook(content, name="戻り.xlsx", sheet=sheet_of(round_))


def every_text(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_closed_file_holds_nothing_of_the_municipality(round_):
    content = write_workbook(sheet_of(round_))
    text = every_text(content)
    assert OWN_SECRET not in text
    assert "会場" not in text
    assert round_.sheet_id in text
    with pytest.raises(ValueError, match="company"):
        write_workbook(read_sheet(round_, viewer=Side.OWN))


def test_opened_file_shows_both(editor):
    content = write_workbook(sheet_of(opened_round(AgreementFactory(whole=True), editor)))
    assert OWN_SECRET in every_text(content)


def test_only_the_cells_of_the_company_can_be_written(round_):
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(sheet_of(round_))))
    page = book[SHEET_NAME]
    assert page.protection.sheet
    assert book[HIDDEN_SHEET].sheet_state == "veryHidden"
    heads = [page.cell(HEADER_ROW, at).value for at in range(1, page.max_column + 1)]
    open_ = [head for at, head in enumerate(heads, start=1) if not page.cell(FIRST_ROW, at).protection.locked]
    assert open_ == heads[2:]
    lists = [each.formula1 for each in page.data_validations.dataValidation if each.type == "list"]
    assert '"無償,実費,有償,未定"' in lists
    assert page["A2"].data_type == "s"  # a title that begins with = is no formula


def test_returned_file_is_read(round_):
    cells = {
        "③期待すること": "売場で使える\n知見がほしい",
        "③種類：将来の受注": "○",
        "⑦費用": "有償",
        "⑦上限額（円）": 100000,
        "④提供するもの": 2026,
    }
    returned = read(fill(write_workbook(sheet_of(round_)), **cells), round_)
    first, second = returned.rows.values()
    assert first == {
        "kinds": ["order"],
        "expects": "売場で使える\n知見がほしい",
        "offers": "2026",
        "cost": "paid",
        "cost_cap": "100000",
        "cost_note": "",
    }
    assert second["expects"] == ""


def test_file_read_back_unchanged_says_what_was_written(editor):
    round_ = opened_round(AgreementFactory(whole=True), editor, kinds=["order"], cost_cap=5)
    returned = read(write_workbook(sheet_of(round_)), round_)
    assert [row["kinds"] for row in returned.rows.values()] == [["order"], ["order"]]
    assert [row["cost_cap"] for row in returned.rows.values()] == ["5", "5"]


def add_row(_book, page):
    page.cell(FIRST_ROW + 2, 3).value = "追加した行"


def shift_rows(_book, page):
    page.insert_rows(FIRST_ROW)


def reword(_book, page):
    page.cell(FIRST_ROW, 2).value = "別の事項"


def write_outside(_book, page):
    page.cell(FIRST_ROW, 40).value = "欄外"


def drop_hidden(book, _page):
    del book[HIDDEN_SHEET]


def other_sheet(book, _page):
    book[HIDDEN_SHEET]["A2"] = "WS-2222-2222"


def old_version(book, _page):
    book[HIDDEN_SHEET]["A3"] = "0" * 16


def junk_identity(book, _page):
    book[HIDDEN_SHEET]["A2"] = 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (add_row, f"{FIRST_ROW + 2}行目：行が追加されています"),
        (shift_rows, "書き換えられています"),
        (reword, "「連携事項」が書き換えられています"),
        (write_outside, "表の外に記入があります"),
        (drop_hidden, "書き出したワークシートではありません"),
        (junk_identity, "書き出したワークシートではありません"),
        (other_sheet, "別のワークシート（シート番号 WS-2222-2222）"),
        (old_version, "古い版のファイルです"),
    ],
)
def test_file_that_was_tampered_with_gets_a_clear_answer(round_, change, message):
    content = fill(write_workbook(sheet_of(round_)), change)
    with pytest.raises(FileRefused, match=message):
        read(content, round_)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"③期待すること": "=1+1"}, "計算式は取り込めません"),
        ({"⑦費用": "ただ"}, "のどれかを選んでもらってください"),
        ({"③種類：広報": "はい"}, "か空欄にしてもらってください"),
        ({"④提供するもの": True}, "文字で入力してもらってください"),
        ({"④提供するもの": "#REF!"}, "エラー値が入っています"),
    ],
)
def test_bad_cells_are_named_without_quoting_them(round_, cells, message):
    content = fill(write_workbook(sheet_of(round_)), **cells)
    with pytest.raises(FileRefused, match=message) as refusal:
        read(content, round_)
    assert f"{FIRST_ROW}行目" in refusal.value.messages[0]
    assert "ただ" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "空です"),
        ("番号,期待\r\n1,受注".encode("cp932"), "文字だけのファイル"),
        ("番号,期待".encode(), "文字だけのファイル"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "古い形式"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x80", "Excelブック（xlsx）ではありません"),
        (b"PK\x03\x04" + b"0" * 200, "."),
    ],
)
def test_what_is_no_workbook_is_called_so(round_, content, message):
    with pytest.raises(FileRefused, match=message):
        read(content, round_)


def test_cut_off_file_is_called_broken(round_):
    whole = write_workbook(sheet_of(round_))
    for length in (len(whole) // 2, len(whole) - 30):
        with pytest.raises(FileRefused):
            read(whole[:length], round_)


def test_changed_items_make_the_file_an_old_version(round_):
    content = write_workbook(sheet_of(round_))
    round_.rows.filter(item_number=1).update(item_text="書き直した事項")
    with pytest.raises(FileRefused, match="古い版"):
        read(content, round_)
