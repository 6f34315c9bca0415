import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.spreadsheet_text import neutralise, restore

texts = st.text(st.sampled_from("'=+-@\t\r\n a観"), max_size=6)


@given(texts)
def test_neutralised_text_is_no_formula_and_comes_back_as_it_was(text):
    assert not neutralise(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restore(neutralise(text)) == text


@given(texts, texts)
def test_different_texts_stay_different(one, other):
    assert (neutralise(one) == neutralise(other)) == (one == other)


@pytest.mark.parametrize("text", ["観光", "", "10-2", "'引用"])
def test_harmless_text_stays(text):
    assert neutralise(text) == restore(text) == text
