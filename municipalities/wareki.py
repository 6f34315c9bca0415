"""元号: Japanese dates as people type them, and as they are shown.

Pure: standard library only, no clock. Errors are `ValueError` with a Japanese message a form can show.

Days are those of the (proleptic) Gregorian calendar, which Japan uses since 明治6年1月1日 (1873-01-01,
明治5年太政官布告第337号). Documents of 明治5年12月2日 and before carry days of the old lunisolar calendar;
such a day is NOT converted: 「明治元年9月8日」 is read as 1868-09-08. 明治 begins on 1868-01-25, the
Gregorian day of 慶応4年1月1日, to which the era was applied backwards.
"""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

EARLIEST = date(1868, 1, 25)
LATEST = date(2199, 12, 31)


@dataclass(frozen=True)
class ParsedDate:
    """A date somebody typed. `notice` is a Japanese sentence for them when the reading needs a look."""

    value: date
    notice: str | None = None


@dataclass(frozen=True)
class _Era:
    name: str
    letter: str
    first: date

    def year_text(self, year: int) -> str:
        """A Western year in this era's count, even beyond the era's end: 2020 → 「平成32年」."""
        number = year - self.first.year + 1
        return f"{self.name}{'元' if number == 1 else number}年"


# First days as in the orders (政令) that changed the era; each era ends on the day before the next begins.
_ERAS = (
    _Era("令和", "R", date(2019, 5, 1)),
    _Era("平成", "H", date(1989, 1, 8)),
    _Era("昭和", "S", date(1926, 12, 25)),
    _Era("大正", "T", date(1912, 7, 30)),
    _Era("明治", "M", EARLIEST),
)
_ERA_BY_SPELLING = {spelling: era for era in _ERAS for spelling in (era.name, era.letter, era.name[0])}
_LAST_DAYS = {earlier: later.first - timedelta(days=1) for later, earlier in pairwise(_ERAS)}

# Day 0 of Excel's 1900 date system. Excel counts a 29 February 1900 that never was; starting one day early
# makes every serial from 61 on right, and five digits start far above that.
_EXCEL_DAY_ZERO = date(1899, 12, 30)

_LONGEST_TEXT = 60
_LARGEST_YEAR_OF_ENDED_ERA = 99  # as old documents may count on: 平成40年; more is a slip of the finger
_WEEKDAYS = "月火水木金土日"
_EXAMPLES = "令和2年9月23日、R2.9.23、2020/9/23"


# --- Showing ---


def era_year(d: date) -> str:
    """The year in Japanese: 「令和2年」, 「令和元年」; before 明治 the Western 「1867年」."""
    # Ordinals, because a datetime is a date too but refuses to be compared with one.
    era = next((era for era in _ERAS if era.first.toordinal() <= d.toordinal()), None)
    return era.year_text(d.year) if era else f"{d.year}年"


def format_wareki(d: date) -> str:
    """The date in Japanese: 「令和2年9月23日」; before 明治 (1868-01-25) the Western 「1867年12月31日」."""
    return f"{era_year(d)}{d.month}月{d.day}日"


# --- Reading ---


def parse_date(text: str) -> ParsedDate:
    """Read one date as people write it: 和暦 or Western, any width, arabic or kanji numerals.

    Accepted: 令和元年5月1日, 令和2年9月23日, ㋿2年9月23日, R2.9.23, R02-09-23, R020923, 令2・9・23,
    令和二年九月二十三日, 二〇二〇年九月二十三日, 令和2(2020)年9月23日, 2020/9/23, 2020.9.23, 2020-09-23,
    20200923, 令和2年9月末日; behind it a weekday 「(水)」, a time of day (dropped), 付 or 付け; and, as text,
    Excel serials of the 1900 date system with five digits, 10000 (1927-05-18) to 99999 (2173-10-13).

    An old era beyond its end, as documents written before the change have it (平成32年3月31日), is read
    with a notice; so are Excel serials and wrong weekdays. A new era before its first day
    (令和元年4月30日) is refused with the right spelling. The range is `EARLIEST` to `LATEST`.
    Raises `ValueError` with a Japanese message.
    """
    cleaned = _clean(text, "日付")
    if _SERIAL.fullmatch(cleaned):
        serial = int(cleaned[:5])
        value = _EXCEL_DAY_ZERO + timedelta(days=serial)
        return ParsedDate(value, f"Excelの日付番号{serial}を{format_wareki(value)}として読み取りました。")
    match = next((found for pattern in _DATES if (found := pattern.fullmatch(cleaned))), None)
    if match is None:
        raise ValueError(_why_unreadable(cleaned, text))
    era, year = _resolve_year(match["year"])
    if match["also"] and _resolve_year(match["also"])[1] != year:
        raise ValueError(f"{match['year']}年と{match['also']}年は違う年です。どちらかを直してください。")
    value = _resolve_day(year, int(match["month"]), match["day"])
    notices = [_era_notice(era, value), _weekday_notice(match["weekday"], value)]
    return ParsedDate(value, "".join(filter(None, notices)) or None)


