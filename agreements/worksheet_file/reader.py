"""Read a worksheet that came back. Whatever is odd about it is said, with its place, and nothing is guessed.

Messages never quote what the company wrote: they are read before the round is opened.
"""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from agreements.choices import ExpectationCost
from agreements.domain.uploads import Limits, Refused, check_upload
from agreements.models.expectation_sheet import Sheet

from .layout import (
    BY_NAME_CELL,
    FIRST_ROW,
    FORMAT,
    HEADER_ROW,
    HIDDEN_SHEET,
    LONGEST_FILE,
    MARK,
    MOST_ROWS,
    SHEET_NAME,
    Column,
    FileRefused,
    columns,
)

_SHEET_ID = re.compile(r"WS-[2-9A-Z]{4}-[2-9A-Z]{4}")
_BROKEN = "ファイルが壊れていて読めません。Excelで開けることを確かめてから、もう一度選んでください。"
_NOT_OURS = (
    "このシステムから書き出したワークシートではありません。"
    "「相手方記入用Excel」で書き出したファイルに記入してもらってください。"
)
_UNREADABLE = (
    InvalidFileException,
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a returned file says: raw values by row (key of the row) and field, for `AnswerForm`."""

    by_name: str
    rows: dict[int, dict[str, Any]]
    places: dict[tuple[int, str], str]
    """Where in the file a field of a row stands: 「9行目 C列」."""


def read_workbook(content: bytes, *, name: str, sheet: Sheet) -> Returned:
    """Read what the company wrote into the file of this sheet. Raises `FileRefused`."""
    book = _open(content, name)
    _check_identity(book, sheet)
    if SHEET_NAME not in book.sheetnames:
        raise FileRefused(_NOT_OURS)
    page = book[SHEET_NAME]
    listed = columns(is_blind=sheet.is_blind)
    problems = [*_misplaced(page, sheet, listed), *_added(page, sheet, listed)]
    if problems:
        raise FileRefused(*problems)
    rows: dict[int, dict[str, Any]] = {}
    places: dict[tuple[int, str], str] = {}
    for place, row in enumerate(sheet.rows):
        number = FIRST_ROW + place
        values: dict[str, Any] = {"kinds": []}
        for at, column in enumerate(listed, start=1):
            if not column.is_open:
                continue
            where = f"{number}行目 {get_column_letter(at)}列（{column.heading}）"
            try:
                _take(values, column, _text(page.cell(number, at)))
            except ValueError as error:
                problems.append(f"{where}：{error}")
            places[row.row.pk, column.name.partition(":")[0]] = where
        rows[row.row.pk] = values
    by_name = ""
    try:
        by_name = _text(page[BY_NAME_CELL])[:120]
    except ValueError as error:
        problems.append(f"記入者（{BY_NAME_CELL}）：{error}")
    if problems:
        raise FileRefused(*problems)
    return Returned(by_name=" ".join(by_name.split()), rows=rows, places=places)


def _open(content: bytes, name: str) -> Any:
    if not content.startswith(b"PK\x03\x04"):
        raise FileRefused(_what_it_is_instead(content))
    try:
        limits = Limits(size=LONGEST_FILE, pixels=1, entries=200, unpacked=10 * LONGEST_FILE)
        kind = check_upload(io.BytesIO(content), name="worksheet.xlsx", size=len(content), limits=limits)
    except Refused as error:
        raise FileRefused(str(error)) from error
    if "xlsx" not in kind.extensions:
        raise FileRefused(_NOT_OURS)
    try:
        return openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    except _UNREADABLE as error:
        raise FileRefused(_BROKEN) from error


def _what_it_is_instead(content: bytes) -> str:
    if not content:
        return "ファイルが空です（0バイト）。"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return (
            "古い形式（xls）か、パスワード付きのExcelブックです。"
            "パスワードを外し、「Excelブック（*.xlsx）」で保存し直してもらってください。"
        )
    for encoding in ("utf-8", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(ord(each) < 0x20 and each not in "\t\r\n" for each in text):
            continue
        return (
            "Excelブック（xlsx）ではなく、文字だけのファイル（CSVなど）です。名前だけを「.xlsx」に変えても読めません。"
            "渡したExcelファイルのまま返送してもらってください。"
        )
    return "Excelブック（xlsx）ではありません。渡したExcelファイルのまま返送してもらってください。"


def _check_identity(book: Any, sheet: Sheet) -> None:
    if HIDDEN_SHEET not in book.sheetnames:
        raise FileRefused(_NOT_OURS)
    hidden = book[HIDDEN_SHEET]
    mark, sheet_id, version, *keys = [
        hidden.cell(at, 1).value for at in range(1, min(hidden.max_row, MOST_ROWS) + 1)
    ] + [None] * 3
    if mark != FORMAT or not isinstance(sheet_id, str) or not _SHEET_ID.fullmatch(sheet_id):
        raise FileRefused(_NOT_OURS)
    if sheet_id != sheet.round.sheet_id:
        raise FileRefused(
            f"別のワークシート（シート番号 {sheet_id}）のファイルです。"
            f"この画面のシート番号は {sheet.round.sheet_id} です。"
        )
    known = [str(row.row.pk) for row in sheet.rows]
    if version != sheet.version() or [key for key in keys if key is not None] != known:
        raise FileRefused(
            "古い版のファイルです。書き出した後に、ワークシートの内容が変わっています。"
            "新しい「相手方記入用Excel」を渡し直してください。"
        )


def _misplaced(page: Any, sheet: Sheet, listed: list[Column]) -> list[str]:
    """Headings and locked cells that no longer say what was written: rows or columns were moved."""
    for at, column in enumerate(listed, start=1):
        if page.cell(HEADER_ROW, at).value != column.heading:
            where = f"{HEADER_ROW}行目 {get_column_letter(at)}列"
            return [f"{where}：見出しが「{column.heading}」ではありません。列の追加や並べ替えはできません。"]
    found = []
    for place, row in enumerate(sheet.rows):
        number = FIRST_ROW + place
        for at, column in enumerate(listed, start=1):
            stands = page.cell(number, at).value
            if not column.is_open and _same(stands) != _same(column.text(row)):
                where = f"{number}行目 {get_column_letter(at)}列"
                found.append(
                    f"{where}：「{column.heading}」が書き換えられています。行の追加や並べ替えはできません。"
                )
                break
    return found


def _same(value: Any) -> str:
    # Excel writes line ends in its own way.
    return "" if value is None else str(value).replace("\r\n", "\n").replace("_x000D_", "").strip()


def _added(page: Any, sheet: Sheet, listed: list[Column]) -> list[str]:
    """Anything below the last row or right of the last column."""
    last_row, last_column = FIRST_ROW - 1 + len(sheet.rows), len(listed)
    if page.max_row > last_row + MOST_ROWS or page.max_column > last_column + MOST_ROWS:
        return ["表の外に、とても多くのセルがあります。渡したファイルに記入し直してもらってください。"]
    for number in range(last_row + 1, page.max_row + 1):
        if any(page.cell(number, at).value is not None for at in range(1, page.max_column + 1)):
            return [f"{number}行目：行が追加されています。項目を増やすときは、自治体の担当者が追加します。"]
    for number in range(HEADER_ROW, last_row + 1):
        for at in range(last_column + 1, page.max_column + 1):
            if page.cell(number, at).value is not None:
                where = f"{number}行目 {get_column_letter(at)}列"
                return [f"{where}：表の外に記入があります。黄色の欄に書いてください。"]
    return []


def _text(cell: Any) -> str:
    """What a person typed into a cell. Raises ValueError for what is no plain text or number."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f" or (cell.data_type == "s" and str(value).startswith("=")):
        raise ValueError("計算式は取り込めません。文字か数字で入力してもらってください。")
    if cell.data_type == "e":
        raise ValueError("エラー値が入っています。")
    if isinstance(value, bool):
        raise ValueError("文字で入力してもらってください。")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not value.is_integer():
            return repr(value)
        return str(int(value))
    if not isinstance(value, str):
        raise ValueError("日付として保存されています。文字で入力してもらってください。")
    return value.replace("_x000D_", "").replace("\r\n", "\n").strip()


def _take(values: dict[str, Any], column: Column, text: str) -> None:
    name, _, code = column.name.partition(":")
    if name == "kinds":
        if text in {MARK, "〇", "◯", "o", "O"}:
            values["kinds"].append(code)
        elif text:
            raise ValueError(f"{MARK} か空欄にしてもらってください。")
    elif name == "cost":
        by_label = {str(each.label): each.value for each in ExpectationCost}
        label = unicodedata.normalize("NFKC", text)
        if label and label not in by_label:
            raise ValueError(f"{'・'.join(by_label)}のどれかを選んでもらってください。")
        values["cost"] = by_label.get(label, "")
    elif name == "cost_cap":
        values[name] = re.sub(r"[,円]", "", unicodedata.normalize("NFKC", text)).strip()
    else:
        values[name] = text
