"""協定書 in legal form: 前文, articles with 項, 号, ア and (ア), 後書き, signatories, 別記.

Pure: standard library only. Nobody types a number that counts: an article's text is written one unit a line,
the sign at the beginning of a line says how deep it stands, and `markers` numbers the units by their place.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

PARAGRAPH, ITEM, SUBITEM, DETAIL = range(4)
"""How deep a unit stands: 項, 号 (1), ア, (ア)."""

_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_BLANK = " \t\u3000\r\x0b\x0c\u00a0\u200b\ufeff"
_DIGITS = "[0-9０-９]{1,3}"
# The sign of each depth at the beginning of a line. A 項 and an ア need a blank behind it (アジア is a word).
_SIGNS = (
    (DETAIL, re.compile(rf"[(（][{_KANA}]{{1,2}}[)）]")),
    (ITEM, re.compile(rf"[(（]{_DIGITS}[)）]|[\u2474-\u2487\u2460-\u2473]")),
    (SUBITEM, re.compile(rf"[{_KANA}]{{1,2}}(?=[ \t\u3000])")),
    (PARAGRAPH, re.compile(rf"{_DIGITS}(?:[.．、](?![0-9０-９])|(?=[ \t\u3000]))")),
)
# 「10 月1日」 is a day, not the tenth 項, unless the tenth is what comes next.
_COUNTED = re.compile(r"[ \t\u3000]*[年月日時分秒週人件回名円個箇か％%]")
_CONTINUED = "+＋"
_WORDS_OF_DEPTH = ("本文", "(1)", "ア", "(ア)")


@dataclass(frozen=True, slots=True)
class Unit:
    """One 項, 号, ア or (ア), without its number; line breaks inside it stay."""

    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One 条. `kind` remembers the kind of clause it came from, "" for one that was written freely."""

    heading: str
    text: str
    kind: str = ""

    @property
    def units(self) -> list[Unit]:
        return parse(self.text)


@dataclass(frozen=True, slots=True)
class Annex:
    """One 別記, 別紙 or 別表 (`label`) on a page of its own; its lines stay as typed."""

    label: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs at the end, as printed; "" is not known yet."""

    label: str = ""
    address: str = ""
    name: str = ""
    title: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class LegalText:
    """The whole 協定書 as one value."""

    title: str = ""
    preamble: str = ""
    articles: tuple[Article, ...] = ()
    closing: str = ""
    signatories: tuple[Signatory, ...] = ()
    annexes: tuple[Annex, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data to store; `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "LegalText":
        return cls(
            title=data["title"],
            preamble=data["preamble"],
            articles=tuple(Article(**each) for each in data["articles"]),
            closing=data["closing"],
            signatories=tuple(Signatory(**each) for each in data["signatories"]),
            annexes=tuple(Annex(**each) for each in data["annexes"]),
        )


# -- What people type ---------------------------------------------------------------------------------
def parse(text: str) -> list[Unit]:
    """The units of an article's text. Numbers typed are read as signs of depth and then forgotten.

    「＋」 at the beginning of a line continues the unit above; blank lines and indents do not count.
    """
    units: list[Unit] = []
    for raw in text.split("\n"):
        line = raw.strip(_BLANK)
        if not line:
            continue
        if line[0] in _CONTINUED and units:
            last = units.pop()
            more = line[1:].strip(_BLANK)
            units.append(Unit(last.depth, f"{last.text}\n{more}" if more else last.text))
            continue
        depth, length = _sign(line, units)
        if body := line[length:].strip(_BLANK):
            units.append(Unit(depth, body))
    return units


def _sign(line: str, above: Sequence[Unit]) -> tuple[int, int]:
    """How deep the line stands, and how long its sign is."""
    for depth, sign in _SIGNS:
        if match := sign.match(line):
            if depth == PARAGRAPH and _COUNTED.match(line, match.end()):
                following = sum(each.depth == PARAGRAPH for each in above) + 1
                if plain_number(match[0].rstrip(".．、")) != following:
                    break
            return depth, match.end()
    return PARAGRAPH, 0


def write(units: Sequence[Unit]) -> str:
    """The units as a person edits them, with their right numbers. `parse` reads them back."""
    lines = []
    for place, (unit, marker) in enumerate(zip(units, markers(units), strict=True)):
        first, *more = unit.text.split("\n")
        if not marker and (_sign(first, units[:place])[1] or first[:1] in _CONTINUED):
            marker = "1"  # so that the words are not taken for a number
        lines.append(f"{'　' * unit.depth}{marker}{'　' if marker else ''}{first}")
        lines += [f"{'　' * unit.depth}＋{line}" for line in more]
    return "\n".join(lines)


def tidy(text: str) -> str:
    """The text with its numbers put right."""
    return write(parse(text))


# -- Numbers ------------------------------------------------------------------------------------------
def kana_number(number: int) -> str:
    """1 → ア, 46 → ン, 47 → アア."""
    letters = ""
    while number > 0:
        number, place = divmod(number - 1, len(_KANA))
        letters = _KANA[place] + letters
    return letters


def markers(units: Iterable[Unit]) -> list[str]:
    """What stands before each unit: "" (first 項), "2", "(1)", "ア", "(ア)", counted within the one above."""
    counts = [0, 0, 0, 0]
    found = []
    for unit in units:
        counts[unit.depth] += 1
        counts[unit.depth + 1 :] = [0] * (DETAIL - unit.depth)
        number = counts[unit.depth]
        found.append(
            {
                PARAGRAPH: str(number) if number > 1 else "",
                ITEM: f"({number})",
                SUBITEM: kana_number(number),
                DETAIL: f"({kana_number(number)})",
            }[unit.depth]
        )
    return found


def article_number(number: int) -> str:
    return f"第{number}条"


def annex_names(annexes: Sequence[Annex]) -> list[str]:
    """「別記」 where it is the only one, 「別記1」「別記2」 otherwise."""
    labels = [each.label for each in annexes]
    return [
        label if labels.count(label) == 1 else f"{label}{labels[: place + 1].count(label)}"
        for place, label in enumerate(labels)
    ]


def depth_problems(units: Sequence[Unit]) -> Iterator[str]:
    """What stands deeper than the line above it allows."""
    above = -1
    for unit, marker in zip(units, markers(units), strict=True):
        if unit.depth > above + 1:
            yield (
                f"「{marker}　{_shorten(unit.text)}」の上に、"
                f"「{_WORDS_OF_DEPTH[unit.depth - 1]}」の行が必要です。"
            )
        above = unit.depth


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 20 else f"{line[:20]}…"


def plain_number(text: str) -> int:
    """「３」 and 「3」 as 3."""
    return int(unicodedata.normalize("NFKC", text))
