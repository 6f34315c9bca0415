"""Files for the person: a template to fill in, and the rows that were not taken in with the reason beside each."""

from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from agreements.choices import ImportOutcome
from agreements.models import LedgerImport

from .importable import Importable
from .kinds import importable
from .reader import LONGEST_CELL

_PLAIN = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}


def template(kind: Importable) -> bytes:
    """An empty ledger with all headers, what each wants, and one invented example."""
    buffer = BytesIO()
    book = Workbook(buffer, _PLAIN)
    sheet = book.add_worksheet(f"{kind.label}の見本"[:31])
    head, wrapped = _formats(book)
    for place, column in enumerate(kind.columns):
        sheet.set_column(place, place, max(12, 2 * len(column.label) + 2))
        sheet.write_string(0, place, column.label, head)
        if column.example:
            sheet.write_string(1, place, column.example, wrapped)
    sheet.freeze_panes(1, 0)
    guide = book.add_worksheet("記入のしかた")
    guide.set_column(0, 0, 30)
    guide.set_column(1, 2, 60)
    for place, text in enumerate(("列", "書き方", "この見出しでも読み取ります")):
        guide.write_string(0, place, text, head)
    for line, column in enumerate(kind.columns, start=1):
        guide.write_string(line, 0, column.label)
        guide.write_string(line, 1, column.hint, wrapped)
        guide.write_string(line, 2, "、".join(column.synonyms), wrapped)
    book.close()
    return buffer.getvalue()


def rejected(ledger: LedgerImport) -> bytes:
    """The rows with errors under their own headers; the reason stands in the first columns.

    Mended, the file can be imported as it is.
    """
    kind = importable(ledger.kind)
    columns = sorted(ledger.mapping.items(), key=lambda each: each[1])
    labels = {column.key: column.label for column in kind.columns}
    buffer = BytesIO()
    book = Workbook(buffer, _PLAIN)
    sheet = book.add_worksheet("取り込めなかった行")
    head, wrapped = _formats(book)
    headers = [ledger.headers[place] or labels[key] for key, place in columns]
    for place, header in enumerate(["元の行", "エラーの内容", *headers]):
        sheet.write_string(0, place, header, head)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, len(headers) + 1, 20)
    for line, row in enumerate(ledger.rows.filter(outcome=ImportOutcome.ERROR).iterator(), start=1):
        sheet.write_number(line, 0, row.number)
        sheet.write_string(line, 1, "\n".join(_words(error) for error in row.errors)[:LONGEST_CELL], wrapped)
        for place, (key, _place) in enumerate(columns, start=2):
            sheet.write_string(line, place, row.cells.get(key, "")[:LONGEST_CELL], wrapped)
    sheet.freeze_panes(1, 2)
    book.close()
    return buffer.getvalue()


def _words(error: dict[str, str]) -> str:
    where = " ".join(filter(None, (error["cell"], error["column"])))
    return f"【{where}】{error['message']}" if where else error["message"]


def _formats(book: Any) -> tuple[Any, Any]:
    head = book.add_format(
        {"bold": True, "bg_color": "#E8F1FE", "border": 1, "text_wrap": True, "valign": "top"}
    )
    return head, book.add_format({"text_wrap": True, "valign": "top"})
