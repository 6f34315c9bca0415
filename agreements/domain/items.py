"""連携事項 pasted as one text, split into items.

Pure: standard library only.

The first marker at the beginning of a line, (1), ①, 1., 一、, ア, ・ …, decides how a list is numbered;
whatever else is numbered inside an item stays in it. A number inside a line is trusted only as the very next
number of the list, and not where the words around it refer to an item (前号(1)に掲げる).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import NamedTuple

# White space, and the marks without width that come with text from web pages.
_BLANK = " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u00a0\u2028\u2029\u3000\u200b\ufeff"
_INLINE_SEPARATORS = "、，,；;／/・"


def split_numbered(text: str) -> list[str]:
    """The items of a pasted list, verbatim, without their numbers or bullets.

    Markers: (1) （１） ⑴ ① 1. １． 1、 1) 一、 (一) ア (ア) イロハ, bullets ・ ● ○ ◆ - * and such; several
    numbers may stand in one line (①観光②環境). Lines into which an item was wrapped are joined, with a space
    between Latin letters; a sub-list, or a line behind a full sentence, keeps its line break. What only
    introduces the list (次に掲げる事項について連携する。) is left out. Without numbers each line is an item.
    Blank text: [].
    """
    text = "\n".join(line.strip(_BLANK) for line in text.splitlines()).strip("\n")
    markers = _find_list(text)
    if not markers:
        return [line for line in text.split("\n") if line]
    lead = text[: markers[0].start]
    items = [] if _introduces(lead) else lead.split("\n")
    for marker, following in zip_longest(markers, markers[1:]):
        body = text[marker.end : following.start if following else None]
        if following and not following.leads_line:
            body = body.rstrip(_BLANK).rstrip(_INLINE_SEPARATORS)
        items.append(_unwrap(body))
    return [item for item in items if item]


# --- Ways to number a list ---


class _Marker(NamedTuple):
    """A number or bullet in the text, from `start` to `end`, blanks behind it included."""

    start: int
    end: int
    number: int
    leads_line: bool
    refers: bool  # the words around it read as if it named an item instead of beginning one


_LINE = "^"  # only at the beginning of a line
_SPACED = r"(?<![^\s。])"  # also behind a blank or a full stop
_ANYWHERE = ""


@dataclass(frozen=True)
class _Numbering:
    """One way to number a list."""

    sign: str  # regular expression of a marker
    where: str
    values: Mapping[str, int] = field(default_factory=dict)  # what a sign counts, unless it is decimal
    weak: bool = False  # may well be plain text: counts only from 1 on and with a second item
    exact: bool = False  # no skipped or repeated numbers, not even at the beginning of a line

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"{self.where}(?:{self.sign})[ \t　]*", re.MULTILINE)

    def markers(self, text: str) -> Iterator[_Marker]:
        for match in self._pattern.finditer(text):
            # NFKC makes "(1)" of ⑴ and "1" of ①.
            sign = unicodedata.normalize("NFKC", match[0]).strip(" \t()[]【】〔〕.,、")
            number = int(sign) if sign.isdecimal() else self.values.get(sign, 0)
            if number:
                yield _marker(match, number)


def _marker(match: re.Match[str], number: int) -> _Marker:
    text, (start, end) = match.string, match.span()
    leads_line = start == 0 or text[start - 1] == "\n"
    if leads_line:
        refers = _REFERENCE_BEHIND.match(text, end)
    else:
        before = text[max(0, start - 8) : start].rstrip(_BLANK)
        refers = _REFERENCE_BEHIND_INLINE.match(text, end) or _REFERENCE_BEFORE.search(before)
    return _Marker(start, end, number, leads_line, bool(refers))


_DECIMAL = "[0-9０-９]{1,3}"
_NO_DIGIT = "(?![0-9０-９])"  # 1.5km, 1、2年生
_KANJI = "[一二三四五六七八九十]{1,3}"
_KATAKANA = "[ア-ヲンｱ-ﾝ]"
_OPEN, _CLOSE = r"[(（\[［【〔][ 　]?", r"[ 　]?[)）\]］】〕]"
_BLANK_BEHIND = r"(?=[ \t　])"
_NEGATIVE_CIRCLED = "❶❷❸❹❺❻❼❽❾❿⓫⓬⓭⓮⓯⓰⓱⓲⓳⓴"


def _places(signs: Sequence[str]) -> dict[str, int]:
    return {sign: place for place, sign in enumerate(signs, start=1)}


_ONES = ["", *"一二三四五六七八九"]
_KANJI_VALUES = _places([tens + one for tens in ("", "十", "二十", "三十") for one in _ONES][1:])
_KANA_ORDERS = (
    _places("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"),
    _places("イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"),
)

_NUMBERINGS = (
    _Numbering(rf"{_OPEN}{_DECIMAL}{_CLOSE}|[⑴-⒇]", _ANYWHERE),
    _Numbering(f"[①-⑳㉑-㉟㊱-㊿{_NEGATIVE_CIRCLED}]", _ANYWHERE, _places(_NEGATIVE_CIRCLED)),
    _Numbering(rf"{_DECIMAL} ?[.．]{_NO_DIGIT}|[⒈-⒛]", _SPACED),
    _Numbering(rf"{_DECIMAL}[、，,]{_NO_DIGIT}", _SPACED),
    _Numbering(rf"{_DECIMAL}[)）]", _SPACED),
    _Numbering(rf"{_DECIMAL}{_BLANK_BEHIND}", _LINE, weak=True, exact=True),
    _Numbering(rf"{_OPEN}{_KANJI}{_CLOSE}|[㈠-㈩]", _ANYWHERE, _KANJI_VALUES),
    _Numbering(rf"{_KANJI}[、，.．)）](?!{_KANJI})", _SPACED, _KANJI_VALUES),
    _Numbering(rf"{_KANJI}{_BLANK_BEHIND}", _LINE, _KANJI_VALUES, weak=True),
    *(_Numbering(rf"{_OPEN}{_KATAKANA}{_CLOSE}", _ANYWHERE, order, exact=True) for order in _KANA_ORDERS),
    *(_Numbering(rf"{_KATAKANA}[、，.．)）]", _SPACED, order, exact=True) for order in _KANA_ORDERS),
    *(
        _Numbering(rf"{_KATAKANA}{_BLANK_BEHIND}", _LINE, order, weak=True, exact=True)
        for order in _KANA_ORDERS
    ),
)

# Twice the same is a placeholder or an ornament (○○市, ・・・); 〇歳児 has a numeral, -5度 a minus.
_BULLET = re.compile(
    r"^(?:(?P<sign>[・･•‣▪▫●○◯◎◆◇■□★☆▶▷►➢➤✓✔☑*＊\uf0b7]|〇(?![歳才次]))(?!(?P=sign))"
    r"|[-－‐–—―−](?![-－‐–—―−0-9０-９]))[ \t　]*",
    re.MULTILINE,
)

# A particle between a marker and a kanji or katakana word, or a usual phrase: (1)の取組, ①に掲げる.
# In front of hiragana the same sign begins a word: がん検診, にぎわい, ものづくり.
_REFERENCE_BEHIND = re.compile(
    r"[のにをはがとでもへや](?![ぁ-んー])|に(?:お|よ|つ)|の(?:うち|ほか|とお|いず)|と(?:し|す)"
    r"|及び|又は|並びに|若しくは|から|まで|[、。，．,)）」』\]］】〕]"
)
# Inside a line also a further number: (2)(3)の取組.
_REFERENCE_BEHIND_INLINE = re.compile(rf"{_REFERENCE_BEHIND.pattern}|[(（]{_DECIMAL}[)）]|[①-⑳⑴-⒇]")
_REFERENCE_BEFORE = re.compile(
    r"(?:[前次同各本]号|[前同各]項|[0-9０-９一二三四五六七八九十][条項号表図]|[上下前後]記|別[表紙記]|第"
    r"|及び|又は|並びに|若しくは|から|まで|(?<!こ)と|[のはをがにでや「『(（〜～~])$"
)

_INTRODUCTION = re.compile(
    r"(?:次|以下|下記)(?:に(?:掲げる|定める|示す)|の(?:とおり|各号|事項|項目|取組|分野|内容|業務|連携))|[:：]$|^記$"
    r"|^(?:第.{1,5}条)?[■●◆○◇□【〔(（ 　]*(?:主な)?(?:連携|協力|協定|取組)(?:協定)?の?(?:事項|項目|内容|分野)"
    r"(?:等|について)?[】〕)）]?$"
)


def _introduces(lead: str) -> bool:
    """Whether what stands before the list is nothing (to keep) but its introduction or heading."""
    words = lead.replace("\n", "")
    return not words or bool(_INTRODUCTION.search(words.strip(_BLANK)))


# --- Finding the list ---


def _find_list(text: str) -> list[_Marker]:
    """The markers of the list that this text is, in order; empty when it is none."""
    numbered = [chain for numbering in _NUMBERINGS if (chain := _first_chain(numbering, text))]
    bulleted = _bullet_chains(text)
    lists = numbered + [chain for chain in bulleted if len(chain) > 1]
    if not lists:
        # One bullet alone: in front of everything it is one, elsewhere it decorates a line.
        lists = [chain for chain in bulleted if chain[0].start == 0]
    return min(lists, key=lambda chain: (chain[0].start, -len(chain)), default=[])


def _first_chain(numbering: _Numbering, text: str) -> list[_Marker]:
    markers = list(numbering.markers(text))
    tried = set()
    for place, marker in enumerate(markers):
        # A number that led nowhere leads nowhere from further down either; so this stays linear.
        attempt = (marker.number, marker.leads_line)
        if attempt in tried or not _may_begin(marker, numbering, text):
            continue
        tried.add(attempt)
        introduced = _introduces(text[: marker.start])
        chain = _chain(markers, place, exact=numbering.exact)
        if len(chain) > 1 and (marker.leads_line or introduced):
            return chain
        if marker.leads_line and marker.number == 1 and introduced and not numbering.weak:
            return chain
    return []


def _may_begin(marker: _Marker, numbering: _Numbering, text: str) -> bool:
    if marker.refers:
        return False
    if marker.leads_line:
        return marker.number == 1 or not numbering.weak
    return marker.number == 1 and text[marker.start - 1] in "。：:"


def _chain(markers: list[_Marker], first: int, *, exact: bool) -> list[_Marker]:
    """The list that begins with the marker at the place `first`."""
    last_at_line = {marker.number: place for place, marker in enumerate(markers) if marker.leads_line}
    chain = [markers[first]]
    for place, marker in enumerate(markers[first + 1 :], start=first + 1):
        due = marker.number == chain[-1].number + 1
        if marker.leads_line:
            continues = due or not (exact or marker.refers)
        else:
            # The same number at the beginning of a later line would be the real one.
            continues = due and not marker.refers and last_at_line.get(marker.number, 0) < place
        if continues:
            chain.append(marker)
    return chain


def _bullet_chains(text: str) -> list[list[_Marker]]:
    """The bullets of the text, each sign a chain of its own."""
    chains: dict[str, list[_Marker]] = {}
    for match in _BULLET.finditer(text):
        sign = unicodedata.normalize("NFKC", match[0]).strip()
        chains.setdefault(sign, []).append(_marker(match, 1))
    return list(chains.values())


# --- Joining what was wrapped ---

_OWN_LINE = re.compile(
    "|".join(
        [
            rf"(?:{numbering.sign})"
            for numbering in _NUMBERINGS
            if not (numbering.weak and not numbering.values)
        ]
        + [_BULLET.pattern, "※", r"第[0-9０-９一二三四五六七八九十]+条", r"[【〔［\[].*[】〕］\]]$"]
    ),
    re.MULTILINE,
)
# Lines are not broken inside Latin words and numbers, so there was a space.
_BREAK_AT_SPACE = re.compile(r"[A-Za-z][,.;:)]?\n[A-Za-z0-9(]|[0-9][,.;:)]?\n[A-Za-z]")


def _unwrap(body: str) -> str:
    """One item of its lines. A line of its own stays one: sub-lists, notes, what follows a full sentence."""
    item, after_blank = "", False
    for line in body.split("\n"):
        if item and line:
            if after_blank or item.endswith(tuple("。！？!?：:")) or _OWN_LINE.match(line):
                item += "\n"
            elif _BREAK_AT_SPACE.search(f"{item[-2:]}\n{line[0]}"):
                item += " "
        item += line
        after_blank = bool(item) and not line
    return item.strip(_BLANK)
