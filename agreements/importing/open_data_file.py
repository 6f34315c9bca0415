"""The JSON of our own open data as the rows of the CSV: both are imported the same way."""

import json
import re
from datetime import date
from typing import Any

from agreements.domain.uploads import Refused
from agreements.open_table import ACTION_COLUMNS, COLUMNS, action_rows, csv_row

_NOT_OURS = (
    "このJSONは、Renkeiのオープンデータではありません。"
    "公開ページからダウンロードしたファイルを選んでください。"
)
_VERSIONS = "1."
AGREEMENTS, ACTIONS = "協定", "取組"
"""What the two tables of the file are called, like the sheets of a workbook."""
# What no text of ours holds and no database takes: control characters, halves of characters.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def json_sheets(content: bytes) -> dict[str, list[list[str]]]:
    """Headings and rows of the agreements, and of their 取組 where there are any. Raises `Refused`."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused("JSONとして読めません。ファイルが途中で切れていないか確かめてください。") from error
    agreements, actions = [_headings(COLUMNS)], [_headings(ACTION_COLUMNS)]
    for place, facts in enumerate(_agreements(data), start=1):
        try:
            agreements.append(_row(facts))
            actions += [_readable(row) for row in action_rows(facts, url=facts["url"])]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Refused(f"{place}件目の協定を読み取れません。{_NOT_OURS}") from error
    return {AGREEMENTS: agreements} | ({ACTIONS: actions} if len(actions) > 1 else {})


def _headings(columns: tuple[tuple[str, str], ...]) -> list[str]:
    return [name for name, _ in columns]


def _row(facts: Any) -> list[str]:
    on = date.fromisoformat(facts["published_on"])
    return _readable(csv_row(facts, on=on, number=int(facts["edition"]), url=facts["url"]))


def _readable(row: list[str]) -> list[str]:
    """Raises `ValueError` for what no cell holds."""
    if not all(isinstance(cell, str) and not _UNREADABLE.search(cell) for cell in row):
        raise ValueError("not a text")
    return row


def _agreements(data: Any) -> list[Any]:
    """Of the file of many, or of the file of one."""
    if not isinstance(data, dict):
        raise Refused(_NOT_OURS)
    if "agreements" not in data and "parties" in data:
        return [data]
    if not isinstance(data.get("agreements"), list):
        raise Refused(_NOT_OURS)
    if not str(data.get("version", "")).startswith(_VERSIONS):
        raise Refused("このオープンデータの版には対応していません。新しいRenkeiで取り込んでください。")
    return data["agreements"]
