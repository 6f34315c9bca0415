"""Printing needs the built fonts (once per machine, 10 s) and a clean cache."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agreements.printing.font_build import build_print_fonts
from agreements.printing.fonts import font_dir
from agreements.printing.renderer import print_cache


@pytest.fixture(scope="session", autouse=True)
def print_fonts() -> Path:
    build_print_fonts(font_dir())
    return font_dir()


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    print_cache().clear()


@pytest.fixture
def text_of(tmp_path: Path) -> Callable[[bytes], str]:
    """The text a person selects and copies, as poppler's pdftotext sees it; without the breaks of lines."""

    def extract(pdf: bytes) -> str:
        file = tmp_path / "extract.pdf"
        file.write_bytes(pdf)
        raw = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, check=True).stdout
        return raw.decode().replace("\n", "")

    return extract
