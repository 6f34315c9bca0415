from django.db import models
from django.utils import timezone

from .staff_member import StaffMember


class PasswordHistory(models.Model):
    """Hash of a password a person had; kept only to refuse its reuse (`login.password_validation`)."""

    staff_member = models.ForeignKey(
        StaffMember, models.CASCADE, related_name="password_history", verbose_name="職員"
    )
    password = models.CharField("パスワード（ハッシュ）", max_length=128)
    set_at = models.DateTimeField("設定日時", default=timezone.now)

    class Meta:
        verbose_name = "過去のパスワード"
        verbose_name_plural = "過去のパスワード"
        ordering = ["-set_at", "-pk"]
        indexes = [models.Index(fields=["staff_member", "-set_at"], name="password_history_recent")]

    def __str__(self) -> str:
        return f"{self.staff_member_id} {self.set_at:%Y-%m-%d}"
