"""Axes, grades and how a score becomes a grade."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor

from agreements.domain.diagnosis.settings import Settings


class Axis(StrEnum):
    CLARITY = "clarity"
    ALIGNMENT = "alignment"
    VITALITY = "vitality"

    @property
    def label(self) -> str:
        return {"clarity": "明確さ", "alignment": "すり合わせ", "vitality": "活動"}[self.value]


class Grade(StrEnum):
    """A–D, and three ways of not having been judged."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    PENDING = "pending"
    NOT_APPLICABLE = "not_applicable"
    UNPREPARED = "unprepared"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def is_judged(self) -> bool:
        return self in (Grade.A, Grade.B, Grade.C, Grade.D)


_LABELS = {
    Grade.A: "良好",
    Grade.B: "軽微な補正",
    Grade.C: "要協議",
    Grade.D: "要仕切り直し",
    Grade.PENDING: "判定前",
    Grade.NOT_APPLICABLE: "対象なし",
    Grade.UNPREPARED: "未整備",
}


@dataclass(frozen=True, slots=True)
class AxisGrade:
    """The grade of one axis, or of the whole (then `axis` is the worst one, None when nothing was judged).

    `score` is 0–100 to one decimal, None unless judged; `capped_by` names the rules that held it down.
    """

    axis: Axis | None
    grade: Grade
    score: float | None = None
    capped_by: tuple[str, ...] = ()


def grade_for(score: float, settings: Settings) -> Grade:
    """A, B, C or D for a score of 0–100."""
    if score >= settings.a_from:
        return Grade.A
    if score >= settings.b_from:
        return Grade.B
    return Grade.C if score >= settings.c_from else Grade.D


def graded(
    axis: Axis | None,
    score: Fraction,
    settings: Settings,
    *,
    cap: Grade | None = None,
    capped_by: tuple[str, ...] = (),
) -> AxisGrade:
    """The grade of an exact score, at most `cap` (C or D).

    The score is rounded (half up) to the one decimal people see before it is graded, so that 「40.0」 is
    never a D. A cap lowers the score too, to just below the grade above, so that sorting by score and by
    grade agree.
    """
    if cap is not None:
        ceiling = {Grade.C: settings.b_from, Grade.D: settings.c_from}[cap] - 1
        if score > ceiling:
            return AxisGrade(axis, grade_for(ceiling, settings), float(ceiling), capped_by)
    shown = floor(max(score, Fraction(0)) * 10 + Fraction(1, 2)) / 10
    return AxisGrade(axis, grade_for(shown, settings), shown)


def worst(grades: tuple[AxisGrade, ...]) -> AxisGrade:
    """The worst judged axis; if none was judged, 判定前 when one is pending, else what the first one says."""
    judged = [g for g in grades if g.score is not None]
    if judged:
        return min(judged, key=lambda g: g.score or 0.0)
    pending = any(g.grade is Grade.PENDING for g in grades)
    return AxisGrade(None, Grade.PENDING if pending else grades[0].grade)
