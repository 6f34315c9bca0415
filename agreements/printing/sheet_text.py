"""How the printouts of an agreement write days, lines and what is too long."""

from datetime import date

from municipalities.wareki import format_wareki


def wareki(day: date | None) -> str:
    return format_wareki(day) if day else ""


def lines(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def shorten(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
