from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.wareki import (
    EARLIEST,
    LATEST,
    ParsedDate,
    era_year,
    format_wareki,
    parse_date,
    parse_year,
)

SIGNED = date(2020, 9, 23)
dates = st.dates(EARLIEST, date(2100, 12, 31))

FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
KANJI = "〇一二三四五六七八九"
LETTERS = {"令和": "R", "平成": "H", "昭和": "S", "大正": "T", "明治": "M"}
LIGATURES = {"令和": "㋿", "平成": "㍻", "昭和": "㍼", "大正": "㍽", "明治": "㍾"}


def kanji_number(number: int) -> str:
    """1 to 99 in kanji with units: 23 → 二十三."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{KANJI[tens]}十") + (KANJI[ones] if ones else "")


def era_and_number(d: date) -> tuple[str, int]:
    year = era_year(d)
    return year[:2], 1 if year[2] == "元" else int(year[2:-1])


@pytest.mark.parametrize(
    "text",
    [
        "令和2年9月23日",
        "令和２年９月２３日",
        "令和02年09月23日",
        "R2.9.23",
        "R02-09-23",
        "r2/9/23",
        "Ｒ２．９．２３",
        "R.2.9.23",
        "R2・9・23",
        "R2－9－23",
        "R2ー9ー23",
        "R2−9−23",
        "R020923",
        "令2.9.23",
        "㋿2年9月23日",
        "令和二年九月二十三日",
        "令和弐年九月弐拾参日",
        "二〇二〇年九月二十三日",
        "二○二○年九月二三日",
        "二千二十年九月二十三日",
        "2020/9/23",
        "2020.9.23",
        "2020-09-23",
        "2020年9月23日",
        "西暦2020年9月23日",
        "20200923",
        "２０２０／９／２３",
        "  令和 2年 9月23日  ",
        "令　和　二　年　九　月　二十三　日",
        "令和2年\n9月23日",
        "\u200b2020-09-23\ufeff",
        "2020-09-23 00:00:00",
        "2020-09-23T00:00:00",
        "2020/9/23 13:45",
        "2020-09-23 00:00:00.000",
        "令和2年9月23日(水)",
        "令和2年9月23日（水曜日）",
        "2020/9/23 ㊌",
        "令和2年9月23日付",
        "令和2年9月23日付け",
        "2020/9/23(水) 0:00",
        "令和2(2020)年9月23日",
        "2020年（令和2年）9月23日",
    ],
)
def test_parse_date_reads_every_notation(text: str) -> None:
    assert parse_date(text) == ParsedDate(SIGNED, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("令和1年5月1日", date(2019, 5, 1)),
        ("R元.5.1", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("大正15年12月24日", date(1926, 12, 24)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("明治45年7月29日", date(1912, 7, 29)),
        ("明治元年1月25日", date(1868, 1, 25)),
        ("平成23年4月22日", date(2011, 4, 22)),
        ("令和二年十月三十一日", date(2020, 10, 31)),
        ("昭和六十三年十二月二十日", date(1988, 12, 20)),
        ("平成十年十一月十日", date(1998, 11, 10)),
        ("令和6年2月29日", date(2024, 2, 29)),
        ("令和6年2月末日", date(2024, 2, 29)),
        ("2021年3月末", date(2021, 3, 31)),
        ("令和2年9月20日(日・祝)", date(2020, 9, 20)),
        ("2199-12-31", LATEST),
    ],
)
def test_parse_date_reads_borders_and_other_days(text: str, expected: date) -> None:
    assert parse_date(text) == ParsedDate(expected, None)


def test_parse_date_reads_what_format_wareki_writes_on_every_single_day() -> None:
    days = map(date.fromordinal, range(EARLIEST.toordinal(), LATEST.toordinal() + 1))
    assert [d for d in days if parse_date(format_wareki(d)) != ParsedDate(d, None)] == []


@given(dates, st.sampled_from(["", " ", "　"]), st.booleans())
def test_every_date_is_read_in_every_notation(d: date, space: str, full_width: bool) -> None:
    era, number = era_and_number(d)
    ymd = (d.year, d.month, d.day)
    kanji_day = f"{kanji_number(d.month)}月{kanji_number(d.day)}日"
    notations = [
        f"{era}{space}{number}年{space}{d.month}月{space}{d.day}日",
        f"{LIGATURES[era]}{number}年{d.month}月{d.day}日",
        f"{era}{'元' if number == 1 else kanji_number(number)}年{kanji_day}",
        f"{''.join(KANJI[int(digit)] for digit in str(d.year))}年{kanji_day}",
        *(f"{LETTERS[era]}{number}{mark}{d.month}{mark}{d.day}" for mark in "./-"),
        *(f"{LETTERS[era].lower()}{number:02}{mark}{d.month:02}{mark}{d.day:02}" for mark in "./-"),
        *(f"{d.year}{mark}{d.month}{mark}{d.day}" for mark in "./-"),
        "{}年{}月{}日".format(*ymd),
        "{}{:02}{:02}".format(*ymd),
        f"{era}{number}({d.year})年{d.month}月{d.day}日({'月火水木金土日'[d.weekday()]})",
        d.isoformat(),
        f"{d.isoformat()} 00:00:00",
    ]
    for notation in notations:
        text = notation.translate(FULL_WIDTH) if full_width else notation
        assert parse_date(text) == ParsedDate(d, None), text


@given(st.dates(date(1927, 5, 18), date(2173, 10, 13)))
def test_parse_date_reads_excel_serials_with_a_notice(d: date) -> None:
    serial = (d - date(1899, 12, 30)).days
    parsed = parse_date(str(serial))
    assert parsed.value == d
    assert parsed.notice == f"Excelの日付番号{serial}を{format_wareki(d)}として読み取りました。"
    assert parse_date(f"{serial}.0") == parsed


def test_excel_serials_are_those_of_the_1900_system() -> None:
    assert parse_date("44097").value == date(2020, 9, 23)
    assert parse_date("10000").value == date(1927, 5, 18)
    assert parse_date("99999").value == date(2173, 10, 13)
    assert parse_date("４３５８６").value == date(2019, 5, 1)


@pytest.mark.parametrize(
    ("text", "expected", "notice"),
    [
        (
            "平成32年3月31日",
            date(2020, 3, 31),
            "平成32年3月31日を令和2年3月31日として読み取りました（平成は平成31年4月30日まで）。",
        ),
        (
            "H31.5.1",
            date(2019, 5, 1),
            "平成31年5月1日を令和元年5月1日として読み取りました（平成は平成31年4月30日まで）。",
        ),
        (
            "昭和65年3月31日",
            date(1990, 3, 31),
            "昭和65年3月31日を平成2年3月31日として読み取りました（昭和は昭和64年1月7日まで）。",
        ),
        (
            "大正16年1月1日",
            date(1927, 1, 1),
            "大正16年1月1日を昭和2年1月1日として読み取りました（大正は大正15年12月24日まで）。",
        ),
        ("2020年9月23日(木)", SIGNED, "令和2年9月23日は水曜日です（入力は木曜日）。"),
    ],
)
def test_parse_date_reads_with_a_notice(text: str, expected: date, notice: str) -> None:
    assert parse_date(text) == ParsedDate(expected, notice)


@given(st.dates(date(2019, 5, 1), date(2087, 12, 31)))
def test_heisei_beyond_its_end_is_read_with_a_notice(d: date) -> None:
    parsed = parse_date(f"平成{d.year - 1988}年{d.month}月{d.day}日")
    assert parsed.value == d
    assert format_wareki(d) in (parsed.notice or "")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("令和元年4月30日", "平成31年4月30日"),
        ("令和1年1月1日", "平成31年1月1日"),
        ("平成元年1月7日", "昭和64年1月7日"),
        ("昭和元年12月24日", "大正15年12月24日"),
        ("大正元年7月29日", "明治45年7月29日"),
    ],
)
def test_a_new_era_before_its_first_day_is_refused_with_the_right_spelling(text: str, right: str) -> None:
    with pytest.raises(ValueError, match=f"はありません。.*{right}と入力してください。"):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "日付を入力してください。"),
        (" 　\t", "日付を入力してください。"),
        ("令和2年13月1日", "13月はありません。月は1から12までです。"),
        ("令和2年0月1日", "0月はありません。月は1から12までです。"),
        ("令和2年2月30日", "2月30日はありません。令和2年2月は1日から29日までです。"),
        ("2021-02-29", "2月29日はありません。令和3年2月は1日から28日までです。"),
        ("20200931", "9月31日はありません。令和2年9月は1日から30日までです。"),
        ("令和2年9月0日", "9月0日はありません。"),
        ("令和0年9月1日", "令和0年はありません。"),
        ("令和2020年9月1日", "令和2020年はありません。"),
        ("平成100年9月1日", "平成100年はありません。"),
        ("1868-01-24", "より前の日付は扱えません。"),
        ("明治元年1月1日", "より前の日付は扱えません。"),
        ("1867/12/31", "1867年は扱えません。"),
        ("9999-12-31", "9999年は扱えません。西暦は1868年から2199年までです。"),
        ("00000000", "0年は扱えません。"),
        ("令和2年9月", "日まで入力してください"),
        ("R2.9", "日まで入力してください"),
        ("令和2年", "月と日まで入力してください"),
        ("9月23日", "年から入力してください"),
        ("2.9.23", "元号か4桁の西暦を付けてください"),
        ("20/09/23", "元号か4桁の西暦を付けてください"),
        ("9/23/2020", "年・月・日の順に入力してください"),
        ("令和2年9月吉日", "「吉日」では日が決まりません。"),
        ("令和○年○月○日", "「○」のままの所があります。"),
        ("令和〇年〇月〇日", "「○」のままの所があります。"),
        ("2020年（令和3年）9月23日", "2020年と令和3年は違う年です。"),
        ("令和2年9月23日\x00", "目に見えない制御文字が入っています。"),
        ("令和2年\x1b9月23日", "目に見えない制御文字が入っています。"),
        ("未定", "「未定」は日付として読み取れません。令和2年9月23日、R2.9.23、2020/9/23のように"),
        ("令和二十十年九月一日", "日付として読み取れません。"),
        ("慶応3年1月1日", "日付として読み取れません。"),
        ("2020/9/2 3", "日付として読み取れません。"),
        ("令和2年9月23日～令和3年3月31日", "日付として読み取れません。"),
        ("2020-09-23T00:00:00Z", "日付として読み取れません。"),
        ("2020-9-23-1", "日付として読み取れません。"),
        ("1" * 6, "日付として読み取れません。"),
    ],
)
def test_parse_date_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"。$") as caught:
        parse_date(text)
    assert message in str(caught.value)


def test_parse_date_refuses_long_text_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="日付として長すぎます（100000文字）。") as caught:
        parse_date("令和" * 50_000)
    assert len(str(caught.value)) < 100


@given(
    st.text(max_size=80)
    | st.text("令和平成昭大正明治元年月日〇一二十百千0123456789/.-RH() :T付末", max_size=30)
)
def test_parse_date_answers_with_a_date_in_range_or_a_japanese_message(text: str) -> None:
    outcome: date | str
    try:
        outcome = parse_date(text).value
    except ValueError as error:
        outcome = str(error)
    if isinstance(outcome, date):
        assert EARLIEST <= outcome <= LATEST
    else:
        assert outcome.endswith("。")


@pytest.mark.parametrize(
    ("d", "expected"),
    [
        (date(2020, 9, 23), "令和2年9月23日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1868, 1, 25), "明治元年1月25日"),
        (date(1868, 1, 24), "1868年1月24日"),
        (date(1867, 12, 31), "1867年12月31日"),
        (date(1, 1, 1), "1年1月1日"),
        (date(9999, 12, 31), "令和7981年12月31日"),
        (datetime(2020, 9, 23, 10, 30, tzinfo=UTC), "令和2年9月23日"),
    ],
)
def test_format_wareki(d: date, expected: str) -> None:
    assert format_wareki(d) == expected


@given(dates)
def test_the_day_after_counts_on_or_begins_an_era(d: date) -> None:
    (era, number), (next_era, next_number) = era_and_number(d), era_and_number(d + timedelta(days=1))
    if era == next_era:
        assert next_number - number == (d + timedelta(days=1)).year - d.year
    else:
        assert next_number == 1


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("令和2年", 2020),
        ("R2", 2020),
        ("令和元", 2019),
        ("平成31年", 2019),
        ("平成三十二年", 2020),
        ("２０２０", 2020),
    ],
)
def test_parse_year(text: str, year: int) -> None:
    assert parse_year(text) == year


@pytest.mark.parametrize("text", ["", "2", "20年", "令和", "令和0年", "1867", "2200年", "令和2年9月", "\x00"])
def test_parse_year_refuses_with_a_japanese_message(text: str) -> None:
    with pytest.raises(ValueError, match=r"。$"):
        parse_year(text)
