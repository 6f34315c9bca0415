"""Articles typed one unit a line: depth by the sign, numbers by the place."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.legal_text import (
    DETAIL,
    ITEM,
    PARAGRAPH,
    SUBITEM,
    Annex,
    Article,
    LegalText,
    Signatory,
    Unit,
    annex_names,
    depth_problems,
    kana_number,
    markers,
    parse,
    tidy,
    write,
)

# Mostly characters that look like numbers and signs: texts are mistaken for them if they can be.
_words = st.text(
    alphabet=st.sampled_from("(（)）123１①アイン+＋.、。 　甲乙は{}協定年か\t"), min_size=1, max_size=12
).map(lambda text: text.strip(" \t　"))
_lines = st.lists(_words.filter(bool), min_size=1, max_size=3).map("\n".join)
_units = st.lists(st.builds(Unit, st.integers(0, 3), _lines), max_size=12)


@given(_units)
def test_what_is_written_for_editing_reads_back_as_it_was(units):
    assert parse(write(units)) == units


@given(st.text(max_size=200))
def test_tidying_any_text_settles_it(text):
    assert tidy(tidy(text)) == tidy(text)


@given(_units)
def test_every_depth_counts_from_one_within_the_unit_above(units):
    path: list[int] = []
    for unit, marker in zip(units, markers(units), strict=True):
        path = path[: unit.depth + 1] + [0] * (unit.depth + 1 - len(path))
        path[unit.depth] += 1
        number = path[unit.depth]
        assert (
            marker
            == {
                PARAGRAPH: "" if number == 1 else f"{number}",
                ITEM: f"({number})",
                SUBITEM: kana_number(number),
                DETAIL: f"({kana_number(number)})",
            }[unit.depth]
        )


def test_kana_numbers_never_repeat_and_follow_the_syllabary():
    numbers = [kana_number(number) for number in range(1, 2000)]
    assert len(set(numbers)) == len(numbers)
    assert [kana_number(number) for number in (1, 2, 6, 44, 45, 46, 47)] == [*"アイカワヲン", "アア"]


@pytest.mark.parametrize(
    ("line", "depth", "text"),
    [
        ("甲及び乙は、協議する。", PARAGRAPH, "甲及び乙は、協議する。"),
        ("２　前項の規定は、適用しない。", PARAGRAPH, "前項の規定は、適用しない。"),
        ("2. 前項の規定", PARAGRAPH, "前項の規定"),
        ("3年間とする。", PARAGRAPH, "3年間とする。"),
        ("10 月1日から行う。", PARAGRAPH, "10 月1日から行う。"),
        ("1　年に1回行う。", PARAGRAPH, "年に1回行う。"),
        ("2.5倍とする。", PARAGRAPH, "2.5倍とする。"),
        ("（１）観光に関すること", ITEM, "観光に関すること"),
        ("　(12) 観光", ITEM, "観光"),
        ("⑶ 観光", ITEM, "観光"),
        ("③観光", ITEM, "観光"),
        ("ア　市内の店舗", SUBITEM, "市内の店舗"),
        ("アジアを見据えた観光", PARAGRAPH, "アジアを見据えた観光"),
        ("（イ）夜間", DETAIL, "夜間"),
    ],
)
def test_a_line_stands_as_deep_as_its_sign_says(line, depth, text):
    assert parse(line) == [Unit(depth, text)]


def test_typed_numbers_are_put_right():
    assert tidy("連携する。\n(3) 観光\n(3)防災\nア 避難\n9 経費は別に定める。") == (
        "連携する。\n　(1)　観光\n　(2)　防災\n　　ア　避難\n2　経費は別に定める。"
    )


def test_a_continued_line_belongs_to_the_unit_above():
    assert parse("(1) 次の事項\n＋(1) 細目") == [Unit(ITEM, "次の事項\n(1) 細目")]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("本文\n(1) 号\nア 細目\n(ア) さらに", 0),
        ("(1) 号", 1),
        ("本文\nア 細目", 1),
        ("本文\n(1) 号\n(ア) さらに", 1),
    ],
)
def test_a_unit_needs_the_one_above_it(text, wrong):
    assert len(list(depth_problems(parse(text)))) == wrong


def test_a_single_annex_has_no_number():
    first, second, table = Annex("別記", "あ", "x"), Annex("別記", "い", "x"), Annex("別表", "う", "x")
    assert annex_names([first, table]) == ["別記", "別表"]
    assert annex_names([first, table, second]) == ["別記1", "別表", "別記2"]


def test_a_text_is_stored_and_read_whole():
    text = LegalText(
        "協定書",
        "前文",
        (Article("目的", "本文", "purpose"),),
        "後書き",
        (Signatory("甲"),),
        (Annex("別記", "", "x"),),
    )
    assert LegalText.from_json(text.as_json()) == text
    assert LegalText.from_json(replace(text, articles=()).as_json()).articles == ()
