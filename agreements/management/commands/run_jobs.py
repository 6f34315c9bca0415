from typing import Any

from django.core.management.base import BaseCommand

from agreements import jobs


class Command(BaseCommand):
    help = "待っている処理（書き出し、一括変更など）を順に行います。qcluster が動いていれば不要です。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{jobs.run_waiting()}件")
