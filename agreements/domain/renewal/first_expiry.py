"""Suggest the first expiry from the period clause a clerk pasted; a person confirms it.

By 民法 (see `periods`), 「締結の日から1年」 signed on 2020-09-23 ends on 2021-09-23, because the first day is
not counted, and 「締結の日から起算して1年」 on 2021-09-22. Towns write the former and mean the latter often
enough that only a person can decide. The earlier day is suggested, because a deadline that comes a day early
does no harm, and the note says what the other reading gives.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from agreements.domain.aligned_text import compact
from agreements.domain.renewal.periods import SPAN, Span, last_day_of, read_span
from municipalities.fiscal_year import fiscal_year_of, label, last_day, parse_label
from municipalities.wareki import format_wareki, parse_date


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A first expiry read from a clause: the day, the words that say it, what to check before confirming."""

    value: date
    quote: str
    note: str | None = None


_Reading = tuple[date, str | None]

_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_ERA_YEAR = rf"(?:(?:明治|大正|昭和|平成|令和|[MTSHR])\.?(?:元|{_NUMBER}))"
_YEAR = rf"(?:{_ERA_YEAR}|[12]\d{{3}}|[一二][〇一二三四五六七八九]{{3}})"
_ASIDE = r"(?:\([^()]{1,9}\))?"  # 令和6年(2024年)
_DATE = rf"{_YEAR}{_ASIDE}[年./\-]{_ASIDE}{_NUMBER}[月./\-](?:{_NUMBER}|末)日?"

_SIGNING = (
    r"(?:締結|調印|締約|署名|協定|契約)(?:を?した|をされた|された)?の?日"
    r"|(?P<effective>(?:施行|発効|効力(?:の|が)?(?:発生|生じた|生じる))(?:した|する)?の?日)"
)
_FROM = r"(?P<next>の翌日)?(?:から|より|以後|以降)(?P<counted>起算して|起算し)?、?(?:向こう)?"
# 「…まで」 is a last day; 「…までに」 is a deadline for something else.
_UNTIL = r"(?:まで(?!に)|を?もって|を?限り)"
# 「締結の日から1年ごとに見直す」 says nothing about the end.
_NO_TERM = r"(?!前|以内|以上|ごと|毎|おき|を?目[途処安])"
_YEAR_END = r"の?(?:末日?|3月(?:31日|末日?))"

_FIXED_DATE = re.compile(rf"(?P<date>{_DATE}){_UNTIL}")
_FIXED_FISCAL_YEAR = re.compile(rf"(?P<year>{_YEAR}年度){_YEAR_END}(?:{_UNTIL}|とする)")
_DAY_OF_YEAR = re.compile(
    rf"(?:(?P<date>{_DATE})(?:から|より))?(?P<which>同年|当年|翌年|翌々年)の?(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}}|末)日?{_UNTIL}"
)
_SPAN_THEN_YEAR_END = re.compile(
    rf"(?:{_SIGNING}){_FROM}{SPAN}(?:を?経過(?:する|した)|後の?|目の?)日?の?属する(?:会計)?年度{_YEAR_END}"
)
_YEAR_END_OF_SIGNING = re.compile(
    rf"(?P<which>翌々|翌|次)?(?<![毎各])(?:会計)?年度{_YEAR_END}(?:{_UNTIL}|とする)"
    rf"|(?:最初|直近|直後)(?:に到来する|の)3月(?:31日|末日?){_UNTIL}"
)
_SPAN_FROM_DATE = re.compile(rf"(?P<date>{_DATE})(?:から|より)(?:起算して)?、?(?:向こう)?{SPAN}{_NO_TERM}")
_SPAN_FROM_SIGNING = re.compile(rf"(?:{_SIGNING}){_FROM}{SPAN}{_NO_TERM}")
_SPAN_ALONE = re.compile(
    rf"(?<!更新後の)(?<!延長後の)(?:有効|存続|協定の?|実施|連携)期間は、?{SPAN}(?:とする|とし|です)"
)


def suggest_first_expiry(text: str, signed_on: date | None) -> Suggestion | None:
    """The last day of the initial term that a pasted clause seems to mean; None when nothing is readable.

    Reads 「令和○年3月31日まで」, 「令和○年度末まで」, 「令和5年4月1日から翌年3月31日まで」,
    「締結の日から3年を経過する日の属する年度の末日」, 「当該年度の末日まで」, 「令和5年4月1日から1年間」,
    「締結の日から1年」, 「締結日から起算して3年間」, 「有効期間は1年とする」, the most definite first. What
    depends on the signing needs `signed_on`; a day before `signed_on` cannot be meant.
    """
    clause = compact(text)
    for pattern, read in _READERS:
        for match in pattern.finditer(clause.text):
            try:
                reading = read(match, signed_on)
            except (ValueError, OverflowError):  # 令和5年13月1日, or a span that leaves the calendar
                continue
            if reading and (signed_on is None or reading[0] >= signed_on):
                return Suggestion(reading[0], clause.quote(*match.span()), reading[1])
    return None


