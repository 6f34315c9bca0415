"""The life of an agreement in a picture and in words: a bar with its dates, how far a day is from today.

Pure. Positions are percent of the bar's length, 0–100, to one decimal.
"""

from dataclasses import dataclass
from datetime import date

_MOST_RENEWALS = 24
"""More marks than this on one bar are a hatching, not information."""


@dataclass(frozen=True, slots=True)
class PeriodBar:
    """The dates of a term and their places on the bar.

    The bar runs from `first` to `last`: from the start (or today, when the term has not begun) to the
    expiry (or today, when it has passed). `notice_at` is None without a notice deadline on the bar.
    """

    first: date
    last: date
    start_at: float
    today_at: float
    notice_at: float | None
    expiry_at: float
    renewals_at: tuple[float, ...]
    is_over: bool

    @property
    def length(self) -> float:
        """Length of the term itself."""
        return round(self.expiry_at - self.start_at, 1)

    @property
    def elapsed_share(self) -> int:
        """Percent of the term that has passed."""
        return round(self.elapsed / self.length * 100) if self.length else 100

    @property
    def elapsed(self) -> float:
        """Length of the part that has passed, within the term."""
        return round(max(min(self.today_at, self.expiry_at) - self.start_at, 0), 1)

    @property
    def notice_length(self) -> float:
        """Length from the notice deadline to the expiry."""
        return 0.0 if self.notice_at is None else round(self.expiry_at - self.notice_at, 1)

    @property
    def over_length(self) -> float:
        """Length from the expiry to today when the expiry has passed."""
        return round(max(self.today_at - self.expiry_at, 0), 1)


def period_bar(
    *,
    start: date | None,
    expiry: date | None,
    notice: date | None,
    today: date,
    renewals: tuple[date, ...] | list[date] = (),
) -> PeriodBar | None:
    """The bar of a term; None when its start or end is not known, or the end is not after the start.

    `renewals` are the days on which renewed terms began.
    """
    if start is None or expiry is None or expiry <= start:
        return None
    first, last = min(start, today), max(expiry, today)

    def at(day: date) -> float:
        return round((day - first).days / (last - first).days * 100, 1)

    marks = [at(day) for day in renewals if start < day < expiry]
    return PeriodBar(
        first=first,
        last=last,
        start_at=at(start),
        today_at=at(today),
        notice_at=at(notice) if notice is not None and start <= notice <= expiry else None,
        expiry_at=at(expiry),
        renewals_at=tuple(marks) if len(marks) <= _MOST_RENEWALS else (),
        is_over=today > expiry,
    )


def distance(day: date | None, today: date) -> str:
    """「あと30日」 for a day to come, 「今日」, 「30日前」 for one that has passed; "" for None."""
    if day is None:
        return ""
    days = (day - today).days
    if days == 0:
        return "今日"
    return f"あと{days}日" if days > 0 else f"{-days}日前"
