import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from agreements.notifications import deliver_webhooks

_SETTLE_SECONDS = 6


class Command(BaseCommand):
    help = "ほかのシステムへの通知（Webhook）のうち、送る時刻になったものを送ります（何度実行しても同じです）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--settle", action="store_true", help="少し待って、そのあいだに起きたことも送ってから終わります"
        )

    def handle(self, *, settle: bool, **options: Any) -> None:
        sent, failed = deliver_webhooks(now=timezone.now())
        if settle:
            time.sleep(_SETTLE_SECONDS)
            more = deliver_webhooks(now=timezone.now())
            sent, failed = sent + more[0], failed + more[1]
        self.stdout.write(f"送信{sent}件、失敗{failed}件")
