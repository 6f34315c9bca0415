import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.corporate_number import check_digit, is_valid, normalise

LAWSON = "2010701019195"
bases = st.text("0123456789", min_size=12, max_size=12)


@pytest.mark.parametrize("number", ["7123456789012", LAWSON, "7000012050002"])  # the last: 国税庁
def test_real_numbers_are_valid(number: str) -> None:
    assert check_digit(number[1:]) == number[0]
    assert is_valid(number)
    assert normalise(number) == number


@given(bases)
def test_exactly_one_leading_digit_is_right(base: str) -> None:
    assert [digit for digit in "0123456789" if is_valid(digit + base)] == [check_digit(base)]


@given(bases, st.integers(0, 11), st.integers(1, 9))
def test_a_wrong_digit_is_noticed_unless_0_and_9_were_confused(
    base: str, place: int, difference: int
) -> None:
    changed = str((int(base[place]) + difference) % 10)
    wrong = base[:place] + changed + base[place + 1 :]
    assert is_valid(check_digit(base) + wrong) == ({base[place], changed} == {"0", "9"})


@pytest.mark.parametrize(
    "text",
    [
        "２０１０７０１０１９１９５",
        "2010-7010-19195",
        "2 0107 0101 9195",
        "2０10７０1019195　",
        "T2010701019195",
        "t2010701019195",
        "Ｔ－２０１０７０１０１９１９５",
        "T 2010701019195",
        "\u200b2010701019195\ufeff",
        "2010701019195\n",
    ],
)
def test_normalise_reads_what_people_type(text: str) -> None:
    assert normalise(text) == LAWSON
    assert is_valid(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "法人番号を入力してください。"),
        (" - ", "法人番号を入力してください。"),
        ("T", "法人番号を入力してください。"),
        ("20107010191", "法人番号は13桁です（入力は11桁）。"),
        ("20107010191950", "法人番号は13桁です（入力は14桁）。"),
        ("010701019195", "法人番号は13桁です（入力は12桁）。登記の会社法人等番号（12桁）であれば、"),
        ("010701019195", f"先頭に検査用数字を付けた{LAWSON}です。"),
        (
            "1010701019195",
            "法人番号の検査用数字（先頭の1桁）が合いません。後ろの12桁が正しければ先頭は2です。",
        ),
        ("0010701019195", "先頭は2です。"),
        ("2010701019I95", "法人番号は13桁の数字です。「I」は使えません。"),
        ("TT2010701019195", "「T」は使えません。"),
        ("株式会社ローソン", "「株」は使えません。"),
        ("2010701019195\x00", "目に見えない文字は使えません。"),
        ("2٠10701019195", "「٠」は使えません。"),
    ],
)
def test_normalise_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"。$") as caught:
        normalise(text)
    assert message in str(caught.value)
    assert not is_valid(text)


@given(st.text(max_size=40))
def test_any_text_gives_13_ascii_digits_or_a_japanese_message(text: str) -> None:
    try:
        outcome = normalise(text)
    except ValueError as error:
        outcome = str(error)
    assert re.fullmatch(r"[0-9]{13}|.*。", outcome, re.DOTALL)


def test_check_digit_needs_twelve_digits() -> None:
    with pytest.raises(ValueError, match="12桁"):
        check_digit(LAWSON)
