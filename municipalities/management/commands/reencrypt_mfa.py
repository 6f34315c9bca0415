from typing import Any

from django.core.management.base import BaseCommand

from municipalities.login import mfa_adapter


class Command(BaseCommand):
    help = (
        "二段階認証の秘密を、今の SECRET_KEY で暗号化し直します。"
        "終わったら、古い鍵を SECRET_KEY_FALLBACKS から外せます。"
    )

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{mfa_adapter.reencrypt()}件を暗号化し直しました。")
