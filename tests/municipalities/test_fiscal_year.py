from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.fiscal_year import first_day, fiscal_year_of, label, last_day, parse_label

years = st.integers(1868, 2199)


@pytest.mark.parametrize(
    ("d", "fiscal_year"),
    [
        (date(2019, 3, 31), 2018),
        (date(2019, 4, 1), 2019),
        (date(2019, 5, 1), 2019),
        (date(2020, 3, 31), 2019),
        (date(2020, 4, 1), 2020),
        (date(2024, 2, 29), 2023),
    ],
)
def test_fiscal_year_of(d: date, fiscal_year: int) -> None:
    assert fiscal_year_of(d) == fiscal_year


@given(st.dates(date(1, 4, 1), date(9999, 3, 31)))
def test_every_day_lies_in_its_fiscal_year(d: date) -> None:
    assert first_day(fiscal_year_of(d)) <= d <= last_day(fiscal_year_of(d))


@given(st.integers(1, 9997))
def test_fiscal_years_join_without_gap(year: int) -> None:
    assert last_day(year) + timedelta(days=1) == first_day(year + 1)


@pytest.mark.parametrize(
    ("fiscal_year", "expected"),
    [
        (2020, "令和2年度"),
        (2019, "令和元年度"),
        (2018, "平成30年度"),
        (1989, "平成元年度"),
        (1988, "昭和63年度"),
        (1927, "昭和2年度"),
        (1926, "昭和元年度"),
        (1925, "大正14年度"),
        (1912, "大正元年度"),
        (1911, "明治44年度"),
        (1867, "1867年度"),
    ],
)
def test_label_carries_the_era_of_the_end_of_december(fiscal_year: int, expected: str) -> None:
    assert label(fiscal_year) == expected


@given(years)
def test_parse_label_reads_what_label_writes(year: int) -> None:
    assert parse_label(label(year)) == year


@pytest.mark.parametrize(
    ("text", "fiscal_year"),
    [
        ("令和元年度", 2019),
        ("平成31年度", 2019),
        ("平成32年度", 2020),
        ("大正15年度", 1926),
        ("R6", 2024),
        ("Ｒ６年度", 2024),
        ("令和6", 2024),
        ("2019年度", 2019),
        ("2019年", 2019),
        ("２０１９", 2019),
        ("令和六年度", 2024),
        (" 令和 6 年度　", 2024),
    ],
)
def test_parse_label_reads_what_people_type(text: str, fiscal_year: int) -> None:
    assert parse_label(text) == fiscal_year


@pytest.mark.parametrize(
    "text", ["", "年度", "6年度", "19年度", "令和0年度", "令和元年4月1日", "10000年度", "2019度", "abc"]
)
def test_parse_label_refuses_with_a_japanese_message(text: str) -> None:
    with pytest.raises(ValueError, match=r"。$"):
        parse_label(text)


@pytest.mark.parametrize("year", [-1, 0, 9999, 10**20])
def test_years_that_are_no_dates_are_refused(year: int) -> None:
    for function in (first_day, last_day, label):
        with pytest.raises(ValueError, match=f"{year}年度は扱えません。"):
            function(year)
