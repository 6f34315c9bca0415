"""Text on its way into a spreadsheet cell and back. Pure: standard library only."""

import re

# A formula, or what an earlier `neutralise` made of one: each gets one apostrophe more, so that `restore`
# gives back exactly what went in.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def neutralise(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula (OWASP: CSV injection)."""
    return f"'{text}" if _FORMULA.match(text) else text


def restore(text: str) -> str:
    """The text as it was before `neutralise`."""
    return text[1:] if _NEUTRALISED.match(text) else text
