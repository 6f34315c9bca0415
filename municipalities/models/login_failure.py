from django.db import models
from django.utils import timezone

from .staff_member import StaffMember


class LoginFailure(models.Model):
    """A login that failed, counted until it is old enough (`login.lockout`).

    In the database, so that every process counts the same. What was typed is kept as a keyed hash only:
    people type passwords into the wrong field.
    """

    login_key = models.CharField("入力されたユーザー名（ハッシュ）", max_length=64)
    staff_member = models.ForeignKey(
        StaffMember,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="login_failures",
        verbose_name="職員",
    )
    address = models.GenericIPAddressField("接続元", null=True, blank=True)
    failed_at = models.DateTimeField("日時", default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "ログインの失敗"
        verbose_name_plural = "ログインの失敗"
        ordering = ["-failed_at", "-pk"]
        indexes = [models.Index(fields=["login_key", "-failed_at"], name="login_failure_recent")]

    def __str__(self) -> str:
        return f"{self.staff_member_id or '—'} {self.failed_at:%Y-%m-%d %H:%M}"
