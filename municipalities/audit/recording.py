"""Write one audit event at the end of its chain."""

import ipaddress
from typing import Any

from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone
from simple_history.models import HistoricalRecords

from municipalities.choices import AuditKind
from municipalities.models import AuditChain, AuditEvent, Municipality
from municipalities.models.audit_event import canonical


@transaction.atomic
def record(
    kind: AuditKind,
    *,
    request: HttpRequest | None = None,
    actor: Any = None,
    actor_name: str = "",
    municipality: Municipality | None = None,
    target: models.Model | None = None,
    **details: Any,
) -> AuditEvent:
    """Record that `actor` did `kind` to `target`. `details`: plain values; never a password or a code.

    Inside a transaction the event stands or falls with it; call it last there, because the municipality's
    chain stays locked until the commit. Without `request` the one being answered is taken; without `actor`
    its user; without `municipality` the target's, else the actor's, else the system's chain. `actor_name`
    stands for somebody without an account, whoever is logged in beside.

    A model whose text is personal data gives an `audit_label` instead: what stands here cannot be erased.
    """
    request = request or getattr(HistoricalRecords.context, "request", None)
    if actor is None and request is not None:
        actor = getattr(request, "user", None)
    if actor_name or (actor is not None and not actor.is_authenticated):
        actor = None
    chain = AuditChain.objects.locked(_municipality_id(municipality, target, actor))
    event = AuditEvent(
        chain=chain,
        sequence=chain.last_sequence + 1,
        at=timezone.now(),
        actor=actor,
        actor_name=_text(actor or actor_name, 200),
        ip=_address(request),
        kind=AuditKind(kind),
        object_model=target._meta.label_lower if target else "",
        object_pk=str(target.pk) if target else "",
        object_label=_text(getattr(target, "audit_label", target), 200) if target else "",
        details_text=_storable(canonical(details)) if details else "",
        previous_hash=chain.last_hash,
    )
    event.hash = event.computed_hash()
    event.save()
    chain.last_sequence, chain.last_hash = event.sequence, event.hash
    chain.save(update_fields=["last_sequence", "last_hash"])
    return event


def _municipality_id(municipality: Municipality | None, target: Any, actor: Any) -> int | None:
    if municipality is not None:
        return municipality.pk
    if isinstance(target, Municipality):
        return target.pk
    for each in (target, actor):
        found = getattr(each, "municipality_id", None)
        if found:
            return found
    return None


def _address(request: HttpRequest | None) -> str:
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))) if request else ""
    except ValueError:
        return ""


def _text(value: Any, length: int) -> str:
    return _storable(str(value))[:length]


def _storable(text: str) -> str:
    """What every database stores and gives back unchanged: no NUL, no half of a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
