import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.municipality_code import check_digit, is_valid, normalise, prefecture_code

# Published codes (総務省「都道府県コード及び市区町村コード」).
REAL_CODES = [
    "010006",  # 北海道: the sum is below 11
    "011002",  # 札幌市
    "401307",  # 福岡市
    "205419",  # 小布施町
    "111007",  # さいたま市
    "220001",  # 静岡県
    "041009",  # 仙台市
    "062014",  # 山形市
    "052108",  # 由利本荘市
    "015865",  # むかわ町
    "131016",  # 千代田区
    "473821",  # 与那国町
]
five_digits = st.builds(
    lambda prefecture, body: f"{prefecture:02}{body:03}", st.integers(1, 47), st.integers(0, 999)
)


@pytest.mark.parametrize("code", REAL_CODES)
def test_real_codes_are_valid(code: str) -> None:
    assert check_digit(code[:5]) == code[5]
    assert is_valid(code)
    assert normalise(code) == code


@given(five_digits)
def test_exactly_one_check_digit_is_right(code: str) -> None:
    assert [digit for digit in "0123456789" if is_valid(code + digit)] == [check_digit(code)]


@given(five_digits, st.integers(0, 4), st.integers(1, 9))
def test_a_single_wrong_digit_is_mostly_noticed(code: str, place: int, difference: int) -> None:
    """Modulo 11 in one digit: unseen is only what moves the remainder between 0 and 10."""
    wrong = code[:place] + str((int(code[place]) + difference) % 10) + code[place + 1 :]
    remainders = {
        sum(w * int(d) for w, d in zip((6, 5, 4, 3, 2), c, strict=True)) % 11 for c in (code, wrong)
    }
    assert (check_digit(code) == check_digit(wrong)) == (remainders == {0, 10})


@pytest.mark.parametrize(
    "code",
    ["", "40130", "4013070", "401308", "４０１３０７", "40130７", "000001", "480002", "401307\n", "40130x"],
)
def test_what_we_do_not_keep_is_not_valid(code: str) -> None:
    assert not is_valid(code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("40130", "401307"),
        ("４０１３０７", "401307"),
        (" 401307 ", "401307"),
        ("40130-7", "401307"),
        ("40130－7", "401307"),
        ("01000", "010006"),
        ("10006", "010006"),  # a spreadsheet dropped the zero
        ("11002", "011002"),
        ("12025", "012025"),
        ("13101", "131016"),
    ],
)
def test_normalise_reads_what_people_and_spreadsheets_write(text: str, code: str) -> None:
    assert normalise(text) == code


def test_normalise_asks_when_five_digits_have_two_readings() -> None:
    # 千葉市緑区 without check digit, or 岩見沢市 (012106) without its zero.
    with pytest.raises(ValueError, match="「12106」は121061とも012106とも読めます。6桁で"):
        normalise("12106")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "全国地方公共団体コードを入力してください。"),
        ("福岡市", "6桁の数字です"),
        ("4013", "6桁の数字です"),
        ("4013070", "6桁の数字です"),
        ("401308", "検査数字"),
        ("480002", "先頭2桁は都道府県の番号"),
        ("99999", "6桁で入力してください"),
    ],
)
def test_normalise_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        normalise(text)


@given(five_digits)
def test_five_digits_become_their_own_code_or_a_lost_zero_or_a_question(code: str) -> None:
    readings = [f"0{code}", code + check_digit(code)]
    try:
        outcome = normalise(code)
    except ValueError as error:
        outcome = str(error)
    assert outcome in readings or outcome.endswith("6桁で入力してください。")
    assert not outcome.isdecimal() or is_valid(outcome)


@pytest.mark.parametrize("text", ["", "4013", "4013a", "４０１３０", "401307"])
def test_check_digit_needs_five_digits(text: str) -> None:
    with pytest.raises(ValueError, match="5桁"):
        check_digit(text)


def test_prefecture_code() -> None:
    assert prefecture_code("401307") == "40"
    assert prefecture_code("010006") == "01"
    with pytest.raises(ValueError, match="検査数字"):
        prefecture_code("401308")
