"""Figures in the way people write them."""

from decimal import Decimal


def spell(value: Decimal | int | None) -> str:
    """「1,200」「12.5」: as a form and a table show it; "" for None."""
    if value is None:
        return ""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
