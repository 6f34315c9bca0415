"""References follow the articles wherever they move; what leads nowhere is said at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.legal_references import (
    Names,
    Piece,
    check,
    check_names,
    escape,
    fill,
    pieces,
    placeholders,
)
from agreements.domain.legal_text import Annex, Article, LegalText
from agreements.domain.legal_typeset import typeset, words


def text_of(*articles: str, **parts) -> LegalText:
    """Articles 「見出し1」, 「見出し2」 … with these texts."""
    return LegalText(
        articles=tuple(Article(f"見出し{n}", text) for n, text in enumerate(articles, start=1)), **parts
    )


def messages(*articles: str) -> list[tuple[int, str]]:
    return [(each.place, each.message) for each in check(text_of(*articles))]


@given(st.text(alphabet=st.sampled_from("{}:甲条 あ\n"), max_size=20))
def test_escaped_text_prints_as_it_was(text):
    nothing = Names({}, {}, 0)
    assert words(pieces(escape(text), nothing)) == text
    assert not list(check_names(escape(text)))
    assert fill(escape(text), {"甲": "x"}) == escape(text)


@given(st.permutations(["目的", "費用", "期間", "疑義"]))
def test_a_reference_follows_its_article(headings):
    text = LegalText(articles=tuple(Article(heading, "{条:期間}による。") for heading in headings))
    number = headings.index("期間") + 1
    for article in typeset(text).articles:
        assert words(article.lines[0].pieces) == f"第{number}条による。"
    assert check(text) == []


def test_a_reference_to_nothing_or_to_two_articles_is_wrong():
    text = LegalText(
        articles=(
            Article("目的", "{条:費用}"),
            Article("期間", "{条:期間}"),
            Article("期間", "x"),
            Article("", "{条:}"),
        ),
    )
    assert [(each.place, each.message[:7]) for each in check(text)] == [
        (0, "「{条:費用}"),
        (1, "「{条:期間}"),
        (3, "「{条:}」が"),
    ]
    assert pieces("{条:費用}", Names.of(text)) == (Piece("", "条:費用"),)


def test_an_annex_is_named_by_its_heading():
    text = text_of(
        "区域は{別表:区域}のとおり。", annexes=(Annex("別表", "区域", "あ"), Annex("別表", "額", "い"))
    )
    assert words(typeset(text).articles[0].lines[0].pieces) == "区域は別表1のとおり。"
    assert check(text) == []


@pytest.mark.parametrize("text", ["{満了期}", "{", "x}", "{甲}{"])
def test_unknown_names_and_single_braces_are_wrong(text):
    assert len(list(check_names(text))) == 1


def test_names_between_braces():
    assert placeholders("{甲}は{{乙}}と{ 丙 }") == ["甲", "丙"]


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        ("前条の目的", "前条の目的", [0]),
        ("次条のとおり", "次条のとおり", [1]),
        ("x", "前2条の規定", [1]),
        ("前項の規定", "x\n2 前項の規定", [0]),
        ("x\n2 前２項の規定", "x\n2 x\n3 前2項の規定", [0]),
        ("x\n(1) 前号のほか", "x\n(1) a\n(2) 前各号のほか", [0]),
        ("x\n(1) a\n2 前各号のほか", "x\n(1) a\nア 前号\n(2) b\nア 前号", [1]),
        ("改正前条例による前項目と次条件", "x", []),
        ("第2条のとおり", "は第3条と第0条", [1, 1]),
        ("地方自治法（昭和22年法律第67号）第252条及び第300条", "民法第500条、同法第501条", []),
    ],
)
def test_words_and_numbers_that_point_must_point_at_something(first, second, wrong):
    assert [place for place, _ in messages(first, second)] == wrong


def test_an_article_without_text_is_wrong():
    assert messages("", "x") == [(0, "本文を入力してください。")]


def test_circles_left_to_fill_in_are_gaps():
    (gap,) = typeset(text_of("解除の日の○○前まで")).gaps
    assert (gap.place, gap.what, gap.article) == ("第1条（見出し1）", "「○○」", 1)
