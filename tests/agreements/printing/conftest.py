"""Printing needs the built fonts and a clean cache."""

from pathlib import Path

import pytest

from agreements.printing.renderer import print_cache


@pytest.fixture(scope="session", autouse=True)
def _built_fonts(print_fonts: Path) -> None:
    """Every test here prints."""


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    print_cache().clear()
