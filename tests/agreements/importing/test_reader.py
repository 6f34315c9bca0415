"""Files as they come: encodings, sheets, merged cells, and those made to do harm."""

import io
import time
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from agreements.domain.uploads import Refused
from agreements.importing import reader
from agreements.importing.agreement_columns import COLUMNS
from agreements.importing.columns import guess_mapping, letter, plain_header
from agreements.importing.table import guess_header_row, table_of
from tests import sample_files
from tests.agreements.importing import ledgers
from tests.agreements.importing.ledgers import csv_of, xlsx_of

ROWS = [["協定名称", "相手方"], ["見本の協定", "髙島屋"]]


def read(content: bytes, name: str = "台帳.xlsx", sheet: str = "") -> reader.Sheet:
    file = io.BytesIO(content)
    kind = reader.kind_of(file, name=name, size=len(content))
    return reader.read_sheet(file, kind=kind, sheet=sheet)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_csv_in_every_encoding_that_offices_use(encoding):
    rows = read(csv_of(ROWS, encoding), "台帳.csv").rows
    assert [row.cells for row in rows] == [("協定名称", "相手方"), ("見本の協定", "髙島屋")]


def test_tabs_and_quoted_line_breaks_and_our_own_apostrophes():
    sheet = read("名称\t内容\r\n\"改\n行\"\t'=1+1\r\n\r\n次\t'普通".encode(), "台帳.tsv")
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (1, ("名称", "内容")),
        (2, ("改\n行", "=1+1")),
        (4, ("次", "'普通")),
    ]


def test_values_of_excel_become_what_a_person_reads():
    row = [datetime(2020, 9, 23), 7123456789012, 12.0, 1.5, True, None, " 前後 ", date(2020, 9, 23)]  # noqa: DTZ001
    assert read(xlsx_of([row])).rows[0].cells == (
        "2020-09-23", "7123456789012", "12", "1.5", "TRUE", "", "前後", "2020-09-23",
    )  # fmt: skip


def test_merged_cells_are_filled_and_known():
    book = Workbook()
    for row in (["分類", "内容"], ["災害", "あ"], [None, "い"], [None, "う"], ["別", "え"]):
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    buffer = io.BytesIO()
    book.save(buffer)
    rows = read(buffer.getvalue()).rows
    assert [row.cells for row in rows[1:]] == [("災害", "あ"), ("災害", "い"), ("災害", "う"), ("別", "え")]
    assert [set(row.continued) for row in rows] == [set(), set(), {0}, {0}, set()]


def test_formula_that_nobody_has_calculated_is_an_error_not_a_blank():
    assert read(xlsx_of([["名称", "日"], ["見本", "=TODAY()"]])).rows[1].cells[1] == reader.UNCALCULATED


def test_first_sheet_with_anything_in_it_is_read_and_others_can_be_chosen():
    sheet = read(ledgers.titled_xlsx(3))
    assert (sheet.name, sheet.names) == ("協定一覧", ("表紙", "協定一覧"))


def test_header_below_titles_and_over_two_rows():
    sheet = read(ledgers.titled_xlsx(3))
    table = table_of(sheet, guess_header_row(sheet, COLUMNS))
    assert table.header_row == 5
    assert table.headers[5:7] == ("有効期間／開始", "有効期間／終了")
    mapping = guess_mapping(table.headers, COLUMNS)
    assert {key: letter(place) for key, place in mapping.items()} == {
        "kind": "B", "title": "C", "partners": "D", "signed_on": "E", "effective_on": "F",
        "first_expiry": "G", "items": "H", "department": "I", "note": "J",
    }  # fmt: skip


def test_every_header_and_synonym_means_its_column():
    known: dict[str, set[str]] = {}
    for column in COLUMNS:
        for header in column.headers():
            known.setdefault(header, set()).add(column.key)
    assert not {header: keys for header, keys in known.items() if len(keys) > 1}
    for header, (key,) in known.items():
        assert guess_mapping([header], COLUMNS) == {key: 0}, header


def test_headers_are_read_whatever_their_decoration():
    assert plain_header("締　結\n日（和暦）※") == plain_header("締結日") == "締結日"


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "空.xlsx", "空"),
        (b"\xff\xfe\xff\xff\x00\xd8", "壊れた.csv", "文字"),
        (b"\x81\x00\xff\xff", "文字.csv", "文字"),
        (sample_files.pdf(), "協定.pdf", "取り込めるのは"),
        (sample_files.office("docx"), "協定.docx", "取り込めるのは"),
        (sample_files.office("xlsx"), "中身のない.xlsx", "シートがありません"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "古い.xls", "古い形式"),
        (sample_files.office("xlsx", xl__vbaProject_dot_bin=b"x"), "マクロ.xlsx", "マクロ"),
        (b"\r\n,,\r\n", "空行.csv", "中身のある行"),
        (b'a,"b\r\n' + b"x" * 200_000, "引用符.csv", "CSV"),
        (csv_of([["名称"]] + [["あ"]] * 20_001), "多い.csv", "行が多すぎます"),
    ],
)
def test_what_cannot_be_read_gets_a_plain_answer(content, name, words):
    with pytest.raises(Refused, match=words):
        read(content, name)


def sheet_with(body: str) -> bytes:
    """A workbook whose one sheet has this XML."""
    source = zipfile.ZipFile(io.BytesIO(xlsx_of([["協定名称"], ["見本"]])))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                name = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
                content = b'<worksheet xmlns="%s">%s</worksheet>' % (name, body.encode())
            archive.writestr(entry.filename, content)
    return target.getvalue()


CELL = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'


def quickly(content: bytes) -> reader.Sheet | None:
    started = time.monotonic()
    try:
        return read(content)
    except Refused:
        return None
    finally:
        assert time.monotonic() - started < 8


def test_a_million_empty_rows_and_a_lying_dimension_cost_nothing():
    first = f'<row r="1">{CELL.format("A1", "協定名称")}</row>'
    last = f'<row r="1048576">{CELL.format("A1048576", "見本")}</row>'
    sheet = quickly(sheet_with(f'<dimension ref="A1:XFD1048576"/><sheetData>{first}{last}</sheetData>'))
    assert [row.number for row in sheet.rows] == [1, 1_048_576]


def test_a_merge_of_the_whole_sheet_is_bounded():
    rows = "".join(f'<row r="{n}">{CELL.format(f"B{n}", "い")}</row>' for n in range(1, 4000))
    body = f"<sheetData>{rows}</sheetData>"
    assert quickly(sheet_with(f'{body}<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'))
    many = "".join(f'<mergeCell ref="A{n}:B{n + 1}"/>' for n in range(1, 30_000))
    assert quickly(sheet_with(f"{body}<mergeCells>{many}</mergeCells>")) is None


def test_a_bomb_is_refused_before_it_is_unpacked():
    huge = f'<sheetData><row r="1">{CELL.format("A1", "あ" * 30_000_000)}</row></sheetData>'
    with pytest.raises(Refused, match="大きくなりすぎる"):
        read(sheet_with(huge))


def test_entities_of_xml_are_not_expanded():
    text = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    source = sheet_with(
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = text.encode() + content.replace(b"<t>x</t>", b"<t>&b;</t>")
            new.writestr(entry.filename, content)
    quickly(target.getvalue())
