"""かな: readings and names folded, checked and put into 五十音 order.

Pure: standard library only.
"""

import re
import string
import unicodedata
from typing import NamedTuple

MAX_KEY_LENGTH = 400


class _LegalForm(NamedTuple):
    """One 法人格: how it is written, read, and abbreviated in parentheses, （株）."""

    name: str
    kana: str
    short: str = ""


_LEGAL_FORMS = (
    _LegalForm("株式会社", "かぶしきがいしゃ", "株"),
    _LegalForm("株式會社", "かぶしきかいしゃ"),
    _LegalForm("有限会社", "ゆうげんがいしゃ", "有"),
    _LegalForm("合同会社", "ごうどうがいしゃ", "同"),
    _LegalForm("合資会社", "ごうしがいしゃ", "資"),
    _LegalForm("合名会社", "ごうめいがいしゃ", "名"),
    _LegalForm("相互会社", "そうごがいしゃ", "相"),
    _LegalForm("一般社団法人", "いっぱんしゃだんほうじん", "一社"),
    _LegalForm("一般財団法人", "いっぱんざいだんほうじん", "一財"),
    _LegalForm("公益社団法人", "こうえきしゃだんほうじん", "公社"),
    _LegalForm("公益財団法人", "こうえきざいだんほうじん", "公財"),
    _LegalForm("社団法人", "しゃだんほうじん", "社"),
    _LegalForm("財団法人", "ざいだんほうじん", "財"),
    _LegalForm("認定特定非営利活動法人", "にんていとくていひえいりかつどうほうじん"),
    _LegalForm("特定非営利活動法人", "とくていひえいりかつどうほうじん", "特非"),
    _LegalForm("認定NPO法人", "にんていえぬぴーおーほうじん"),
    _LegalForm("NPO法人", "えぬぴーおーほうじん", "NPO"),
    _LegalForm("社会福祉法人", "しゃかいふくしほうじん", "福"),
    _LegalForm("学校法人", "がっこうほうじん", "学"),
    _LegalForm("医療法人社団", "いりょうほうじんしゃだん"),
    _LegalForm("医療法人財団", "いりょうほうじんざいだん"),
    _LegalForm("社会医療法人", "しゃかいいりょうほうじん"),
    _LegalForm("医療法人", "いりょうほうじん", "医"),
    _LegalForm("宗教法人", "しゅうきょうほうじん", "宗"),
    _LegalForm("地方独立行政法人", "ちほうどくりつぎょうせいほうじん", "地独"),
    _LegalForm("独立行政法人", "どくりつぎょうせいほうじん", "独"),
    _LegalForm("国立研究開発法人", "こくりつけんきゅうかいはつほうじん"),
    _LegalForm("国立大学法人", "こくりつだいがくほうじん", "大"),
    _LegalForm("公立大学法人", "こうりつだいがくほうじん"),
    _LegalForm("農事組合法人", "のうじくみあいほうじん", "農"),
    _LegalForm("有限責任監査法人", "ゆうげんせきにんかんさほうじん"),
    _LegalForm("監査法人", "かんさほうじん"),
    _LegalForm("税理士法人", "ぜいりしほうじん"),
    _LegalForm("弁護士法人", "べんごしほうじん"),
)
# One-character forms (㈱ ㍿ …) stand for the abbreviation, or the name, that NFKC makes of them.
_LIGATURES = "㈱㈲㈴㈳㈶㈾㈻㍿"
_FULL_WIDTH_LATIN = str.maketrans({letter: f"[{letter}{chr(ord(letter) + 0xFEE0)}]" for letter in "NPO"})


def _at_either_end(before: list[str], behind: list[str]) -> re.Pattern[str]:
    """Matches one of the words at the beginning or, from the second list, at the end; the longest first."""
    first, last = ("|".join(sorted(words, key=len, reverse=True)) for words in (before, behind))
    return re.compile(rf"^\s*(?:{first})[\s・]*|[\s・]*(?:{last})\s*$")


_NAMES = [form.name.translate(_FULL_WIDTH_LATIN) for form in _LEGAL_FORMS] + [f"[{_LIGATURES}]"]
_ABBREVIATIONS = [
    rf"[(（]\s*{form.short.translate(_FULL_WIDTH_LATIN)}\s*[)）]" for form in _LEGAL_FORMS if form.short
]
# Behind a name only company abbreviations are legal forms; 「○○病院（医）」 says something else.
_COMPANY_ABBREVIATION = r"[(（]\s*[株有同資名]\s*[)）]"
_WRITTEN_FORM = _at_either_end(_NAMES + _ABBREVIATIONS, [*_NAMES, _COMPANY_ABBREVIATION])
_READINGS = [form.kana for form in _LEGAL_FORMS]
_SPOKEN_FORM = _at_either_end(_READINGS, _READINGS)


