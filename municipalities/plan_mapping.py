"""Which node of the new plan a node of the old one probably became. Pure: a person confirms each."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

LEAST_SIMILAR = 0.6
"""Names less alike than this are not suggested."""


class Reason(StrEnum):
    CODE = "code"
    NAME = "name"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Node:
    key: Hashable
    code: str
    name: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`similarity` of the names from 0 to 1, whatever the reason."""

    key: Hashable
    reason: Reason
    similarity: float


def suggest(old: Iterable[Node], new: Iterable[Node]) -> dict[Hashable, Suggestion]:
    """For each old node (by its key) the best candidate: its code, else its name, else the name most alike.

    A code or name that several new nodes have decides nothing by itself: the one on the same level is taken,
    then the one whose name is most alike. Old nodes without a candidate are missing from the answer.
    """
    new = list(new)
    by_code, by_name = defaultdict(list), defaultdict(list)
    for node in new:
        if code := plain(node.code):
            by_code[code].append(node)
        by_name[plain(node.name)].append(node)
    found = {}
    for node in old:
        code, name = plain(node.code), plain(node.name)
        if code and (same := by_code.get(code)):
            found[node.key] = _suggestion(node, same, Reason.CODE)
        elif same := by_name.get(name):
            found[node.key] = _suggestion(node, same, Reason.NAME)
        else:
            near = [each for each in new if _may_be_similar(name, plain(each.name))]
            nearest = _suggestion(node, near, Reason.SIMILAR) if near else None
            if nearest is not None and nearest.similarity >= LEAST_SIMILAR:
                found[node.key] = nearest
    return found


def similarity(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1; the same both ways round."""
    first, second = sorted((plain(one), plain(other)))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _may_be_similar(one: str, other: str) -> bool:
    """A cheap bound: with so few characters in common the exact comparison cannot reach the least."""
    common = (Counter(one) & Counter(other)).total()
    return 2 * common >= LEAST_SIMILAR * (len(one) + len(other))


def plain(text: str) -> str:
    """Without width, case, spaces and the signs people vary."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in text if char.isalnum())


def _suggestion(node: Node, candidates: Sequence[Node], reason: Reason) -> Suggestion:
    def rank(candidate: Node) -> tuple[bool, float]:
        alike = similarity(node.name, candidate.name)
        on_level = candidate.depth == node.depth
        return (on_level, alike) if reason is not Reason.SIMILAR else (False, alike + on_level * 1e-6)

    best = max(candidates, key=rank)
    return Suggestion(best.key, reason, similarity(node.name, best.name))
