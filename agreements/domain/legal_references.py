"""Placeholders and references in a 協定書: what they stand for, what is still blank, what leads nowhere.

Pure: standard library only. `{満了日}` is a value of the ledger; one that is not known stays and prints as
a blank. `{条:目的}` is the number of the article with that heading, `{別記:区域図}` the name of a 別記.
`{{` and `}}` are braces that mean themselves.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .legal_text import (
    ITEM,
    PARAGRAPH,
    Article,
    LegalText,
    Unit,
    annex_names,
    article_number,
    depth_problems,
    plain_number,
)

ARTICLE_REFERENCE = "条"
ANNEX_LABELS = ("別記", "別紙", "別表")
LEDGER_NAMES = (
    "当事者",
    "当事者又は",
    "当事者の表示",
    "自治体",
    "相手方",
    "自治体名",
    "相手方名",
    *"甲乙丙丁戊己庚辛壬癸",
    "協定名称",
    "目的",
    "連携事項",
    "締結日",
    "効力発生日",
    "有効期間",
    "満了日",
    "更新期間",
    "通知期限",
    "通数",
)
"""Placeholders that the ledger fills in."""
DAYS = frozenset({"締結日", "効力発生日", "満了日"})

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")
_LEFT_OPEN = re.compile(r"[○〇◯●]{2,}|＿{2,}|_{3,}")
_N = "[0-9０-９]{1,3}"
_PREVIOUS = re.compile(
    rf"(?P<sides>前|次)(?P<count>{_N})?(?P<what>条(?![件例約項])|項(?!目)|号(?!機))|前各(?P<all>項(?!目)|号)"
)
# A number that is one of ours, not of a law: 「地方自治法第2条」 is none.
_OWN_NUMBER = re.compile(
    rf"(?:^|(?<=[、。，,「（(はがをにともやびら]))第(?P<n>{_N})条(?![件例約])", re.MULTILINE
)
_OF_A_LAW = re.compile(rf"[法律例則令程綱領款書」）)]第{_N}条")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words as they print; with a `gap` they are not known yet, and this names what is missing."""

    text: str
    gap: str = ""

    @property
    def is_day(self) -> bool:
        return self.gap in DAYS


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place: `part` is "title", "preamble", "articles", "closing" or "annexes"."""

    part: str
    place: int
    message: str


@dataclass(frozen=True, slots=True)
class Names:
    """What references may name: articles and 別記 by heading."""

    articles: dict[str, list[str]]
    annexes: dict[tuple[str, str], list[str]]
    count: int

    @classmethod
    def of(cls, text: LegalText) -> "Names":
        articles: dict[str, list[str]] = {}
        for number, article in enumerate(text.articles, start=1):
            articles.setdefault(article.heading.strip(), []).append(article_number(number))
        annexes: dict[tuple[str, str], list[str]] = {}
        for annex, name in zip(text.annexes, annex_names(text.annexes), strict=True):
            annexes.setdefault((annex.label, annex.heading.strip()), []).append(name)
        return cls(articles, annexes, len(text.articles))

    def look_up(self, name: str) -> list[str]:
        """Everything a reference may mean; [] for nothing."""
        kind, _, heading = name.partition(":")
        heading = heading.strip()
        if not heading:
            return []
        return (
            self.articles.get(heading, [])
            if kind == ARTICLE_REFERENCE
            else self.annexes.get((kind, heading), [])
        )


def is_reference(name: str) -> bool:
    return name.partition(":")[0] in (ARTICLE_REFERENCE, *ANNEX_LABELS) and ":" in name


def placeholders(text: str) -> list[str]:
    """The names between braces, in order."""
    return [match[1].strip() for match in _TOKEN.finditer(text) if match[1] is not None]


def sole_placeholder(text: str) -> str:
    """The name of the placeholder that is the whole text; "" for any other text."""
    match = _TOKEN.fullmatch(text.strip())
    return match[1].strip() if match and match[1] is not None else ""


def escape(text: str) -> str:
    """Text whose braces mean themselves."""
    return text.replace("{", "{{").replace("}", "}}")


def fill(text: str, values: dict[str, str]) -> str:
    """Put values (texts of this notation) in the place of the placeholders that have one; others stay."""

    def value(match: re.Match[str]) -> str:
        return match[0] if match[1] is None else values.get(match[1].strip(), match[0])

    return _TOKEN.sub(value, text)


def pieces(text: str, names: Names) -> tuple[Piece, ...]:
    """The text as it prints: references resolved, blanks marked."""
    return tuple(_joined(_pieces(text, names)))


def _pieces(text: str, names: Names) -> Iterator[Piece]:
    at = 0
    for match in _TOKEN.finditer(text):
        yield from _words(text[at : match.start()])
        at = match.end()
        name = match[1]
        if name is None:
            yield Piece(match[0][0])
        elif is_reference(name.strip()):
            found = names.look_up(name.strip())
            yield Piece(found[0]) if len(found) == 1 else Piece("", name.strip())
        else:
            yield Piece("", name.strip())
    yield from _words(text[at:])


def _words(text: str) -> Iterator[Piece]:
    at = 0
    for match in _LEFT_OPEN.finditer(text):
        yield Piece(text[at : match.start()])
        yield Piece(match[0], f"「{match[0]}」")
        at = match.end()
    yield Piece(text[at:])


def _joined(found: Iterator[Piece]) -> Iterator[Piece]:
    words = ""
    for piece in found:
        if piece.gap:
            if words:
                yield Piece(words)
            words = ""
            yield piece
        else:
            words += piece.text
    if words:
        yield Piece(words)


# -- What is wrong ------------------------------------------------------------------------------------
def check_names(text: str) -> Iterator[str]:
    """What is wrong with the placeholders themselves, wherever the text stands."""
    for match in _TOKEN.finditer(text):
        if match[0] in "{}":
            yield "「{」と「}」の組が合っていません。記号そのものを書くときは「{{」「}}」と入力してください。"
        elif match[1] is not None:
            name = match[1].strip()
            if name not in LEDGER_NAMES and not is_reference(name):
                yield f"「{{{name}}}」という差込み項目はありません。"


def check(text: LegalText) -> list[Problem]:
    """Everything that would print wrongly: unknown names, references to nothing, impossible depths."""
    names = Names.of(text)
    found = [
        Problem(part, 0, message)
        for part in ("title", "preamble", "closing")
        for message in _check_words(getattr(text, part), names)
    ]
    for place, article in enumerate(text.articles):
        found += [Problem("articles", place, message) for message in _check_article(article, place, names)]
    for place, annex in enumerate(text.annexes):
        found += [Problem("annexes", place, message) for message in _check_words(annex.text, names)]
    return found


def _check_words(text: str, names: Names) -> Iterator[str]:
    yield from check_names(text)
    yield from _check_references(text, names)


def _check_references(text: str, names: Names) -> Iterator[str]:
    for name in filter(is_reference, placeholders(text)):
        found = names.look_up(name)
        if not found:
            yield f"「{{{name}}}」が指す先がありません。"
        elif len(found) > 1:
            yield f"「{{{name}}}」が指す先が{len(found)}つあります。見出しを分けてください。"
    for match in _OWN_NUMBER.finditer(text):
        sentence = text[text.rfind("。", 0, match.start()) + 1 : match.start()]
        if not 1 <= plain_number(match["n"]) <= names.count and not _OF_A_LAW.search(sentence):
            yield f"「{match[0]}」はありません（{article_number(names.count)}までです）。"


def _check_article(article: Article, place: int, names: Names) -> Iterator[str]:
    units = article.units
    if not units:
        yield "本文を入力してください。"
    yield from depth_problems(units)
    yield from _check_words(article.text, names)
    for number, unit in enumerate(units):
        for match in _PREVIOUS.finditer(unit.text):
            if not _leads_somewhere(match, place, names.count, units, number):
                yield f"「{match[0]}」が指す先がありません。"


def _leads_somewhere(
    match: re.Match[str], place: int, articles: int, units: Sequence[Unit], number: int
) -> bool:
    what = match["what"] or match["all"]
    count = plain_number(match["count"]) if match["count"] else 1
    before, after = {
        "条": lambda: (place, articles - place - 1),
        "項": lambda: _siblings(units, number, PARAGRAPH),
        "号": lambda: _siblings(units, number, ITEM),
    }[what]()
    return (after if match["sides"] == "次" else before) >= max(count, 1)


def _siblings(units: Sequence[Unit], number: int, depth: int) -> tuple[int, int]:
    """How many units of this depth stand before and after the one in which the unit is.

    Outside every 号 (in a 項) the 号 of the same article that stand above count as before.
    """
    own = next((at for at in range(number, -1, -1) if units[at].depth <= depth), number)
    if units[own].depth < depth:
        return sum(each.depth == depth for each in units[:number]), 0
    first = own
    while first > 0 and units[first - 1].depth >= depth:
        first -= 1
    last = own
    while last + 1 < len(units) and units[last + 1].depth >= depth:
        last += 1
    return (
        sum(each.depth == depth for each in units[first:own]),
        sum(each.depth == depth for each in units[own + 1 : last + 1]),
    )
