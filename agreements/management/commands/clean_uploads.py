from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from agreements.actions.documents import clean_uploads


class Command(BaseCommand):
    help = "確認されなかったファイルと、どの書類のものでもないファイルを片付けます"

    def handle(self, *args: Any, **options: Any) -> None:
        stale, orphans = clean_uploads(now=timezone.now())
        self.stdout.write(f"確認されなかったファイル：{stale}件、書類のないファイル：{orphans}件")
