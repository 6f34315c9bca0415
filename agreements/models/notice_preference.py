from django.conf import settings
from django.db import models

from agreements.choices import NoticeFrequency
from municipalities.models.base import Recorded


class NoticePreference(Recorded):
    """通知の設定: how often a person wants mail. Whoever chose nothing gets it at most daily."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_preference", verbose_name="職員"
    )
    frequency = models.CharField(
        "メールの頻度", max_length=10, choices=NoticeFrequency, default=NoticeFrequency.DAILY
    )

    class Meta:
        verbose_name = "通知の設定"
        verbose_name_plural = "通知の設定"
        ordering = ["person"]

    def __str__(self) -> str:
        return self.get_frequency_display()
