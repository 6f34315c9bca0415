"""The words around a hit, with the hits marked: what a list of search results shows of a long text."""

from collections.abc import Sequence
from dataclasses import dataclass

from .search_text import highlights, normalise

AROUND = 30  # characters before the first hit and after it
_PIECE = 2_000  # of a long text at once; a hit over a border lies in the overlap
_OVERLAP = 400


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    label: str
    parts: tuple[Part, ...]


def marked(text: str, wanted: Sequence[str]) -> tuple[Part, ...]:
    """The whole text in parts, hits apart; () when there is none. `wanted` are normalised texts."""
    return _parts(text, highlights(text, wanted), 0, len(text))


def excerpt(text: str, wanted: Sequence[str]) -> tuple[Part, ...]:
    """The surroundings of the first hit on one line, cut ends as 「…」; () when there is none."""
    for start in range(0, max(len(text), 1), _PIECE - _OVERLAP):
        piece = text[start : start + _PIECE]
        searched = normalise(piece)
        if any(each in searched for each in wanted):
            spans = highlights(piece, wanted)
            if not spans:
                continue
            first = max(spans[0][0] - AROUND, 0)
            last = min(spans[0][1] + AROUND, len(piece))
            parts = list(_parts(piece, spans, first, last))
            if start + first > 0:
                parts.insert(0, Part("…", is_hit=False))
            if start + last < len(text):
                parts.append(Part("…", is_hit=False))
            return tuple(parts)
    return ()


def _parts(text: str, spans: Sequence[tuple[int, int]], first: int, last: int) -> tuple[Part, ...]:
    parts, place = [], first
    for start, end in spans:
        if start >= last:
            break
        parts.append(Part(" ".join(text[place:start].split("\n")), is_hit=False))
        parts.append(Part(text[start:end], is_hit=True))
        place = end
    if not parts:
        return ()
    parts.append(Part(" ".join(text[place : max(last, place)].split("\n")), is_hit=False))
    return tuple(part for part in parts if part.text)
