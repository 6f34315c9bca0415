"""A workbook of one sheet, written row by row: what a list needs of the format (ECMA-376), and no more.

A library that can do everything looks at each cell several times; here a cell is one format string. Text is
kept in its cell (`inlineStr`): a table of shared strings would have to be in memory until the end.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from html import escape
from typing import BinaryIO

DATE, NUMBER, LINES, TEXT = 3, 4, 5, 2
"""Styles of cells: places in `cellXfs` of `_STYLES`."""
_HEAD = 1
_FIRST_DAY = date(1900, 3, 1)
"""Excel counts a 29th of February 1900: before that its days are other days, and text says it right."""
_DAY_ZERO = date(1899, 12, 30).toordinal()

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_CONTENT_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
)
_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_DOCUMENT}/styles" Target="styles.xml"/></Relationships>'
)
_SIDES = "".join(
    f'<{side} style="thin"><color auto="1"/></{side}>' for side in ("left", "right", "top", "bottom")
)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/mm/dd"/>'
    '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE8F1FE"/><bgColor indexed="64"/>'
    "</patternFill></fill></fills>"
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
    f"<border>{_SIDES}<diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1"'
    ' applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">'
    '<alignment vertical="top"/></xf>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
    '<alignment horizontal="left" vertical="top"/></xf>'
    '<xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
    '<alignment vertical="top"/></xf>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
# What XML cannot hold as it is, and what would be read as the escape of such a character.
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def write_sheet(
    target: BinaryIO,
    title: str,
    heads: Sequence[tuple[str, float]],
    rows: Callable[[], Iterable[str]],
) -> None:
    """`heads`: text and width of each column; `rows()`: the XML of rows from the second on, made of `row`."""
    end = letters(len(heads) - 1)
    last = 2
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _CONTENT_TYPES)
        book.writestr("_rels/.rels", _RELATIONS)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(_sheet_head(heads).encode())
            for last, text in enumerate(rows(), start=2):  # noqa: B007  (the last one counts)
                sheet.write(text.encode())
            sheet.write(
                f'</sheetData><autoFilter ref="A1:{end}{last}"/><pageMargins left="0.7" right="0.7"'
                ' top="0.75" bottom="0.75" header="0.3" footer="0.3"/></worksheet>'.encode()
            )
        book.writestr("xl/styles.xml", _STYLES)
        name = escape(title[:31])
        quoted = escape("'" + title[:31].replace("'", "''") + "'", quote=False)
        book.writestr(
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}">'
            f'<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets><definedNames>'
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
            f"{quoted}!$A$1:${end}${last}</definedName>"
            f'<definedName name="_xlnm.Print_Titles" localSheetId="0">{quoted}!$1:$1</definedName>'
            "</definedNames></workbook>",
        )
        book.writestr("xl/_rels/workbook.xml.rels", _BOOK_RELATIONS)


def _sheet_head(heads: Sequence[tuple[str, float]]) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width + 0.7109375}" customWidth="1"/>'
        for place, (_text, width) in enumerate(heads, start=1)
    )
    cells = "".join(text_cell(letters(place), 1, text, _HEAD) for place, (text, _width) in enumerate(heads))
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView tabSelected="1" workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f'<cols>{columns}</cols><sheetData><row r="1">{cells}</row>'
    )


def row(number: int, cells: Iterable[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def text_cell(column: str, number: int, text: str, style: int = TEXT) -> str:
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(_spelled, text)
    keeps = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
    return f'<c r="{column}{number}" s="{style}" t="inlineStr"><is><t{keeps}>{text}</t></is></c>'


def number_cell(column: str, number: int, value: float, style: int = NUMBER) -> str:
    return f'<c r="{column}{number}" s="{style}"><v>{value}</v></c>'


def date_cell(column: str, number: int, value: date) -> str:
    if value < _FIRST_DAY:
        return text_cell(column, number, value.isoformat())
    return number_cell(column, number, value.toordinal() - _DAY_ZERO, DATE)


def _spelled(match: re.Match[str]) -> str:
    """As Excel writes a character that XML cannot hold: `_x000D_`."""
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return _ENTITIES.get(character) or f"_x{ord(character):04X}_"


def letters(place: int) -> str:
    """The letter over a column: 0 → A, 26 → AA."""
    found, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
