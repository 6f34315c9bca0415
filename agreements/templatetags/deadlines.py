"""Lengths of time in words: how far a day is from today, how long some months are."""

from django import template

from agreements.domain.period import distance

register = template.Library()


register.filter("days_from", distance)


@register.filter
def months(number: int | None) -> str:
    """「1年」 for 12, 「18か月」 for 18; "" for None."""
    if not number:
        return ""
    years, rest = divmod(number, 12)
    return f"{number}か月" if rest else f"{years}年"
