"""What printing and search need from machine and database, asked at start."""

import ctypes
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import connections

from agreements.printing.fonts import FACES, FontsMissingError, find_source, font_dir, manifest

# The names WeasyPrint looks for (on Linux; on macOS).
_SUBSETTERS = ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib")


@register
def check_subsetter(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without HarfBuzz's subsetter every PDF takes 5 to 34 times as long (measured)."""
    for name in _SUBSETTERS:
        with suppress(OSError):
            ctypes.CDLL(name, mode=os.RTLD_LAZY)
            return []
    return [
        Warning(
            "libharfbuzz-subset is missing: PDFs take up to 34 times as long. (PDF の作成が遅くなります。)",
            hint="apt-get install libharfbuzz-subset0",
            id="agreements.W001",
        )
    ]


@register
def check_print_fonts(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """The built fonts exist, or at least the full ones, which print right but slowly."""
    if manifest(font_dir()) is not None:
        return []
    try:
        find_source(FACES[0])
    except FontsMissingError as error:
        return [
            Warning(
                f"No font to print with, PDFs will fail. {error}",
                hint="apt-get install fonts-noto-cjk; then: manage.py build_print_fonts",
                id="agreements.W002",
            )
        ]
    return [
        Warning(
            "The print fonts are not built: PDFs are larger and slower. (印刷用の書体が準備されていません。)",
            hint="manage.py build_print_fonts",
            id="agreements.W003",
        )
    ]


@register(Tags.database)
def check_database_locale(
    app_configs: Sequence[Any] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A PostgreSQL database that takes Japanese for bytes cannot search it; `migrate` asks too."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_encoding_to_char(encoding), datctype, datlocprovider::text FROM pg_database"
                " WHERE datname = current_database()"
            )
            errors += locale_errors(*cursor.fetchone())
    return errors


def locale_errors(encoding: str, ctype: str, provider: str) -> list[CheckMessage]:
    by_libc = provider == "c"
    if encoding == "UTF8" and not (by_libc and ctype.upper() in {"C", "POSIX"}):
        return []
    return [
        Error(
            f"The database is {encoding} in the locale {ctype}: Japanese text cannot be searched in it."
            " (この設定のデータベースでは日本語を検索できません。)",
            hint="createdb --encoding=UTF8 --locale=C.UTF-8 --template=template0",
            id="agreements.E001",
        )
    ]
