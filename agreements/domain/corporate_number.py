"""法人番号: 13 digits that name a corporation, the first of them a check digit.

Pure: standard library only. Errors are `ValueError` with a Japanese message a form can show.
"""

import re
import unicodedata

_LENGTH = 13
# Spaces, everything that looks like a hyphen, and the zero-width marks that come with text from web pages.
_DECORATION = re.compile(r"[\s\-‐‒–—―−ー\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")


def check_digit(base: str) -> str:
    """The check digit of the 12 digits behind it (基礎番号): "123456789012" → "7".

    9 − (Σ Pₙ×Qₙ mod 9), with Pₙ the n-th digit from the right and Qₙ = 1 for odd, 2 for even n
    (法人番号の指定等に関する省令（平成26年財務省令第70号）第2条; 国税庁「チェックデジットの計算」).
    Raises `ValueError` unless given 12 ASCII digits.
    """
    if not re.fullmatch(r"[0-9]{12}", base):
        raise ValueError("検査用数字は12桁の数字から計算します。")
    total = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(base)))
    return str(9 - total % 9)


def normalise(text: str) -> str:
    """The 13 ASCII digits of a 法人番号. Raises `ValueError` with a Japanese message that says what is wrong.

    Takes full-width digits, spaces, hyphens, and the T of an invoice registration number (登録番号).
    """
    compact = _DECORATION.sub("", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^[Tt]", "", compact)
    if not digits:
        raise ValueError("法人番号を入力してください。")
    stranger = re.search(r"[^0-9]", digits)
    if stranger:
        shown = f"「{stranger[0]}」" if stranger[0].isprintable() else "目に見えない文字"
        raise ValueError(f"法人番号は13桁の数字です。{shown}は使えません。")
    if len(digits) == _LENGTH - 1:
        raise ValueError(
            "法人番号は13桁です（入力は12桁）。登記の会社法人等番号（12桁）であれば、"
            f"法人番号は先頭に検査用数字を付けた{check_digit(digits)}{digits}です。"
        )
    if len(digits) != _LENGTH:
        raise ValueError(f"法人番号は13桁です（入力は{len(digits)}桁）。")
    expected = check_digit(digits[1:])
    if digits[0] != expected:
        raise ValueError(
            f"法人番号の検査用数字（先頭の1桁）が合いません。後ろの12桁が正しければ先頭は{expected}です。"
            "番号を確かめてください。"
        )
    return digits


def is_valid(text: str) -> bool:
    """Whether `normalise` takes it."""
    try:
        normalise(text)
    except ValueError:
        return False
    return True
