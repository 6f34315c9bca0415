"""Lengths of time in words: how far a day is from today, how long some months are."""

from datetime import date

from django import template

register = template.Library()


@register.filter
def days_from(day: date | None, today: date) -> str:
    """「あと30日」 for a day to come, 「今日」, 「30日前」 for one that has passed; "" for None."""
    if day is None:
        return ""
    days = (day - today).days
    if days == 0:
        return "今日"
    return f"あと{days}日" if days > 0 else f"{-days}日前"


@register.filter
def months(number: int | None) -> str:
    """「1年」 for 12, 「18か月」 for 18; "" for None."""
    if not number:
        return ""
    years, rest = divmod(number, 12)
    return f"{number}か月" if rest else f"{years}年"