def strip_legal_form(name: str) -> str:
    """A body's name without its legal form: 株式会社ローソン, ㈱ローソン, ローソン（株） → 「ローソン」.

    Only at the beginning and the end; the rest stays as written. A name that is nothing else stays whole.
    """
    return _without(_WRITTEN_FORM, name)


def _without(form: re.Pattern[str], name: str) -> str:
    return form.sub("", name).strip() or name.strip()


# --- Folding ---

_KATAKANA = range(ord("ァ"), ord("ヶ") + 1)
_TO_HIRAGANA = {code: code - 0x60 for code in (*_KATAKANA, ord("ヽ"), ord("ヾ"))}
# A dash behind kana is a long vowel that somebody found on the wrong key: ロ―ソン, ロ－ソン.
_DASH_AFTER_KANA = re.compile(r"(?<=[ぁ-ゖー])[-‐‑‒–—―−]")
_KANA = re.compile(r"[ゝゞー・ ]*[ぁ-ゖ][ぁ-ゖゝゞー・ ]*")


def normalise_kana(text: str) -> str:
    """A reading in one spelling: ﾛｰｿﾝ, ローソン, 「 ろーそん 」 → 「ろーそん」.

    Half-width becomes full (NFKC), katakana hiragana, runs of spaces one space, none at the ends.
    """
    text = unicodedata.normalize("NFKC", text).translate(_TO_HIRAGANA)
    return " ".join(_DASH_AFTER_KANA.sub("ー", text).split())


def is_kana(text: str) -> bool:
    """Whether a text is a reading in hiragana or katakana of any width; ー, ・ and spaces may be in it."""
    return bool(_KANA.fullmatch(normalise_kana(text)))


# --- Sorting ---

_BASES = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをん"
_VOWELS = {
    kana: row[0]
    for row in (
        "あかさたなはまやらわ",
        "いきしちにひみりゐ",
        "うくすつぬふむゆる",
        "えけせてねへめれゑ",
        "おこそとのほもよろを",
        "ん",
    )
    for kana in row
}
_SMALL = dict(zip("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ", strict=True))
_VOICINGS = {"\u3099": "1", "\u309a": "2"}

_END = "00"
_FIRST_DIGIT, _FIRST_LETTER, _FIRST_KANA = 1, 11, 40
_OTHER = "90"
# Third level of JIS X 4061, in its order.
_LONG, _SMALL_KANA, _ITERATION, _PLAIN = "0123"


def sort_key(kana: str) -> str:
    """The key that puts readings into 五十音 order when keys are compared as plain text.

    Legal forms at the beginning and the end (かぶしきがいしゃ, 株式会社, ㈱ …) do not count, nor do spaces
    and punctuation. The order is that of JIS X 4061 (日本語文字列照合順番): digits, Latin letters (without
    case), kana, then all others by code point; among equals 清音 < 濁音 < 半濁音; among equals again
    ー < small kana < ゝ < plain kana. First ー counts as the vowel and ゝ as the kana before it.

    The key is of ASCII digits only, so that every collation of every database sorts it alike, by code point
    or not: two digits for each character (nine for the others), 「00」, a digit for the voicing of each
    character, a digit for the kind of each. Cut at `MAX_KEY_LENGTH`, which keeps the order and leaves 200
    kana to compare.
    """
    reading = _without(_SPOKEN_FORM, normalise_kana(strip_legal_form(kana)))
    primary: list[str] = []
    voicing: list[str] = []
    kinds: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", reading).translate(_TO_HIRAGANA).casefold():
        if character in _VOICINGS:
            voicing[-1:] = [_VOICINGS[character]] if voicing else []
            continue
        counted_as, kind = _base_and_kind(character, base)
        weight = _weight(counted_as)
        if weight:
            base = counted_as
            primary.append(weight)
            voicing.append("0")
            kinds.append(kind)
    return "".join([*primary, _END, *voicing, *kinds])[:MAX_KEY_LENGTH]


def _base_and_kind(character: str, previous: str) -> tuple[str, str]:
    """What a character counts as in the first comparison (may be nothing), and its kind for the third."""
    if character == "ー":
        return _VOWELS.get(previous, ""), _LONG
    if character == "ゝ":
        return previous if previous in _VOWELS else "", _ITERATION
    if character in _SMALL:
        return _SMALL[character], _SMALL_KANA
    return character, _PLAIN


def _weight(base: str) -> str:
    """The digits for one character of the first comparison; none for what does not count."""
    if base and base in _BASES:
        return f"{_FIRST_KANA + _BASES.index(base):02}"
    if base and base in string.digits:
        return f"{_FIRST_DIGIT + int(base):02}"
    if base and base in string.ascii_lowercase:
        return f"{_FIRST_LETTER + ord(base) - ord('a'):02}"
    if base and unicodedata.category(base)[0] in "LN":
        return f"{_OTHER}{ord(base):07}"
    return ""
