"""Differences between texts: exact both ways, readable in Japanese."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.text_diff import Op, diff, tokens

WORDS = [
    "観光",
    "振興",
    "に関すること",
    "。",
    "、",
    "\n",
    "\r\n",
    "令和8年",
    "12",
    "ICT",
    "データ",
    "ｶﾅ",
    "𠮷",
    "が",
    "゙",
    " ",
]
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=40).map("".join))


@st.composite
def edits(draw):
    """A text and what became of it: some of its tokens left out, replaced, added."""
    old = draw(texts)
    new = [
        draw(st.sampled_from([token] * 6 + ["", "見直し", token + token])) if token else ""
        for token in tokens(old)
    ]
    return old, "".join(new)


def without(pieces, op) -> str:
    return "".join(piece.text for piece in pieces if piece.op is not op)


@given(texts)
def test_tokens_joined_are_the_text(text):
    assert "".join(tokens(text)) == text


@given(st.one_of(st.tuples(texts, texts), edits()))
def test_a_difference_gives_both_texts_back(pair):
    old, new = pair
    pieces = diff(old, new)
    assert without(pieces, Op.ADDED) == old
    assert without(pieces, Op.REMOVED) == new
    assert all(piece.text for piece in pieces)
    assert all(a.op is not b.op for a, b in pairwise(pieces))
    # Between two common passages there is at most one removal and one addition, in this order.
    assert all((a.op, b.op) != (Op.ADDED, Op.REMOVED) for a, b in pairwise(pieces))


@given(texts)
def test_a_text_is_no_different_from_itself(text):
    assert [piece.op for piece in diff(text, text)] == ([Op.SAME] if text else [])


def shown(old: str, new: str) -> str:
    marks = {Op.SAME: "{}", Op.REMOVED: "[-{}]", Op.ADDED: "[+{}]"}
    return "".join(marks[piece.op].format(piece.text) for piece in diff(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("観光振興に関すること", "産業振興に関すること", "[-観光][+産業]振興に関すること"),
        ("令和8年3月31日まで", "令和10年3月31日まで", "令和[-8][+10]年3月31日まで"),
        ("データの活用", "データベースの活用", "[-データ][+データベース]の活用"),
        (
            "観光に関すること。環境に関すること。",
            "観光に関すること。",
            "観光に関すること。[-環境に関すること。]",
        ),
        (
            "満了の1か月前までに申し出る",
            "満了の3か月前までに書面で申し出る",
            "満了の[-1][+3]か月前までに[+書面で]申し出る",
        ),
        ("", "新しい", "[+新しい]"),
        # A single common letter between two changes is no landmark.
        ("観光の推進", "農業の振興", "[-観光の推進][+農業の振興]"),
        # A mark of punctuation is.
        ("甲、乙", "丙、丁", "[-甲][+丙]、[-乙][+丁]"),
    ],
)
def test_differences_read_in_words(old, new, expected):
    assert shown(old, new) == expected


def test_very_long_passages_are_still_compared():
    old, new = "協" * 4000, "定" * 4000
    assert shown(old, new) == f"[-{old}][+{new}]"
    assert without(diff(old + "。あ", new + "。い"), Op.ADDED) == old + "。あ"
