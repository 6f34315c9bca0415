"""A small line of scores over months: the numbers of a server-rendered SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT, EDGE = 240, 48, 4  # pixels


@dataclass(frozen=True, slots=True)
class Point:
    """One month. `x`, `y` are None where nothing was graded."""

    month: date
    label: str
    score: Decimal | None
    x: float
    y: float | None


@dataclass(frozen=True, slots=True)
class Sparkline:
    points: list[Point]
    segments: list[str]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def first(self) -> Point:
        return self.points[0]

    @property
    def last(self) -> Point:
        return self.points[-1]


def sparkline(values: Sequence[tuple[date, str, Decimal | None]]) -> Sparkline:
    """The line through (month, grade, score of 0–100); months without a score break it."""
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    points = [
        Point(month, label, score, round(EDGE + step * at, 1), _height(score))
        for at, (month, label, score) in enumerate(values)
    ]
    segments: list[list[str]] = [[]]
    for point in points:
        if point.y is None:
            segments.append([])
        else:
            segments[-1].append(f"{point.x},{point.y}")
    return Sparkline(points, [" ".join(each) for each in segments if len(each) > 1])


def _height(score: Decimal | None) -> float | None:
    return None if score is None else round(HEIGHT - EDGE - float(score) / 100 * (HEIGHT - 2 * EDGE), 1)
