"""A list as it is on the screen, on paper: A4 landscape, the head of the table on every page, page n/N."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from municipalities.wareki import format_wareki

from .page_choices import PageChoices
from .renderer import render_pdf

LIST_CHOICES = PageChoices(is_marked=True)

MOST_ROWS = 3_000
"""More is a file to work with, not a paper to read."""
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class PrintedColumn:
    """`width`: one of the print classes, "" shares what is left."""

    header: str
    width: str
    is_number: bool


def print_list(
    *,
    title: str,
    conditions: dict[str, list[str]],
    columns: Sequence[PrintedColumn],
    rows: Sequence[Sequence[Any]],
    user: Any,
    today: date,
    choices: PageChoices = LIST_CHOICES,
) -> bytes:
    """The rows as PDF. Raises `renderer.PrintError`."""
    context = {
        "title": title,
        "conditions": [f"{label}：{'、'.join(values)}" for label, values in conditions.items()],
        "columns": columns,
        "rows": [
            [(_text(value), column.is_number) for value, column in zip(row, columns, strict=True)]
            for row in rows
        ],
        "count": len(rows),
        "printed": f"{format_wareki(today)}　{user}",
        "municipality": str(user.municipality or ""),
        "page": choices,
    }
    return render_pdf(
        "print/list.html",
        context,
        title=title,
        author=str(user.municipality or "Renkei"),
        variant=choices.variant,
        attachments={"list.json": _json(title, columns, rows, today)} if choices.is_archive else None,
    )


def _json(title: str, columns: Sequence[PrintedColumn], rows: Sequence[Sequence[Any]], today: date) -> bytes:
    facts = {
        "schema": "renkei.list/1",
        "printed_on": today,
        "title": title,
        "columns": [column.header for column in columns],
        "rows": rows,
    }
    return json.dumps(facts, ensure_ascii=False, indent=1, default=str).encode()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, date):
        return format_wareki(value)
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
