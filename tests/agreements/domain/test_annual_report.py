from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.annual_report import (
    LineContent,
    ReportContent,
    Totals,
    deadline,
    from_snapshot,
    is_due_for,
    newest_year,
    to_snapshot,
    total,
)
from municipalities.fiscal_year import last_day


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (2026, 5, 31, date(2027, 5, 31)),
        (2026, 4, 1, date(2027, 4, 1)),
        (2026, 3, 31, date(2028, 3, 31)),
        (2026, 2, 29, date(2028, 2, 29)),
        (2025, 2, 29, date(2027, 2, 28)),
        (2026, 6, 31, date(2027, 6, 30)),
    ],
)
def test_deadline_is_the_first_such_day_after_the_year(year, month, day, expected):
    assert deadline(year, month, day) == expected
    assert deadline(year, month, day) > last_day(year)


@pytest.mark.parametrize(
    ("today", "year"), [(date(2027, 3, 31), 2025), (date(2027, 4, 1), 2026), (date(2026, 10, 1), 2025)]
)
def test_newest_year_is_the_one_that_has_ended(today, year):
    assert newest_year(today) == year


def test_report_is_due_for_years_in_which_the_agreement_was_in_force():
    assert is_due_for(2026, date(2027, 3, 31))
    assert not is_due_for(2026, date(2027, 4, 1))
    assert not is_due_for(2026, None)


figures = st.none() | st.decimals(-(10**6), 10**6, places=2)
yen = st.none() | st.integers(0, 10**12)
lines = st.builds(
    LineContent,
    title=st.text(max_size=5),
    target_value=figures,
    baseline_value=figures,
    result_value=figures,
    settled_yen=yen,
    effect_yen=yen,
    effect_method=st.text(max_size=5),
    is_public=st.booleans(),
)
reports = st.builds(
    ReportContent,
    year=st.integers(2000, 2100),
    version=st.integers(1, 9),
    municipality=st.just("小布施町"),
    ledger_number=st.just("2020-001"),
    agreement=st.text(max_size=5),
    partners=st.lists(st.text(max_size=3), max_size=3).map(tuple),
    submitted_on=st.none() | st.dates(),
    accepted_on=st.none() | st.dates(),
    partner_confirmed_on=st.none() | st.dates(),
    issues=st.just("内部の課題"),
    lines=st.lists(lines, max_size=4).map(tuple),
)


@given(reports)
def test_snapshot_gives_back_the_very_same_report(content):
    assert from_snapshot(to_snapshot(content)) == content


@given(reports)
def test_snapshot_of_a_later_version_is_still_read(content):
    later = {**to_snapshot(content), "unheard_of": 1}
    later["lines"] = [{**line, "unheard_of": 2} for line in later["lines"]]
    assert from_snapshot(later) == content


@given(st.lists(lines, max_size=6), st.lists(lines, max_size=6))
def test_sums_of_parts_are_the_sum_of_all(some, others):
    assert total(some) + total(others) == total(some + others)
    assert 0 <= total(some).convertible <= total(some).actions == len(some)


def test_effect_of_nothing_was_converted_and_a_missing_one_was_not():
    found = total([LineContent(title="a", effect_yen=0, effect_method="人件費"), LineContent(title="b")])
    assert found == Totals(actions=2, convertible=1, effect_yen=0)


@given(reports)
def test_public_report_holds_public_lines_and_no_internal_word(content):
    secret = replace(
        content,
        next_policy="来年の予算",
        partner_comment="社外秘",
        submitted_by="見本太郎",
        department="企画課",
        meetings="会議",
        lines=tuple(replace(line, funding="ゼロ予算", department="健康課") for line in content.lines),
    )
    public = secret.for_the_public()
    assert [line.title for line in public.lines] == [line.title for line in content.lines if line.is_public]
    told = str(asdict(public))
    for word in (
        "来年の予算",
        "社外秘",
        "見本太郎",
        "企画課",
        "会議",
        "ゼロ予算",
        "健康課",
        "内部の課題",
        "2020-001",
    ):
        assert word not in told
    assert public.totals.settled_yen == 0
    assert all(
        line.achievement == full.achievement
        for line, full in zip(public.lines, (each for each in content.lines if each.is_public), strict=True)
    )


def test_achievement_counts_from_the_baseline():
    line = LineContent(
        title="健診", baseline_value=Decimal(20), target_value=Decimal(120), result_value=Decimal(70)
    )
    assert line.achievement == Decimal("50.0")
