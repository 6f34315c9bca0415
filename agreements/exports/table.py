"""What a table of a list is: columns with Japanese headers, and a function that reads rows by their keys."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from django.db.models import Model, QuerySet

from agreements.models.keyset import batches

PORTION = 500
"""So many rows are in memory at once, each of their relations by one query."""

Row = dict[str, Any]


class Kind(Enum):
    """What the values of a column are. A cell without a value holds None or ""."""

    TEXT = "text"
    LINES = "lines"  # one value a line
    DATE = "date"
    NUMBER = "number"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    header: str
    kind: Kind = Kind.TEXT
    width: int = 14  # full-width characters would need half as many

    def plain(self, value: Any) -> str:
        """The value as the text of a cell; a date as YYYY-MM-DD, which every spreadsheet reads."""
        if value is None:
            return ""
        if self.kind is Kind.FLAG:
            return "はい" if value else "いいえ"
        return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """`load(keys of rows, keys of columns, user, today)` answers a row for each key that is still there."""

    key: str
    noun: str
    model: type[Model]
    columns: tuple[Column, ...]
    load: Callable[[Sequence[int], Sequence[str], Any, date], dict[int, Row]]

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)

    def chosen(self, keys: Sequence[str]) -> tuple[Column, ...]:
        """The columns of these keys in their order; all of them without keys."""
        return tuple(self.column(key) for key in keys) if keys else self.columns

    def rows(
        self, found: QuerySet, columns: Sequence[Column], *, user: Any, today: date
    ) -> Iterator[list[Row]]:
        """The rows in the order of the QuerySet, a portion at a time, whatever their number."""
        keys = [column.key for column in columns]
        for portion in batches(found, PORTION):
            pks = list(portion.values_list("pk", flat=True))
            loaded = self.load(pks, keys, user, today)
            yield [loaded[pk] for pk in pks if pk in loaded]
