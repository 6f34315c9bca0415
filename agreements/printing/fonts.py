"""The typefaces of every printout, as the renderer sees them.

They are small TrueType fonts that `build_print_fonts` cuts once from the operating system's Noto Sans CJK JP
(see `font_build.py`): a third of the PDF size and 1.3 to 1.5 times the speed of the 20 MB collection.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

#: The family name inside the built files and in `static/css/print.css`.
FAMILY = "Renkei Print"
#: What they are cut from, and what shows the characters that they lack.
SOURCE_FAMILY = "Noto Sans CJK JP"
MANIFEST_NAME = "manifest.json"


class FontsMissingError(Exception):
    """A font or fontconfig is not installed; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Face:
    """One weight of the print family."""

    style: str
    weight: int

    @property
    def file_name(self) -> str:
        return f"{FAMILY.replace(' ', '')}-{self.style}.ttf"


FACES = (Face("Regular", 400), Face("Bold", 700))


@dataclass(frozen=True, slots=True)
class Source:
    """One face inside a font collection of the operating system."""

    path: Path
    index: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a face can show: single characters, and (character, variation selector) pairs (IVS, SVS)."""

    characters: frozenset[int]
    variants: frozenset[tuple[int, int]]


def font_dir() -> Path:
    """The folder of the built fonts: a build product outside version control."""
    return Path(settings.RENKEI_PRINT_FONT_DIR)


def manifest(directory: Path) -> dict[str, Any] | None:
    """What the last build left in `directory`, or None when there is no complete set of fonts."""
    try:
        found = json.loads((directory / MANIFEST_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    complete = isinstance(found, dict) and all((directory / face.file_name).is_file() for face in FACES)
    return found if complete else None


def find_source(face: Face) -> Source:
    """Ask fontconfig where the operating system keeps this weight of Noto Sans CJK JP."""
    pattern = f"{SOURCE_FAMILY}:style={face.style}:lang=ja"
    answer = _fontconfig("fc-match", "--format", "%{family}\t%{style}\t%{index}\t%{file}", pattern)
    family, style, index, file = answer.split("\t")
    if SOURCE_FAMILY not in family.split(",") or face.style not in style.split(","):
        raise FontsMissingError(
            f"印刷用の書体 {SOURCE_FAMILY} {face.style} がありません。apt-get install fonts-noto-cjk"
        )
    return Source(Path(file), int(index))


def read_coverage(font: TTFont) -> Coverage:
    """Read the character map of an open font."""
    variants = frozenset(
        (base, selector)
        for table in font["cmap"].tables
        if table.format == 14
        for selector, pairs in table.uvsDict.items()
        for base, _glyph in pairs
    )
    return Coverage(frozenset(font.getBestCmap()), variants)


def print_coverage() -> Coverage:
    """What printouts can show without any other font: the built face, or the full one before it is built."""
    directory = font_dir()
    source = Source(directory / FACES[0].file_name, -1) if manifest(directory) else find_source(FACES[0])
    return _coverage(source, source.path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _coverage(source: Source, _modified: int) -> Coverage:
    from fontTools.ttLib import TTFont

    with TTFont(source.path, fontNumber=source.index, lazy=True) as font:
        return read_coverage(font)


@lru_cache(maxsize=4096)
def is_in_some_font(character: str) -> bool:
    """Whether any font of the operating system shows the character (10 ms, then remembered)."""
    return bool(_fontconfig("fc-list", f":charset={ord(character):x}", "file").strip())


def _fontconfig(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        message = "fontconfig が見つかりません。apt-get install fontconfig fonts-noto-cjk"
        raise FontsMissingError(message) from error
