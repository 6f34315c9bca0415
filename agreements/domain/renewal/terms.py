"""The date arithmetic of renewal: pure, in constant time, always counted from the first expiry.

    current expiry  = the first  first_expiry + renewal_months × k  that is not before today   (k ≥ 0)
    notice deadline = current expiry − notice_months, clamped to the month's end (or − notice_days)

Two 更新判断 change this: an extension to a day (`extended_to`) takes the place of the first expiry; the
decision to end (`terminates_on`) stops the renewals at the expiry it was about.

Chaining one term onto the last would drift: 31 March − 1 month = 28 February, + 1 month = 28 March. Counting
every term from `first_expiry` cannot. An expiry on the last day of a short month keeps its day number (28
February stays the 28th in a leap year, although 民法143条2項 would allow the 29th): the earlier day never
lets a deadline slip.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

DEFAULT_NOTICE_DAYS = 90
"""Our own internal deadline, in days before the expiry, when the agreement has no notice clause."""

_MAX_MONTHS = 1200
_MAX_DAYS = 36_525


@dataclass(frozen=True, slots=True)
class Terms:
    """The period clause of one agreement.

    `first_expiry` is the last day of the initial term, as confirmed by a person; None = open-ended
    (期間の定めなし). `renewal_months` is the length of one renewed term (it may differ from the initial
    term); it is required, at least 1, when `auto_renew` is true. Notice is given in months or in days before
    the expiry, never both; neither means no clause. `extended_to` is the last day to which a 更新判断
    extended an agreement whose clause does not do it; `terminates_on` the expiry at which it was decided to
    end: the term in which that day lies is the last. Raises ValueError with a Japanese message when these
    contradict each other.
    """

    first_expiry: date | None
    auto_renew: bool
    renewal_months: int | None
    notice_months: int | None = None
    notice_days: int | None = None
    extended_to: date | None = None
    terminates_on: date | None = None

    def __post_init__(self) -> None:
        if self.auto_renew and not self.renewal_months:
            raise ValueError("自動更新する協定には、更新後の期間（月数）を1以上で入力してください。")
        if self.renewal_months is not None and not 0 <= self.renewal_months <= _MAX_MONTHS:
            raise ValueError(f"更新後の期間は1〜{_MAX_MONTHS}か月の範囲で入力してください。")
        if self.notice_months is not None and self.notice_days is not None:
            raise ValueError("通知期限は、月数か日数のどちらか一方だけを入力してください。")
        if self.notice_months is not None and not 0 <= self.notice_months <= _MAX_MONTHS:
            raise ValueError(f"通知期限の月数は0〜{_MAX_MONTHS}の範囲で入力してください。")
        if self.notice_days is not None and not 0 <= self.notice_days <= _MAX_DAYS:
            raise ValueError(f"通知期限の日数は0〜{_MAX_DAYS}の範囲で入力してください。")


def add_months(d: date, n: int) -> date:
    """`d` moved by `n` months (n may be negative), clamped to the end of the month reached.

    Raises ValueError when the result lies outside the years 1–9999.
    """
    year, month0 = divmod(d.year * 12 + d.month - 1 + n, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise ValueError("日付が扱える範囲（西暦1年〜9999年）を超えています。")
    return date(year, month0 + 1, min(d.day, monthrange(year, month0 + 1)[1]))


def times_renewed(terms: Terms, today: date) -> int:
    """How many times the agreement has renewed itself before or on `today` (0 without auto-renewal)."""
    first = _first_end(terms)
    step = terms.renewal_months
    until = today if terms.terminates_on is None else min(today, terms.terminates_on)
    if first is None or not terms.auto_renew or not step or until <= first:
        return 0
    # The k-th expiry lies in this month or earlier; if it has passed, the next one lies in a later month.
    k = ((until.year - first.year) * 12 + until.month - first.month) // step
    return k if add_months(first, step * k) >= until else k + 1


def current_expiry(terms: Terms, today: date) -> date | None:
    """The last day of the term running on `today`; None when open-ended.

    Without auto-renewal the first expiry (or the day it was extended to) stays, also when it is past; so does
    the expiry at which the agreement was decided to end.
    """
    return _expiry(terms, times_renewed(terms, today))


def next_expiry(terms: Terms, today: date) -> date | None:
    """The expiry that follows the current one if nobody gives notice; None when nothing follows."""
    renewals = times_renewed(terms, today)
    current = _expiry(terms, renewals)
    if current is None or not terms.auto_renew:
        return None
    is_last = terms.terminates_on is not None and current >= terms.terminates_on
    return None if is_last else _expiry(terms, renewals + 1)


def notice_deadline(terms: Terms, today: date) -> date | None:
    """The last day to give notice for the *current* (renewed) expiry; None when open-ended.

    Without a notice clause it is our own internal deadline, DEFAULT_NOTICE_DAYS before the expiry.
    """
    expiry = current_expiry(terms, today)
    if expiry is None:
        return None
    if terms.notice_months is not None:
        return add_months(expiry, -terms.notice_months)
    days = DEFAULT_NOTICE_DAYS if terms.notice_days is None else terms.notice_days
    if (expiry - date.min).days < days:
        raise ValueError("日付が扱える範囲（西暦1年〜9999年）を超えています。")
    return expiry - timedelta(days=days)


def renewed_expiries(terms: Terms, until: date) -> list[date]:
    """The last day of every term that was over by `until` (exclusive) and renewed itself, oldest first.

    There are exactly `times_renewed(terms, until)` of them.
    """
    first, step = _first_end(terms), terms.renewal_months or 0
    return [add_months(first, step * k) for k in range(times_renewed(terms, until))] if first else []


def unrecorded_renewals(terms: Terms, decided_for: date | None, today: date) -> list[date]:
    """The expiries at which the agreement renewed itself and nobody decided: 黙示更新 still to be written.

    `decided_for` is the newest expiry about which something is recorded; what lies before it is settled.
    """
    renewed = renewed_expiries(terms, today)
    return [expiry for expiry in renewed if decided_for is None or expiry > decided_for]


def renewal_dates(terms: Terms, until: date) -> list[date]:
    """The first day of every renewed term that has begun by `until` (inclusive), oldest first.

    The renewed term begins on the day after an expiry.
    """
    return [expiry + timedelta(days=1) for expiry in renewed_expiries(terms, until)]


def _first_end(terms: Terms) -> date | None:
    """The day from which renewals are counted; None when open-ended."""
    if terms.first_expiry is None or terms.extended_to is None:
        return terms.first_expiry
    return max(terms.first_expiry, terms.extended_to)


def _expiry(terms: Terms, renewals: int) -> date | None:
    first = _first_end(terms)
    return None if first is None else add_months(first, (terms.renewal_months or 0) * renewals)
