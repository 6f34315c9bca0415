"""この値に戻す: one field brought back from the history, as safely as an edit."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from agreements import change_log
from agreements.choices import AgreementState
from agreements.models import Agreement
from municipalities.choices import AuditKind
from municipalities.models import AuditEvent
from tests.factories import AgreementFactory, DepartmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(editor):
    """A planned one of the editor's 課, its title changed once."""
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        agreement = AgreementFactory(
            whole=True,
            draft=True,
            municipality=editor.municipality,
            department=editor.department,
            title="正しい名称",
        )
    agreement.title = "誤った名称"
    agreement.save()
    return agreement


def url(row, field) -> str:
    history_id = row.history.first().history_id
    return reverse("agreements:value-restore", args=[history_id, row._meta.model_name, field])


def seen_now(agreement, row) -> dict[str, int]:
    version = Agreement.objects.get(pk=agreement.pk).version
    return {"version": version, "seen": row.history.first().history_id}


def test_history_offers_to_bring_values_back(editor_client, viewer_client, agreement):
    page = editor_client.get(agreement.get_absolute_url()).content.decode()
    assert url(agreement, "title") in page
    assert url(agreement, "title") not in viewer_client.get(agreement.get_absolute_url()).content.decode()


def test_restore_value_shows_before_and_after(editor_client, agreement):
    page = editor_client.get(url(agreement, "title")).content.decode()
    assert "<del>誤った名称</del>" in page
    assert "<ins>正しい名称</ins>" in page
    assert Agreement.objects.get(pk=agreement.pk).title == "誤った名称"


def test_restore_value_brings_it_back_with_version_search_history_and_audit(editor_client, editor, agreement):
    data = {**seen_now(agreement, agreement), "reason": "上書きの誤り"}
    response = editor_client.post(url(agreement, "title"), data)
    assert response.status_code == 302
    stored = Agreement.objects.get(pk=agreement.pk)
    assert (stored.title, stored.version) == ("正しい名称", agreement.version + 1)
    assert Agreement.objects.matching("正しい名称", editor).get() == stored
    newest = change_log.story(stored)[0]
    assert newest.reason == "上書きの誤り"
    assert [(change.old, change.new) for change in newest.parts[0].changes] == [("誤った名称", "正しい名称")]
    event = AuditEvent.objects.get(kind=AuditKind.RESTORATION)
    assert (event.actor, event.object_pk) == (editor, str(agreement.pk))
    assert (event.details["項目"], event.details["理由"]) == ("協定名称", "上書きの誤り")


def test_restore_value_of_a_part(editor_client, editor, agreement):
    item = agreement.cooperation_fields.first()
    old = item.text
    item.text = "書き換えた文"
    item.save()
    editor_client.post(url(item, "text"), {**seen_now(agreement, item), "reason": ""})
    item.refresh_from_db()
    assert item.text == old
    assert Agreement.objects.matching("観光の振興", editor).exists()


def test_restore_value_of_a_list(editor_client, agreement):
    first, second = DepartmentFactory.create_batch(2, municipality=agreement.municipality)
    agreement.related_departments.set([first])
    agreement.related_departments.set([second])
    agreement.related_departments.set([first, second])
    target = url(agreement, "related_departments")
    editor_client.post(target, {**seen_now(agreement, agreement), "reason": ""})
    assert set(agreement.related_departments.all()) == {second}


def test_restore_value_of_a_term_moves_the_expiry(editor_client, agreement):
    agreement.first_expiry = date(2030, 3, 31)
    agreement.save()
    agreement.first_expiry = date(2031, 3, 31)
    agreement.set_expiry(timezone.localdate())
    agreement.save()
    editor_client.post(url(agreement, "first_expiry"), {**seen_now(agreement, agreement), "reason": ""})
    assert Agreement.objects.get(pk=agreement.pk).expires_on == date(2030, 3, 31)


