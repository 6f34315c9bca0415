"""年度: the fiscal year of Japanese municipalities, an `int`: the Western year in which it begins.

It begins on 1 April and ends on 31 March (地方自治法第208条第1項). Pure: standard library only, no clock.
Errors are `ValueError` with a Japanese message a form can show.
"""

import re
from datetime import date

from .wareki import era_year, parse_year

_FIRST, _LAST = 1, 9998  # both ends of the year must be dates


def fiscal_year_of(d: date) -> int:
    """The fiscal year a day belongs to: 2020-03-31 → 2019, 2020-04-01 → 2020."""
    return d.year if d.month >= 4 else d.year - 1


def first_day(fiscal_year: int) -> date:
    """1 April of the year: 2019 → 2019-04-01."""
    return date(_checked(fiscal_year), 4, 1)


def last_day(fiscal_year: int) -> date:
    """31 March of the year after: 2019 → 2020-03-31."""
    return date(_checked(fiscal_year) + 1, 3, 31)


def label(fiscal_year: int) -> str:
    """The name of the fiscal year: 2020 → 「令和2年度」, 2019 → 「令和元年度」; before 明治 「1867年度」.

    A year in which the era changes carries the new era as a whole:
    「改元日以降は、当年度全体を通じて『令和元年度』とし」 (改元に伴う元号による年表示の取扱いについて,
    新元号への円滑な移行に向けた関係省庁連絡会議申合せ, 2019-04-01).
    So the era is that of 31 December: 1912 大正元年度, 1926 昭和元年度, 2019 令和元年度. An era that
    begins in January to March first names the next year: 1988 昭和63年度, 1989 平成元年度.
    """
    return f"{era_year(date(_checked(fiscal_year), 12, 31))}度"


def parse_label(text: str) -> int:
    """Read a fiscal year: 令和元年度, R6, 平成31年度 (2019), 2019年度, 2019, any width, kanji numerals too.

    An era counts on beyond its end, as plans written before the change have it: 平成32年度 → 2020.
    Raises `ValueError` with a Japanese message.
    """
    return parse_year(re.sub(r"(?<=年)\s*度\s*$", "", text))


def _checked(fiscal_year: int) -> int:
    if not _FIRST <= fiscal_year <= _LAST:
        raise ValueError(f"{fiscal_year}年度は扱えません。")
    return fiscal_year
