"""Tell other systems what happens: written in the transaction in which it happens, sent afterwards.

Who sends: `agreements.notifications.webhooks`. Whatever dies in between, what is written here is sent once
more rather than not at all (ADR 0040).
"""

import json
import logging
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.cache import cache
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_q.status import Stat
from django_q.tasks import async_task

from agreements.choices import EditionKind, WebhookEvent
from agreements.domain import notices, renewal
from agreements.models import Agreement, PublicEdition, Transition, WebhookDelivery, WebhookEndpoint
from agreements.models.agreement_terms import TERM_FIELDS
from agreements.models.webhook import new_secret
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import Municipality, StaffMember

logger = logging.getLogger(__name__)
_OF_EDITIONS = {
    EditionKind.PUBLISHED: WebhookEvent.PUBLISHED,
    EditionKind.CORRECTED: WebhookEvent.CORRECTED,
    EditionKind.WITHDRAWN: WebhookEvent.WITHDRAWN,
}
_PART = 500
_STARTED_SECONDS = 5


# -- What happens -------------------------------------------------------------------------------------
def announce_edition(edition: PublicEdition) -> None:
    """公開, 訂正, 取下げ, with what is public now; of what was withdrawn nothing but that it was."""
    facts = edition.payload or None
    more = {
        "edition": edition.number,
        "on": edition.on,
        "reason": edition.reason,
        "changed": edition.changed,
        "facts": facts,
    }
    event = _OF_EDITIONS[EditionKind(edition.kind)]
    title = facts["title"] if facts else None
    _announce(edition.agreement, event, f"edition:{edition.pk}", title=title, **more)


def announce_move(move: Transition) -> None:
    """A change of the state, also one that was taken back."""
    agreement = move.agreement
    more = {"from": move.from_state, "to": move.to_state, "on": move.on, "undoes": move.undoes_id is not None}
    _announce(agreement, WebhookEvent.STATE_CHANGED, f"transition:{move.pk}", title=agreement.title, **more)


@transaction.atomic
def announce_deadlines(*, today: date) -> int:
    """更新の通知期限: at 120, 60, 30 and 7 days, each once for each endpoint. Returns how many are new."""
    listening: dict[int, list[WebhookEndpoint]] = {}
    for endpoint in WebhookEndpoint.objects.alive().select_related("municipality"):
        if WebhookEvent.DEADLINE in endpoint.events:
            listening.setdefault(endpoint.municipality_id, []).append(endpoint)
    if not listening:
        return 0
    near = renewal.add_months(today, 5)  # beyond the first stage; the rule decides
    rows = Agreement.objects.alive().active().filter(municipality__in=listening, notice_on__lte=near)
    fresh = []
    for key, title, municipality, decided_for, *values in (
        rows.with_newest_decision()
        .order_by("pk")
        .values_list("pk", "title", "municipality_id", "decided_for", *TERM_FIELDS)
    ):
        for due in notices.due_of_terms(renewal.Terms(*values), decided_for, today):
            if due.kind is notices.NoticeKind.DEADLINE:
                source = f"deadline:{key}:{due.due_on.isoformat()}:{due.stage}"
                more = {"title": title, "on": due.due_on, "days": (due.due_on - today).days}
                fresh += _deliveries(listening[municipality], key, WebhookEvent.DEADLINE, source, **more)
    return _write(fresh)


@transaction.atomic
def announce_test(*, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """A message that says nothing has happened; `notifications.webhooks.deliver_one` sends it."""
    number = uuid4()
    (delivery,) = _deliveries([endpoint], None, WebhookEvent.TEST, f"test:{number}", number=number)
    delivery.save()
    return delivery


def _announce(agreement: Agreement, event: WebhookEvent, source: str, **more: Any) -> None:
    endpoints = WebhookEndpoint.objects.alive().filter(municipality=agreement.municipality_id)
    wanted = [each for each in endpoints.select_related("municipality") if event in each.events]
    if wanted:
        _write(_deliveries(wanted, agreement.pk, event, source, **more))


def _deliveries(
    endpoints: Iterable[WebhookEndpoint],
    agreement: int | None,
    event: WebhookEvent,
    source: str,
    *,
    number: UUID | None = None,
    title: str | None = None,
    **more: Any,
) -> list[WebhookDelivery]:
    """The same message for each of these endpoints."""
    now, number = timezone.now(), number or uuid4()
    payload: dict[str, Any] = {
        "id": str(number),
        "event": event.value,
        "at": timezone.localtime(now).isoformat(),
    }
    if agreement is not None:
        base = settings.RENKEI_BASE_URL
        is_public = event in _OF_EDITIONS.values()
        name = "agreements:public-agreement" if is_public else "agreements:agreement-detail"
        path = reverse(name, args=[agreement])
        payload["agreement"] = {"id": agreement, "title": title, "url": f"{base}{path}" if base else None}
    found = []
    for endpoint in endpoints:
        body = endpoint.municipality
        whole = {**payload, "municipality": {"code": body.code, "name": body.name}, **more}
        text = json.dumps(whole, ensure_ascii=False, cls=DjangoJSONEncoder)
        found.append(
            WebhookDelivery(
                endpoint=endpoint,
                agreement_id=agreement,
                event=event,
                event_id=number,
                source=source,
                payload=text,
                next_at=now,
            )
        )
    return found


def _write(deliveries: list[WebhookDelivery]) -> int:
    """Into the outbox what is not there yet; returns how many."""
    sources = {each.source for each in deliveries}
    known: set[tuple[int, str]] = set()
    for part in _parts(sorted(sources)):
        stored = WebhookDelivery.objects.filter(source__in=part)
        known |= set(stored.values_list("endpoint", "source"))
    fresh = [each for each in deliveries if (each.endpoint_id, each.source) not in known]
    if fresh:
        WebhookDelivery.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=_PART)
        transaction.on_commit(_have_sent)
    return len(fresh)