def parse_year(text: str) -> int:
    """Read one year: 令和2年, 令和元, R2, 二〇二〇年, 2020. Raises `ValueError` with a Japanese message.

    Only the year is read, not the days of the era: 平成31年 and 令和元年 are both 2019, 平成32年 is 2020.
    """
    match = _ONE_YEAR.fullmatch(_clean(text, "年"))
    if match is None:
        raise ValueError(f"「{_shorten(text)}」は年として読み取れません（例: 令和2年、R2、2020年）。")
    return _resolve_year(match["year"])[1]


_ERA_SPELLINGS = "|".join(sorted(_ERA_BY_SPELLING, key=len, reverse=True))
_YEAR = rf"(?:(?:西暦)?[0-9]{{4}}|(?:{_ERA_SPELLINGS})\.?(?:元|[0-9]{{1,4}}))"
_SUFFIX = (
    rf"(?:\(?(?P<weekday>[{_WEEKDAYS}])(?:曜日?)?(?:[.,、]?祝日?)?\)?|\(祝日?\))?"
    r"(?:(?:(?<![0-9])|[T ])[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?:\+09:?00)?)?"
    r"(?:付け?)?"
)
_DATES = (
    re.compile(
        rf"(?P<year>{_YEAR})(?:年?\((?P<also>{_YEAR})年?\)[年./-]?|年|[./-])"
        rf"(?P<month>[0-9]{{1,2}})(?:月|[./-])(?P<day>[0-9]{{1,2}}|末)日?{_SUFFIX}"
    ),
    re.compile(
        rf"(?P<year>[0-9]{{4}}|(?:{_ERA_SPELLINGS})[0-9]{{2}})(?P<also>)"
        rf"(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}}){_SUFFIX}"
    ),
)
_ONE_YEAR = re.compile(rf"(?P<year>{_YEAR})年?")
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")

# What people leave out or turn round, each with what to do about it.
_MISTAKES = (
    (rf"{_YEAR}(?:年|[./-])[0-9]{{1,2}}月?", "日まで入力してください"),
    (rf"{_YEAR}年?", "月と日まで入力してください"),
    (r"[0-9]{1,2}[月./-][0-9]{1,2}日?", "年から入力してください"),
    (r"[0-9]{1,3}[年./-][0-9]{1,2}[月./-][0-9]{1,2}日?", "元号か4桁の西暦を付けてください"),
    (r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}", "年・月・日の順に入力してください"),
    (r".*吉日.*", "「吉日」では日が決まりません。日を数字で入力してください"),
)


def _why_unreadable(cleaned: str, text: str) -> str:
    advice = next((advice for pattern, advice in _MISTAKES if re.fullmatch(pattern, cleaned)), "")
    if advice:
        return f"「{_shorten(text)}」は日付として読み取れません。{advice}（例: {_EXAMPLES}）。"
    return f"「{_shorten(text)}」は日付として読み取れません。{_EXAMPLES}のように入力してください。"


def _resolve_year(token: str) -> tuple[_Era | None, int]:
    """The era (None for a Western year) and the Western year of a matched `_YEAR`."""
    number_text = re.sub(r"^[^0-9元]+", "", token)
    number = 1 if number_text == "元" else int(number_text)
    era = _ERA_BY_SPELLING.get(token.removesuffix(number_text).removesuffix("."))
    if era is None:
        if not EARLIEST.year <= number <= LATEST.year:
            raise ValueError(f"{number}年は扱えません。西暦は{EARLIEST.year}年から{LATEST.year}年までです。")
        return None, number
    year = era.first.year + number - 1
    if number < 1 or year > LATEST.year or (era in _LAST_DAYS and number > _LARGEST_YEAR_OF_ENDED_ERA):
        raise ValueError(f"{era.name}{number}年はありません。年を確かめてください。")
    return era, year


