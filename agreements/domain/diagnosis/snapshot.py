"""One agreement as plain values: all the diagnosis looks at. Whoever holds the records builds it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from agreements.domain.lifecycle import State
from agreements.domain.renewal import Terms

Key = int | str
"""Identifies a record: its primary key, or the number of its row in a form not saved yet."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about: the agreement as a whole, or one item, action or contact of it."""

    kind: Literal["agreement", "item", "action", "contact"]
    key: Key | None = None


AGREEMENT = Subject("agreement")


class Cost(StrEnum):
    """⑦ what one side thinks the work costs."""

    FREE = "free"
    AT_COST = "at_cost"
    PAID = "paid"
    UNDECIDED = "undecided"

    @property
    def label(self) -> str:
        return {"free": "無償", "at_cost": "実費", "paid": "有償", "undecided": "未定"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """連携事項. `label` is its number as printed, 「(7)」; `field` the names of its 分野, may be empty."""

    key: Key
    text: str
    label: str = ""
    field: str = ""

    @property
    def subject(self) -> Subject:
        return Subject("item", self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """取組. `items` are the keys of the items it serves.

    `funding` is a value of the funding choices; None where it was never asked for. `updated_on` is the last
    entry in the journal, at least the day it was recorded. A cancelled action is judged by no rule and counts
    for none.
    """

    key: Key
    text: str
    items: frozenset[Key] = frozenset()
    has_department: bool = False
    has_partner_contact: bool = False
    starts_on: date | None = None
    due_on: date | None = None
    completed_on: date | None = None
    done: bool = False
    cancelled: bool = False
    target_value: Decimal | None = None
    target_unit: str = ""
    has_plan_link: bool = False
    funding: str | None = None
    budget_line: str = ""
    contract_method: str = ""
    updated_on: date | None = None

    @property
    def subject(self) -> Subject:
        return Subject("action", self.key)

    @property
    def is_open(self) -> bool:
        return not (self.done or self.cancelled)

    def falls_in(self, first: date, last: date) -> bool:
        """Whether it happens at some time from `first` to `last`.

        It lasts from its start to its due date or, if later, its completion. Begun without a due date, it
        lasts until it is done. An open action without any date may happen now: that it has no date is another
        rule's finding.
        """
        if self.cancelled:
            return False
        begin = self.starts_on or self.due_on or self.completed_on
        if begin is None:
            return not self.done
        if self.due_on is None and self.is_open:
            return begin <= last
        end = max(d for d in (begin, self.due_on, self.completed_on) if d)
        return begin <= last and end >= first


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One row of the すり合わせワークシート, for one item (None: for the agreement as a whole).

    `partner_expects_order` is 「将来の受注」 in ③; `cost_note` any wording about who pays.
    """

    item: Key | None
    own_expects: str = ""
    partner_expects: str = ""
    partner_expects_order: bool = False
    own_cost: Cost | None = None
    partner_cost: Cost | None = None
    cost_note: str = ""
    procurement: str = ""
    not_to_do: str = ""
    own_confirmed_on: date | None = None
    partner_confirmed_on: date | None = None

    @property
    def own_spoke(self) -> bool:
        return bool(self.own_expects.strip())

    @property
    def partner_spoke(self) -> bool:
        return bool(self.partner_expects.strip()) or self.partner_expects_order

    @property
    def both_spoke(self) -> bool:
        return self.own_spoke and self.partner_spoke


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """窓口 of either side. `verified_on` is the last check, at least the day it was recorded."""

    key: Key
    verified_on: date | None = None
    department_abolished: bool = False

    @property
    def subject(self) -> Subject:
        return Subject("contact", self.key)


@dataclass(frozen=True, slots=True)
class Response:
    """対応しない理由 to one finding: shown with it, and takes it out of the score until it expires."""

    rule: str
    subject: Subject
    given_on: date
    reason: str
    by: str = ""


_OPEN_ENDED = Terms(first_expiry=None, auto_renew=False, renewal_months=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The agreement. What is unknown stays at its default: nothing was recorded.

    `own_label` is how messages call the municipality (市, 町, 県). `reported_years` are the fiscal years with
    a submitted 年度実績報告, `first_report_year` the first one owed (None: that of the signing; later for an
    agreement that came into the ledger later). `last_decision_on` is the newest 更新判断. A `backfilled`
    agreement is 未整備 until `reviewed_on` is set.
    """

    state: State = State.ACTIVE
    signed_on: date | None = None
    terms: Terms = _OPEN_ENDED
    items: tuple[Item, ...] = ()
    actions: tuple[Action, ...] = ()
    has_plan_link: bool = False
    expectations: tuple[Expectation, ...] = ()
    contacts: tuple[Contact, ...] = ()
    last_meeting_on: date | None = None
    reported_years: frozenset[int] = frozenset()
    first_report_year: int | None = None
    last_decision_on: date | None = None
    backfilled: bool = False
    reviewed_on: date | None = None
    responses: tuple[Response, ...] = ()
    own_label: str = "市"

    @property
    def subject(self) -> Subject:
        return AGREEMENT
