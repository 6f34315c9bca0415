"""What a rule is, and how the rules of the diagnosis are applied to one agreement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Generic, Self, TypeVar

from agreements.domain.diagnosis.grade import Axis, Grade
from agreements.domain.diagnosis.settings import Settings
from agreements.domain.diagnosis.snapshot import (
    AGREEMENT,
    Action,
    Contact,
    Expectation,
    Item,
    Response,
    Snapshot,
    Subject,
)
from agreements.domain.renewal import add_months
from municipalities.fiscal_year import first_day, fiscal_year_of, last_day

Unit = Snapshot | Item | Action | Contact
U = TypeVar("U", bound=Unit)


class Level(StrEnum):
    """A violation costs points; information is only shown."""

    VIOLATION = "violation"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to mend it: a part of the agreement's page, and the field in it ("" = the part as a whole)."""

    section: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found. `start` and `end` are where `quote` stands in the subject's text (0, 0: no
    words)."""

    rule: str
    start: int
    end: int
    quote: str
    message: str
    level: Level = Level.VIOLATION
    axis: Axis | None = None
    subject: Subject = AGREEMENT
    place: Place = Place("agreement")
    points: float = 0.0
    response: Response | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The agreement under the rules on one day."""

    snapshot: Snapshot
    today: date
    settings: Settings
    fiscal_year: int
    actions: tuple[Action, ...]
    """The actions that are judged: not cancelled, and open or of this or the next fiscal year. What was
    finished in closed years stands in their annual reports and cannot be mended any more."""

    @classmethod
    def of(cls, snapshot: Snapshot, today: date, settings: Settings) -> Self:
        year = fiscal_year_of(today)
        period = first_day(year), last_day(year + 1)
        actions = tuple(a for a in snapshot.actions if a.is_open or a.falls_in(*period))
        return cls(snapshot, today, settings, year, actions)

    @property
    def current_actions(self) -> tuple[Action, ...]:
        """The actions in this or the next fiscal year."""
        return tuple(
            a for a in self.actions if a.falls_in(first_day(self.fiscal_year), last_day(self.fiscal_year + 1))
        )

    def rows(self, unit: Unit) -> list[Expectation]:
        """The worksheet rows of an item, or those of the agreement as a whole."""
        key = unit.key if isinstance(unit, Item) else None
        return [row for row in self.snapshot.expectations if row.item == key]

    def older_than(self, day: date, months: int) -> bool:
        """Whether more than so many months have passed since `day`; exactly so many have not yet."""
        return self.today > add_months(day, months)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a unit violates a rule: the place to mend it, its words, and a message when the rule's own is too
    general."""

    place: Place
    text: str = ""
    start: int = 0
    end: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Generic[U]):
    """One rule. `units` are what it judges (none: 対象なし), `check` looks at one of them.

    `axis` and `weight` are None and 0 for a rule that only caps the whole. `message` is what the finding says
    unless its evidence says it more exactly; it may hold {count}, the number of findings, for headlines.
    """

    id: str
    axis: Axis | None
    weight: int
    title: str
    message: str
    units: Callable[[Case], Sequence[U]]
    check: Callable[[Case, U], Evidence | None]
    cap: Grade | None = None

    def weight_in(self, settings: Settings) -> int:
        return settings.weights.get(self.id, self.weight)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule made of the agreement: how many units it judged, what it found, what it costs (points of
    100)."""

    rule: Rule[Any]
    unit_count: int
    findings: tuple[Finding, ...]
    cost: Fraction

    @property
    def is_applicable(self) -> bool:
        return self.unit_count > 0

    @property
    def counted(self) -> tuple[Finding, ...]:
        """The findings nobody has answered."""
        return tuple(f for f in self.findings if f.response is None)

    @property
    def points(self) -> float:
        """The cost as people read it, to one decimal."""
        return round(float(self.cost), 1)

    @property
    def headline(self) -> str:
        return self.rule.message.format(count=len(self.counted))


def apply_rule(rule: Rule[Any], case: Case) -> RuleResult:
    """Judge every unit; cost = weight × share of the units with an unanswered finding."""
    units = rule.units(case)
    share = Fraction(rule.weight_in(case.settings), len(units)) if units else Fraction(0)
    findings = []
    for unit in units:
        evidence = rule.check(case, unit)
        if evidence is not None:
            findings.append(_finding(rule, unit, evidence, case, share))
    cost = share * sum(1 for f in findings if f.response is None)
    return RuleResult(rule, len(units), tuple(findings), cost)


def _finding(rule: Rule[Any], unit: Unit, evidence: Evidence, case: Case, share: Fraction) -> Finding:
    end = len(evidence.text) if evidence.end is None else evidence.end
    finding = Finding(
        rule=rule.id,
        start=evidence.start,
        end=end,
        quote=evidence.text[evidence.start : end],
        message=evidence.message or rule.message,
        axis=rule.axis,
        subject=unit.subject,
        place=evidence.place,
        points=float(share),
    )
    response = _response_to(finding, case)
    return replace(finding, response=response, points=0.0) if response else finding


def _response_to(finding: Finding, case: Case) -> Response | None:
    """The newest response in force; it expires after `response_months`."""
    answers = [
        r
        for r in case.snapshot.responses
        if (r.rule, r.subject) == (finding.rule, finding.subject)
        and r.given_on <= case.today
        and not case.older_than(r.given_on, case.settings.response_months)
    ]
    return max(answers, key=lambda r: r.given_on, default=None)
