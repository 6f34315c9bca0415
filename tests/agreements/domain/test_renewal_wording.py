"""Reading pasted period clauses: the suggestions a person confirms."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.renewal import RenewalWording, suggest_first_expiry, suggest_renewal

SIGNED = date(2020, 9, 23)


@pytest.mark.parametrize(
    ("text", "expiry", "quote"),
    [
        # A date that is written down
        ("有効期間は、協定締結の日から令和6年3月31日までとする。", date(2024, 3, 31), "令和6年3月31日まで"),
        ("令和３年３月３１日まで", date(2021, 3, 31), "令和３年３月３１日まで"),
        ("令和三年三月三十一日までとする", date(2021, 3, 31), "令和三年三月三十一日まで"),
        ("期間は2020年10月1日から2023年9月30日までの3年間とする", date(2023, 9, 30), "2023年9月30日まで"),
        ("令和2年4月1日から平成35年3月31日まで", date(2023, 3, 31), "平成35年3月31日まで"),
        ("令和6年（2024年）3月31日限り、その効力を失う", date(2024, 3, 31), "令和6年（2024年）3月31日限り"),
        ("令和6年3月31日をもって終了する", date(2024, 3, 31), "令和6年3月31日をもって"),
        ("令和6年3月末日までとする", date(2024, 3, 31), "令和6年3月末日まで"),
        ("R6.3.31まで", date(2024, 3, 31), "R6.3.31まで"),
        ("2024/3/31まで", date(2024, 3, 31), "2024/3/31まで"),
        ("令和６年\n３月３１日までと\nする", date(2024, 3, 31), "令和６年\n３月３１日まで"),
        ("令和5年度末まで", date(2024, 3, 31), "令和5年度末まで"),
        ("令和5年度の末日までとする", date(2024, 3, 31), "令和5年度の末日まで"),
        # Fiscal years and years counted from the signing
        ("協定締結の日から当該年度の末日までとする", date(2021, 3, 31), "年度の末日まで"),
        ("締結の日の属する年度の末日まで", date(2021, 3, 31), "年度の末日まで"),
        ("締結日の属する年度の3月31日までとする", date(2021, 3, 31), "年度の3月31日まで"),
        ("締結の日から翌年度の末日まで", date(2022, 3, 31), "翌年度の末日まで"),
        ("締結の日から翌年3月31日まで", date(2021, 3, 31), "翌年3月31日まで"),
        ("締結日以後最初に到来する3月31日まで", date(2021, 3, 31), "最初に到来する3月31日まで"),
        ("令和5年4月1日から翌年3月31日まで", date(2024, 3, 31), "令和5年4月1日から翌年3月31日まで"),
        (
            "締結の日から3年を経過する日の属する年度の末日",
            date(2024, 3, 31),
            "締結の日から3年を経過する日の属する年度の末日",
        ),
        # A length of time
        ("締結の日から1年", date(2021, 9, 22), "締結の日から1年"),
        ("締結の日から１年間とする", date(2021, 9, 22), "締結の日から１年間"),
        ("この協定の有効期間は、締結した日から三年間とする", date(2023, 9, 22), "締結した日から三年間"),
        ("締結日から起算して3年間", date(2023, 9, 22), "締結日から起算して3年間"),
        ("締結の日の翌日から起算して1年間", date(2021, 9, 23), "締結の日の翌日から起算して1年間"),
        ("調印の日から6か月", date(2021, 3, 22), "調印の日から6か月"),
        ("調印の日から六月とする", date(2021, 3, 22), "調印の日から六月"),
        ("締結の日から18ヶ月間", date(2022, 3, 22), "締結の日から18ヶ月間"),
        ("締結の日から半年", date(2021, 3, 22), "締結の日から半年"),
        ("締結の日から90日間", date(2020, 12, 21), "締結の日から90日間"),
        ("令和5年4月1日から1年間とする", date(2024, 3, 31), "令和5年4月1日から1年間"),
        ("有効期間は1年とする", date(2021, 9, 22), "有効期間は1年とする"),
        ("有効期間は、３年間とし、", date(2023, 9, 22), "有効期間は、３年間とし"),
    ],
)
def test_first_expiry_is_read_from_the_clause(text, expiry, quote):
    suggestion = suggest_first_expiry(text, SIGNED)
    assert suggestion is not None
    assert suggestion.value == expiry
    assert suggestion.quote == quote
    assert suggestion.quote in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "連携事項は次のとおりとする。",
        "令和○年3月31日まで",  # the year was never filled in
        "令和6年3月31日までに協議する",  # a deadline for something else
        "満了日の1か月前までに申出がないときは、更に1年間更新する",  # the renewed term
        "満了の日の翌日から起算して1年間更新する",
        "締結の日から1年ごとに見直す",
        "締結の日から1年以内に計画を定める",
        "令和5年13月1日まで",
        "毎年度末までに報告する",
        "平成20年3月31日まで",  # before the signing: cannot be meant
        "締結の日から0年",
        "締結の日から9999年",
        "更新後の有効期間は1年とする",
    ],
)
def test_no_first_expiry_is_invented(text):
    assert suggest_first_expiry(text, SIGNED) is None


def test_an_ambiguous_first_day_suggests_the_earlier_and_names_the_other():
    ambiguous = suggest_first_expiry("締結の日から1年", SIGNED)
    assert ambiguous.value == date(2021, 9, 22)
    assert "令和3年9月23日" in ambiguous.note
    assert "民法第140条" in ambiguous.note
    assert suggest_first_expiry("締結の日から起算して1年", SIGNED).note is None


@pytest.mark.parametrize(
    ("signed_on", "text", "expected"),
    [
        (date(2024, 2, 29), "締結の日から起算して1年", date(2025, 2, 28)),  # no 29 Feb: the month's last day
        (date(2024, 2, 29), "締結の日から起算して4年", date(2028, 2, 28)),
        (date(2023, 8, 31), "締結の日から起算して6か月", date(2024, 2, 29)),
        (date(2023, 4, 1), "締結の日から起算して1年", date(2024, 3, 31)),
        (date(2023, 3, 1), "締結の日から起算して1年", date(2024, 2, 29)),
        (date(2023, 12, 31), "締結の日から起算して1年", date(2024, 12, 30)),
        (date(2020, 3, 31), "当該年度の末日まで", date(2020, 3, 31)),
        (date(2020, 4, 1), "当該年度の末日まで", date(2021, 3, 31)),
    ],
)
def test_days_are_counted_as_the_civil_code_says(signed_on, text, expected):
    assert suggest_first_expiry(text, signed_on).value == expected


def test_an_ambiguity_across_the_fiscal_year_border_is_noted():
    suggestion = suggest_first_expiry("締結の日から1年を経過する日の属する年度の末日まで", date(2020, 4, 1))
    assert suggestion.value == date(2021, 3, 31)
    assert "令和4年3月31日" in suggestion.note


def test_an_effective_day_is_taken_for_the_signing_day_and_said_so():
    assert "効力" in suggest_first_expiry("施行の日から起算して1年間", SIGNED).note


def test_without_a_signing_date_only_written_dates_are_read():
    assert suggest_first_expiry("締結の日から1年", None) is None
    assert suggest_first_expiry("当該年度の末日まで", None) is None
    assert suggest_first_expiry("令和6年3月31日まで", None).value == date(2024, 3, 31)


SENDAI_YAMAGATA = (
    "本協定の有効期間は、協定締結の日から平成29年3月31日までとする。ただし、当該有効期間満了の日の1か月前までに、"
    "両市のいずれからも解約の意思表示がないときは、自動的に1年間更新されるものとし、その後も同様とする。"
)


def test_sendai_and_yamagata():
    assert suggest_first_expiry(SENDAI_YAMAGATA, date(2016, 11, 2)).value == date(2017, 3, 31)
    wording = suggest_renewal(SENDAI_YAMAGATA)
    assert wording == RenewalWording(True, 12, notice_months=1)
    assert all(quote in SENDAI_YAMAGATA for quote in wording.quotes)
    assert any("1か月前" in quote for quote in wording.quotes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "期間は締結の日から3年間とする。ただし、満了の１ヶ月前までに申出がないときは、満了の翌日から更に1年間更新する。",
            RenewalWording(True, 12, notice_months=1),
        ),
        (
            "有効期間は締結の日から５年間とし、期間満了の３０日前までに特段の意思表示がない場合は、さらに１年間延長する。",
            RenewalWording(True, 12, notice_days=30),
        ),
        ("期間満了後は、満了の翌日から1年毎に更新するものとする。", RenewalWording(True, 12)),
        ("1年ごとに自動更新する。", RenewalWording(True, 12)),
        (
            "満了日の三月前までに異議の申出がないときは、更に二年間有効とする。",
            RenewalWording(True, 24, notice_months=3),
        ),
        (
            "有効期間満了の2週間前までに通知がなければ6か月間延長するものとする。",
            RenewalWording(True, 6, notice_days=14),
        ),
        (
            "満了日の3か月前から1か月前までの間に終了の申入れがないときは、同一条件で更に1年間継続する。",
            RenewalWording(True, 12, notice_months=1),
        ),
        (
            "協定期間は締結日から3年間とする。満了日の1箇月前までに申し出のないときは、同一期間更新するものとする。",
            RenewalWording(True, 36, notice_months=1),
        ),
        (
            "満了の1年前までに解約の申し入れがないときは自動的に更新し、更新後の期間は1年とする。",
            RenewalWording(True, 12, notice_months=12),
        ),
        (
            "いずれからも申出がないときは、自動的に更新されるものとする。",
            RenewalWording(True),
        ),
        # Not automatic
        ("有効期間は令和6年3月31日までとし、更新しない。", RenewalWording(False)),
        ("期間満了後、甲乙協議の上、1年間更新することができる。", RenewalWording(False)),
        ("自動更新は行わない。", RenewalWording(False)),
        ("本協定は自動更新しない。", RenewalWording(False)),
        (
            "満了日の1か月前までに更新の申出がないときは、この協定は終了する。",
            RenewalWording(False, notice_months=1),
        ),
        (
            "満了日の1か月前までに更新の申出がないときは終了し、申出があったときは1年間延長する。",
            RenewalWording(False, notice_months=1),
        ),
        ("期間満了の60日前までに甲乙が協議し、更新の可否を決定する。", RenewalWording(False, notice_days=60)),
        ("本協定を解除しようとするときは、1か月前までに書面で通知する。", RenewalWording(False)),
        ("", RenewalWording(False)),
        ("連携事項に取り組む。取組状況は毎年度報告する。", RenewalWording(False)),
    ],
)
def test_renewal_clause(text, expected):
    assert suggest_renewal(text) == expected


FRAGMENTS = """
    締結の日から 起算して 1年 三月 令和 6年 3月31日 まで の1か月前 自動的に 更新 。 ㋿ 年度の末日
    申出がないときは
    更に 翌年 し ない 99999年 ２ ﾞ ( )
"""
fragments = st.sampled_from([*FRAGMENTS.split(), "\n", "\x00"])


@given(st.lists(fragments).map("".join), st.dates() | st.none())
def test_any_text_gives_a_suggestion_or_none_and_quotes_the_source(text, signed_on):
    suggestion = suggest_first_expiry(text, signed_on)
    if suggestion:
        assert suggestion.quote in text
        assert signed_on is None or suggestion.value >= signed_on
    wording = suggest_renewal(text)
    assert all(quote and quote in text for quote in wording.quotes)
    assert wording.notice_months is None or wording.notice_days is None


@given(st.text())
def test_no_text_breaks_the_reader(text):
    suggest_first_expiry(text, SIGNED)
    suggest_renewal(text)
