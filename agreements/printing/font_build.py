"""Cut the print typefaces from the operating system's Noto Sans CJK JP (once, at set-up).

Why TrueType outlines: WeasyPrint lays out and embeds a small `glyf` font 1.3 to 1.5 times faster than the
65,535-glyph CFF collection, and some viewers do not show CFF subsets of it (WeasyPrint issue 1844).

The source is Copyright 2014-2021 Adobe, SIL Open Font License 1.1, which allows modified versions:
copyright and licence records stay inside the built files, the family gets its own name. The files are made
on the machine that uses them and are never part of the repository.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fontTools

from .fonts import (
    FACES,
    FAMILY,
    MANIFEST_NAME,
    SOURCE_FAMILY,
    Face,
    FontsMissingError,
    Source,
    find_source,
    manifest,
    read_coverage,
)

#: How far a quadratic curve may leave the cubic original, in 1/1000 em (9 pt at 600 dpi: 0.08 dots).
MAX_CURVE_ERROR = 1.0
#: What Japanese text needs of OpenType: composed sequences (か゚), stacked accents, fi-ligatures and kerning.
LAYOUT_FEATURES = ("ccmp", "mark", "liga", "kern")
#: Whole Unicode ranges that forms use: Latin, Greek, Cyrillic, punctuation, arrows, mathematics, boxes,
#: circled and parenthesised characters, kana, ㍻ and ㋿, compatibility kanji, full-width forms.
RANGES = (
    (0x0020, 0x0530),
    (0x1E00, 0x2C00),
    (0x2E00, 0x3400),
    (0xF900, 0xFB00),
    (0xFE10, 0xFE50),
    (0xFF00, 0xFFF0),
    (0x1F100, 0x1F300),
)
#: JIS X 0213, Microsoft's Shift JIS (NEC and IBM extensions: 髙 﨑), and JIS X 0208 + JIS X 0212.
CODECS = ("euc_jis_2004", "cp932", "euc_jp")
VARIATION_SELECTORS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))


def build_print_fonts(
    directory: Path, *, force: bool = False, report: Callable[[str], None] = lambda _line: None
) -> bool:
    """Build the faces into `directory`; return False when they already are what this machine would build.

    Safe to run again and at the same time: a second builder waits and then finds the work done, and a
    reader sees the old file or the new one, never half of one. Raises `FontsMissingError`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _exclusive(directory):
        sources = {face.style: find_source(face) for face in FACES}
        stamp = _stamp(sources)
        if not force and (manifest(directory) or {}).get("stamp") == stamp:
            return False
        with tempfile.TemporaryDirectory(prefix=".build-", dir=directory) as scratch:
            built = [(face, Path(scratch) / face.file_name) for face in FACES]
            # "spawn": a fork would copy the caller's threads and database connections half-alive.
            with ProcessPoolExecutor(len(FACES), mp_context=multiprocessing.get_context("spawn")) as pool:
                jobs = [pool.submit(_build_face, face, sources[face.style], path) for face, path in built]
                for (face, _path), job in zip(built, jobs, strict=True):
                    report(f"{FAMILY} {face.style}: {job.result():,} glyphs")
            manifest_file = Path(scratch) / MANIFEST_NAME
            manifest_file.write_text(json.dumps({"stamp": stamp}, indent=1) + "\n", encoding="utf-8")
            # Without its manifest a set counts as incomplete, so an interrupted exchange is noticed.
            (directory / MANIFEST_NAME).unlink(missing_ok=True)
            for _face, path in built:
                os.replace(path, directory / path.name)
            os.replace(manifest_file, directory / MANIFEST_NAME)
    return True


def repertoire(available: frozenset[int], variant_bases: frozenset[int]) -> frozenset[int]:
    """The code points to keep out of those `available` in the source.

    `variant_bases` are the kanji for which the source knows variants. In a Japanese font these are the kanji
    of Adobe-Japan1, the repertoire of Japanese names (𠮷 is there, but in none of the JIS character sets).
    """
    wanted = set(variant_bases).union(*(range(first, end) for first, end in RANGES))
    for codec in CODECS:
        wanted |= _encodable(codec)
    return available & wanted