def _parse(text: str) -> _Reading:
    without_aside = re.sub(r"\([^()]*\)", "", text)
    parsed = parse_date(without_aside + "日" if without_aside.endswith("末") else without_aside)
    return parsed.value, parsed.notice


def _read_fixed_date(match: re.Match[str], _signed_on: date | None) -> _Reading | None:
    return _parse(match["date"])


def _read_fixed_fiscal_year(match: re.Match[str], _signed_on: date | None) -> _Reading | None:
    return last_day(parse_label(match["year"])), None


def _read_day_of_year(match: re.Match[str], signed_on: date | None) -> _Reading | None:
    start = _parse(match["date"])[0] if match["date"] else signed_on
    if start is None:
        return None
    year = start.year + {"翌年": 1, "翌々年": 2}.get(match["which"], 0)
    value = _parse(f"{year}年{match['month']}月{match['day']}日")[0]
    return value, None if match[
        "date"
    ] else f"「{match['which']}」を締結日（{format_wareki(start)}）から数えました。"


def _read_span_then_year_end(match: re.Match[str], signed_on: date | None) -> _Reading | None:
    days = _both_readings(match, signed_on)
    if days is None:
        return None
    value, other = (last_day(fiscal_year_of(day)) for day in days)
    return value, _note(match, value, other)


def _read_year_end_of_signing(match: re.Match[str], signed_on: date | None) -> _Reading | None:
    if signed_on is None:
        return None
    year = fiscal_year_of(signed_on) + {"翌": 1, "次": 1, "翌々": 2}.get(match["which"], 0)
    return last_day(year), f"締結日（{format_wareki(signed_on)}）から数えて{label(year)}の末日と読みました。"


def _read_span_from_date(match: re.Match[str], _signed_on: date | None) -> _Reading | None:
    # A day fixed beforehand begins at midnight, so it is counted (民法140条ただし書).
    span = read_span(match)
    return (last_day_of(_parse(match["date"])[0], span), None) if span else None


def _read_span_from_signing(match: re.Match[str], signed_on: date | None) -> _Reading | None:
    days = _both_readings(match, signed_on)
    return (days[0], _note(match, *days)) if days else None


def _read_span_alone(match: re.Match[str], signed_on: date | None) -> _Reading | None:
    span = read_span(match)
    if span is None or signed_on is None:
        return None
    value, other = last_day_of(signed_on, span), last_day_of(signed_on + timedelta(days=1), span)
    return value, f"期間の始まりが書かれていないため、締結日から数えました。{_other_reading(other)}"


def _both_readings(match: re.Match[str], signed_on: date | None) -> tuple[date, date] | None:
    """The earlier and the later last day; the same twice where the wording leaves no doubt."""
    span: Span | None = read_span(match)
    if span is None or signed_on is None:
        return None
    counted, uncounted = last_day_of(signed_on, span), last_day_of(signed_on + timedelta(days=1), span)
    if match["next"]:
        return uncounted, uncounted
    return counted, counted if match["counted"] else uncounted


def _note(match: re.Match[str], value: date, other: date) -> str | None:
    notes = ["効力が生じる日を締結日と同じとみなしました。"] if match["effective"] else []
    if other != value:
        notes.append(_other_reading(other))
    return "".join(notes) or None


def _other_reading(other: date) -> str:
    return f"初日を数えない読み方（民法第140条）では{format_wareki(other)}です。どちらかを確認してください。"


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date | None], _Reading | None]], ...] = (
    (_FIXED_DATE, _read_fixed_date),
    (_FIXED_FISCAL_YEAR, _read_fixed_fiscal_year),
    (_DAY_OF_YEAR, _read_day_of_year),
    (_SPAN_THEN_YEAR_END, _read_span_then_year_end),
    (_YEAR_END_OF_SIGNING, _read_year_end_of_signing),
    (_SPAN_FROM_DATE, _read_span_from_date),
    (_SPAN_FROM_SIGNING, _read_span_from_signing),
    (_SPAN_ALONE, _read_span_alone),
)
