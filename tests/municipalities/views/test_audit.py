"""操作記録: who reads what, filters, and the CSV that is itself recorded."""

import csv
import io
from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from municipalities import audit
from municipalities.choices import AuditKind
from municipalities.models import AuditEvent
from tests.factories import StaffMemberFactory

pytestmark = pytest.mark.django_db
LIST = "/audit/"


def shown(response) -> list[AuditEvent]:
    return [row.event for row in response.context["rows"]]


def rows_of(response) -> list[dict[str, str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_audit_event_list_is_at_its_url():
    assert reverse("municipalities:audit-event-list") == LIST


def test_audit_event_list_shows_managers_their_own_municipality_only(manager_client, fukuoka, neighbour):
    audit.record(AuditKind.EXPORT, municipality=fukuoka, 書式="csv")
    audit.record(AuditKind.EXPORT, actor=neighbour, 書式="ひみつ")
    audit.record(AuditKind.LOGIN_FAILED)
    response = manager_client.get(LIST)
    assert {event.chain.municipality for event in shown(response)} == {fukuoka}
    assert "ひみつ" not in response.content.decode()


def test_audit_event_list_shows_system_admins_everything(system_admin_client, fukuoka, obuse):
    audit.record(AuditKind.EXPORT, municipality=fukuoka)
    audit.record(AuditKind.EXPORT, municipality=obuse)
    response = system_admin_client.get(LIST)
    assert {fukuoka, obuse, None} <= {event.chain.municipality for event in shown(response)}


def test_audit_event_list_shows_what_changed(manager_client, viewer):
    viewer.role = "manager"
    viewer.save()
    assert "役割：閲覧 → 管理（企画課）" in manager_client.get(LIST).content.decode()


def test_audit_event_list_filters(manager_client, fukuoka):
    someone = StaffMemberFactory(municipality=fukuoka, name="探す 太郎")
    with time_machine.travel(datetime(2026, 3, 31, 14, 59, 59, tzinfo=UTC)):
        last_year = audit.record(AuditKind.PRINT, actor=someone)
    with time_machine.travel(datetime(2026, 3, 31, 15, 0, 0, tzinfo=UTC)):
        this_year = audit.record(AuditKind.DOWNLOAD, actor=someone)

    def found(**query) -> set[int]:
        return {event.sequence for event in shown(manager_client.get(LIST, query))}

    assert found(since="令和8年4月1日", until="R8.4.1") == {this_year.sequence}
    assert found(until="2026/3/31") == {last_year.sequence}
    assert found(kind=["print", "download"]) == {last_year.sequence, this_year.sequence}
    # The person's own arrival is an event about them.
    assert (
        found(person="探す") == {1, last_year.sequence, this_year.sequence} or len(found(person="探す")) == 3
    )


def test_audit_event_list_refuses_a_reversed_period(manager_client):
    response = manager_client.get(LIST, {"since": "2026/4/2", "until": "2026/4/1"})
    assert "終わりの日が始まりの日より前です" in response.content.decode()
    assert not shown(response)


def test_audit_event_list_has_no_municipality_filter_for_managers(manager_client, neighbour):
    chain = AuditEvent.objects.filter(chain__municipality=neighbour.municipality).first().chain
    response = manager_client.get(LIST, {"chain": chain.pk})
    assert all(event.chain != chain for event in shown(response))


def test_audit_event_list_needs_as_many_queries_for_many(manager_client, fukuoka, assert_same_queries):
    assert_same_queries(
        lambda: audit.record(AuditKind.EXPORT, municipality=fukuoka), lambda: manager_client.get(LIST)
    )


def test_audit_export_is_the_list_and_is_recorded(manager_client, manager, fukuoka):
    audit.record(AuditKind.PRINT, municipality=fukuoka, 部数=3)
    audit.record(AuditKind.DOWNLOAD, municipality=fukuoka)
    response = manager_client.get("/audit/export.csv", {"kind": "print"})
    (row,) = rows_of(response)
    assert (row["操作"], row["詳細"]) == ("印刷", '{"部数":3}')
    assert "attachment" in response["Content-Disposition"]
    last = AuditEvent.objects.filter(chain__municipality=fukuoka).order_by("sequence").last()
    assert (last.kind, last.actor) == (AuditKind.EXPORT, manager)
    assert last.details["条件"] == {"操作": ["print"]}


def test_audit_export_refuses_conditions_that_make_no_sense(manager_client):
    assert manager_client.get("/audit/export.csv", {"since": "きのう"}).status_code == 400


def test_audit_event_list_escapes_what_people_typed(manager_client, fukuoka):
    audit.record(AuditKind.EXPORT, municipality=fukuoka, 検索語="<script>alert(1)</script>")
    assert "<script>alert" not in manager_client.get(LIST).content.decode()
