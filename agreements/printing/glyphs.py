"""Nothing prints as a box: what a printout does with characters that its typeface lacks."""

from __future__ import annotations

import logging
import re
import unicodedata

from .fonts import is_in_some_font, print_coverage

logger = logging.getLogger(__name__)

#: 下駄 (geta): what Japanese printers have always set where a type is missing.
GETA = "〓"

# Control characters, directional overrides (a name would read differently from what is stored,
# CVE-2021-42574), lone surrogates, tag characters. None of them occurs in our templates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\ufeff\U000e0000-\U000e007f]"
)
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_VARIANT = re.compile(f".[{_SELECTORS}]")
# Spaces and format characters need no glyph of their own.
_NEEDS_NO_GLYPH = {"Cc", "Cf", "Zl", "Zp", "Zs"}


def make_printable(text: str) -> str:
    """`text` without invisible characters, and with 〓 for what no installed font can show.

    Characters that only another font of the system has stay: the layout takes them from there (slower and
    with a larger file, so it is logged). A kanji variant that the typeface lacks shows as the kanji itself,
    also logged.
    """
    text = _INVISIBLE.sub("", text)
    coverage = print_coverage()
    lacking = {
        character
        for character in set(text)
        if ord(character) not in coverage.characters
        and unicodedata.category(character) not in _NEEDS_NO_GLYPH
        and not _SELECTOR.match(character)
    }
    # Private use (外字) is what its author's machine meant by it: another font's symbol would be a lie.
    unprintable = {
        character
        for character in lacking
        if unicodedata.category(character) == "Co" or not is_in_some_font(character)
    }
    if elsewhere := lacking - unprintable:
        logger.info("Taken from another font than the print font: %s", _names(elsewhere))
    if unprintable:
        logger.warning("Printed as 〓, no font has them: %s", _names(unprintable))
        text = text.translate(dict.fromkeys(map(ord, unprintable), GETA))
    variants = set(_VARIANT.findall(text))
    if unknown := {pair for pair in variants if (ord(pair[0]), ord(pair[1])) not in coverage.variants}:
        logger.warning(
            "Printed without their variation selector, the font lacks the variant: %s", _names(unknown)
        )
    return text


def _names(characters: set[str]) -> str:
    return ", ".join("+".join(f"U+{ord(part):04X}" for part in character) for character in sorted(characters))
