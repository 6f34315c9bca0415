from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from municipalities.login import lockout
from municipalities.models import StaffMember


class Command(BaseCommand):
    help = "ログインの失敗でロックされた職員のロックを解除します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", nargs="+", help="ユーザー名")

    def handle(self, *, username: list[str], **options: Any) -> None:
        members = StaffMember.objects.in_bulk(username, field_name="username")
        if unknown := set(username) - members.keys():
            raise CommandError(f"職員が見つかりません：{'、'.join(sorted(unknown))}")
        for member in members.values():
            lockout.unlock(member)
            self.stdout.write(f"{member}（{member.username}）のロックを解除しました。")
