"""What stands in one cell of a ledger although it is several things: names of parties, 連携事項.

Pure: standard library only. Nothing is lost: what is not a separator between two things stays verbatim.
"""

import re
import unicodedata

from .items import split_numbered
from .kana import strip_legal_form

_LINES = re.compile(r"[\n\r;；]+|(?<![0-9A-Za-z])[、](?=\S)")
_MAYBE = re.compile(r"[・･/／,，]|(?<=\S)\s+(?=\S)|及び|および|並びに")
_SHORT_ITEM = 20
_ITEM_BREAKS = re.compile(r"[;；]|(?<![0-9A-Za-z])[/／](?![0-9A-Za-z/／])")
_CLAUSE = re.compile(r"こと(?=、|$)")


def split_names(text: str) -> list[str]:
    """The names in a cell. Line breaks, 「、」 and 「；」 always part them; 「・」「/」「,」 and blanks stand in
    names too (エヌ・ティ・ティ), so they part only pieces that all carry a legal form (㈱A・㈱B)."""
    names: list[str] = []
    for piece in split_numbered(text):
        for part in _LINES.split(piece):
            names += _parted(part.strip(" \t　"))
    return list(dict.fromkeys(name for name in names if name))


def _parted(text: str) -> list[str]:
    pieces = [piece.strip(" \t　") for piece in _MAYBE.split(text)]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) > 1 and all(_has_legal_form(piece) for piece in pieces):
        return pieces
    return [text]


def _has_legal_form(name: str) -> bool:
    return bool(strip_legal_form(name)) and strip_legal_form(name) != name.strip()


def split_items(text: str) -> list[str]:
    """The 連携事項 in a cell: a numbered list, lines, 「…こと、…こと」, or short words parted by 「、」「/」."""
    items: list[str] = []
    for item in split_numbered(text):
        items += _clauses(item) if "\n" not in item else [item]
    return items


def _clauses(item: str) -> list[str]:
    pieces = _trimmed(_ITEM_BREAKS.split(item))
    if len(pieces) > 1:
        return [each for piece in pieces for each in _clauses(piece)]
    if "。" in item:
        return [item]
    ends = [match.end() for match in _CLAUSE.finditer(item)]
    if len(ends) > 1 and ends[-1] == len(item):
        starts = [0, *(end + 1 for end in ends[:-1])]
        return _trimmed(item[start:end] for start, end in zip(starts, ends, strict=True))
    words = _trimmed(item.split("、"))
    plain = unicodedata.normalize("NFKC", item)
    if (
        len(words) > 2
        and all(len(word) <= _SHORT_ITEM for word in words)
        and not re.search(r"こと|及び|並びに|又は|する|など|など|等|や|[（(「]", plain)
    ):
        return words
    return [item]


def _trimmed(pieces: object) -> list[str]:
    return [piece.strip(" \t　") for piece in pieces if piece.strip(" \t　")]  # type: ignore[attr-defined]
