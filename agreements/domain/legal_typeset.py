"""A 協定書 as it stands on paper, for PDF, screen and text: numbered, references resolved, blanks marked.

Pure: standard library only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .agreement_text import Difference
from .legal_references import Names, Piece, pieces
from .legal_text import Article, LegalText, Signatory, annex_names, article_number, markers
from .text_diff import diff

_DAY = "令和　　年　　月　　日"
_RULE = "＿＿＿＿＿＿"
_INDENT = "　"


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of an article: its depth, number and words."""

    depth: int
    marker: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class SetArticle:
    number: str
    heading: str
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        """「第3条（協議の実施）」"""
        return f"{self.number}（{self.heading}）" if self.heading else self.number


@dataclass(frozen=True, slots=True)
class SetAnnex:
    name: str
    heading: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not filled in yet: where (in which article, from 1; 0 elsewhere), and what."""

    place: str
    what: str
    article: int = 0


@dataclass(frozen=True, slots=True)
class Typeset:
    title: tuple[Piece, ...]
    preamble: tuple[Piece, ...]
    articles: tuple[SetArticle, ...]
    closing: tuple[Piece, ...]
    signatories: tuple[Signatory, ...]
    annexes: tuple[SetAnnex, ...]

    @property
    def gaps(self) -> list[Gap]:
        """Everything still blank, in reading order, each once in its place."""
        return list(dict.fromkeys(self._gaps()))

    def _gaps(self) -> Iterator[Gap]:
        yield from _gaps_in("名称", self.title)
        yield from _gaps_in("前文", self.preamble)
        for number, article in enumerate(self.articles, start=1):
            for line in article.lines:
                yield from _gaps_in(article.name, line.pieces, number)
        yield from _gaps_in("後書き", self.closing)
        for place, signatory in enumerate(self.signatories, start=1):
            who = signatory.label or signatory.name or f"{place}人目"
            for what, value in signatory_parts(signatory):
                if not value:
                    yield Gap(f"署名欄（{who}）", what)
        for annex in self.annexes:
            yield from _gaps_in(annex.name, annex.pieces)


def signatory_parts(signatory: Signatory) -> list[tuple[str, str]]:
    """What a signatory's block says, in order. A person may sign without an office."""
    return [("住所", signatory.address), ("名称", signatory.name), ("氏名", signatory.person)]


def _gaps_in(place: str, found: Iterable[Piece], article: int = 0) -> Iterator[Gap]:
    return (Gap(place, piece.gap, article) for piece in found if piece.gap)


def typeset(text: LegalText) -> Typeset:
    names = Names.of(text)
    return Typeset(
        title=pieces(text.title, names),
        preamble=pieces(text.preamble, names),
        articles=tuple(_set(article, number, names) for number, article in enumerate(text.articles, start=1)),
        closing=pieces(text.closing, names),
        signatories=text.signatories,
        annexes=tuple(
            SetAnnex(name, annex.heading, pieces(annex.text, names))
            for annex, name in zip(text.annexes, annex_names(text.annexes), strict=True)
        ),
    )


def _set(article: Article, number: int, names: Names) -> SetArticle:
    units = article.units
    lines = [
        Line(unit.depth, marker, pieces(unit.text, names))
        for unit, marker in zip(units, markers(units), strict=True)
    ]
    return SetArticle(article_number(number), article.heading, tuple(lines))


# -- As plain text ------------------------------------------------------------------------------------
def words(found: Iterable[Piece]) -> str:
    """Pieces as plain text; a blank is a rule to write on."""
    return "".join(_plain(piece) for piece in found)


def _plain(piece: Piece) -> str:
    if not piece.gap:
        return piece.text
    return piece.text or (_DAY if piece.is_day else _RULE)


def plain_text(paper: Typeset, *, day: str) -> str:
    """The whole 協定書 to read, mail or paste into a word processor. `day`: of signing, "" while unknown."""
    blocks = [words(paper.title), _paragraph(words(paper.preamble))]
    blocks += ["\n".join(article_lines(article)) for article in paper.articles]
    blocks += [_paragraph(words(paper.closing)), f"{_INDENT * 2}{day or _DAY}"]
    blocks += ["\n".join(_signatory_lines(each)) for each in paper.signatories]
    for annex in paper.annexes:
        head = f"{annex.name}{_INDENT}{annex.heading}".rstrip(_INDENT)
        blocks.append(f"{head}\n\n{words(annex.pieces)}")
    return "\n\n".join(block for block in blocks if block.strip(_INDENT)) + "\n"


