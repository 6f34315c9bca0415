"""Sends what `actions.webhooks` wrote: at least once each, with growing waits, until it is given up.

A message is leased by a conditional update, sent, marked. A run that is killed leaves a lease that runs out,
and the next run sends the same message again, with the same number.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from agreements.domain import webhooks as rules
from agreements.models import NoticeMail, WebhookDelivery, WebhookEndpoint
from municipalities.choices import Role
from municipalities.models import StaffMember

from .webhook_client import Outcome, post

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
"""Longer than a message may take."""

_MOST = 1_000
_LONGEST_SECONDS = 60
"""For one endpoint in one run; the next goes on."""

_KEY_IS_LOST = "署名の鍵を読めません。作り直してください。"


def deliver_webhooks(*, now: datetime) -> tuple[int, int]:
    """Send what is due, endpoint by endpoint; returns how many arrived and how many failed.

    An endpoint that fails or is slow is left alone for the rest of the run: others must not wait for it.
    """
    _give_up_old(now)
    begun = monotonic()
    sent = failed = 0
    due = WebhookDelivery.objects.due(now).order_by()
    for endpoint in sorted(set(due.values_list("endpoint", flat=True))):
        since = monotonic()
        for pk in list(due.filter(endpoint=endpoint).order_by("pk").values_list("pk", flat=True)[:_MOST]):
            # A long run must lease from this moment on, not from its beginning.
            outcome = deliver_one(pk, now=now + timedelta(seconds=int(monotonic() - begun)))
            if outcome is not None:
                sent += outcome.is_delivered
                failed += not outcome.is_delivered
                if not outcome.is_delivered or monotonic() - since > _LONGEST_SECONDS:
                    break
    return sent, failed


def deliver_one(pk: int, *, now: datetime) -> Outcome | None:
    """Send one message; None: not ours to send (any more, or yet)."""
    due = WebhookDelivery.objects.due(now).filter(pk=pk)
    if not due.update(leased_until=now + LEASE, attempts=F("attempts") + 1, tried_at=now):
        return None
    delivery = WebhookDelivery.objects.select_related("endpoint").get(pk=pk)
    secret = delivery.endpoint.secret
    outcome = Outcome(None, _KEY_IS_LOST) if secret is None else _send(delivery, secret, now)
    _note(delivery, outcome, now)
    return outcome


def _send(delivery: WebhookDelivery, secret: str, now: datetime) -> Outcome:
    body, timestamp = delivery.payload.encode(), int(now.timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Renkei-Webhook/1",
        "Renkei-Event": delivery.event,
        "Renkei-Event-Id": str(delivery.event_id),
        "Renkei-Timestamp": str(timestamp),
        "Renkei-Signature": f"v1={rules.signature(secret, timestamp, body)}",
    }
    return post(delivery.endpoint.url, body, headers)


@transaction.atomic
def _note(delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    values: dict[str, Any] = {
        "leased_until": None,
        "last_status": outcome.status,
        "last_error": outcome.error[:200],
    }
    endpoint = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id)
    if outcome.is_delivered:
        values["delivered_at"] = now
        endpoint.update(failing_since=None, delivered_at=now)
        logger.info("webhook %s arrived at endpoint %d", delivery.event_id, delivery.endpoint_id)
    else:
        following = rules.next_try(delivery.attempts, now)
        values |= {"next_at": following} if following else {"given_up_at": now}
        endpoint.filter(failing_since=None).update(failing_since=now)
        if following:  # its other messages would fail as well
            others = WebhookDelivery.objects.waiting().filter(endpoint=delivery.endpoint_id)
            others.filter(next_at__lt=following).update(next_at=following)
        logger.warning(
            "webhook %s did not arrive at endpoint %d (%s)",
            delivery.event_id,
            delivery.endpoint_id,
            outcome.status or "no answer",
        )
        _stop_if_dead(delivery.endpoint_id, now)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(**values)


def _stop_if_dead(endpoint_id: int, now: datetime) -> None:
    """After days of failures nothing is sent to the endpoint any more, and the managers are told by mail."""
    long_ago = now - timedelta(days=settings.RENKEI_WEBHOOK_STOP_DAYS)
    dead = WebhookEndpoint.objects.sending().filter(pk=endpoint_id, failing_since__lte=long_ago)
    if not dead.update(disabled_at=now):
        return
    endpoint = WebhookEndpoint.objects.select_related("municipality").get(pk=endpoint_id)
    managers = StaffMember.objects.filter(
        municipality=endpoint.municipality_id, role=Role.MANAGER, is_active=True
    )
    for manager in managers.exclude(email="").order_by("pk"):
        context = {"recipient": manager, "endpoint": endpoint, "base_url": settings.RENKEI_BASE_URL}
        NoticeMail.objects.create(
            recipient=manager,
            address=manager.email,
            subject=f"【Renkei】通知先「{endpoint.name}」への送信を停止しました",
            body=render_to_string("emails/webhook_stopped.txt", context),
            claimed_on=timezone.localdate(now),
        )


def _give_up_old(now: datetime) -> None:
    """What waited for weeks at an endpoint at rest would tell of a state long gone."""
    old = WebhookDelivery.objects.waiting().filter(created_at__lte=now - rules.KEPT)
    old.update(given_up_at=now, last_error="30日のあいだ送れなかったため、やめました。")
