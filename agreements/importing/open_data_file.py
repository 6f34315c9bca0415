"""The JSON of our own open data as the rows of the CSV: both are imported the same way."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from agreements.domain.uploads import Refused
from agreements.open_table import COLUMNS, csv_row

_NOT_OURS = (
    "このJSONは、Renkeiのオープンデータではありません。"
    "公開ページからダウンロードしたファイルを選んでください。"
)
_VERSIONS = "1."
# What no text of ours holds and no database takes: control characters, halves of characters.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def json_rows(content: bytes) -> Iterator[list[str]]:
    """Headings, then one row for each agreement. Raises `Refused`."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused("JSONとして読めません。ファイルが途中で切れていないか確かめてください。") from error
    agreements = _agreements(data)
    yield [name for name, _ in COLUMNS]
    for place, facts in enumerate(agreements, start=1):
        try:
            row = csv_row(
                facts,
                on=date.fromisoformat(facts["published_on"]),
                number=int(facts["edition"]),
                url=facts["url"],
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Refused(f"{place}件目の協定を読み取れません。{_NOT_OURS}") from error
        if not all(isinstance(cell, str) and not _UNREADABLE.search(cell) for cell in row):
            raise Refused(f"{place}件目の協定を読み取れません。{_NOT_OURS}")
        yield row


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
