import json
import shutil
from pathlib import Path

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from agreements.printing import font_build, fonts
from agreements.printing.fonts import FACES, FAMILY, FontsMissingError, find_source, manifest, print_coverage


class BuildStarted(Exception):
    pass


@pytest.fixture
def no_real_build(monkeypatch):
    """A build that would take 10 s raises instead."""

    def refuse(*args, **kwargs):
        raise BuildStarted

    monkeypatch.setattr(font_build, "ProcessPoolExecutor", refuse)


@pytest.fixture
def copied(print_fonts, tmp_path) -> Path:
    return Path(shutil.copytree(print_fonts, tmp_path / "fonts"))


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.style)
def test_built_face_is_small_truetype_of_its_own_name(print_fonts, face):
    file = print_fonts / face.file_name
    assert file.stat().st_size < 7_000_000
    with TTFont(file) as font:
        assert "glyf" in font
        assert "CFF " not in font
        assert font["name"].getDebugName(1) == FAMILY
        assert font["OS/2"].usWeightClass == face.weight
        assert "Adobe" in font["name"].getDebugName(0)
        assert "SIL Open Font License" in font["name"].getDebugName(13)


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.style)
def test_outlines_and_widths_are_those_of_the_source(print_fonts, face):
    source = find_source(face)
    with TTFont(print_fonts / face.file_name) as built, TTFont(source.path, fontNumber=source.index) as whole:
        for character in "協髙﨑𠮷㋿A1ｱ、—":
            boxes = []
            for font in (built, whole):
                glyphs = font.getGlyphSet()
                glyph = glyphs[font.getBestCmap()[ord(character)]]
                pen = BoundsPen(glyphs)
                glyph.draw(pen)
                boxes.append((glyph.width, *pen.bounds))
            assert boxes[0] == pytest.approx(boxes[1], abs=2), character


def test_both_faces_have_every_character_of_the_source_that_names_and_forms_need(print_fonts):
    source = find_source(FACES[0])
    with TTFont(source.path, fontNumber=source.index, lazy=True) as font:
        whole = fonts.read_coverage(font)
    for face in FACES:
        with TTFont(print_fonts / face.file_name, lazy=True) as font:
            built = fonts.read_coverage(font)
        assert built.variants == whole.variants
        for codec in ("euc_jis_2004", "cp932"):
            for code_point in whole.characters - built.characters:
                with pytest.raises(UnicodeEncodeError):
                    chr(code_point).encode(codec)
    assert {*map(ord, "𠮷髙﨑㋿①Ⅳ㈱—～①ǹ")} <= print_coverage().characters
    assert (0x845B, 0xE0100) in print_coverage().variants  # 葛󠄀


def test_second_build_finds_the_work_done(print_fonts, no_real_build):
    before = {file.name: file.stat().st_mtime_ns for file in print_fonts.iterdir()}
    assert font_build.build_print_fonts(print_fonts) is False
    assert {file.name: file.stat().st_mtime_ns for file in print_fonts.iterdir() if file.name != ".lock"} == {
        name: time for name, time in before.items() if name != ".lock"
    }


@pytest.mark.parametrize("change", ["source", "tool", "missing file", "broken manifest"])
def test_build_starts_anew_when_anything_it_depends_on_changed(copied, no_real_build, change):
    manifest_file = copied / "manifest.json"
    found = json.loads(manifest_file.read_text())
    if change == "source":
        found["stamp"]["sources"]["Bold"][0] = "0" * 64
    elif change == "tool":
        found["stamp"]["fonttools"] = "1.0"
    elif change == "missing file":
        (copied / FACES[1].file_name).unlink()
    manifest_file.write_text("{" if change == "broken manifest" else json.dumps(found))
    regular = (copied / FACES[0].file_name).read_bytes()
    with pytest.raises(BuildStarted):
        font_build.build_print_fonts(copied)
    assert (copied / FACES[0].file_name).read_bytes() == regular, "a failed build leaves the old file"


def test_incomplete_set_has_no_manifest(copied):
    assert manifest(copied)
    (copied / FACES[0].file_name).unlink()
    assert manifest(copied) is None
    assert manifest(copied / "nowhere") is None


@pytest.mark.parametrize(
    "answer", ["DejaVu Sans\tBook\t0\t/usr/share/fonts/x.ttf", "Noto Sans CJK JP\tLight\t0\t/x"]
)
def test_another_font_than_asked_for_is_refused_with_what_to_install(monkeypatch, tmp_path, answer):
    script = tmp_path / "fc-match"
    script.write_text(f"#!/bin/sh\nprintf '{answer}'\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(FontsMissingError, match="fonts-noto-cjk"):
        find_source(FACES[0])


def test_missing_fontconfig_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FontsMissingError, match="fontconfig"):
        find_source(FACES[0])


def test_before_the_build_the_full_font_answers_for_what_can_be_shown(settings, tmp_path):
    settings.RENKEI_PRINT_FONT_DIR = tmp_path
    assert ord("髙") in print_coverage().characters
