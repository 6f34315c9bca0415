"""The table of contents of what happens every day."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agreements.actions.diagnosis import record_month, refresh_diagnoses
from agreements.actions.document_text import extract_texts
from agreements.actions.documents import clean_uploads
from agreements.actions.jobs import clean_jobs
from agreements.actions.register import roll_terms
from agreements.actions.renew import record_tacit_renewals
from agreements.actions.repetition import repeat_for_new_year
from agreements.actions.search import repair_index
from agreements.actions.share_access import clean_access
from agreements.actions.webhooks import announce_deadlines, clean_deliveries
from agreements.importing.run import clean_imports
from agreements.jobs.view_mails import post_view_mails
from agreements.models import AgreementDocument, NationalCount
from agreements.notifications import deliver_webhooks, tell_everyone
from municipalities.api_tokens import clean_replies

logger = logging.getLogger(__name__)
_LOG_KEPT = timedelta(days=90)


def _roll(today: date, now: datetime) -> str:
    return f"{roll_terms(today=today)}件"


def _renew(today: date, now: datetime) -> str:
    return f"{record_tacit_renewals(today=today)}件"


def _repeat(today: date, now: datetime) -> str:
    return f"{repeat_for_new_year(today=today)}件"


def _tell(today: date, now: datetime) -> str:
    return tell_everyone(today=today, now=now)


def _tell_of_views(today: date, now: datetime) -> str:
    return f"{post_view_mails(today=today)}通"


def _read(today: date, now: datetime) -> str:
    waiting = AgreementDocument.objects.alive().without_text()
    return f"{extract_texts(documents=waiting.iterator())}件"


def _clean(today: date, now: datetime) -> str:
    stale, orphans = clean_uploads(now=now)
    return f"確認なし{stale}件、書類なし{orphans}件"


def _clean_jobs(today: date, now: datetime) -> str:
    files, jobs = clean_jobs(now=now)
    return f"ファイル{files}件、処理{jobs}件"


def _search(today: date, now: datetime) -> str:
    drift = repair_index()
    found = f"ずれ{drift.outdated}件と抜け{drift.missing}件を直しました" if drift else "ずれなし"
    rebuilt = "" if drift.index_was_sound else "、索引を作り直しました"
    return f"{drift.checked}件を確認、{found}{rebuilt}"


def _clean_imports(today: date, now: datetime) -> str:
    return f"{clean_imports(now=now)}件"


def _forget(today: date, now: datetime) -> str:
    return f"{clean_access(now=now)}件"


def _announce(today: date, now: datetime) -> str:
    new = announce_deadlines(today=today)
    sent, failed = deliver_webhooks(now=now)
    return f"新しい通知期限{new}件、送信{sent}件、失敗{failed}件"


def _forget_api(today: date, now: datetime) -> str:
    return f"送信の記録{clean_deliveries(before=now - _LOG_KEPT)}件、APIの応答{clean_replies(now=now)}件"


def _diagnose(today: date, now: datetime) -> str:
    return f"{refresh_diagnoses(today=today)}件、月初の記録{record_month(today=today)}件"


def _count(today: date, now: datetime) -> str:
    return f"{NationalCount.objects.renew(today)}件"


STEPS: tuple[tuple[str, Callable[[date, datetime], str]], ...] = (
    ("現在の満了日の更新", _roll),
    ("黙示更新の記録", _renew),  # before the notices, which tell of it
    ("保存した一覧の新しい該当", _tell_of_views),  # before the notices, which send its mails too
    ("毎年度の取組の作成", _repeat),
    ("診断", _diagnose),
    ("お知らせ", _tell),
    ("書類の文字の読取り", _read),
    ("ファイルの片付け", _clean),
    ("終わった処理の片付け", _clean_jobs),
    ("登録しなかった取込みの片付け", _clean_imports),
    ("ほかのシステムへの通知", _announce),
    ("相手方リンクの利用の片付け", _forget),
    ("全国の集計", _count),
    ("通知とAPIの記録の片付け", _forget_api),
    ("検索の索引の確認", _search),  # last: it reads every agreement
)


class Command(BaseCommand):
    help = "毎日1回実行する処理（何度実行しても結果は同じです）"

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        today = timezone.localdate(now)
        failed = []
        for label, step in STEPS:
            try:
                self.stdout.write(f"{label}：{step(today, now)}")
            except Exception:  # the other steps must not wait for this one
                logger.exception("daily: %s", label)
                self.stderr.write(f"{label}：失敗しました。")
                failed.append(label)
        if failed:
            raise CommandError(f"失敗した処理があります：{'、'.join(failed)}。ログを確認してください。")
