"""Text folded for matching that still knows where each character came from.

Rules and searches match on a folded form (full-width digits made narrow, line breaks inside pasted text
removed, …) but must quote the original words. `AlignedText` is that folded form with the way back.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

# A character with the marks that belong to it: ｶﾞ is one unit, so that NFKC makes one ガ of it.
_CLUSTER = re.compile(
    r".[\u0300-\u036f\u3099-\u309c\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef]*", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class AlignedText:
    """`text` is the folded form of `source`; character i of `text` stands for `source[starts[i]:ends[i]]`."""

    source: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def build(cls, source: str, fold: Callable[[str], str], cluster: re.Pattern[str] = _CLUSTER) -> Self:
        """Fold `source` cluster by cluster; `fold` may return any number of characters, also none."""
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for match in cluster.finditer(source):
            folded = fold(match.group())
            text.append(folded)
            starts += [match.start()] * len(folded)
            ends += [match.end()] * len(folded)
        return cls(source, "".join(text), tuple(starts), tuple(ends))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in `source` of `text[start:end]` (not empty), as (start, end)."""
        return self.starts[start], self.ends[end - 1]

    def quote(self, start: int, end: int) -> str:
        """The original words behind `text[start:end]` (not empty)."""
        first, last = self.span(start, end)
        return self.source[first:last]


def compact(source: str) -> AlignedText:
    """NFKC without any whitespace or control character: the form in which Japanese clauses are matched."""
    return AlignedText.build(source, _fold_compact)


@lru_cache(maxsize=8192)  # texts are made of few different characters
def _fold_compact(cluster: str) -> str:
    folded = unicodedata.normalize("NFKC", cluster)
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c)[0] != "C")
