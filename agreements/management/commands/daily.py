from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from agreements.actions.document_text import extract_texts
from agreements.actions.documents import clean_uploads
from agreements.actions.register import roll_terms
from agreements.actions.renew import record_tacit_renewals
from agreements.models import AgreementDocument


class Command(BaseCommand):
    help = "毎日1回実行する処理（何度実行しても結果は同じです）"

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        self.stdout.write(f"現在の満了日の更新：{roll_terms(today=today)}件")
        self.stdout.write(f"黙示更新の記録：{record_tacit_renewals(today=today)}件")
        waiting = AgreementDocument.objects.alive().without_text()
        self.stdout.write(f"書類の文字の読取り：{extract_texts(documents=waiting.iterator())}件")
        stale, orphans = clean_uploads(now=timezone.now())
        self.stdout.write(f"ファイルの片付け：確認なし{stale}件、書類なし{orphans}件")
