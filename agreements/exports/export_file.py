"""One file of a table: which formats there are, and what must be said before or after writing it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from .table import Column, Row, Table
from .writers import csv_lines, encoded, missing_in_cp932, stand_in, write_xlsx

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Format:
    label: str
    extension: str
    content_type: str


FORMATS = {
    "xlsx": Format("Excel（xlsx）", "xlsx", _XLSX),
    "csv": Format("CSV（UTF-8、BOM付き）", "csv", "text/csv; charset=utf-8"),
    "cp932": Format("CSV（Shift_JIS / CP932）", "csv", "text/csv; charset=shift_jis"),
    "pdf": Format("PDF（A4横、印刷用）", "pdf", "application/pdf"),  # `agreements.jobs.export` lays it out
}


class Missing(Exception):
    """The table has characters that CP932 lacks; nothing was written."""

    def __init__(self, characters: Counter[str]) -> None:
        super().__init__(characters)
        self.characters = characters

    def spoken(self) -> str:
        """「𠮷（2か所）→ 〓」, the most frequent first."""
        listed = [
            f"{character}（{count}か所）→ {stand_in(character)}"
            for character, count in self.characters.most_common(_SHOWN)
        ]
        more = len(self.characters) - _SHOWN
        return "、".join(listed) + (f"、ほか{more}字" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Result:
    rows: int
    cut: int = 0
    replaced: str = ""

    def notes(self) -> dict[str, str]:
        found = {}
        if self.cut:
            found["省いた文字"] = f"{self.cut}個のセルは長すぎるため、途中までです。"
        if self.replaced:
            found["置き換えた文字"] = self.replaced
        return found


def write_export(
    target: BinaryIO,
    form: str,
    table: Table,
    columns: Sequence[Column],
    portions: Callable[[], Iterable[list[Row]]],
    *,
    accepts_missing: bool,
) -> Result:
    """Write the file. `portions()` begins anew each time. Raises `Missing` and `writers.TooManyRows`."""
    if form == "xlsx":
        rows, cut = write_xlsx(target, table.noun, columns, portions())
        return Result(rows, cut)
    counted = _Counted(portions())
    if form == "csv":
        target.writelines(encoded(csv_lines(columns, counted), "utf-8"))
        return Result(counted.rows)
    missing: Counter[str] = Counter()
    for line in csv_lines(columns, portions()):
        missing += missing_in_cp932(line)
    if missing and not accepts_missing:
        raise Missing(missing)
    target.writelines(encoded(csv_lines(columns, counted), "cp932"))
    return Result(counted.rows, replaced=Missing(missing).spoken() if missing else "")


class _Counted:
    def __init__(self, portions: Iterable[list[Row]]) -> None:
        self.portions = portions
        self.rows = 0

    def __iter__(self):
        for portion in self.portions:
            self.rows += len(portion)
            yield portion
