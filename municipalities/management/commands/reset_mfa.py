from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from municipalities.login import mfa_adapter
from municipalities.models import StaffMember


class Command(BaseCommand):
    help = (
        "二段階認証の端末をなくした職員のために、その設定を取り消します（本人であることを先に確かめること）。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="ユーザー名")

    def handle(self, *, username: str, **options: Any) -> None:
        member = StaffMember.objects.filter(username=username).first()
        if member is None:
            raise CommandError(f"職員が見つかりません：{username}")
        removed = mfa_adapter.reset(member)
        self.stdout.write(f"{member}（{member.username}）の二段階認証を{removed}件取り消しました。")
