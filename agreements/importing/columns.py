"""The columns of a ledger under all the names people give them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_BRACKETS = re.compile(r"[(（\[［【〔].*?[)）\]］】〕]")
_DECORATION = re.compile(r"[\s　※*＊★●■:：・/／\-_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One value of a record: its `key` is a field of the row form; `synonyms` are further headers for it."""

    key: str
    label: str
    synonyms: tuple[str, ...] = ()
    hint: str = ""
    example: str = ""
    is_identity: bool = False
    """Rows that share one merged cell of this column are one record."""

    def headers(self) -> tuple[str, ...]:
        return (self.label, *self.synonyms)


def plain_header(text: str) -> str:
    """A header without width, blanks, brackets and decoration: 「締結日（和暦）※」 → 「締結日」."""
    text = unicodedata.normalize("NFKC", text)
    bare = _DECORATION.sub("", _BRACKETS.sub("", text)).casefold()
    return bare or _DECORATION.sub("", text).casefold()


def full_header(text: str) -> str:
    """The same with what stands in brackets: 「更新期間（月）」 is not 「更新期間」."""
    return _DECORATION.sub("", re.sub(r"[()（）]", "", unicodedata.normalize("NFKC", text))).casefold()


def known_headers(columns: Iterable[Column]) -> dict[str, str]:
    """Plain header → key of the column."""
    known: dict[str, str] = {}
    for column in columns:
        for header in column.headers():
            known.setdefault(plain_header(header), column.key)
    return known


def guess_mapping(headers: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """Key → place (from 0) of the column it is read from: whole headers first, then parts of longer ones."""
    mapping: dict[str, int] = {}
    for match in (_by_full_header, _by_plain_header, _by_part):
        taken = set(mapping.values())
        for place, header in enumerate(headers):
            if header and place not in taken:
                key = match(header, columns, mapping)
                if key and key not in mapping:
                    mapping[key] = place
    return mapping


def _by_full_header(header: str, columns: Sequence[Column], mapping: Mapping[str, int]) -> str:
    wanted = full_header(header)
    return next(
        (each.key for each in columns if wanted in {full_header(name) for name in each.headers()}), ""
    )


def _by_plain_header(header: str, columns: Sequence[Column], mapping: Mapping[str, int]) -> str:
    wanted = plain_header(header)
    fits = (each.key for each in columns if wanted in {plain_header(name) for name in each.headers()})
    return next((key for key in fits if key not in mapping), "")


def _by_part(header: str, columns: Sequence[Column], mapping: Mapping[str, int]) -> str:
    """The column with the longest name (of three characters or more) that is part of the header."""
    wanted = plain_header(header)
    parts = [
        (len(plain), each.key)
        for each in columns
        if each.key not in mapping
        for name in each.headers()
        if len(plain := plain_header(name)) >= 3 and plain in wanted
    ]
    return max(parts, default=(0, ""))[1]


def letter(place: int) -> str:
    """The letter over a column in Excel: 0 → A, 26 → AA."""
    letters, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
