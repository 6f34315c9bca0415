"""進捗: how far a 取組 has come, whether it is late, who owes a word about it, and its bar in a 年度.

"3 months" and "6 months" mean more than that: on the very day nothing is late yet (as in rule V04).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from agreements.domain.renewal import add_months
from municipalities.fiscal_year import first_day, fiscal_year_of, last_day

UPDATE_MONTHS = 3
"""After so many months without a word in the journal the 課 owes one."""
STALE_MONTHS = 6
"""After so many it counts as 更新停止 (rule V04)."""
MONTHS = ("4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月", "1月", "2月", "3月")
_TENTH = Decimal("0.1")


class Owed(StrEnum):
    """Why the 課 owes an update, the most urgent first."""

    OVERDUE = "overdue"
    STALE = "stale"
    QUIET = "quiet"

    @property
    def label(self) -> str:
        return {
            "overdue": "期限超過",
            "stale": f"{STALE_MONTHS}か月以上更新なし",
            "quiet": f"{UPDATE_MONTHS}か月以上更新なし",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFacts:
    """What is known of one 取組. `told_on` is the day of the last entry in the journal, at least the day it
    was recorded."""

    is_open: bool
    starts_on: date | None = None
    due_on: date | None = None
    told_on: date | None = None


def is_overdue(facts: ActionFacts, today: date) -> bool:
    """遅れ: not done though the due date has passed. The due date itself is still in time."""
    return facts.is_open and facts.due_on is not None and facts.due_on < today


def owed(facts: ActionFacts, today: date) -> Owed | None:
    """Why an update is owed today; None when none is."""
    if not facts.is_open:
        return None
    if is_overdue(facts, today):
        return Owed.OVERDUE
    if facts.starts_on is not None and facts.starts_on > today:
        return None
    last = max((day for day in (facts.told_on, facts.starts_on) if day), default=None)
    if last is None or last < silent_since(today, STALE_MONTHS):
        return Owed.STALE
    return Owed.QUIET if last < silent_since(today, UPDATE_MONTHS) else None


def silent_since(today: date, months: int) -> date:
    """The first day whose word is still fresh: what was said before it is more than so many months old."""
    # The clamped month makes `day + n months < today` and `day < today - n months` differ at its end.
    day = add_months(today, -months)
    while add_months(day, months) < today:
        day = date.fromordinal(day.toordinal() + 1)
    return day


def achievement(baseline: Decimal | None, target: Decimal | None, current: Decimal | None) -> Decimal | None:
    """達成率 in percent, to a tenth: the way from the baseline (0 without one) that has been gone.

    Falling short of the baseline is 0. None when a figure is missing or there is no way to go.
    """
    if target is None or current is None:
        return None
    start = baseline if baseline is not None else Decimal(0)
    way = target - start
    if way == 0:
        return None
    rate = (current - start) / way * 100
    return max(rate, Decimal(0)).quantize(_TENTH, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Bar:
    """The months of a 年度 (0 is April, 11 March) that a 取組 fills, both included.

    `from_before` and `goes_on`: it begins before the year, or goes on after it.
    """

    first: int
    last: int
    from_before: bool = False
    goes_on: bool = False

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def bar(starts_on: date | None, due_on: date | None, year: int) -> Bar | None:
    """The bar of a 取組 in a 年度, None when it has no day in it.

    Begun without a due date, it goes on. With a due date alone it is known for that month only.
    """
    begin = starts_on or due_on
    if begin is None:
        return None
    first, last = first_day(year), last_day(year)
    if begin > last or (due_on is not None and due_on < first):
        return None
    end = due_on or date.max
    return Bar(
        first=month_of_year(max(begin, first)),
        last=month_of_year(min(end, last)),
        from_before=begin < first,
        goes_on=end > last,
    )


def month_of_year(day: date) -> int:
    """0 for April, 11 for March."""
    return (day.month - 4) % 12


def year_of(starts_on: date | None, due_on: date | None) -> int | None:
    """The 年度 whose figures a 取組 counts in: that of its due date, else of its start."""
    day = due_on or starts_on
    return None if day is None else fiscal_year_of(day)


def next_dates(
    starts_on: date | None, due_on: date | None, this_year: int
) -> tuple[date | None, date | None, int]:
    """The dates of the same 取組 in the 年度 after its own, and that 年度.

    One from long ago goes on in `this_year`; one without dates begins with the year after this one.
    """
    own = year_of(starts_on, due_on)
    if own is None:
        return first_day(this_year + 1), last_day(this_year + 1), this_year + 1
    year = max(own + 1, this_year)
    months = 12 * (year - own)
    moved = [add_months(day, months) if day else None for day in (starts_on, due_on)]
    return moved[0], moved[1], year


def finds_cycle(waits_for: Mapping[int, Collection[int]], key: int, wanted: Iterable[int]) -> list[int]:
    """The way back to `key` that would arise if it waited for `wanted`; empty when there is none.

    `waits_for` are the dependencies that stand, by key; those of `key` itself are replaced.
    """
    ways = [[key, each] for each in wanted]
    seen: set[int] = set()
    while ways:
        way = ways.pop()
        if way[-1] == key:
            return way
        if way[-1] in seen:
            continue
        seen.add(way[-1])
        ways += [[*way, each] for each in waits_for.get(way[-1], ())]
    return []