def _parts(keys: list[str]) -> Iterable[list[str]]:
    return (keys[start : start + _PART] for start in range(0, len(keys), _PART))


def _have_sent() -> None:
    """Soon, by a worker of the queue, else by a process of its own; the schedule sends what these leave."""
    runner = settings.RENKEI_JOB_RUNNER
    if runner == "inline" or not cache.add("webhooks-started", 1, _STARTED_SECONDS):
        return
    try:
        if runner == "queue" or (runner == "auto" and Stat.get_all()):
            async_task("agreements.tasks.send_webhooks", group="renkei-webhooks")
            return
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "send_webhooks", "--settle"]
        # Outlives the request; a fixed command without anybody's input.
        subprocess.Popen(  # noqa: S603
            command,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    except Exception:  # what happened is saved; its message waits for the schedule
        logger.exception("webhooks are not sent at once")


# -- Whom it is told ----------------------------------------------------------------------------------
@transaction.atomic
def add_endpoint(
    *, municipality: Municipality, values: dict[str, Any], by: StaffMember
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint, and the secret with which its messages are signed: shown once."""
    secret = new_secret()
    endpoint = WebhookEndpoint(municipality=municipality, created_by=by, **values)
    endpoint.set_secret(secret)
    endpoint.save()
    record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=endpoint, 内容="通知先を登録", 送り先=endpoint.url)
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    *, endpoint: WebhookEndpoint, values: dict[str, Any], by: StaffMember, seen: datetime
) -> bool:
    """Save other values; False when somebody else changed it after `seen`."""
    stored = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    if stored.updated_at != seen:
        return False
    was = stored.url
    for name, value in values.items():
        setattr(stored, name, value)
    stored.save()
    if was != stored.url:
        record(
            AuditKind.CREDENTIAL_CHANGE,
            actor=by,
            target=stored,
            内容="送り先を変更",
            送り先=[was, stored.url],
        )
    return True


@transaction.atomic
def renew_secret(*, endpoint: WebhookEndpoint, by: StaffMember) -> str:
    """Another secret; messages signed with the former one come no more."""
    secret = new_secret()
    stored = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    stored.set_secret(secret)
    stored.save(update_fields=["secret_box", "updated_at"])
    record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=stored, 内容="署名の鍵を作り直し")
    return secret


def rotate_secrets() -> int:
    """Encrypt all secrets with the present SECRET_KEY; returns how many could be."""
    changed = 0
    for endpoint in WebhookEndpoint.objects.order_by("pk"):
        if endpoint.rotate():
            # Not `save`: nothing has changed that its history or an open form would tell of.
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(secret_box=endpoint.secret_box)
            changed += 1
    return changed


@transaction.atomic
def pause_endpoint(*, endpoint: WebhookEndpoint, by: StaffMember, now: datetime) -> None:
    """Messages wait until `resume_endpoint`. Pausing twice is harmless."""
    _set(endpoint, paused_at=endpoint.paused_at or now)
    record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=endpoint, 内容="通知を休止")


@transaction.atomic
def resume_endpoint(*, endpoint: WebhookEndpoint, by: StaffMember, now: datetime) -> None:
    """Send again, what waited at once; also after it was stopped because of failures."""
    _set(endpoint, paused_at=None, disabled_at=None)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)
    WebhookDelivery.objects.waiting().filter(endpoint=endpoint).update(next_at=now)
    record(AuditKind.CREDENTIAL_CHANGE, actor=by, target=endpoint, 内容="通知を再開")
    transaction.on_commit(_have_sent)


@transaction.atomic
def delete_endpoint(*, endpoint: WebhookEndpoint, by: StaffMember, now: datetime) -> None:
    """`restore_endpoint` brings it back; what happens meanwhile it is not told."""
    _set(endpoint, deleted_at=now)
    record(AuditKind.DELETION, actor=by, target=endpoint)


@transaction.atomic
def restore_endpoint(*, endpoint: WebhookEndpoint, by: StaffMember) -> None:
    _set(endpoint, deleted_at=None)
    record(AuditKind.RESTORATION, actor=by, target=endpoint)


@transaction.atomic
def send_again(*, delivery: WebhookDelivery, by: StaffMember, now: datetime) -> None:
    """The very same message once more, also one that arrived: the receiver knows it by its number."""
    again = WebhookDelivery.objects.filter(pk=delivery.pk)
    again.update(attempts=0, next_at=now, delivered_at=None, given_up_at=None, leased_until=None)
    record(
        AuditKind.EXPORT,
        actor=by,
        target=delivery.endpoint,
        内容="Webhookを再送",
        番号=str(delivery.event_id),
    )


def clean_deliveries(*, before: datetime) -> int:
    """Forget messages of before that day; returns how many."""
    return WebhookDelivery.objects.filter(created_at__lt=before).delete()[0]


def _set(endpoint: WebhookEndpoint, **values: Any) -> None:
    stored = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    for name, value in values.items():
        setattr(stored, name, value)
    stored.save(update_fields=[*values, "updated_at"])
