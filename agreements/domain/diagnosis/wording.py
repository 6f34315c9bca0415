"""The words themselves: catch-all items (C01), vague work (C06), 「等」「など」, and dates and amounts
written in a text.

How the open questions of C06 were decided:

- "Ends" looks at the end of the whole text, behind punctuation, behind a note in parentheses
  (「…の検討（令和7年度）」) and behind a closing こと・ものとする・等. A name in quotation marks is a name:
  「…『健康づくり推進』」 does not end in 推進.
- The noun endings 検討・推進・支援・協力 also count as verbs, 「…を支援する」「…の検討を行う」: the promise
  is the same. Denied (「検討しない」), compounded (「推進員」「協力金の支払い」) or inside the sentence
  (「個別に検討するのではなく」) they are not the end, and do not fire.
- 「に関すること」 is not looked through: 「高齢者の支援に関すること」 does not end in 支援, or nearly every
  published item would.
- A phrase such as 随時 may stand anywhere, unless it is denied (「随時ではなく毎月」).
- C06 is about vague work *without* a date or an amount. Both may be written in the text itself, so
  「4月22日より162店舗で支援」 is not vague. Fields of the action are added by the rule in `clarity`.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from agreements.domain.aligned_text import AlignedText, compact
from agreements.domain.diagnosis.rule import Finding, Level, Place
from agreements.domain.diagnosis.settings import Settings

DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of a text: `text[start:end] == quote`."""

    start: int
    end: int
    quote: str
    is_ending: bool = False


# --- The two entry points for forms: the wording alone ---


def item_findings(text: str, settings: Settings = DEFAULTS) -> list[Finding]:
    """What can be said of an item (連携事項) from its wording: C01, and as information C06 and 等/など
    ("info")."""
    found = []
    if words := catch_all(text, settings):
        found.append(finding("C01", words, catch_all_message(""), "items", Level.VIOLATION))
    return found + item_information(text, settings)


def action_findings(text: str, settings: Settings = DEFAULTS) -> list[Finding]:
    """What can be said of an action (取組) from its wording: C06, and as information 等/など ("info").

    C06 only where the text itself lacks a date or an amount.
    """
    found = []
    if not (has_timing(text) and has_amount(text, settings)):
        found += [
            finding("C06", w, vague_message(w), "actions", Level.VIOLATION) for w in vague(text, settings)
        ]
    return found + action_information(text)


def item_information(text: str, settings: Settings) -> list[Finding]:
    """C06 on an item is information only: an item may be general, its actions may not."""
    found = [finding("C06", w, vague_message(w), "items", Level.INFORMATION) for w in vague(text, settings)]
    return found + _and_so_on_findings(text, "items")


def action_information(text: str) -> list[Finding]:
    return _and_so_on_findings(text, "actions")


def finding(rule: str, words: Words, message: str, section: str, level: Level) -> Finding:
    return Finding(rule, words.start, words.end, words.quote, message, level, place=Place(section, "text"))


def _and_so_on_findings(text: str, section: str) -> list[Finding]:
    message = "「{}」に何が含まれるか、双方で確かめておくと安心です。"
    return [finding("info", w, message.format(w.quote), section, Level.INFORMATION) for w in and_so_on(text)]


def catch_all_message(label: str) -> str:
    return f"{label or 'この項目'}は包括項目です。具体的な取組は他の項目に書いてください。"


def vague_message(words: Words) -> str:
    if not words.is_ending:
        return f"『{words.quote.rstrip('、')}』とあります。いつ、どれだけ行うか追記してください。"
    what = "何を決めるか" if words.quote.startswith("検討") else "何をどれだけ行うか"
    return f"『{words.quote}』で終わっています。いつ、{what}追記してください。"


# --- C01 ---

_NUMBERING = r"(?:[(]?[0-9一二三四五六七八九十]{1,3}[).、]?|[・●○-])*+"


