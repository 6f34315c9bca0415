"""Suggest renewal and notice from the clause a clerk pasted; a person confirms them.

Typical (仙台市・山形市): 「…平成29年3月31日までとする。ただし、当該有効期間満了の日の1か月前までに、
両市のいずれからも解約の意思表示がないときは、 自動的に1年間更新されるものとし、その後も同様とする。」 →
renews itself by 12 months, notice 1 month. The renewed term is the length next to the verb, never the initial
one: 「締結の日から3年間とし、…更に1年間更新」 is 12 months.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from agreements.domain.aligned_text import compact
from agreements.domain.renewal.periods import SPAN, read_span


@dataclass(frozen=True, slots=True)
class RenewalWording:
    """What a renewal clause says, None where it says nothing. `quotes` are the words that say it, for
    showing."""

    auto_renew: bool
    renewal_months: int | None = None
    notice_months: int | None = None
    notice_days: int | None = None
    quotes: tuple[str, ...] = field(default=(), compare=False)


_SENTENCE = re.compile(r"[^。]+")
_SPAN = re.compile(SPAN)

_RENEWED = (
    r"(?:更新|延長|継続|存続|有効(?!期間)|効力を有)"
    # 「更新しない」「更新することができる」「更新について協議」「更新の申出」 are no renewal by itself.
    r"(?!(?:を|は|に?ついて)?(?:しな|せず|されな|行わな|おこなわな|することができ|でき|協議)|の(?:申|意|可否|要否|手続))"
)
_SILENCE = (
    r"(?:申し?出|申し?入れ?|意思|意向|通知|通告|異議|申請|要求|連絡|解約|解除)"
    r"[^。]{0,25}?(?:ない|なき|無い|なかった|なければ|無ければ)"
)
# Between the silence and the renewal no other outcome may stand: 「更新の申出がないときは終了し、
# 申出があったときは延長」.
_STRAIGHT = r"(?:(?!終了|失効|効力を失|あるとき|あった|ある場合)[^。]){0,60}?"
_AUTO = (
    re.compile(rf"自動(?:的に)?(?:(?!協議)[^。]){{0,40}}?{_RENEWED}"),
    re.compile(rf"{_SILENCE}{_STRAIGHT}{_RENEWED}"),
    re.compile(rf"(?:ごと|毎)に?[^。、]{{0,12}}?{_RENEWED}(?=さ|す|し)"),
    re.compile(rf"{_RENEWED}(?=[^。]{{0,20}}(?:以後|その後|以降|爾後|次回以降)[^。]{{0,6}}(?:同様|同じ))"),
)
_BY_AGREEMENT = re.compile(
    r"協議(?:の上|のうえ|により|して|し、|が整|の結果|によ)|合意(?:の上|のうえ|により|した)"
)

_INITIAL_TERM_BEFORE = re.compile(
    r"(?:締結|調印|締約|署名|協定|契約|施行|発効|効力)[^、。]{0,12}(?:から|より)(?:起算して)?、?(?:向こう)?$"
    r"|(?<!更新後の)(?<!延長後の)(?<!更新後の有効)(?<!延長後の有効)期間は、?$"
)
_LONGEST_LEAD = 40
_NOT_A_TERM_AFTER = re.compile(r"前|以内|以上")
_SAME_TERM = re.compile(r"同(?:一|じ|様の)の?期間|同期間")

_ABOUT_EXPIRY = re.compile(r"満了|更新|延長|継続|期限|期間の?終了|終期")
_BEFORE_UNTIL = re.compile(rf"{SPAN}前まで")
_BEFORE = re.compile(rf"{SPAN}前")


def suggest_renewal(text: str) -> RenewalWording:
    """Automatic renewal, its length and the notice period as the pasted clause has them.

    A renewal that needs an agreement (「協議の上、更新することができる」) is not automatic. 「同一期間」
    takes the length of the initial term when the text states one. A notice in weeks is given in days. A
    notice for cancelling mid-term is no notice for renewal.
    """
    clause = compact(text)
    sentences = [(m.start(), m.group()) for m in _SENTENCE.finditer(clause.text)]
    quotes: list[str] = []

    renewal = next(filter(None, (_renewal(sentence) for _, sentence in sentences)), None)
    renewal_months = None
    if renewal:
        offset = next(start for start, sentence in sentences if sentence == renewal.string)
        quotes.append(clause.quote(offset + renewal.start(), offset + renewal.end()))
        renewal_months = _renewed_term(renewal, clause.text)

    notice_months = notice_days = None
    for offset, sentence in sentences:
        match = _notice(sentence)
        span = match and read_span(match)
        if match and span:
            notice_months, notice_days = span.months or None, span.days or None
            quotes.append(clause.quote(offset + match.start(), offset + match.end()))
            break
    return RenewalWording(renewal is not None, renewal_months, notice_months, notice_days, tuple(quotes))


def _renewal(sentence: str) -> re.Match[str] | None:
    """The words by which a sentence renews the agreement without anybody acting."""
    for pattern in _AUTO:
        match = pattern.search(sentence)
        if match and not (pattern is not _AUTO[0] and _BY_AGREEMENT.search(sentence, 0, match.end())):
            return match
    return None


def _renewed_term(renewal: re.Match[str], whole: str) -> int | None:
    """The renewed term in months: the length nearest before the verb, else the first after it."""
    sentence = renewal.string
    terms = [m for m in _SPAN.finditer(sentence) if not _NOT_A_TERM_AFTER.match(sentence, m.end())]
    renewed = [m for m in terms if not _is_initial(m)]
    before = [m for m in renewed if m.end() <= renewal.end()]
    after = [m for m in renewed if m.start() >= renewal.end()]
    if nearest := before[-1:] or after[:1]:
        return _months(nearest)
    if _SAME_TERM.search(sentence):
        return _months(filter(_is_initial, _SPAN.finditer(whole)))
    return None


def _is_initial(term: re.Match[str]) -> bool:
    """Whether the words before a length make it the initial term."""
    start = term.start()
    return _INITIAL_TERM_BEFORE.search(term.string, max(0, start - _LONGEST_LEAD), start) is not None


def _months(matches: Iterable[re.Match[str]]) -> int | None:
    span = next((span for m in matches if (span := read_span(m))), None)
    return span.months or None if span else None


def _notice(sentence: str) -> re.Match[str] | None:
    """「…の1か月前まで」 in a sentence about the expiry; with 「3か月前から1か月前まで」 the one with
    まで."""
    if not _ABOUT_EXPIRY.search(sentence):
        return None
    return _BEFORE_UNTIL.search(sentence) or _BEFORE.search(sentence)
