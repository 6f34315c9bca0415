"""Tables as files: xlsx and CSV, row by row, in the same memory for ten rows and for 100,000.

No cell is ever a formula: xlsx cells are written as text, CSV cells are neutralised.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from municipalities.spreadsheet_text import neutralise

from . import xlsx_file
from .table import Column, Kind, Row

XLSX_ROWS = 1_048_575  # below the header
XLSX_CELL = 32_767
GETA = "〓"
"""What a character that CP932 lacks becomes, when the person chose so."""
# The same characters of JIS, which CP932 knows under other code points.
_TWINS = {"〜": "～", "−": "－", "‖": "∥", "—": "―", "¢": "￠", "£": "￡", "¬": "￢"}
_CUT = "…（長いため、以降を省きました）"


class TooManyRows(ValueError):
    """More than a sheet of xlsx holds."""


def write_xlsx(
    target: BinaryIO, title: str, columns: Sequence[Column], portions: Iterable[list[Row]]
) -> tuple[int, int]:
    """Write a sheet; returns the number of rows and of texts that were too long for a cell and were cut."""
    count = cut = 0

    def lines() -> Iterator[str]:
        nonlocal count, cut
        cells = [
            (xlsx_file.letters(place), column, column.key, column.kind)
            for place, column in enumerate(columns)
        ]
        for portion in portions:
            for row in portion:
                count += 1
                if count > XLSX_ROWS:
                    raise TooManyRows
                written = []
                for letter, column, key, kind in cells:
                    value = row[key]
                    if value is None or value == "":
                        continue
                    if kind is Kind.DATE:
                        written.append(xlsx_file.date_cell(letter, count + 1, value))
                    elif kind is Kind.NUMBER:
                        written.append(xlsx_file.number_cell(letter, count + 1, value))
                    else:
                        text = value if kind is Kind.TEXT and type(value) is str else column.plain(value)
                        if len(text) > XLSX_CELL:
                            text, cut = text[: XLSX_CELL - len(_CUT)] + _CUT, cut + 1
                        style = xlsx_file.LINES if kind is Kind.LINES else xlsx_file.TEXT
                        written.append(xlsx_file.text_cell(letter, count + 1, text, style))
                yield xlsx_file.row(count + 1, written)

    heads = [(column.header, column.width) for column in columns]
    xlsx_file.write_sheet(target, title, heads, lines)
    return count, cut


def csv_lines(columns: Sequence[Column], portions: Iterable[list[Row]]) -> Iterator[str]:
    """The lines of a CSV file (CRLF, RFC 4180), without a byte order mark; a portion of rows at a time."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([column.header for column in columns])
    for portion in portions:
        writer.writerows([neutralise(column.plain(row[column.key])) for column in columns] for row in portion)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest


def encoded(lines: Iterable[str], encoding: str) -> Iterator[bytes]:
    """`utf-8` begins with a byte order mark, which Excel needs; `cp932` has stand-ins for what it lacks."""
    if encoding == "cp932":
        for line in lines:
            missing = missing_in_cp932(line)
            yield line.translate({ord(each): stand_in(each) for each in missing}).encode("cp932")
        return
    yield "\ufeff".encode()
    for line in lines:
        yield line.encode()


def stand_in(character: str) -> str:
    """What is written in CP932 for a character that it lacks."""
    return _TWINS.get(character, GETA)


def missing_in_cp932(text: str) -> Counter[str]:
    """The characters of the text that CP932 lacks, and how often each occurs."""
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return Counter(character for character in text if not _fits(character))
    return Counter()


def _fits(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