def catch_all(text: str, settings: Settings = DEFAULTS) -> Words | None:
    """The words that make an item a catch-all: a prefix (その他 …) or a phrase (必要と認める事項)."""
    folded = _compact(text)
    match = _catch_all_pattern(settings.catch_all_prefixes, settings.catch_all_phrases).search(folded.text)
    return _words(folded, *match.span(match.lastgroup or 0)) if match else None


@lru_cache
def _catch_all_pattern(prefixes: tuple[str, ...], phrases: tuple[str, ...]) -> re.Pattern[str]:
    parts = []
    if prefixes:
        parts.append(rf"^{_NUMBERING}(?P<prefix>{_any_of(prefixes)})")
    if phrases:
        parts.append(rf"(?P<phrase>{_any_of(phrases)})")
    return re.compile("|".join(parts) or r"(?!)")


# --- C06 ---

_NOUN_AS_VERB = (
    r"(?:を?(?:する|します|して(?:いく|いきます|まいります))"
    r"|を(?:行|おこな|進め)(?:う|る|います|ます|っていく|ていく))?"
)
_VERB_FORMS = r"(?:る|ます|ります|っ?て(?:いく|いきます|まいります))"
_CLOSING = r"(?:(?:もの|こと)とする|こと|等|など)?"
_DENIED = r"(?!では(?:な|あり)|でな)"


def vague(text: str, settings: Settings = DEFAULTS) -> list[Words]:
    """The vague phrases of a text in their order, then its vague ending (`is_ending`), if it has one."""
    folded = _compact(text)
    phrases, endings = _vague_patterns(settings.vague_phrases, settings.vague_endings)
    found = [_words(folded, *match.span()) for match in phrases.finditer(folded.text)]
    if match := endings.search(folded.text, 0, _end_of_words(folded.text)):
        found.append(replace(_words(folded, *match.span("ending")), is_ending=True))
    return found


def _end_of_words(text: str) -> int:
    """Where the last words end: before punctuation and notes in parentheses."""
    end = len(text)
    while end:
        if text[end - 1] in "。．.、,!・":
            end -= 1
        elif text[end - 1] == ")" and (opening := text.rfind("(", 0, end)) >= 0:
            end = opening
        else:
            break
    return end


