"""保存年限: when the records of an ended agreement may be disposed of. Pure.

The clock starts with the fiscal year after the one in which the agreement ended, and the records are kept for
whole years (as in the 文書管理規程 of 土佐清水市; source 30 of the domain pack).
"""

from datetime import date

from municipalities.fiscal_year import first_day, fiscal_year_of, last_day

PERMANENT = 999
"""永久, as `choices.Retention` stores it."""


def disposal_due(ended_on: date | None, years: int | None) -> date | None:
    """The first day on which the records may be disposed of: 1 April after `years` full fiscal years.

    None while the agreement has not ended, when no 保存年限 is set, and for 永久.
    """
    if ended_on is None or years is None or years >= PERMANENT:
        return None
    return first_day(fiscal_year_of(ended_on) + 1 + years)


def last_end_due(years: int, today: date) -> date:
    """The last end of an agreement with this 保存年限 that is due today: the same rule for a database."""
    return last_day(fiscal_year_of(today) - 1 - years)
