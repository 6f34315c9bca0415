"""The whole diagnosis: every rule over one agreement on one day, three axes and the worst of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from agreements.domain.diagnosis import wording
from agreements.domain.diagnosis.alignment import E03
from agreements.domain.diagnosis.alignment import RULES as ALIGNMENT_RULES
from agreements.domain.diagnosis.clarity import RULES as CLARITY_RULES
from agreements.domain.diagnosis.grade import Axis, AxisGrade, Grade, graded, worst
from agreements.domain.diagnosis.rule import Case, Finding, Level, Rule, RuleResult, apply_rule
from agreements.domain.diagnosis.settings import Settings
from agreements.domain.diagnosis.snapshot import Snapshot
from agreements.domain.diagnosis.vitality import I01
from agreements.domain.diagnosis.vitality import RULES as VITALITY_RULES
from agreements.domain.lifecycle import PRE_ACTIVE, State
from agreements.domain.renewal import add_months

RULES: tuple[Rule[Any], ...] = (*CLARITY_RULES, *ALIGNMENT_RULES, *VITALITY_RULES, I01)
"""Every rule, in the order of its id within its axis."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Three grades, the overall one, and everything found, the dearest first, information last.

    `rules` says what each rule judged and what it cost; it is empty for an agreement that is over.
    """

    clarity: AxisGrade
    alignment: AxisGrade
    vitality: AxisGrade
    overall: AxisGrade
    findings: tuple[Finding, ...]
    rules: tuple[RuleResult, ...] = ()

    @property
    def blocks_approval(self) -> bool:
        """E03 blocks the 決裁 even when somebody answered it: a note does not settle who pays."""
        return any(finding.rule == E03.id for finding in self.findings)


def diagnose(snapshot: Snapshot, today: date, settings: Settings = wording.DEFAULTS) -> Diagnosis:
    """Diagnose one agreement as of `today`.

    - Axis = 100 − Σ (weight × share of the violating units); overall = the worst axis, at most D with I01.
    - Vitality is 判定前 before the signing and for six months after it, and 対象なし while the agreement is
      suspended.
    - An agreement that has ended or was declined is 対象なし as a whole: there is nothing left to mend.
    - A backfilled agreement is 未整備 until its first review; what was found is shown all the same.
    """
    if snapshot.state in (State.ENDED, State.DECLINED):
        return _ungraded(Grade.NOT_APPLICABLE, findings=())

    case = Case.of(snapshot, today, settings)
    rules = [rule for rule in RULES if rule.axis is not Axis.VITALITY or _vitality_withheld(case) is None]
    results = tuple(apply_rule(rule, case) for rule in rules)
    findings = _sorted([*(f for r in results for f in r.findings), *_information(case)])

    if snapshot.backfilled and snapshot.reviewed_on is None:
        return _ungraded(Grade.UNPREPARED, findings, results)

    clarity, alignment, vitality = (_axis_grade(axis, case, results) for axis in Axis)
    overall = _overall((clarity, alignment, vitality), results, settings)
    return Diagnosis(clarity, alignment, vitality, overall, findings, results)


def _ungraded(grade: Grade, findings: tuple[Finding, ...], results: tuple[RuleResult, ...] = ()) -> Diagnosis:
    clarity, alignment, vitality = (AxisGrade(axis, grade) for axis in Axis)
    return Diagnosis(clarity, alignment, vitality, AxisGrade(None, grade), findings, results)


def _vitality_withheld(case: Case) -> Grade | None:
    """Why vitality is not judged, or None when it is."""
    snapshot = case.snapshot
    if snapshot.state is State.SUSPENDED:
        return Grade.NOT_APPLICABLE
    if snapshot.state in PRE_ACTIVE:
        return Grade.PENDING
    signed = snapshot.signed_on
    return Grade.PENDING if signed and case.today < add_months(signed, case.settings.pending_months) else None


def _axis_grade(axis: Axis, case: Case, results: Iterable[RuleResult]) -> AxisGrade:
    if axis is Axis.VITALITY and (withheld := _vitality_withheld(case)):
        return AxisGrade(axis, withheld)
    own = [r for r in results if r.rule.axis is axis]
    score = Fraction(100) - sum((r.cost for r in own), Fraction(0))
    caps = [r.rule for r in own if r.rule.cap and r.counted]
    return graded(
        axis, score, case.settings, cap=caps[0].cap if caps else None, capped_by=tuple(r.id for r in caps)
    )


def _overall(axes: tuple[AxisGrade, ...], results: Iterable[RuleResult], settings: Settings) -> AxisGrade:
    overall = worst(axes)
    caps = [r.rule for r in results if r.rule.axis is None and r.counted]
    if not caps or overall.score is None:
        return overall
    capped = graded(
        overall.axis,
        Fraction(str(overall.score)),
        settings,
        cap=caps[0].cap,
        capped_by=tuple(r.id for r in caps),
    )
    return capped if capped.score != overall.score else overall


def _information(case: Case) -> list[Finding]:
    """The remarks on wording that cost nothing."""
    found = []
    for item in case.snapshot.items:
        remarks = wording.item_information(item.text, case.settings)
        found += [replace(f, subject=item.subject, axis=Axis.CLARITY) for f in remarks]
    for action in case.actions:
        remarks = wording.action_information(action.text)
        found += [replace(f, subject=action.subject, axis=Axis.CLARITY) for f in remarks]
    return found


def _sorted(findings: list[Finding]) -> tuple[Finding, ...]:
    """Rules that cap first, then by the points at stake; answered findings after the open ones, information
    last."""
    order = [rule.id for rule in RULES]

    def rank(finding: Finding) -> tuple[bool, bool, bool, float]:
        information = finding.level is Level.INFORMATION
        caps = not information and RULES[order.index(finding.rule)].cap is not None
        return information, finding.response is not None, not caps, -finding.points

    return tuple(sorted(findings, key=rank))