@lru_cache
def _vague_patterns(
    phrases: tuple[str, ...], endings: tuple[str, ...]
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    forms = [
        re.escape(_fold(word[:-1])) + _VERB_FORMS
        if word.endswith("る")
        else re.escape(_fold(word)) + _NOUN_AS_VERB
        for word in endings
    ]
    ending = rf"(?P<ending>{'|'.join(forms)}){_CLOSING}$" if forms else r"(?!)"
    return re.compile(f"(?:{_any_of(phrases)}){_DENIED}" if phrases else r"(?!)"), re.compile(ending)


# --- 等/など ---

# The look-arounds keep 平等, 初等教育, 等しい, 等級 …; 等しく, 等間隔, 等高線, 等倍 are more of the same.
_AND_SO_ON = re.compile(r"(?<![平初均対高同中上優特親])等(?!し[いく]|[価級分身式]|高線|間隔|距離|倍|量)|など")
# A noun of a 「・」 list: no particle inside, but ものづくり and まちづくり are nouns.
_NOUN = r"(?:もの(?=づくり)|[^\s、。,.・()「」『』のをはがにへでとや])+"
_LISTED = re.compile(rf"{_NOUN}・{_NOUN}$")
_LONGEST_LIST = (
    60  # characters looked at before 等, so that a text of nothing but 等 takes no longer than another
)


def and_so_on(text: str) -> list[Words]:
    """等 and など that leave something open; not after two or more nouns listed with 「・」, which say what
    is meant."""
    folded = _compact(text)
    return [
        _words(folded, *match.span())
        for match in _AND_SO_ON.finditer(folded.text)
        if not _LISTED.search(folded.text, max(0, match.start() - _LONGEST_LIST), match.start())
    ]


# --- Dates and amounts written in a text ---

_NUMERAL = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_ERA_YEAR = rf"(?:(?:大正|昭和|平成|令和)(?:元|{_NUMERAL})|\d{{4}})"
_MONTH = r"(?<![\d.])(?:1[0-2]|[1-9])月"
# A year that belongs to a name or a goal far away is no date of the work: 2050年カーボンニュートラル,
# 令和6年能登半島地震, 平成30年7月豪雨.
_NO_NAME = r"(?!(?:能登|熊本|東日本|北海道|台風|豪雨|大雨|梅雨|地震|噴火|水害|災害))"
_YEAR_GOES_ON = (
    r"(?=まで|から|より|に(?!向け|おけ)|以降|以後|ごろ|頃|中|内|末|初|春|夏|秋|冬|前半|後半|[上下]"
    r"|[一二三四五六七八九十]+月)"
)
_TIMING = re.compile(
    rf"(?:{_ERA_YEAR}|[RHS]\d{{1,2}})年度"
    rf"|{_ERA_YEAR}年{_YEAR_GOES_ON}"
    rf"|{_MONTH}(?:\d{{1,2}}日|[上中下]旬|末)?+(?!間|当たり|あたり){_NO_NAME}"
    r"|(?:\d{4}|[RHS]\d{1,2})[./-]\d{1,2}[./-]\d{1,2}"
    r"|(?:今|本|当|来|翌|次|同|毎)年度|年度(?:内|末|中|当初|始め)|(?<!\d)年内|年末|通年"
    r"|毎[年月週]|毎日(?!新聞|放送)|[上下]半期|第[1-4一二三四]四半期|[春夏秋冬]休み"
)

# Numbers that are no amount: each one of a pair (1人1台), always (24時間365日), idioms (一部, 一人暮らし).
_IDIOMS = re.compile(
    r"(?<![\d,.一二三四五六七八九十百千万])"
    r"(?:[1一]人(?:[1一][人台]|ひとり|暮らし|当たり|あたり|親|世帯)|24時間|[1一](?:部|体|本化)|[2二]人三脚)"
)
_KANJI_AMOUNT = (
    r"(?<![数何幾第一二三四五六七八九十百千万])[一二三四五六七八九十百千万]+"
    r"(?:回|店舗|件|校|社|団体|世帯|か所|箇所|ヶ所|ヵ所|カ所)(?!目)"
)


def has_timing(text: str) -> bool:
    """Whether the text itself says when: a date, month, fiscal year, or a recurring day (毎月)."""
    return _TIMING.search(_compact(text).text) is not None


def has_amount(text: str, settings: Settings = DEFAULTS) -> bool:
    """Whether the text itself says how much: a number with a counter (2店舗, 1,200人, 三回); 第3回 is no
    amount."""
    folded = _IDIOMS.sub("", _compact(text).text)
    return _amount_pattern(settings.units).search(folded) is not None


@lru_cache
def _amount_pattern(units: tuple[str, ...]) -> re.Pattern[str]:
    unit = "|".join(re.escape(_fold(u)) for u in sorted(units, key=len, reverse=True))
    amount = rf"(?<![第\d.,A-Za-z])\d[\d,]*(?:\.\d+)?[十百千万億]*(?:{unit})(?!目|[A-Za-z])"
    return re.compile(f"{amount}|{_KANJI_AMOUNT}" if units else _KANJI_AMOUNT)


# --- Matching on the folded form ---


@lru_cache(maxsize=2048)
def _compact(text: str) -> AlignedText:
    return compact(text)


def _fold(word: str) -> str:
    return compact(word).text


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(_fold(word)) for word in sorted(words, key=len, reverse=True))


def _words(folded: AlignedText, start: int, end: int) -> Words:
    first, last = folded.span(start, end)
    return Words(first, last, folded.source[first:last])
