"""Prove that a chain of audit events is whole, or name the first place where it is not."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from municipalities.models import AuditChain, AuditEvent

TRIGGERS = (
    "audit_event_no_update",
    "audit_event_no_delete",
    "audit_chain_only_forward",
    "audit_chain_no_delete",
)
_PORTION = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """The first broken event of a chain: its number, and in Japanese what is wrong."""

    sequence: int
    problem: str


def first_fault(chain: AuditChain) -> Fault | None:
    """Walk the whole chain; None when every event stands as it was written.

    What is written or removed by retention meanwhile does not disturb.
    """
    while True:
        head = AuditChain.objects.get(pk=chain.pk)
        fault = _walk(head)
        if fault is None or AuditChain.objects.get(pk=chain.pk).removed_through == head.removed_through:
            return fault


def _walk(head: AuditChain) -> Fault | None:
    expected, previous = head.removed_through + 1, head.removed_hash
    for sequence, event in _events(head):
        if sequence < expected:
            return Fault(sequence, "系列に属さない行があります")
        if sequence > expected:
            return Fault(expected, "行がありません")
        if event is None or not _is_as_written(event):
            return Fault(sequence, "内容が書き換えられています")
        if event.previous_hash != previous:
            return Fault(sequence, "前の行とつながっていません（前の行が差し替えられています）")
        expected, previous = sequence + 1, event.hash
    if expected <= head.last_sequence:
        return Fault(
            expected, f"ここから{head.last_sequence}番までの行がありません（末尾が切り取られています）"
        )
    if previous != head.last_hash:
        return Fault(head.last_sequence, "最後の行が、系列の末尾の記録と一致しません")
    return _beyond(head)


def _events(head: AuditChain) -> Iterator[tuple[int, AuditEvent | None]]:
    """The events up to the head by number, in portions; None for one whose columns cannot even be read."""
    events = AuditEvent.objects.filter(chain=head, sequence__lte=head.last_sequence).order_by("sequence")
    last = -1
    while True:
        numbers = list(events.filter(sequence__gt=last).values_list("sequence", flat=True)[:_PORTION])
        if not numbers:
            return
        last = numbers[-1]
        portion = events.filter(sequence__range=(numbers[0], last))
        try:
            found = {event.sequence: event for event in portion}
        except (ValueError, TypeError):
            found = {number: event for number in numbers if (event := _readable(events, number))}
        for number in numbers:
            yield number, found.get(number)


def _is_as_written(event: AuditEvent) -> bool:
    # A date that is none anymore reads as None on SQLite.
    return event.at is not None and event.hash == event.computed_hash()


def _readable(events: QuerySet[AuditEvent], number: int) -> AuditEvent | None:
    try:
        return events.filter(sequence=number).first()
    except (ValueError, TypeError):
        return None


def _beyond(head: AuditChain) -> Fault | None:
    """An event after the head was not written by us; the head is read after it, as it may have grown."""
    events = AuditEvent.objects.filter(chain=head, sequence__gt=head.last_sequence)
    last = events.order_by("-sequence").values_list("sequence", flat=True).first()
    grown = AuditChain.objects.get(pk=head.pk).last_sequence
    if last is not None and last > grown:
        return Fault(grown + 1, "系列に属さない行があります")
    return None


def missing_triggers() -> list[str]:
    """The triggers that should keep the tables append-only and do not exist or are switched off."""
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = {name for (name,) in cursor.fetchall()}
    return [name for name in TRIGGERS if name not in found]
