"""How long a running job will still take. Pure: standard library only."""

from datetime import timedelta


def remaining(done: int, total: int, elapsed: timedelta) -> timedelta | None:
    """The time for the rest at the pace so far; None before anything is done or when the end is unknown."""
    if done <= 0 or total <= 0 or elapsed <= timedelta(0):
        return None
    return elapsed / done * max(total - done, 0)


def spoken(left: timedelta) -> str:
    """「あと約3分」: rounded up, and never more exact than a guess may be."""
    seconds = left.total_seconds()
    if seconds < 10:
        return "まもなく終わります"
    if seconds < 60:
        return f"あと約{_up(seconds, 10)}秒"
    if seconds < 3600:
        return f"あと約{_up(seconds / 60, 1)}分"
    return f"あと約{_up(seconds / 3600, 1)}時間"


def _up(value: float, step: int) -> int:
    return int(-(-value // step)) * step
