import logging

import pytest

from agreements.printing.glyphs import GETA, make_printable

NAMES = "髙﨑𠮷葛\U000e0100城市 ①㋿〜—～㈱か゚が"


def test_names_stay_as_they_are_and_nothing_is_logged(caplog):
    with caplog.at_level(logging.DEBUG, "agreements.printing"):
        assert make_printable(NAMES) == NAMES
    assert not caplog.records


@pytest.mark.parametrize(
    "invisible",
    ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud800", "\ufeff", "\ufff9", "\U000e0041"],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_invisible_characters_are_left_out(invisible):
    assert make_printable(f"市{invisible}長") == "市長"


def test_line_breaks_and_tabs_stay():
    assert make_printable("一\n二\r\n三\t四　五") == "一\n二\r\n三\t四　五"


def test_what_no_font_has_becomes_a_geta_and_is_logged(caplog):
    # Private use (外字), a noncharacter, Egyptian hieroglyphs beyond every CJK font.
    assert make_printable("外\ue000字\U000f0000と\U0002fffeと") == f"外{GETA}字{GETA}と{GETA}と"
    assert "U+E000" in caplog.text


def test_what_another_font_has_stays(monkeypatch, caplog):
    monkeypatch.setattr("agreements.printing.glyphs.is_in_some_font", lambda character: character == "ก")
    with caplog.at_level(logging.INFO, "agreements.printing"):
        assert make_printable("กข") == f"ก{GETA}"
    assert "U+0E01" in caplog.text


def test_unknown_variant_prints_as_the_kanji_and_is_logged(caplog):
    assert make_printable("葛\U000e01ef") == "葛\U000e01ef"
    assert "U+845B+U+E01EF" in caplog.text
