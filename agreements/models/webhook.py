"""Webhooks: whom a municipality has told what happens, and what is told: outbox and log in one."""

import secrets
from datetime import datetime
from typing import Any
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from agreements.choices import WebhookEvent
from municipalities import access
from municipalities.encryption import box
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import ChosenField, LineField

from .agreement import Agreement

_PURPOSE = "agreements.webhook"


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def alive(self) -> "WebhookEndpointQuerySet":
        return self.filter(deleted_at=None)

    def managed_by(self, user: Any) -> "WebhookEndpointQuerySet":
        """Endpoints this person may change, pause and delete."""
        return self.alive().filter(access.managed_municipality(user))

    def restorable_by(self, user: Any) -> "WebhookEndpointQuerySet":
        return self.exclude(deleted_at=None).filter(access.managed_municipality(user))

    def sending(self) -> "WebhookEndpointQuerySet":
        return self.alive().filter(paused_at=None, disabled_at=None)


def new_secret() -> str:
    """256 random bits: with them the receiver proves that a message is ours."""
    return f"whsec_{secrets.token_urlsafe(32)}"


class WebhookEndpoint(Recorded):
    """通知先（Webhook）: an address of another system of the municipality, and of which events it is told."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="webhooks", verbose_name="自治体"
    )
    name = LineField("システムの名称", max_length=60, help_text="例：自治体ウェブサイト、庁内ポータル")
    url = LineField("送り先のURL", max_length=300)
    events = ChosenField("知らせるできごと", labels=dict(WebhookEvent.choices))
    # Encrypted, because messages are signed with it; shown to nobody again.
    secret_box = models.TextField("署名の鍵（暗号化）", editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登録した人"
    )
    paused_at = models.DateTimeField("休止日時", null=True, blank=True, editable=False)
    disabled_at = models.DateTimeField("失敗が続いて停止した日時", null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)
    # Kept by the sender with conditional updates.
    failing_since = models.DateTimeField("失敗が始まった日時", null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField("最後に届いた日時", null=True, blank=True, editable=False)

    history = history(excluded_fields=["secret_box", "failing_since", "delivered_at"])
    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = "通知先（Webhook）"
        verbose_name_plural = "通知先（Webhook）"
        ordering = ["municipality", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agreements:webhook-detail", args=[self.pk])

    @property
    def secret(self) -> str | None:
        """None when the key that encrypted it is no longer in use: then a new one has to be made."""
        try:
            return box(_PURPOSE).decrypt(self.secret_box.encode()).decode()
        except InvalidToken:
            return None

    def set_secret(self, secret: str) -> None:
        self.secret_box = box(_PURPOSE).encrypt(secret.encode()).decode()

    def rotate(self) -> bool:
        """Encrypt the secret with the present SECRET_KEY; False when it can no longer be read."""
        try:
            self.secret_box = box(_PURPOSE).rotate(self.secret_box.encode()).decode()
        except InvalidToken:
            return False
        return True

    @property
    def event_words(self) -> str:
        return "、".join(str(WebhookEvent(event).label) for event in self.events)

    @property
    def is_sending(self) -> bool:
        return self.paused_at is None and self.disabled_at is None


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def waiting(self) -> "WebhookDeliveryQuerySet":
        return self.filter(delivered_at=None, given_up_at=None)

    def due(self, now: datetime) -> "WebhookDeliveryQuerySet":
        """What may be sent now: its time has come, no other run has it, its endpoint is not at rest."""
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        return self.waiting().filter(
            free, next_at__lte=now, endpoint__in=WebhookEndpoint.objects.sending().order_by().values("pk")
        )


class WebhookDelivery(models.Model):
    """One message to one endpoint. `payload` is the very text that is signed and sent, each time the same.

    `event_id` is what happened, the same for all endpoints and all tries: by it a receiver knows what it
    has had already. `source` lets one endpoint be told of one thing once.
    """

    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", verbose_name="通知先"
    )
    agreement = models.ForeignKey(
        Agreement,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="webhook_deliveries",
        verbose_name="協定",
    )
    event = models.CharField("できごと", max_length=24, choices=WebhookEvent)
    event_id = models.UUIDField("できごとの番号", default=uuid4, editable=False)
    source = models.CharField("もとになったもの", max_length=80)
    payload = models.TextField("内容（JSON）")
    created_at = models.DateTimeField("日時", auto_now_add=True)
    attempts = models.PositiveSmallIntegerField("送信の回数", default=0)
    next_at = models.DateTimeField("次に送る日時")
    leased_until = models.DateTimeField("送信中（この時刻まで）", null=True, blank=True)
    tried_at = models.DateTimeField("最後に送った日時", null=True, blank=True)
    last_status = models.PositiveSmallIntegerField("最後の応答", null=True, blank=True)
    last_error = models.CharField("最後のエラー", max_length=200, blank=True)
    delivered_at = models.DateTimeField("届いた日時", null=True, blank=True)
    given_up_at = models.DateTimeField("送信をやめた日時", null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "Webhookの送信"
        verbose_name_plural = "Webhookの送信"
        ordering = ["-pk"]
        indexes = [
            models.Index(
                "next_at", condition=Q(delivered_at=None, given_up_at=None), name="webhook_delivery_due"
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_log"),
        ]
        constraints = [models.UniqueConstraint(fields=["endpoint", "source"], name="webhook_delivery_once")]

    def __str__(self) -> str:
        return f"{self.get_event_display()}（{self.event_id}）"

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.endpoint.municipality_id