def _encodable(codec: str) -> set[int]:
    found = set()
    for code_point in range(0x20, 0x30000):
        try:
            chr(code_point).encode(codec)
        except UnicodeEncodeError:
            continue
        found.add(code_point)
    return found


def _stamp(sources: dict[str, Source]) -> dict[str, Any]:
    """Everything the result depends on: the source files, the tool, and this recipe."""
    return {
        "sources": {
            style: [hashlib.sha256(source.path.read_bytes()).hexdigest(), source.index]
            for style, source in sources.items()
        },
        "fonttools": fontTools.version,
        "recipe": hashlib.sha256(Path(__file__).read_bytes()).hexdigest(),
    }


@contextmanager
def _exclusive(directory: Path) -> Iterator[None]:
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build_face(face: Face, source: Source, target: Path) -> int:
    """Write one TrueType face to `target`; return its number of glyphs. Runs in a process of its own."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(source.path, fontNumber=source.index, lazy=True)
    if "CFF " not in font:
        raise FontsMissingError(
            f"書体の形式が CFF ではありません。fonts-noto-cjk を入れ直してください: {source.path}"
        )
    coverage = read_coverage(font)
    variant_bases = frozenset(base for base, _selector in coverage.variants)

    # Cut everything but the outlines: fontTools needs 7 s to prune 65,535 CFF glyphs and 0.5 s for the rest,
    # and only the outlines that stay are drawn anew below.
    order, outlines = font.getGlyphOrder(), font.getGlyphSet()
    del font["CFF "]
    options = subset.Options(
        layout_features=list(LAYOUT_FEATURES), name_IDs=["*"], name_languages=[0x409], hinting=False
    )
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "GDEF"]  # horizontal text only
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=repertoire(coverage.characters, variant_bases) | set(VARIATION_SELECTORS))
    subsetter.subset(font)

    kept = [name for name in order if name in subsetter.glyphs_retained]
    _set_quadratic_outlines(font, kept, outlines)
    _rename(font, face)
    font.save(target)
    return len(kept)


def _set_quadratic_outlines(font: Any, kept: list[str], outlines: Any) -> None:
    """Give `font` a glyf table of the `kept` glyphs of `outlines`, with quadratic instead of cubic curves."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    glyf = font["glyf"] = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = kept, {}
    metrics = font["hmtx"].metrics
    for name in kept:
        pen = TTGlyphPen(None)
        # PostScript outlines run the other way round than TrueType's.
        outlines[name].draw(Cu2QuPen(pen, MAX_CURVE_ERROR, reverse_direction=True))
        glyph = glyf.glyphs[name] = pen.glyph()
        glyph.recalcBounds(glyf)
        metrics[name] = (metrics[name][0], getattr(glyph, "xMin", 0))

    font.setGlyphOrder(kept)
    font["loca"] = newTable("loca")
    font["post"].formatType = 3.0
    font.sfntVersion = "\0\1\0\0"
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000  # with TrueType's limits: zero, as there are no instructions
    maxp.maxZones = 1
    for limit in (
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
    ):
        setattr(maxp, limit, 0)


def _rename(font: Any, face: Face) -> None:
    """A modified version must not pass for the original, neither to people nor to fontconfig."""
    names = font["name"]
    own = {
        1: FAMILY,
        2: face.style,
        3: f"{FAMILY} {face.style}; cut from {SOURCE_FAMILY}",
        4: f"{FAMILY} {face.style}",
        6: f"{FAMILY.replace(' ', '')}-{face.style}",
    }
    names.names = [record for record in names.names if record.nameID not in {*own, 16, 17, 21, 22, 25}]
    for name_id, text in own.items():
        names.setName(text, name_id, 3, 1, 0x409)
