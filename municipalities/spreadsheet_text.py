"""Text on its way into a spreadsheet cell. Pure: standard library only."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutralise(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