def _resolve_day(year: int, month: int, day_text: str) -> date:
    if not 1 <= month <= 12:
        raise ValueError(f"{month}月はありません。月は1から12までです。")
    last = calendar.monthrange(year, month)[1]
    day = last if day_text == "末" else int(day_text)
    if not 1 <= day <= last:
        month_text = f"{era_year(date(year, month, last))}{month}月"
        raise ValueError(f"{month}月{day}日はありません。{month_text}は1日から{last}日までです。")
    value = date(year, month, day)
    if value < EARLIEST:
        raise ValueError("1868年1月25日（明治の始まり）より前の日付は扱えません。")
    return value


def _era_notice(era: _Era | None, value: date) -> str | None:
    """The notice for an era used beyond its end. Raises `ValueError` for an era that had not begun."""
    if era is None:
        return None
    as_written = f"{era.year_text(value.year)}{value.month}月{value.day}日"
    if value < era.first:
        first = f"{era.first.year}年{era.first.month}月{era.first.day}日"
        raise ValueError(
            f"{as_written}はありません。{era.name}は{first}からです。"
            f"{format_wareki(value)}と入力してください。"
        )
    last = _LAST_DAYS.get(era, date.max)
    if value <= last:
        return None
    reading = format_wareki(value)
    return f"{as_written}を{reading}として読み取りました（{era.name}は{format_wareki(last)}まで）。"


def _weekday_notice(weekday: str | None, value: date) -> str | None:
    actual = _WEEKDAYS[value.weekday()]
    if weekday in (None, actual):
        return None
    return f"{format_wareki(value)}は{actual}曜日です（入力は{weekday}曜日）。"


# --- Cleaning ---

# What input methods and copied documents put where a hyphen or a full stop is meant.
_SEPARATORS = str.maketrans(dict.fromkeys("‐‒–—―−ー", "-") | dict.fromkeys("・。", "."))
_FORMAL_NUMERALS = str.maketrans("壱壹弐貳参參拾零○◯", "一一二二三三十〇〇〇")
_KANJI_DIGITS = "〇一二三四五六七八九"
_KANJI_RUN = re.compile(rf"(?<![0-9])[{_KANJI_DIGITS}十百千]++(?![0-9])")
_KANJI_NUMBER = re.compile("(?:(D?)千)?(?:(D?)百)?(?:(D?)十)?(D?)".replace("D", f"[{_KANJI_DIGITS[1:]}]"))


def _clean(text: str, what: str) -> str:
    """Fold widths, ligatures, kanji numerals, separators and spaces; refuse what cannot be part of a date."""
    text = text.strip()
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"{what}として長すぎます（{len(text)}文字）。{what}だけを入力してください。")
    if any(unicodedata.category(c) in {"Cc", "Cs"} and not c.isspace() for c in text):
        raise ValueError("目に見えない制御文字が入っています。入力し直してください。")
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")  # zero-width marks from web pages
    text = unicodedata.normalize("NFKC", text).upper()
    # A space may stand anywhere but inside a number; between two numbers (before a time of day) it counts.
    text = re.sub(r"(?<![0-9])\s+|\s+(?![0-9])", "", text)
    text = re.sub(r"\s+", " ", text)
    if not text:
        raise ValueError(f"{what}を入力してください。")
    text = text.translate(_FORMAL_NUMERALS)
    text = _KANJI_RUN.sub(_arabic, text)
    return text.translate(_SEPARATORS)


def _arabic(run: re.Match[str]) -> str:
    """Kanji numerals as arabic digits, by units (二十三) or position (二〇二〇); what is neither stays."""
    kanji = run[0]
    if set(kanji) == {"〇"}:
        raise ValueError("「○」のままの所があります。数字を入力してください。")
    if not set(kanji) & set("十百千"):
        return "".join(str(_KANJI_DIGITS.index(c)) for c in kanji)
    match = _KANJI_NUMBER.fullmatch(kanji)
    if match is None:
        return kanji
    number = 0
    for digit, unit in zip(match.groups(), (1000, 100, 10, 1), strict=True):
        # No group: the unit is absent. An empty group: the unit stands alone (十 = 一十), but for the ones.
        if digit is not None:
            number += unit * (_KANJI_DIGITS.index(digit) if digit else int(unit > 1))
    return str(number)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 20 else f"{line[:20]}…"
