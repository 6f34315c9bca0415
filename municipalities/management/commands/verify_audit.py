from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from municipalities.audit.chains import chains_of
from municipalities.audit.verification import first_fault, missing_triggers


class Command(BaseCommand):
    help = (
        "操作記録が書き換えられていないことを検証します。"
        "壊れている系列では最初の行を示し、終了コード 1 で終わります。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--municipality", metavar="CODE", help="全国地方公共団体コード（無所属は system）"
        )

    def handle(self, *, municipality: str | None, **options: Any) -> None:
        is_broken = False
        for name in missing_triggers():
            is_broken = True
            self.stdout.write(f"異常: 操作記録を守るトリガー {name} がありません。")
        for chain in chains_of(municipality):
            fault = first_fault(chain)
            if fault:
                is_broken = True
                self.stdout.write(f"異常: {chain}（{chain.code}）の {fault.sequence}番：{fault.problem}。")
            else:
                # Noted elsewhere, the last hash also proves that nobody has rewritten the whole chain.
                count = chain.last_sequence - chain.removed_through
                last = f"{chain.last_sequence}番 {chain.last_hash}"
                self.stdout.write(f"正常: {chain}（{chain.code}）{count}件。最後は {last}")
        if is_broken:
            raise CommandError("操作記録に異常があります。")
