from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q


class NoticeMail(models.Model):
    """One mail with the notices of one person: outbox until it is sent, then the log of what was sent.

    The text is written when the notices are claimed and never again, and `number` becomes the Message-ID: a
    mail that is sent again after a crash is the same mail to the server and to the reader.
    """

    number = models.UUIDField("番号", default=uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notice_mails", verbose_name="宛先の職員"
    )
    address = models.EmailField("宛先")
    subject = models.CharField("件名", max_length=200)
    body = models.TextField("本文")
    claimed_on = models.DateField("まとめた日")
    attempts = models.PositiveSmallIntegerField("送信の回数", default=0)
    leased_until = models.DateTimeField("送信中（この時刻まで）", null=True, blank=True)
    last_error = models.CharField("最後のエラー", max_length=300, blank=True)
    sent_at = models.DateTimeField("送信日時", null=True, blank=True)
    cancelled_at = models.DateTimeField("取りやめ日時", null=True, blank=True)

    class Meta:
        verbose_name = "お知らせメール"
        verbose_name_plural = "お知らせメール"
        ordering = ["-pk"]
        indexes = [
            models.Index("id", condition=Q(sent_at=None, cancelled_at=None), name="notice_mail_waiting"),
            models.Index("recipient", "claimed_on", name="notice_mail_recipient"),
        ]

    def __str__(self) -> str:
        return self.subject
