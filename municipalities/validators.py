"""Validators shared by every text field and form of the house."""

import re
import unicodedata

from django.core.exceptions import ValidationError

from . import municipality_code

# Directional overrides can make a name read differently from what is stored (CVE-2021-42574).
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_CONTROLS = frozenset("\n\r\t")


def _refuse(text: str, allowed: frozenset[str]) -> None:
    for position, character in enumerate(text, start=1):
        if character in allowed:
            continue
        if unicodedata.category(character) in {"Cc", "Cs"} or character in _BIDI_CONTROLS:
            raise ValidationError(
                "%(position)d文字目に目に見えない制御文字（U+%(code)s）があります。取り除いてください。",
                code="control_character",
                params={"position": position, "code": f"{ord(character):04X}"},
            )


def validate_plain_line(text: str) -> None:
    """One line of text: refuses control characters, line breaks included."""
    _refuse(text, frozenset())


def validate_plain_text(text: str) -> None:
    """Several lines of text: refuses control characters except line breaks and tabs."""
    _refuse(text, _LINE_CONTROLS)


def validate_municipality_code(code: str) -> None:
    """全国地方公共団体コード of six digits with a right check digit."""
    if not municipality_code.is_valid(code):
        raise ValidationError("全国地方公共団体コードの検査数字が合いません。", code="check_digit")


_KANA = re.compile(r"[ぁ-ゖァ-ヺーヽヾゝゞ・･\s0-9０-９a-zA-Zａ-ｚＡ-Ｚ()（）&＆.．,、'’\-－ー]+")


def validate_kana(text: str) -> None:
    """Reading in ひらがな or カタカナ (digits, Latin letters and joiners allowed)."""
    if not _KANA.fullmatch(text):
        raise ValidationError("かなは、ひらがな又はカタカナで入力してください。", code="kana")
