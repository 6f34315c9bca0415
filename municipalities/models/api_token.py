import hashlib
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from municipalities import access
from municipalities.choices import ApiScope

from .base import Recorded, history
from .fields import ChosenField, LineField
from .municipality import Municipality

_BEGINNING = "rk"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def managed_by(self, user: Any) -> "ApiTokenQuerySet":
        """Tokens this person may issue and revoke."""
        return self.filter(access.managed_municipality(user))

    def usable(self, today: date) -> "ApiTokenQuerySet":
        return self.filter(revoked_at=None, expires_on__gte=today)

    def with_text(self, text: str) -> "ApiTokenQuerySet":
        return self.filter(token_hash=hash_of(text))


def hash_of(text: str) -> str:
    """SHA-256 suffices for a random token, and lets the row be found by it."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def new_text() -> tuple[str, str]:
    """A token of 256 random bits, and its beginning, by which people recognise it."""
    prefix = f"{_BEGINNING}_{secrets.token_hex(4)}"
    return f"{prefix}_{secrets.token_urlsafe(32)}", prefix


@dataclass(frozen=True, slots=True)
class ApiPrincipal:
    """Who asks when no person does, but a token: it has scopes, and rules about people give it nothing."""

    municipality_id: int
    scopes: frozenset[str]

    is_authenticated: ClassVar[bool] = False
    is_active: ClassVar[bool] = False


class ApiToken(Recorded):
    """APIトークン: lets another system of a municipality read its records, or also tell the progress of 取組.

    Of the token only the hash is kept, and the beginning by which people recognise it.
    """

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="api_tokens", verbose_name="自治体"
    )
    name = LineField("システムの名称", max_length=60, help_text="例：庁内ポータル、行政評価システム")
    prefix = models.CharField("トークンの先頭", max_length=16, editable=False)
    token_hash = models.CharField("トークンのハッシュ", max_length=64, unique=True, editable=False)
    scopes = ChosenField("できること", labels=dict(ApiScope.choices))
    expires_on = models.DateField("有効期限（この日まで）")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="発行した人"
    )
    # Kept by `api_tokens.token_behind` with conditional updates.
    last_used_at = models.DateTimeField("最後に使われた日時", null=True, blank=True, editable=False)
    last_used_address = models.GenericIPAddressField("最後の接続元", null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField("失効日時", null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="失効させた人",
    )

    history = history(excluded_fields=["token_hash", "last_used_at", "last_used_address"])
    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "APIトークン"
        verbose_name_plural = "APIトークン"
        ordering = ["municipality", "-pk"]

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"

    @property
    def principal(self) -> ApiPrincipal:
        return ApiPrincipal(self.municipality_id, frozenset(self.scopes))

    @property
    def scope_words(self) -> str:
        return "、".join(str(ApiScope(scope).label) for scope in self.scopes)

    def is_usable(self, today: date) -> bool:
        """The same rule as `usable`, for one token at hand."""
        return self.revoked_at is None and self.expires_on >= today


class ApiReply(models.Model):
    """What was answered to a request that named an Idempotency-Key: the same request is not done twice.

    A log, kept for a day.
    """

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="replies", verbose_name="APIトークン")
    key = models.CharField("キー", max_length=100)
    request_hash = models.CharField("依頼のハッシュ", max_length=64)
    status = models.PositiveSmallIntegerField("応答の状態", null=True, blank=True)
    body = models.JSONField("応答", default=dict, blank=True)
    version = models.CharField("版", max_length=64, blank=True)
    created_at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        verbose_name = "APIの応答"
        verbose_name_plural = "APIの応答"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_reply_once")]
        indexes = [models.Index(fields=["created_at"], name="api_reply_age")]

    def __str__(self) -> str:
        return self.key