def article_lines(article: SetArticle) -> Iterator[str]:
    """（見出し） above 第N条, then its units with their numbers."""
    if article.heading:
        yield f"（{article.heading}）"
    for place, line in enumerate(article.lines):
        marker = article.number if place == 0 else line.marker
        text = words(line.pieces).replace("\n", f"\n{_INDENT * (line.depth + 1)}")
        yield f"{_INDENT * line.depth}{marker}{_INDENT if marker else ''}{text}"


def _paragraph(text: str) -> str:
    return "\n".join(f"{_INDENT}{line}" for line in text.split("\n")) if text else ""


def _signatory_lines(signatory: Signatory) -> Iterator[str]:
    label = signatory.label.ljust(2, _INDENT)
    office = f"{signatory.title}{_INDENT}" if signatory.title else ""
    yield f"{_INDENT * 10}{label}{_INDENT}{signatory.address or f'住所{_INDENT}{_RULE}'}"
    yield f"{_INDENT * 13}{signatory.name or _RULE}"
    yield f"{_INDENT * 13}{office}{signatory.person or _RULE}{_INDENT * 3}印"


# -- Two versions -------------------------------------------------------------------------------------
def compare(old: LegalText, new: LegalText) -> list[Difference]:
    """Every part of the two texts in the order of a 協定書, with the words that changed."""
    before, after = typeset(old), typeset(new)
    return [
        _difference("名称", words(before.title), words(after.title)),
        _difference("前文", words(before.preamble), words(after.preamble)),
        *_compare_articles(before.articles, after.articles),
        _difference("後書き", words(before.closing), words(after.closing)),
        _difference("署名欄", _block(before.signatories), _block(after.signatories)),
        *_compare_annexes(before.annexes, after.annexes),
    ]


def _difference(label: str, old: str, new: str) -> Difference:
    return Difference(label, tuple(diff(old, new)))


def _block(signatories: Sequence[Signatory]) -> str:
    return "\n".join(
        "　".join(filter(None, (each.label, each.address, each.name, each.title, each.person)))
        for each in signatories
    )


def _body(article: SetArticle | None) -> str:
    """The words of an article without its own number, which a change elsewhere moves."""
    if article is None:
        return ""
    lines = list(article_lines(article))
    at = 1 if article.heading else 0
    if len(lines) > at:
        lines[at] = lines[at].removeprefix(article.number).lstrip(_INDENT)
    return "\n".join(lines)


def _compare_articles(old: Sequence[SetArticle], new: Sequence[SetArticle]) -> Iterator[Difference]:
    """New articles in their order, each beside its former self; what is gone stands where it stood."""
    pairs = _pairs([each.heading for each in old], [each.heading for each in new])
    for before, after in pairs:
        was = old[before] if before is not None else None
        if after is None:
            assert was is not None  # noqa: S101  (a pair has one side at least)
            yield _difference(f"元の{was.name}", _body(was), "")
            continue
        now = new[after]
        moved = f"（元は{was.number}）" if was and was.number != now.number else ""
        yield _difference(f"{now.number}{moved}", _body(was), _body(now))


def _compare_annexes(old: Sequence[SetAnnex], new: Sequence[SetAnnex]) -> Iterator[Difference]:
    def body(annex: SetAnnex) -> str:
        return f"{annex.heading}\n{words(annex.pieces)}".strip("\n")

    for before, after in _pairs([each.heading for each in old], [each.heading for each in new]):
        was = old[before] if before is not None else None
        now = new[after] if after is not None else None
        label = now.name if now else f"元の{was.name}" if was else ""
        yield _difference(label, body(was) if was else "", body(now) if now else "")


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Places in both lists that belong together: first the same words, wherever they moved; then neighbours
    that took each other's place."""
    waiting: dict[str, list[int]] = {}
    for place, heading in enumerate(old):
        waiting.setdefault(heading, []).append(place)
    partner = {place: waiting[each].pop(0) for place, each in enumerate(new) if waiting.get(each)}
    free = sorted(place for places in waiting.values() for place in places)
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "replace":
            pool = [place for place in free if a <= place < b]
            for place in range(c, d):
                if place not in partner and pool:
                    partner[place] = pool.pop(0)
                    free.remove(partner[place])
    pairs: list[tuple[int | None, int | None]] = []
    for place in range(len(new)):
        while free and free[0] <= place:
            pairs.append((free.pop(0), None))
        pairs.append((partner.get(place), place))
    return [*pairs, *((place, None) for place in free)]
