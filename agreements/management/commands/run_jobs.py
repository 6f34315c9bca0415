from typing import Any

from django.core.management.base import BaseCommand

from agreements.tasks import run_waiting_jobs


class Command(BaseCommand):
    help = "待っている処理（書き出し、一括変更など）を順に行います。qcluster が動いていれば不要です。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{run_waiting_jobs()}件")
