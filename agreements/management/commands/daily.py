from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from agreements.actions.register import roll_terms
from agreements.actions.renew import record_tacit_renewals


class Command(BaseCommand):
    help = "毎日1回実行する処理（何度実行しても結果は同じです）"

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        self.stdout.write(f"現在の満了日の更新：{roll_terms(today=today)}件")
        self.stdout.write(f"黙示更新の記録：{record_tacit_renewals(today=today)}件")
