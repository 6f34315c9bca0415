"""Which notices are due: pure rules, each with a window, so that a missed day loses none.

A notice is told by its kind, the day it is about (`due_on`) and its stage. It is due from `starts_on` until
something happens: a later stage takes its place, the matter is settled, or (`ends_on`) it has become idle.

    通知期限     120, 60, 30 and 7 days before the notice deadline of an undecided term
    更新判断     from the day after the notice deadline until the 更新判断 is made
    黙示更新     60 days from the day on which an undecided agreement renewed itself
    満了         from 30 days before an expiry that nothing follows
    会議なし     after 12 months without a meeting, again every 12 months
    意見照会     from 3 days before the day of the answer, again when it has passed
    窓口の確認   12 months after a contact was last verified, again every 12 months
    実績報告     30 and 7 days before the deadline of the last 年度's report, and when it has passed
    期限超過     1, 7 and 30 days after the due date of an action
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from agreements.domain.renewal import Terms, add_months, current_expiry, next_expiry, notice_deadline

DEADLINE_STAGES = (120, 60, 30, 7)
"""Days before the notice deadline, the earliest first."""

EXPIRY_DAYS = 30
OPINION_DAYS = 3
OVERDUE_STAGES = (1, 7, 30)
MEETING_MONTHS = 12
CONTACT_MONTHS = 12
TACIT_DAYS = 60
REPORT_STAGES = (30, 7)
URGENT_DAYS = 7
"""A notice about a day this near (or past) does not wait for the next mail."""

PAST = -1
"""The stage of a notice that says its day has passed."""


class NoticeKind(StrEnum):
    DEADLINE = "deadline"
    UNDECIDED = "undecided"
    TACIT = "tacit"
    EXPIRY = "expiry"
    NO_MEETING = "no_meeting"
    OPINION = "opinion"
    CONTACT = "contact"
    OVERDUE = "overdue"
    REPORT = "report"


_HARD = frozenset({NoticeKind.DEADLINE, NoticeKind.UNDECIDED, NoticeKind.EXPIRY, NoticeKind.OPINION})


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that is due. `stage` tells apart the notices about one day (days before or after it)."""

    kind: NoticeKind
    due_on: date
    stage: int
    starts_on: date


def is_urgent(kind: str, due_on: date, today: date) -> bool:
    """Whether it cannot wait: a day that is missed for good lies 7 days ahead or less."""
    return kind in _HARD and (due_on - today).days <= URGENT_DAYS


def due_of_terms(terms: Terms, decided_for: date | None, today: date) -> Iterator[Due]:
    """Notices about the current term of an agreement in force; `decided_for` as in `AgreementFacts`."""
    expiry, deadline = current_expiry(terms, today), notice_deadline(terms, today)
    if expiry is None or deadline is None:
        return
    if decided_for != expiry:
        if today > deadline:
            # What nothing renews and is over is told by 満了 alone.
            if expiry >= today:
                yield Due(NoticeKind.UNDECIDED, deadline, PAST, deadline + timedelta(days=1))
        else:
            yield from _before(NoticeKind.DEADLINE, deadline, DEADLINE_STAGES, today)
    if next_expiry(terms, today) is None:
        yield from _before(NoticeKind.EXPIRY, expiry, (EXPIRY_DAYS,), today)


def due_of_tacit_renewal(term: date, today: date) -> Iterator[Due]:
    """After the expiry `term` the agreement went on although nobody had decided."""
    starts = term + timedelta(days=1)
    if starts <= today < starts + timedelta(days=TACIT_DAYS):
        yield Due(NoticeKind.TACIT, term, PAST, starts)


def due_of_meetings(since: date, today: date) -> Iterator[Due]:
    """`since`: the last meeting, else the day from which to count (the signing)."""
    yield from _every(NoticeKind.NO_MEETING, since, MEETING_MONTHS, today)


def due_of_contact(since: date, today: date) -> Iterator[Due]:
    """`since`: the day the contact was last verified, else the day it was entered."""
    yield from _every(NoticeKind.CONTACT, since, CONTACT_MONTHS, today)


def due_of_opinion(due_on: date, today: date) -> Iterator[Due]:
    """For an opinion that was asked until `due_on` and is unanswered."""
    if today > due_on:
        yield Due(NoticeKind.OPINION, due_on, PAST, due_on + timedelta(days=1))
    else:
        yield from _before(NoticeKind.OPINION, due_on, (OPINION_DAYS,), today)


def due_of_action(due_on: date, today: date) -> Iterator[Due]:
    """For an action that is open though `due_on` has passed."""
    late = (today - due_on).days
    reached = [days for days in OVERDUE_STAGES if days <= late]
    if reached:
        yield Due(NoticeKind.OVERDUE, due_on, -reached[-1], due_on + timedelta(days=reached[-1]))


def due_of_report(deadline: date, today: date) -> Iterator[Due]:
    """For an annual report that is not handed in."""
    if today > deadline:
        yield Due(NoticeKind.REPORT, deadline, PAST, deadline + timedelta(days=1))
    else:
        yield from _before(NoticeKind.REPORT, deadline, REPORT_STAGES, today)


def _before(kind: NoticeKind, day: date, stages: tuple[int, ...], today: date) -> Iterator[Due]:
    """The latest stage reached: the earlier ones said the same with more time left."""
    left = (day - today).days
    reached = [days for days in stages if left <= days]
    if reached:
        yield Due(kind, day, reached[-1], day - timedelta(days=reached[-1]))


def _every(kind: NoticeKind, since: date, months: int, today: date) -> Iterator[Due]:
    """Each time another period has passed since that day; counted from it, so that nothing drifts."""
    times = ((today.year - since.year) * 12 + today.month - since.month) // months
    if times > 0 and add_months(since, months * times) >= today:
        times -= 1
    if times > 0:
        day = add_months(since, months * times)
        yield Due(kind, day, PAST, day + timedelta(days=1))
