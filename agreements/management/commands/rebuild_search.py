import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agreements.models import Agreement, SearchDocument
from agreements.models.search_document import CHUNK, batched
from agreements.models.tokens_field import create_index


class Command(BaseCommand):
    help = "検索の索引をすべての協定について作り直します（実行中も検索できます。途中で止めても壊れません）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="違うものだけを直し、件数を報告する")

    def handle(self, *args: Any, **options: Any) -> None:
        self.total = Agreement.objects.count()
        self.started = time.monotonic()
        if options["check"]:
            drift = SearchDocument.objects.repair(self._progress)
            self.stdout.write(
                f"確認 {drift.checked:,}件、直したずれ {drift.outdated:,}件、直した抜け {drift.missing:,}件"
            )
            return
        create_index()
        done = 0
        keys = Agreement.objects.order_by("pk").values_list("pk", flat=True)
        for chunk in batched(keys.iterator(), CHUNK):
            SearchDocument.objects.refresh(chunk)
            done += len(chunk)
            self._progress(done)
        self.stdout.write(f"{done:,}件の検索文書を作り直しました。")

    def _progress(self, done: int) -> None:
        seconds = (time.monotonic() - self.started) / done * max(self.total - done, 0)
        self.stdout.write(f"{done:,} / {self.total:,}　残り約{seconds:.0f}秒")
