from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from municipalities.audit.chains import chains_of
from municipalities.audit.retention import prune
from municipalities.audit.verification import first_fault


class Command(BaseCommand):
    help = (
        "保存期間（AUDIT_RETENTION_DAYS）を過ぎた操作記録を削除します。残りは、削除の後も検証できます。"
        "先に export_audit で書き出して保管してください。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--municipality", metavar="CODE", help="全国地方公共団体コード（無所属は system）"
        )

    def handle(self, *, municipality: str | None, **options: Any) -> None:
        before = timezone.now() - timedelta(days=settings.RENKEI_AUDIT_RETENTION_DAYS)
        for chain in chains_of(municipality):
            # Removing what has been tampered with would remove the proof of it.
            fault = first_fault(chain)
            if fault:
                raise CommandError(
                    f"{chain}（{chain.code}）の {fault.sequence}番：{fault.problem}。削除しません。"
                )
            count = prune(chain, before=before)
            self.stdout.write(f"{chain}（{chain.code}）: {count}件を削除しました。")
