"""Folded text that knows where it came from."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.aligned_text import AlignedText, compact


def test_quotes_are_the_original_words():
    folded = compact("市内 ２ 店舗へ\nｶﾞｲﾄﾞを配架")
    assert folded.text == "市内2店舗へガイドを配架"
    start = folded.text.index("2店舗")
    assert folded.quote(start, start + 3) == "２ 店舗"
    assert folded.quote(start + 4, start + 7) == "ｶﾞｲﾄﾞ"


def test_one_character_may_become_several():
    folded = compact("㋿6年")
    assert folded.text == "令和6年"
    assert folded.span(0, 1) == folded.span(1, 2) == (0, 1)


def test_a_fold_may_drop_and_change_characters():
    folded = AlignedText.build("a-B-c", lambda c: "" if c == "-" else c.lower())
    assert folded.text == "abc"
    assert folded.quote(0, 3) == "a-B-c"
    assert folded.span(1, 2) == (2, 3)


@given(st.text())
def test_every_character_has_its_origin(text):
    folded = compact(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert list(folded.starts) == sorted(folded.starts)
    assert not any(c.isspace() or unicodedata.category(c).startswith("C") for c in folded.text)
    for i, c in enumerate(folded.text):
        assert c in unicodedata.normalize("NFKC", folded.quote(i, i + 1))
