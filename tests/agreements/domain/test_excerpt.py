from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.excerpt import excerpt, marked
from agreements.domain.search_text import normalise


def shown(parts):
    return "".join(f"[{part.text}]" if part.is_hit else part.text for part in parts)


def test_hits_are_marked_as_they_were_written():
    assert shown(marked("㈱ローソンとのＤＸ協定", ["ろーそん", "dx"])) == "㈱[ローソン]との[ＤＸ]協定"
    assert marked("観光", ["防災"]) == ()


def test_an_excerpt_shows_the_words_around_the_first_hit():
    text = f"{'前' * 100}髙﨑市の観光{'後' * 100}"
    assert shown(excerpt(text, ["高崎"])) == f"…{'前' * 30}[髙﨑]市の観光{'後' * 26}…"
    assert shown(excerpt("観光\nの振興", ["観光"])) == "[観光] の振興"
    assert excerpt(text, ["防災"]) == ()


def test_a_hit_deep_in_a_long_text_is_shown():
    for before in (1_599, 1_999, 2_001, 29_000):
        assert "[観光振興]" in shown(excerpt("前" * before + "観光振興" + "後" * 500, ["観光振興"]))


@given(st.text(max_size=60), st.text(min_size=1, max_size=3))
def test_the_parts_are_the_text(text, word):
    wanted = [normalised] if (normalised := normalise(word)) else []
    parts = marked(text, wanted)
    assert not parts or "".join(part.text for part in parts) == text.replace("\n", " ") or "\n" in text
    assert bool(excerpt(text, wanted)) is bool(parts)
