"""年度実績報告: when it is due, what it says, and its sums. Pure."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from municipalities.fiscal_year import fiscal_year_of, last_day

from .progress import achievement

USUAL_DEADLINE = (5, 31)
"""Month and day until which the report of the year before is due, where a municipality names no other."""


def deadline(year: int, month: int, day: int) -> date:
    """The first such day after the 年度: (2026, 5, 31) → 2027-05-31; a short month ends earlier."""
    western = year + 1 if month >= 4 else year + 2
    return date(western, month, min(day, monthrange(western, month)[1]))


def newest_year(today: date) -> int:
    """The last 年度 that has ended: its reports are open."""
    return fiscal_year_of(today) - 1


def is_due_for(year: int, since: date | None) -> bool:
    """Whether an agreement that is in the ledger and in force since that day has a report for the year."""
    return since is not None and since <= last_day(year)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineContent:
    """One 取組 of the year: its plan and what came of it. Figures are exact, money in 円."""

    title: str
    plan_item: str = ""
    department: str = ""
    target_value: Decimal | None = None
    baseline_value: Decimal | None = None
    unit: str = ""
    result_value: Decimal | None = None
    result_text: str = ""
    evaluation: str = ""
    evaluation_label: str = ""
    funding: str = ""
    settled_yen: int | None = None
    effect_yen: int | None = None
    effect_method: str = ""
    is_public: bool = False

    @property
    def achievement(self) -> Decimal | None:
        """達成率 in percent."""
        return achievement(self.baseline_value, self.target_value, self.result_value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """A report as it is shown, printed, exported and frozen."""

    year: int
    version: int
    municipality: str
    ledger_number: str
    agreement: str
    partners: tuple[str, ...] = ()
    department: str = ""
    submitted_on: date | None = None
    submitted_by: str = ""
    accepted_on: date | None = None
    meetings: str = ""
    issues: str = ""
    next_policy: str = ""
    partner_comment: str = ""
    partner_confirmed_on: date | None = None
    correction_reason: str = ""
    lines: tuple[LineContent, ...] = ()

    @property
    def totals(self) -> "Totals":
        return total(self.lines)

    def for_the_public(self) -> "ReportContent":
        """What may be published and nothing else: lines marked as public, without 課, 財源 and 決算額."""
        return ReportContent(
            year=self.year,
            version=self.version,
            municipality=self.municipality,
            ledger_number="",
            agreement=self.agreement,
            partners=self.partners,
            lines=tuple(
                LineContent(
                    title=line.title,
                    plan_item=line.plan_item,
                    target_value=line.target_value,
                    baseline_value=line.baseline_value,
                    unit=line.unit,
                    result_value=line.result_value,
                    result_text=line.result_text,
                    evaluation=line.evaluation,
                    evaluation_label=line.evaluation_label,
                    effect_yen=line.effect_yen,
                    effect_method=line.effect_method,
                    is_public=True,
                )
                for line in self.lines
                if line.is_public
            ),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """As 大阪府 publishes: 件数, 効果額換算できる件数, 効果額; and what the municipality spent."""

    actions: int = 0
    convertible: int = 0
    effect_yen: int = 0
    settled_yen: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.actions + other.actions,
            self.convertible + other.convertible,
            self.effect_yen + other.effect_yen,
            self.settled_yen + other.settled_yen,
        )


def total(lines: Iterable[LineContent]) -> Totals:
    """An effect of 0 円 was converted; a missing one was not."""
    lines = list(lines)
    return Totals(
        actions=len(lines),
        convertible=sum(line.effect_yen is not None for line in lines),
        effect_yen=sum(line.effect_yen or 0 for line in lines),
        settled_yen=sum(line.settled_yen or 0 for line in lines),
    )


def to_snapshot(content: ReportContent) -> dict[str, Any]:
    """Plain values for JSON."""
    return {
        name: [_plain(line) for line in value] if name == "lines" else _spoken(value)
        for name, value in ((each.name, getattr(content, each.name)) for each in fields(content))
    }


def from_snapshot(values: dict[str, Any]) -> ReportContent:
    """The content as it was frozen. Unknown names (of a later version) are left out."""
    known = {each.name for each in fields(ReportContent)}
    found = {name: value for name, value in values.items() if name in known}
    for name in ("submitted_on", "accepted_on", "partner_confirmed_on"):
        found[name] = date.fromisoformat(found[name]) if found.get(name) else None
    found["partners"] = tuple(found.get("partners", ()))
    found["lines"] = tuple(_line(line) for line in found.get("lines", ()))
    return ReportContent(**found)


_FIGURES = ("target_value", "baseline_value", "result_value")


def _plain(line: LineContent) -> dict[str, Any]:
    return {name: _spoken(value) for name, value in asdict(line).items()}


def _spoken(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _line(values: dict[str, Any]) -> LineContent:
    known = {each.name for each in fields(LineContent)}
    found = {name: value for name, value in values.items() if name in known}
    for name in _FIGURES:
        found[name] = Decimal(found[name]) if found.get(name) is not None else None
    return LineContent(**found)
