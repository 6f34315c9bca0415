"""協定シート: how the agreement stands: grades, both sides' expectations, findings. All internal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agreements.choices import Side
from agreements.domain import diagnosis as rules
from agreements.models import Agreement, DiagnosisSettings
from agreements.models.diagnosis_snapshot import read_snapshots
from agreements.models.expectation_sheet import SheetRow, read_sheet

from .sheet_text import lines, shorten, wareki

#: The sheet is an overview: this many open findings, this many answered ones, and the number of the others.
MAX_FINDINGS = 5
MAX_ANSWERED = 3
#: The whole text stands in the worksheet.
_MAX_EXPECTATION = 120
_MAX_REASON = 200
_MAX_TITLE = 24


@dataclass(frozen=True, slots=True)
class GradeLine:
    """One axis, or 総合: 「D 要仕切り直し」「39.3点」."""

    axis: str
    grade: str
    score: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """The open findings of one rule, or one that was answered."""

    rule: str
    about: str
    message: str
    points: str
    response: str


@dataclass(frozen=True, slots=True)
class Review:
    """診断 as of today. `lines` is empty where nothing was found."""

    grades: tuple[GradeLine, ...]
    is_over: bool
    lines: tuple[FindingLine, ...]
    more: int

    @property
    def has_responses(self) -> bool:
        return any(line.response for line in self.lines)


@dataclass(frozen=True, slots=True)
class ExpectationLine:
    """One row of the worksheet: ② ③ ⑦ ⑨."""

    item: str
    own: str
    partner: str
    cost: str
    not_to_do: str


@dataclass(frozen=True, slots=True)
class Expectations:
    """The newest すり合わせ that both sides have seen."""

    label: str
    lines: tuple[ExpectationLine, ...]


def review(agreement: Agreement, today: date) -> Review:
    snapshot = read_snapshots([agreement.pk], today)[agreement.pk]
    settings = DiagnosisSettings.objects.of(agreement.municipality_id)
    diagnosis = rules.diagnose(snapshot, today, settings)
    violations = [each for each in diagnosis.findings if each.level is rules.Level.VIOLATION]
    found = list(_open_lines([each for each in violations if each.response is None], snapshot))
    answered = list(_answered_lines(violations, snapshot))
    return Review(
        grades=(
            _grade_line("総合", diagnosis.overall),
            *(_grade_line(axis.label, getattr(diagnosis, axis.value)) for axis in rules.Axis),
        ),
        is_over=diagnosis.overall.grade is rules.Grade.NOT_APPLICABLE and not diagnosis.rules,
        lines=(*found[:MAX_FINDINGS], *answered[:MAX_ANSWERED]),
        more=len(found[MAX_FINDINGS:]) + len(answered[MAX_ANSWERED:]),
    )


def _grade_line(axis: str, judged: rules.AxisGrade) -> GradeLine:
    letter = f"{judged.grade.value} " if judged.grade.is_judged else ""
    score = "" if judged.score is None else f"{judged.score:.1f}点"
    return GradeLine(axis=axis, grade=f"{letter}{judged.grade.label}", score=score)


def _open_lines(findings: Iterable[rules.Finding], snapshot: rules.Snapshot) -> Iterable[FindingLine]:
    """What nobody has answered, rule by rule, by what it costs; rules that cap the grade come first."""
    groups: dict[str, list[rules.Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    capping = {rule.id for rule in rules.RULES if rule.cap is not None}
    titles = {rule.id: rule.title for rule in rules.RULES}

    def rank(group: list[rules.Finding]) -> tuple[bool, float]:
        return group[0].rule not in capping, -sum(finding.points for finding in group)

    for group in sorted(groups.values(), key=rank):
        points = sum(finding.points for finding in group)
        messages = {finding.message for finding in group}
        yield FindingLine(
            rule=group[0].rule,
            about=_about(group, snapshot),
            message=messages.pop() if len(messages) == 1 else titles[group[0].rule],
            points=f"−{points:.1f}" if points else "",
            response="",
        )


def _answered_lines(findings: Iterable[rules.Finding], snapshot: rules.Snapshot) -> Iterable[FindingLine]:
    for finding in findings:
        answer = finding.response
        if answer is not None:
            signed = "、".join(filter(None, [wareki(answer.given_on), answer.by]))
            yield FindingLine(
                rule=finding.rule,
                about=_about([finding], snapshot),
                message=finding.message,
                points="",
                response=lines(shorten(answer.reason, _MAX_REASON), f"（{signed}）"),
            )


def _about(findings: list[rules.Finding], snapshot: rules.Snapshot) -> str:
    """「連携事項(1)(2)」「取組「健康教室」ほか2件」; the agreement as a whole says so."""
    items = {item.key: item.label for item in snapshot.items}
    titles = {action.key: action.text.splitlines()[0] for action in snapshot.actions}
    subjects = [each.subject for each in findings]
    labels = [items[each.key] for each in subjects if each.kind == "item" and each.key in items]
    if labels:
        return f"連携事項{''.join(labels)}"
    named = [
        titles[f.subject.key] for f in findings if f.subject.kind == "action" and f.subject.key in titles
    ]
    if named:
        others = f"ほか{len(named) - 1}件" if len(named) > 1 else ""
        return f"取組「{shorten(named[0], _MAX_TITLE)}」{others}"
    return "相手窓口" if subjects[0].kind == "contact" else "協定全体"


def expectations(agreement: Agreement) -> Expectations | None:
    """② ③ ⑦ ⑨ of the newest round that both sides have seen; of a closed one not a word."""
    newest = agreement.expectation_rounds.seen().order_by("-number").first()  # type: ignore[attr-defined]
    if newest is None:
        return None
    newest.agreement = agreement
    sheet = read_sheet(newest, viewer=Side.OWN)
    return Expectations(
        label=f"{newest}　{newest.get_state_display()}　{newest.sheet_id}",
        lines=tuple(_expectation_line(row) for row in sheet.rows),
    )


def _expectation_line(row: SheetRow) -> ExpectationLine:
    own, partner = row.own, row.partner
    costs = (
        ("自治体", own.cost_words if own else ""),
        ("相手方", partner.cost_words if partner else ""),
        ("合意", row.agreed_cost_words),
    )
    return ExpectationLine(
        item=row.row.label,
        own=shorten(own.expects, _MAX_EXPECTATION) if own else "",
        partner=lines(
            shorten(partner.expects, _MAX_EXPECTATION),
            f"［{partner.kinds_words}］" if partner.kinds_words else "",
        )
        if partner
        else "",
        cost=lines(*(f"{side}：{words}" for side, words in costs if words)),
        not_to_do=shorten(row.row.not_to_do, _MAX_EXPECTATION),
    )