@pytest.mark.parametrize("moved", ["version", "seen"])
def test_restore_value_loses_against_who_saved_first(editor_client, agreement, moved):
    data = {**seen_now(agreement, agreement), "reason": "理由は残る"}
    data[moved] -= 1
    response = editor_client.post(url(agreement, "title"), data)
    assert response.status_code == 409
    page = response.content.decode()
    assert "ほかの人が先に保存しました" in page
    assert "理由は残る" in page
    stored = Agreement.objects.get(pk=agreement.pk)
    assert (stored.title, stored.version) == ("誤った名称", agreement.version)
    again = {name: response.context["form"][name].value() for name in ("version", "seen", "reason")}
    assert editor_client.post(url(agreement, "title"), again).status_code == 302


def test_restore_value_that_does_not_fit_any_more_is_an_error(editor_client, agreement):
    Agreement.objects.filter(pk=agreement.pk).update(ledger_number="A-1")
    agreement.refresh_from_db()
    agreement.save()
    agreement.ledger_number = "A-2"
    agreement.save()
    AgreementFactory(municipality=agreement.municipality, ledger_number="A-1")
    response = editor_client.post(
        url(agreement, "ledger_number"), {**seen_now(agreement, agreement), "reason": ""}
    )
    assert response.status_code == 200
    assert "すでに使われています" in response.content.decode()
    stored = Agreement.objects.get(pk=agreement.pk)
    assert (stored.ledger_number, stored.version) == ("A-2", agreement.version)


def test_restore_value_respects_the_text_lock(editor_client, agreement):
    Agreement.objects.filter(pk=agreement.pk).update(state=AgreementState.ACTIVE)
    response = editor_client.get(url(agreement, "title"))
    assert "締結した協定の文言は変更できません" in response.content.decode()
    data = {**seen_now(agreement, agreement), "reason": "x"}
    assert editor_client.post(url(agreement, "title"), data).status_code == 200
    assert Agreement.objects.get(pk=agreement.pk).title == "誤った名称"


def test_restore_value_of_a_transcript_needs_a_reason(editor_client, agreement):
    Agreement.objects.filter(pk=agreement.pk).update(state=AgreementState.ACTIVE, backfilled=True)
    target, data = url(agreement, "title"), seen_now(agreement, agreement)
    assert "reason" in editor_client.post(target, {**data, "reason": ""}).context["form"].errors
    assert Agreement.objects.get(pk=agreement.pk).title == "誤った名称"
    assert editor_client.post(target, {**data, "reason": "写し間違い"}).status_code == 302


@pytest.mark.parametrize(
    "field", ["state", "publication", "municipality", "version", "deleted_at", "id", "nothing"]
)
def test_restore_value_knows_only_fields_that_stand_by_themselves(editor_client, agreement, field):
    assert editor_client.get(url(agreement, field)).status_code == 404


def test_restore_value_knows_only_changes(editor_client, agreement):
    registration = agreement.history.last().history_id
    for arguments in (
        [registration, "agreement", "title"],
        [0, "agreement", "title"],
        [1, "company", "name"],
    ):
        target = reverse("agreements:value-restore", args=arguments)
        assert editor_client.get(target).status_code == 404


def test_restore_value_of_a_section_out_of_reach_is_for_managers(
    editor_client, manager_client, agreement, editor
):
    agreement.department = DepartmentFactory(municipality=agreement.municipality)
    agreement.save()
    agreement.department = editor.department
    agreement.save()
    target = url(agreement, "department")
    data = {**seen_now(agreement, agreement), "reason": ""}
    assert "管理者" in editor_client.post(target, data).content.decode()
    assert manager_client.post(target, data).status_code == 302


def test_restore_value_of_a_deleted_part_is_not_offered(editor_client, agreement):
    action = agreement.actions.first()
    action.title = "変えた取組"
    action.save()
    target = url(action, "title")
    action.deleted_at = timezone.now()
    action.save()
    assert editor_client.get(target).status_code == 404
    assert target not in editor_client.get(agreement.get_absolute_url()).content.decode()


def test_restore_value_is_closed_to_others(viewer_client, neighbour_client, agreement):
    target = url(agreement, "title")
    assert viewer_client.get(target).status_code == 403
    assert neighbour_client.post(target, {}).status_code == 404
