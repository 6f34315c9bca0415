"""`verify_audit` names the first broken row and what is wrong; what retention leaves still verifies."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from municipalities import audit
from municipalities.audit import verification
from municipalities.audit.retention import prune
from municipalities.audit.verification import Fault, first_fault, missing_triggers
from municipalities.choices import AuditKind
from municipalities.models import AuditChain, AuditEvent
from tests.audit_triggers import without_audit_triggers
from tests.factories import StaffMemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(obuse) -> AuditChain:
    """小布施町's chain: number 1 is the person's arrival, 2 to 6 what they did."""
    member = StaffMemberFactory(municipality=obuse)
    for number in range(5):
        audit.record(AuditKind.EXPORT, actor=member, target=member, 件数=number)
    return AuditChain.objects.get(municipality=obuse)


def tamper(statement: str) -> None:
    with without_audit_triggers(), connection.cursor() as cursor:
        cursor.execute(statement)


def overwrite(chain: AuditChain, sequence: int, assignment: str) -> None:
    """Change columns of an event directly in the database."""
    where = f"chain_id = {chain.pk} AND sequence = {sequence}"
    tamper(f"UPDATE municipalities_auditevent SET {assignment} WHERE {where}")


def rewrite(chain: AuditChain, sequence: int, **values) -> AuditEvent:
    """Change an event as somebody would who can also compute hashes."""
    event = AuditEvent.objects.get(chain=chain, sequence=sequence)
    for name, value in values.items():
        setattr(event, name, value)
    event.hash = event.computed_hash()
    columns = {**values, "hash": event.hash}
    settings = ", ".join(f"{name} = %s" for name in columns)
    with without_audit_triggers(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE municipalities_auditevent SET {settings} WHERE chain_id = %s AND sequence = %s",
            [*columns.values(), chain.pk, sequence],
        )
    return event


def verify(*args: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("verify_audit", *args, stdout=out)
    except CommandError as error:
        return out.getvalue(), error.returncode
    return out.getvalue(), 0


def test_verify_audit_of_a_whole_chain(chain):
    text, code = verify("--municipality", chain.code)
    assert code == 0
    assert f"正常: {chain.municipality}（{chain.code}）6件" in text
    assert chain.last_hash in text


def test_verify_audit_of_everything(chain, fukuoka):
    audit.record(AuditKind.EXPORT, municipality=fukuoka)
    audit.record(AuditKind.LOGIN_FAILED)
    text, code = verify()
    assert code == 0
    assert text.count("正常") == 3


def test_verify_audit_of_an_unknown_code():
    with pytest.raises(CommandError, match="999999"):
        call_command("verify_audit", "--municipality", "999999")


COLUMNS = [
    "at",
    "actor_id",
    "actor_name",
    "ip",
    "kind",
    "object_model",
    "object_pk",
    "object_label",
    "details_text",
    "previous_hash",
    "hash",
]
CHANGES = {
    "sqlite": {"actor_id": "NULL", None: "substr({0}, 1, 3) || 'x' || substr({0}, 5)"},
    "postgresql": {
        "actor_id": "NULL",
        "at": "at + interval '1 microsecond'",
        None: "substr({0}, 1, 3) || 'x' || substr({0}, 5)",
    },
}


@pytest.mark.parametrize("column", COLUMNS)
def test_verify_audit_names_the_row_of_which_one_byte_was_changed(chain, column):
    changes = CHANGES[connection.vendor]
    value = changes.get(column, changes[None]).format(column)
    overwrite(chain, 4, f"{column} = {value}")
    text, code = verify("--municipality", chain.code)
    assert code == 1
    assert f"異常: {chain.municipality}（{chain.code}）の 4番：内容が書き換えられています" in text


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses what is no date")
@pytest.mark.parametrize("at", ["2026-13-45 00:00:00", "gestern", ""])
def test_verify_audit_names_a_row_that_cannot_be_read(chain, at):
    overwrite(chain, 3, f"at = '{at}'")
    assert first_fault(chain) == Fault(3, "内容が書き換えられています")


def test_verify_audit_names_the_row_after_one_that_was_rewritten_with_a_right_hash(chain):
    rewrite(chain, 3, actor_name="別人")
    fault = first_fault(chain)
    assert fault.sequence == 4
    assert "つながっていません" in fault.problem


def test_verify_audit_names_the_last_row_when_it_was_rewritten_with_a_right_hash(chain):
    rewrite(chain, 6, actor_name="別人")
    fault = first_fault(chain)
    assert fault.sequence == 6
    assert "末尾" in fault.problem


@pytest.mark.parametrize("sequence", [1, 2, 5])
def test_verify_audit_names_a_missing_row(chain, sequence):
    tamper(f"DELETE FROM municipalities_auditevent WHERE chain_id = {chain.pk} AND sequence = {sequence}")
    assert first_fault(chain) == Fault(sequence, "行がありません")


@pytest.mark.parametrize("first", [1, 5, 6])
def test_verify_audit_notices_a_tail_cut_off(chain, first):
    tamper(f"DELETE FROM municipalities_auditevent WHERE chain_id = {chain.pk} AND sequence >= {first}")
    fault = first_fault(chain)
    assert fault.sequence == first
    assert "切り取られ" in fault.problem


@pytest.mark.parametrize("sequence", [0, 7])
def test_verify_audit_notices_a_row_put_in(chain, sequence):
    overwrite(chain, 6, f"sequence = {sequence}")
    tamper(f"UPDATE municipalities_auditchain SET last_sequence = 5 WHERE id = {chain.pk}")
    head = AuditEvent.objects.get(chain=chain, sequence=5).hash
    tamper(f"UPDATE municipalities_auditchain SET last_hash = '{head}' WHERE id = {chain.pk}")
    if sequence == 7:
        assert first_fault(chain) == Fault(6, "系列に属さない行があります")
    else:
        assert first_fault(chain) == Fault(0, "系列に属さない行があります")


def test_verify_audit_walks_long_chains_in_portions(chain, monkeypatch):
    monkeypatch.setattr(verification, "_PORTION", 2)
    assert first_fault(chain) is None
    overwrite(chain, 6, "ip = 'x'")
    assert first_fault(chain).sequence == 6


def test_verify_audit_notices_missing_triggers(chain):
    assert missing_triggers() == []
    with without_audit_triggers():
        text, code = verify()
        assert code == 1
        assert "トリガー audit_event_no_update がありません" in text


# -- Retention ----------------------------------------------------------------------------------------
@pytest.fixture
def old_chain(obuse) -> AuditChain:
    """Three events four years old, then two of now."""
    with time_machine.travel(datetime.now(tz=UTC) - timedelta(days=1460)):
        for number in range(3):
            audit.record(AuditKind.EXPORT, municipality=obuse, 件数=number)
    for number in range(2):
        audit.record(AuditKind.PRINT, municipality=obuse, 部数=number)
    return AuditChain.objects.get(municipality=obuse)


def test_prune_audit_removes_what_is_past_the_retention_and_the_rest_verifies(old_chain):
    out = StringIO()
    call_command("prune_audit", stdout=out)
    assert "3件を削除しました" in out.getvalue()
    events = AuditEvent.objects.filter(chain=old_chain).order_by("sequence")
    assert [event.sequence for event in events] == [4, 5, 6]
    told = events.last()
    assert (told.kind, told.details["最後の番号"], told.details["件数"]) == (AuditKind.RETENTION, 3, 3)
    assert first_fault(old_chain) is None
    overwrite(old_chain, 4, "previous_hash = hash")
    assert first_fault(old_chain).sequence == 4


def test_prune_audit_twice_does_nothing_more(old_chain):
    call_command("prune_audit", stdout=StringIO())
    call_command("prune_audit", stdout=StringIO())
    assert AuditEvent.objects.filter(chain=old_chain).count() == 3


def test_prune_audit_can_empty_a_chain(obuse):
    with time_machine.travel(datetime.now(tz=UTC) - timedelta(days=1460)):
        audit.record(AuditKind.EXPORT, municipality=obuse)
    chain = AuditChain.objects.get(municipality=obuse)
    assert prune(chain, before=datetime.now(tz=UTC)) == 1
    assert first_fault(chain) is None
    assert AuditEvent.objects.get(chain=chain).sequence == 2


def test_prune_audit_does_not_touch_a_broken_chain(old_chain):
    overwrite(old_chain, 2, "ip = 'x'")
    with pytest.raises(CommandError, match="2番"):
        call_command("prune_audit", stdout=StringIO())
    assert AuditEvent.objects.filter(chain=old_chain).count() == 5


# -- Export -------------------------------------------------------------------------------------------
def test_export_audit_as_csv_is_neutralised_and_recorded(obuse, tmp_path):
    audit.record(
        AuditKind.EXPORT,
        municipality=obuse,
        actor=StaffMemberFactory(name='=HYPERLINK("x")', municipality=obuse),
    )
    target = tmp_path / "audit.csv"
    call_command("export_audit", str(target), "--municipality", obuse.code)
    content = target.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["番号"] for row in rows] == ["1", "2"]
    assert rows[1]["操作した人"] == '\'=HYPERLINK("x")'
    last = AuditEvent.objects.filter(chain__municipality=obuse).order_by("sequence").last()
    assert (last.kind, last.details["内容"]) == (AuditKind.EXPORT, "操作記録")


def test_export_audit_as_json_lines_can_be_verified_elsewhere(chain, tmp_path):
    out = StringIO()
    call_command("export_audit", "--municipality", chain.code, "--format", "jsonl", stdout=out)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row["sequence"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[-1]["hash"] == chain.last_hash
