"""What the use of a 相手方リンク leaves: codes, sessions, failures. Logs, cleared away with time."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from agreements.domain import share_links

from .share_link import ShareLink, hash_of


class ShareCode(models.Model):
    """確認コード: proves once that a person reads the contact's mail. Kept as a keyed hash."""

    link = models.ForeignKey(ShareLink, models.CASCADE, related_name="codes", verbose_name="相手方リンク")
    code_hash = models.CharField("コードのハッシュ", max_length=64)
    by_phone = models.BooleanField("電話で伝えた", default=False)
    at = models.DateTimeField("発行日時")
    expires_at = models.DateTimeField("有効期限")
    tries = models.PositiveSmallIntegerField("試した回数", default=0)
    closed_at = models.DateTimeField("使用・無効の日時", null=True, blank=True)

    class Meta:
        verbose_name = "確認コード"
        verbose_name_plural = "確認コード"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["link", "-at"], name="share_code_recent")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.at:%Y-%m-%d %H:%M}"


class ShareSessionQuerySet(models.QuerySet["ShareSession"]):
    def going_on(self, now: datetime) -> "ShareSessionQuerySet":
        """The SQL form of `domain.share_links.is_session_over`, negated."""
        return self.filter(
            ended_at=None,
            seen_at__gt=now - share_links.SESSION_IDLE,
            started_at__gt=now - share_links.SESSION_LONGEST,
        )

    def with_key(self, key: str) -> "ShareSessionQuerySet":
        return self.filter(key_hash=hash_of(key))


class ShareSession(models.Model):
    """相手方の利用: one browser of a contact who entered the code. It opens this link's pages alone."""

    link = models.ForeignKey(ShareLink, models.CASCADE, related_name="sessions", verbose_name="相手方リンク")
    key_hash = models.CharField("鍵のハッシュ", max_length=64, unique=True)
    started_at = models.DateTimeField("開始日時")
    seen_at = models.DateTimeField("最後の利用")
    ended_at = models.DateTimeField("終了日時", null=True, blank=True)

    objects = ShareSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "相手方の利用"
        verbose_name_plural = "相手方の利用"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.link_id} {self.started_at:%Y-%m-%d %H:%M}"


class ShareFailure(models.Model):
    """A link that opens nothing (without `link`) or a wrong code, counted until it is old enough.

    In the database, so that every process counts the same.
    """

    link = models.ForeignKey(
        ShareLink, models.CASCADE, null=True, blank=True, related_name="failures", verbose_name="相手方リンク"
    )
    address = models.GenericIPAddressField("接続元", null=True, blank=True)
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = "リンクの利用の失敗"
        verbose_name_plural = "リンクの利用の失敗"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["address", "-at"], condition=Q(link=None), name="share_failure_address"),
            models.Index(fields=["link", "-at"], name="share_failure_link"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id or '—'} {self.at:%Y-%m-%d %H:%M}"
