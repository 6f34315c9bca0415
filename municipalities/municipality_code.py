"""全国地方公共団体コード: prefecture (2 digits, JIS X 0401), body (3 digits, JIS X 0402), check digit.

Kept as text of six ASCII digits, leading zeros included: 福岡市 401307, 北海道 010006. Pure: standard library
only. Errors are `ValueError` with a Japanese message a form can show.
"""

import re
import unicodedata

_WEIGHTS = (6, 5, 4, 3, 2)
_SIX_DIGITS = re.compile(r"(?:0[1-9]|[1-3][0-9]|4[0-7])[0-9]{4}")


def check_digit(code: str) -> str:
    """The check digit of the first five digits: "40130" → "7".

    With S the sum of the digits times 6, 5, 4, 3, 2: 11 − S when S < 11, else the last digit of 11 − S mod 11
    (総務省「全国地方公共団体コード」の検査数字). Raises `ValueError` unless given five ASCII digits.
    """
    if not re.fullmatch(r"[0-9]{5}", code):
        raise ValueError("検査数字は5桁の数字から計算します。")
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, code, strict=True))
    # For S < 11 the remainder is S itself, so one expression serves both cases.
    return str((11 - total % 11) % 10)


def is_valid(code: str) -> bool:
    """Whether this is a code as we keep it: six ASCII digits, prefecture 01 to 47, the right check digit."""
    return bool(_SIX_DIGITS.fullmatch(code)) and code[5] == check_digit(code[:5])


def prefecture_code(code: str) -> str:
    """The two digits of the prefecture: "401307" → "40". Raises `ValueError` for a code that is not valid."""
    return normalise(code)[:2]


def normalise(text: str) -> str:
    """The six digits of a code as people and spreadsheets write it.

    Takes full-width digits, spaces and 「40130-7」. Five digits are a code without its check digit, which is
    added (40130 → 401307), or a six-digit code whose leading zero a spreadsheet dropped (10006 → 010006).
    Body numbers 001 to 099 do not exist, which settles most cases; where both readings stand (12106) we
    ask instead of guessing. Raises `ValueError` with a Japanese message.
    """
    digits = re.sub(r"[\s\-‐−–ー]", "", unicodedata.normalize("NFKC", text))
    if not digits:
        raise ValueError("全国地方公共団体コードを入力してください。")
    if not re.fullmatch(r"[0-9]{5,6}", digits):
        raise ValueError("全国地方公共団体コードは6桁の数字です（例: 福岡市は401307）。")
    if len(digits) == 6:
        return _checked(digits)
    readings = [code for code in (digits + check_digit(digits), f"0{digits}") if _can_exist(code)]
    if len(readings) == 2:
        raise ValueError(f"「{digits}」は{readings[0]}とも{readings[1]}とも読めます。6桁で入力してください。")
    if not readings:
        raise ValueError(f"「{digits}」は全国地方公共団体コードではありません。6桁で入力してください。")
    return readings[0]


def _can_exist(code: str) -> bool:
    return is_valid(code) and not "001" <= code[2:5] <= "099"


def _checked(code: str) -> str:
    if not "01" <= code[:2] <= "47":
        raise ValueError("全国地方公共団体コードの先頭2桁は都道府県の番号（01から47まで）です。")
    if not is_valid(code):
        raise ValueError("全国地方公共団体コードの検査数字（末尾の1桁）が合いません。確かめてください。")
    return code
