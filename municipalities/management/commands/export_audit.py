from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from municipalities import audit
from municipalities.audit.chains import chains_of
from municipalities.audit.writers import csv_lines, json_lines
from municipalities.choices import AuditKind
from municipalities.models import AuditChain, AuditEvent

_WRITERS = {"csv": csv_lines, "jsonl": json_lines}


class Command(BaseCommand):
    help = "操作記録を CSV（UTF-8、BOM付き）又は JSON lines で書き出します。書き出したことも記録されます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="書き出し先（なければ標準出力）")
        parser.add_argument(
            "--municipality", metavar="CODE", help="全国地方公共団体コード（無所属は system）"
        )
        parser.add_argument("--format", dest="form", choices=sorted(_WRITERS), default="csv")

    def handle(self, *, file: Path | None, municipality: str | None, form: str, **options: Any) -> None:
        chains = chains_of(municipality)
        lines = _WRITERS[form](_events(chains))
        if file:
            with file.open("w", encoding="utf-8", newline="") as target:
                target.writelines(lines)
        else:
            for line in lines:
                self.stdout.write(line, ending="")
        for chain in chains:
            audit.record(
                AuditKind.EXPORT,
                municipality=chain.municipality,
                内容="操作記録",
                書式=form,
                方法="コマンド",
            )


def _events(chains: Iterable[AuditChain]) -> Iterator[AuditEvent]:
    for chain in chains:
        for event in AuditEvent.objects.filter(chain=chain).order_by("sequence").iterator(chunk_size=2_000):
            event.chain = chain
            yield event
