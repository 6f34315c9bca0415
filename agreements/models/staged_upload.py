from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from municipalities import access

from .agreement import Agreement
from .document import random_path

KEPT_FOR = timedelta(hours=24)
"""How long a file waits for its confirmation before `clean_uploads` takes it away."""


class StagedUploadQuerySet(models.QuerySet):
    def waiting_for(self, user, agreement: Agreement) -> "StagedUploadQuerySet":
        """What this person sent for this agreement and has not confirmed, in the order of sending."""
        return self.filter(access.editable_agreements(user, "agreement__"), by=user, agreement=agreement)

    def stale(self, now: datetime) -> "StagedUploadQuerySet":
        return self.filter(at__lt=now - KEPT_FOR)


class StagedUpload(models.Model):
    """A file that was sent and found sound, waiting for the sender to say what it is."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="+", verbose_name="協定")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="送信者")
    at = models.DateTimeField("送信日時", auto_now_add=True)
    file = models.FileField("ファイル", upload_to=random_path, max_length=120)
    original_name = models.CharField("元のファイル名", max_length=200)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    sha256 = models.CharField("SHA-256", max_length=64)
    content_type = models.CharField("内容の形式", max_length=120)

    objects = StagedUploadQuerySet.as_manager()

    class Meta:
        verbose_name = "確認待ちのファイル"
        verbose_name_plural = "確認待ちのファイル"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.original_name
