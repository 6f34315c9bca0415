"""When a link to the company's side opens, and what its one-time codes look like: pure rules.

The link alone opens nothing: it leads to a page that asks for a code, sent to the contact's own mail. Eight
digits and ten failures an hour make guessing hopeless for as long as a link may live.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

LONGEST_DAYS = 180
"""How long a link may live."""
MOST_USES = 200

CODE_DIGITS = 8
CODE_VALID = timedelta(minutes=15)
CODE_VALID_BY_PHONE = timedelta(minutes=60)
"""Somebody has to be reached by telephone first."""
PERIOD = timedelta(hours=1)
MOST_CODES = 5
"""Codes sent for one link in a period."""
MOST_TRIES_OF_A_CODE = 5
MOST_FAILED_CODES = 10
"""Wrong codes for one link in a period, whichever code they were meant for."""
MOST_FAILED_TOKENS = 30
"""Links that open nothing, tried from one address in a period."""

SESSION_IDLE = timedelta(hours=2)
SESSION_LONGEST = timedelta(hours=12)

_SEPARATORS = " -‐‑–—−ー・"


class Closed(StrEnum):
    """Why a link opens no more. Only staff are told."""

    REVOKED = "revoked"
    CONTACT_GONE = "contact_gone"
    EXPIRED = "expired"
    USED_UP = "used_up"


class Progress(StrEnum):
    """How far the company has come."""

    UNOPENED = "unopened"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    expires_at: datetime
    uses: int
    max_uses: int
    is_revoked: bool = False
    is_contact_current: bool = True


def closed_because(facts: LinkFacts, now: datetime) -> Closed | None:
    """None while somebody may still begin with the link. What began before goes on when it is used up."""
    if facts.is_revoked:
        return Closed.REVOKED
    if not facts.is_contact_current:
        return Closed.CONTACT_GONE
    if now >= facts.expires_at:
        return Closed.EXPIRED
    return Closed.USED_UP if facts.uses >= facts.max_uses else None


def ends_sessions(closed: Closed | None) -> bool:
    """Whether those who are in have to leave at once."""
    return closed not in {None, Closed.USED_UP}


def progress(*, was_opened: bool, was_submitted: bool) -> Progress:
    if was_submitted:
        return Progress.SUBMITTED
    return Progress.IN_PROGRESS if was_opened else Progress.UNOPENED


def is_session_over(started_at: datetime, seen_at: datetime, now: datetime) -> bool:
    return now >= seen_at + SESSION_IDLE or now >= started_at + SESSION_LONGEST


def may_remind(*, sent_on: date, reminded_on: date | None, today: date) -> bool:
    """At most one mail a day, the first one included."""
    return max(sent_on, reminded_on or sent_on) < today


def normalise_code(text: str) -> str:
    """The digits of a code as people type it: full-width, in groups. Raises ValueError."""
    narrow = unicodedata.normalize("NFKC", text)
    digits = "".join(each for each in narrow if not each.isspace() and each not in _SEPARATORS)
    if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise ValueError(f"確認コードは{CODE_DIGITS}桁の数字です。")
    return digits


def grouped(code: str) -> str:
    """「1234 5678」: easy to read out."""
    half = CODE_DIGITS // 2
    return f"{code[:half]} {code[half:]}"


def end_of_day(now: datetime, days: int) -> datetime:
    """The last minute of the day so many days from now: 「10月31日まで」 includes that day."""
    return (now + timedelta(days=days)).replace(hour=23, minute=59, second=0, microsecond=0)
