from typing import Any

from django.core.management.base import BaseCommand

from agreements.actions.webhooks import rotate_secrets


class Command(BaseCommand):
    help = (
        "Webhookの署名の鍵を、今の SECRET_KEY で暗号化し直します。"
        "終わったら、古い鍵を SECRET_KEY_FALLBACKS から外せます。"
    )

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{rotate_secrets()}件を暗号化し直しました。")
