"""xlsx, CSV, TSV and our open data as rows of text, with the row numbers that a person sees in Excel.

Whatever the file claims, memory and time are bounded: sizes are checked before anything is unpacked, declared
dimensions are ignored, and reading stops at `MOST_ROWS` rows with something in them.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string, range_boundaries

from agreements.domain.uploads import Limits, Refused, check_upload
from municipalities.spreadsheet_text import restore

from .open_data_file import json_sheets

MOST_ROWS = 20_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_767  # what a cell of Excel holds
# A ledger of 20,000 rows unpacks to some 30 MB; whatever is larger is no ledger.
LIMITS = Limits(size=20 * 1024 * 1024, entries=1_000, unpacked=60 * 1024 * 1024)
ACCEPT = ".xlsx,.csv,.tsv,.txt,.json"
UNCALCULATED = "#未計算"
FORMULA_ERRORS = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", UNCALCULATED}
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as text. `continued` are the columns (from 0) whose merged cell began in an earlier row."""

    number: int
    cells: tuple[str, ...]
    continued: frozenset[int] = frozenset()

    @property
    def is_blank(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one sheet that hold anything. `wide`: rows in which a cell spans several columns."""

    name: str
    names: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    wide: frozenset[int] = frozenset()


def kind_of(file: BinaryIO, *, name: str, size: int) -> str:
    """ "xlsx", "csv" or "json". Raises `Refused` with a sentence for the person who sent it."""
    stem, dot, extension = name.rpartition(".")
    is_json = bool(dot) and extension.lower() == "json"
    as_known = f"{stem}.txt" if is_json or (dot and extension.lower() == "tsv") else name
    key = check_upload(file, name=as_known, size=size, limits=LIMITS).key
    if key not in {"xlsx", "csv", "txt"}:
        raise Refused(
            "取り込めるのは、Excel（xlsx）、CSV、TSV と、Renkeiのオープンデータ（JSON）です。"
            "Excel で保存し直してから選んでください。"
        )
    if is_json:
        return "json"
    return "xlsx" if key == "xlsx" else "csv"


def read_sheet(file: BinaryIO, *, kind: str, sheet: str = "") -> Sheet:
    """The sheet of that name, else the first with anything in it. Raises `Refused`."""
    file.seek(0)
    if kind == "csv":
        return Sheet("", (), _bounded(_text_rows(file.read())))
    if kind == "json":
        sheets = json_sheets(file.read())
        name = sheet if sheet in sheets else next(iter(sheets))
        rows = enumerate(sheets[name], start=1)
        cells = (SheetRow(number, tuple(map(_cleaned, row))) for number, row in rows)
        return Sheet(name, tuple(sheets), _bounded(cells))
    try:
        return _excel_sheet(file, sheet)
    except Refused:
        raise
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        raise Refused(
            "Excel として読めません。"
            "Excel で開いて「名前を付けて保存」（xlsx）してから、もう一度選んでください。"
        ) from error
    except SyntaxError as error:  # malformed XML
        raise Refused("ファイルの中が壊れています。Excel で開いて保存し直してください。") from error


def _bounded(rows: Iterable[SheetRow]) -> tuple[SheetRow, ...]:
    """Without blank rows. Raises `Refused` when there are too many."""
    kept: list[SheetRow] = []
    for row in rows:
        if row.is_blank:
            continue
        if len(kept) >= MOST_ROWS:
            raise Refused(
                f"行が多すぎます。一度に取り込めるのは{MOST_ROWS:,}行までです。分けて取り込んでください。"
            )
        kept.append(row)
    if not kept:
        raise Refused("中身のある行がありません。台帳の入ったシートかを確かめてください。")
    return tuple(kept)


# --- Text ---


def _text_rows(content: bytes) -> Iterator[SheetRow]:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for number, cells in enumerate(reader, start=1):
            yield SheetRow(number, tuple(_cleaned(restore(cell)) for cell in cells[:MOST_COLUMNS]))
    except csv.Error as error:
        raise Refused(
            f'CSV の{reader.line_num}行目を読めません。引用符（"）の閉じ忘れがないか確かめてください。'
        ) from error


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp932"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("文字コードを読み取れません。UTF-8 か Shift_JIS（Excel の CSV）で保存し直してください。")


def _delimiter(text: str) -> str:
    """A tab where the first lines have more tabs than commas."""
    lines = text[:20_000].splitlines()[:30]
    return "\t" if sum(line.count("\t") for line in lines) > sum(line.count(",") for line in lines) else ","


def _cleaned(value: str) -> str:
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\u3000\ufeff\u200b")
    return text[:LONGEST_CELL]


# --- Excel ---

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_NO_RESULT = re.compile(
    rb'<(?:\w+:)?c\b[^>]*\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MOST_MERGES = 20_000
_MOST_FILLED = 500_000
_CHUNK, _OVERLAP = 1 << 20, 4_096


def _excel_sheet(file: BinaryIO, wanted: str) -> Sheet:
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        sheets = {sheet.title: sheet for sheet in book.worksheets if sheet.sheet_state == "visible"}
        names = tuple(sheets)
        if not sheets:
            raise Refused("表示されているシートがありません。")
        for name in [wanted] if wanted in sheets else names:
            sheet: Any = sheets[name]
            merges, uncalculated = _marks(file, sheet._worksheet_path)
            try:
                rows = _bounded(_excel_rows(sheet, merges, uncalculated))
            except _TooFarMerged as error:
                raise Refused("結合したセルが多すぎます。結合を解いて保存し直してください。") from error
            except Refused:
                if name == (wanted or names[-1]) or sheet.max_row == 0:
                    raise
                continue
            wide = frozenset(first[1] for first in merges if first[2] > first[0])
            return Sheet(name, names, rows, wide)
        raise Refused("中身のある行がありません。台帳の入ったシートかを確かめてください。")
    finally:
        book.close()


class _TooFarMerged(ValueError):
    pass


def _marks(file: BinaryIO, path: str) -> tuple[list[tuple[int, int, int, int]], set[tuple[int, int]]]:
    """Merged ranges (columns from 0, rows from 1) and cells with a formula nobody has calculated."""
    merges: dict[bytes, tuple[int, int, int, int]] = {}
    uncalculated: set[tuple[int, int]] = set()
    with zipfile.ZipFile(file) as archive, archive.open(path) as part:
        rest = b""
        while chunk := part.read(_CHUNK):
            text = rest + chunk
            for found in _MERGE.findall(text):
                left, top, right, bottom = (each or 1 for each in range_boundaries(found.decode()))
                merges[found] = (left - 1, top, right - 1, bottom)
                if len(merges) > _MOST_MERGES:
                    raise Refused("結合したセルが多すぎます。結合を解いて保存し直してください。")
            for letters, number in _NO_RESULT.findall(text):
                uncalculated.add((int(number), column_index_from_string(letters.decode()) - 1))
            rest = text[-_OVERLAP:]
    return list(merges.values()), uncalculated


def _excel_rows(
    sheet: Any, merges: list[tuple[int, int, int, int]], uncalculated: set[tuple[int, int]]
) -> Iterator[SheetRow]:
    """Rows with merged cells filled from their first cell."""
    unfilled: dict[int, list[int]] = {}
    for number, column in uncalculated:
        unfilled.setdefault(number, []).append(column)
    fill = _MergedCells(merges)
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
        fill.come_to(number)
        # Rows are padded to the last column we read: a million empty ones must cost nothing.
        if number not in unfilled and values.count(None) == len(values):
            continue
        cells = [_as_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        for column in unfilled.get(number, ()):
            cells += [""] * (column + 1 - len(cells))
            cells[column] = UNCALCULATED
        if any(cells):
            continued = fill.into(cells, number)
            yield SheetRow(number, tuple(cells), continued)


class _MergedCells:
    """A cell that spans others is one value: it stands in all of them, where the row has any of its own."""

    def __init__(self, merges: list[tuple[int, int, int, int]]) -> None:
        self.starts: dict[int, list[tuple[int, int, int, int]]] = {}
        for merge in merges:
            self.starts.setdefault(merge[1], []).append(merge)
        self.open: list[tuple[int, int, int, int, list[str]]] = []
        self.filled = 0

    def come_to(self, number: int) -> None:
        self.open = [each for each in self.open if each[3] >= number]
        self.open += [(*each, []) for each in self.starts.get(number, ())]

    def into(self, cells: list[str], number: int) -> frozenset[int]:
        """Fill the row; returns the columns whose value began in an earlier row."""
        continued = set()
        for left, top, right, _bottom, value in self.open:
            if top == number:
                value.append(cells[left] if left < len(cells) else "")
            if not (value and value[0]):
                continue
            last = min(right, MOST_COLUMNS - 1)
            self.filled += last - left + 1
            if self.filled > _MOST_FILLED:
                raise _TooFarMerged
            cells += [""] * (last + 1 - len(cells))
            for column in range(left, last + 1):
                cells[column] = cells[column] or value[0]
                if top < number and cells[column] == value[0]:
                    continued.add(column)
        return frozenset(continued)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _cleaned(str(value))
