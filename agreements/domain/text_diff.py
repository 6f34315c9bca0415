"""What changed between two texts, word by word, also in Japanese, which writes no spaces between words.

A token is what a reader sees as one piece: a run of digits, Latin letters or katakana, one kanji, one
hiragana, one mark. Texts are compared sentence by sentence first, then token by token inside what changed;
common scraps too short to carry meaning count as changed, so that 「観光振興」→「産業振興」 reads as a word.
Joining the pieces that are not `added` gives the old text back, those that are not `removed` the new one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum


class Op(Enum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    op: Op
    text: str


_TOKEN = re.compile(r"[0-9０-９]+|[A-Za-zＡ-Ｚａ-ｚ]+|[ァ-ヶヽヾー]+|[ｦ-ﾟ]+|\r\n|.", re.DOTALL)
_SENTENCE = re.compile(r"[^。\n]*(?:。|\n|$)")
_MOST_COMPARISONS = 250_000
"""Above this (pieces × pieces) two passages are shown as a whole: removed and added."""
_SHORTEST_ISLAND = 2
"""Common text of fewer tokens between two changes is no landmark for a reader."""
_LANDMARK = re.compile(r"[、。「」（）()\n]")


def tokens(text: str) -> list[str]:
    """The text in pieces; joined they are the text."""
    return _TOKEN.findall(text)


def diff(old: str, new: str) -> list[Piece]:
    """How `old` became `new`, in reading order; neighbouring pieces differ in their `op`."""
    return _joined(_pieces(old, new))


def _pieces(old: str, new: str) -> Iterator[Piece]:
    if old == new:
        yield from [Piece(Op.SAME, old)] if old else []
        return
    before, after = _sentences(old), _sentences(new)
    if len(before) * len(after) > _MOST_COMPARISONS:
        yield from _changed(old, new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        removed, added = "".join(before[a:b]), "".join(after[c:d])
        if tag == "equal":
            yield Piece(Op.SAME, removed)
        elif removed and added:
            yield from _inside(removed, added)
        else:
            yield from _changed(removed, added)


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.findall(text) if sentence]


def _inside(old: str, new: str) -> Iterator[Piece]:
    before, after = tokens(old), tokens(new)
    if len(before) * len(after) > _MOST_COMPARISONS:
        yield from _changed(old, new)
        return
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    removed = added = ""
    for place, (tag, a, b, c, d) in enumerate(codes):
        is_inner = 0 < place < len(codes) - 1
        if tag == "equal" and not (is_inner and _is_scrap(before[a:b])):
            yield from _changed(removed, added)
            removed = added = ""
            yield Piece(Op.SAME, "".join(before[a:b]))
        else:
            removed += "".join(before[a:b])
            added += "".join(after[c:d])
    yield from _changed(removed, added)


def _is_scrap(common: Sequence[str]) -> bool:
    return len(common) < _SHORTEST_ISLAND and not any(_LANDMARK.search(token) for token in common)


def _changed(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(Op.REMOVED, removed)
    if added:
        yield Piece(Op.ADDED, added)


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    """Between two unchanged pieces at most one removal and one addition, in this order."""
    joined: list[Piece] = []
    removed = added = ""

    def settle() -> None:
        nonlocal removed, added
        joined.extend(_changed(removed, added))
        removed = added = ""

    for piece in pieces:
        if piece.op is Op.REMOVED:
            removed += piece.text
        elif piece.op is Op.ADDED:
            added += piece.text
        else:
            settle()
            if joined and joined[-1].op is Op.SAME:
                joined[-1] = Piece(Op.SAME, joined[-1].text + piece.text)
            else:
                joined.append(piece)
    settle()
    return joined
