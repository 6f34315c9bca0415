"""Lengths of time in Japanese clauses, and how 民法 counts them. Used by the modules that read a clause.

- 140条: days, weeks, months and years do not count their first day, unless they begin at midnight
  (初日不算入).
- 141条: a period ends with the end of its last day.
- 142条: when the last day is a holiday, the period ends the day after. That concerns acts to be done by a
  deadline, not the life of an agreement, and is not applied.
- 143条: months and years follow the calendar. A period that does not begin with a month or year ends on the
  day before the one corresponding to its first day; if its last month has no such day, on the last day of
  that month.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from agreements.domain.renewal.terms import add_months

_MAX_MONTHS = 1200
_MAX_DAYS = 36_525

# Patterns for text in the form of `aligned_text.compact`. 三月 is the legal way to write three months, so a
# bare 月 counts too unless a day follows (3月31日). 年度 is no length.
SPAN = (
    r"(?:満?(?P<number>\d{1,4}|[一二三四五六七八九十百]{1,5})"
    r"(?P<unit>年(?!度|\d)|[かヶケカヵ箇個]月|月(?![\d一二三四五六七八九十末])|週|日)|(?P<half>半年))間?+"
)
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time, in months or in days; the other is 0."""

    months: int = 0
    days: int = 0


def read_span(match: re.Match[str]) -> Span | None:
    """The length matched by `SPAN`; None when it is zero or longer than a hundred years."""
    if match["half"]:
        return Span(months=6)
    number = _read_number(match["number"])
    match match["unit"]:
        case "年":
            span = Span(months=number * 12)
        case "週":
            span = Span(days=number * 7)
        case "日":
            span = Span(days=number)
        case _:
            span = Span(months=number)
    return span if 0 < span.months <= _MAX_MONTHS or 0 < span.days <= _MAX_DAYS else None


def last_day_of(start: date, span: Span) -> date:
    """The last day of a period whose first *counted* day is `start` (民法143条2項).

    Raises ValueError or OverflowError outside the years 1–9999.
    """
    if span.days:
        return start + timedelta(days=span.days - 1)
    corresponding = add_months(start, span.months)
    return corresponding - timedelta(days=1) if corresponding.day == start.day else corresponding


def _read_number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    total = current = 0
    for c in text:
        if c in "十百":
            total += (current or 1) * (10 if c == "十" else 100)
            current = 0
        else:
            current = current * 10 + _DIGITS[c]
    return total + current
