"""`audit.record`: what an event holds, whose chain it joins, and that nothing changes it afterwards."""

import json
import threading
from itertools import pairwise

import pytest
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.test import RequestFactory

from municipalities import audit
from municipalities.choices import AuditKind
from municipalities.models import AuditChain, AuditEvent
from municipalities.models.audit_chain import NO_HASH
from municipalities.models.audit_event import AppendOnlyError
from tests.factories import AgreementFactory, CompanyFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db


def test_record_tells_who_did_what_to_which_from_where(editor):
    agreement = AgreementFactory(municipality=editor.municipality, title="観光の協定")
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.user = editor
    event = audit.record(AuditKind.PRINT, request=request, target=agreement, 書式="協定シート", 部数=2)
    event = AuditEvent.objects.get(pk=event.pk)
    assert (event.actor, event.actor_name, event.ip) == (editor, editor.name, "192.0.2.7")
    assert (event.object_model, event.object_pk) == ("agreements.agreement", str(agreement.pk))
    assert event.object_label == "観光の協定"
    assert event.details == {"書式": "協定シート", "部数": 2}
    assert event.chain.municipality == editor.municipality
    assert event.hash == event.computed_hash()


def test_record_chains_each_municipality_apart(fukuoka, obuse, system_admin):
    start = AuditChain.objects.locked(fukuoka.pk).last_sequence
    first = audit.record(AuditKind.EXPORT, municipality=fukuoka)
    other = audit.record(AuditKind.EXPORT, municipality=obuse)
    second = audit.record(AuditKind.EXPORT, municipality=fukuoka)
    system = audit.record(AuditKind.EXPORT, actor=system_admin)
    assert (first.sequence, second.sequence) == (start + 1, start + 2)
    assert second.previous_hash == first.hash
    assert other.chain.municipality == obuse
    assert system.chain.municipality is None
    chain = AuditChain.objects.get(municipality=fukuoka)
    assert (chain.last_sequence, chain.last_hash) == (second.sequence, second.hash)


def test_record_begins_a_chain_with_number_one(obuse):
    event = audit.record(AuditKind.EXPORT, municipality=obuse)
    assert (event.sequence, event.previous_hash) == (1, NO_HASH)


def test_record_of_a_system_admin_at_a_municipality_stands_in_its_chain(fukuoka, system_admin):
    event = audit.record(
        AuditKind.VIEW_INTERNAL, actor=system_admin, target=AgreementFactory(municipality=fukuoka)
    )
    assert event.chain.municipality == fukuoka


def test_record_of_shared_data_stands_in_the_chain_of_who_acts(editor):
    event = audit.record(AuditKind.EXPORT, actor=editor, target=CompanyFactory())
    assert event.chain.municipality == editor.municipality


@pytest.mark.parametrize("address", ["", "unix:", "not an address", None])
def test_record_survives_requests_without_an_address(obuse, address):
    request = RequestFactory().get("/")
    request.META["REMOTE_ADDR"] = address or ""
    assert audit.record(AuditKind.EXPORT, request=request, municipality=obuse).ip == ""


@pytest.mark.parametrize(
    "text", ["a\x00b", "半分\ud83d", "𠮷野家 <script>", "'; DROP TABLE x; --", "x" * 5000]
)
def test_record_keeps_any_text_so_that_the_hash_stays_right(obuse, text):
    event = audit.record(AuditKind.EXPORT, municipality=obuse, 検索語=text)
    stored = AuditEvent.objects.get(pk=event.pk)
    assert stored.computed_hash() == stored.hash
    assert "検索語" in json.loads(stored.details_text)


def test_record_vanishes_with_the_transaction_it_belongs_to(obuse):
    audit.record(AuditKind.EXPORT, municipality=obuse)
    with transaction.atomic():
        audit.record(AuditKind.EXPORT, municipality=obuse)
        transaction.set_rollback(True)
    assert AuditEvent.objects.filter(chain__municipality=obuse).count() == 1
    assert audit.record(AuditKind.EXPORT, municipality=obuse).sequence == 2


# -- Append-only --------------------------------------------------------------------------------------
def test_audit_event_refuses_change_and_deletion_in_python(obuse):
    event = audit.record(AuditKind.EXPORT, municipality=obuse)
    events = AuditEvent.objects.filter(pk=event.pk)
    for attempt in (
        event.save,
        event.delete,
        events.delete,
        lambda: events.update(actor_name="だれか"),
        lambda: AuditEvent.objects.bulk_create([AuditEvent(chain=event.chain, sequence=9)]),
        lambda: AuditEvent.objects.bulk_update([event], ["actor_name"]),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()
    assert events.get().computed_hash() == event.hash


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE municipalities_auditevent SET actor_name = 'x'",
        "UPDATE municipalities_auditevent SET hash = hash",
        "DELETE FROM municipalities_auditevent",
        "DELETE FROM municipalities_auditchain",
        "UPDATE municipalities_auditchain SET last_sequence = last_sequence - 1",
        "UPDATE municipalities_auditchain SET last_sequence = last_sequence + 2",
        "UPDATE municipalities_auditchain SET removed_through = 99",
        "UPDATE municipalities_auditchain SET municipality_id = NULL",
    ],
)
def test_audit_refuses_change_and_deletion_in_the_database(obuse, statement):
    event = audit.record(AuditKind.EXPORT, municipality=obuse)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get(pk=event.pk).computed_hash() == event.hash


def test_audit_young_events_stay_even_when_the_anchor_has_moved(obuse):
    event = audit.record(AuditKind.EXPORT, municipality=obuse)
    chain = event.chain
    chain.removed_through, chain.removed_hash = event.sequence, event.hash
    chain.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.remove_through(chain)
    assert AuditEvent.objects.filter(pk=event.pk).exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_audit_refuses_truncate(obuse):
    audit.record(AuditKind.EXPORT, municipality=obuse)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE municipalities_auditevent")


# -- Many at once -------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_record_leaves_no_gap_when_many_write_at_once(obuse):
    """Also the very first events: every thread may be the one that makes the chain."""
    member = StaffMemberFactory.build(municipality=obuse)
    errors = []

    def write() -> None:
        try:
            for _ in range(10):
                audit.record(AuditKind.EXPORT, municipality=member.municipality)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    events = list(AuditEvent.objects.filter(chain__municipality=obuse).order_by("sequence"))
    assert [event.sequence for event in events] == list(range(1, 61))
    assert all(after.previous_hash == before.hash for before, after in pairwise(events))
    chain = AuditChain.objects.get(municipality=obuse)
    assert (chain.last_sequence, chain.last_hash) == (60, events[-1].hash)
