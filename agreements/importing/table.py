"""A sheet as a table: where its header is, which rows are data, which are totals, notes and repeated headers."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from .columns import Column, known_headers, plain_header
from .reader import Sheet, SheetRow

HEADER_WITHIN = 40  # rows with anything in them
JOINED = "／"
_TOTAL = re.compile(r"(総|小)?(合計|計|総数)(件数|数)?(:?[0-9,]+件?)?")
_REMARK = re.compile(r"[※*＊]|注[0-9]*[:)）]?|(出典|資料|備考)[:：]")


@dataclass(frozen=True, slots=True)
class Table:
    """`headers[i]` is the text over column i; `dropped` says in Japanese which rows were left out, and why."""

    header_row: int
    headers: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    dropped: tuple[str, ...]

    @property
    def signature(self) -> str:
        """The same for every file with these headers."""
        return "\t".join(plain_header(header) for header in self.headers)


def guess_header_row(sheet: Sheet, columns: Iterable[Column]) -> int:
    """The number of the row whose cells are most like headers of these columns."""
    known = known_headers(columns)
    best, found = sheet.rows[0].number, 0
    for row in sheet.rows[:HEADER_WITHIN]:
        hits = len({known[plain] for cell in row.cells if (plain := plain_header(cell)) in known})
        if hits > found:
            best, found = row.number, hits
    if not found:
        # Nothing we know: the first row with the most filled cells.
        fullest = max(sheet.rows[:HEADER_WITHIN], key=lambda row: len({cell for cell in row.cells if cell}))
        best = fullest.number
    return best


def table_of(sheet: Sheet, header_row: int) -> Table:
    """The table under the header row. A header over two rows (有効期間／開始・終了) becomes one."""
    header = next(
        (row for row in sheet.rows if row.number == header_row), SheetRow(header_row, sheet.rows[0].cells[:0])
    )
    below = next((row for row in sheet.rows if row.number == header_row + 1), None)
    last_header = header_row
    cells = list(header.cells)
    if below is not None and header_row in sheet.wide:
        last_header = below.number
        cells += [""] * (len(below.cells) - len(cells))
        for place, text in enumerate(below.cells):
            if text and text != cells[place]:
                cells[place] = f"{cells[place]}{JOINED}{text}" if cells[place] else text
    width = max((len(row.cells) for row in sheet.rows if row.number > last_header), default=0)
    headers = tuple(" ".join(cell.split()) for cell in [*cells, *[""] * (width - len(cells))])
    rows, dropped = [], []
    for row in sheet.rows:
        if row.number <= last_header:
            continue
        why = _why_no_data(row, header)
        if why:
            dropped.append(f"{row.number}行目は{why}として除きました。")
        else:
            rows.append(row)
    return Table(header_row, headers, tuple(rows), tuple(dropped))


def _why_no_data(row: SheetRow, header: SheetRow) -> str:
    filled = [cell for cell in row.cells if cell]
    first = "".join(unicodedata.normalize("NFKC", filled[0]).split())
    others = ["".join(unicodedata.normalize("NFKC", cell).split()) for cell in filled[1:]]
    if _TOTAL.fullmatch(first) and all(re.fullmatch(r"[0-9.,]+[件者社円個]?", cell) for cell in others):
        return "合計の行"
    if len(set(filled)) == 1 and _REMARK.match(filled[0]):
        return "注記の行"
    if len(filled) > 1 and row.cells == header.cells[: len(row.cells)]:
        return "見出しの繰返し"
    return ""
