"""Deletion of an agreement is a state: asked for once, told, undone."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.models import Agreement
from tests.conftest import client_of
from tests.factories import AgreementFactory, DepartmentFactory

LIST = reverse("agreements:agreement-list")
DELETED = reverse("agreements:agreement-deleted-list")


def url(name: str, agreement) -> str:
    return reverse(f"agreements:agreement-{name}", args=[agreement.pk])


@pytest.fixture
def agreement(editor, fukuoka):
    return AgreementFactory(municipality=fukuoka, department=editor.department, title="消す協定", whole=True)


def test_agreement_delete_asks_first_and_deletes_nothing_on_get(editor_client, agreement):
    response = editor_client.get(url("delete", agreement))
    assertContains(response, "消す協定")
    assertContains(response, "いつでも元に戻せます")
    assert Agreement.objects.alive().count() == 1


def test_agreement_delete_leads_to_the_list_which_offers_to_undo_it_once(editor_client, agreement):
    response = editor_client.post(url("delete", agreement))
    assertRedirects(response, LIST, fetch_redirect_response=False)
    response = editor_client.get(LIST)
    assertContains(response, "「消す協定」を削除しました。")
    assertContains(response, f'action="{url("restore", agreement)}"')
    assert response.context["rows"] == []
    assertNotContains(editor_client.get(LIST), "を削除しました。")


def test_agreement_restore_brings_everything_back(editor_client, agreement):
    editor_client.post(url("delete", agreement))
    response = editor_client.post(url("restore", agreement), follow=True)
    assertContains(response, "「消す協定」を元に戻しました。")
    assertContains(response, "観光の振興に関すること")
    assert Agreement.objects.alive().get() == agreement


def test_agreement_deleted_list_tells_what_was_deleted_when_and_by_whom(
    editor_client, editor, agreement, today
):
    editor_client.post(url("delete", agreement))
    response = editor_client.get(DELETED)
    assertContains(response, "消す協定")
    assertContains(response, "令和8年10月1日")
    (row,) = response.context["object_list"]
    assert row.deleted_by == editor.name


def test_agreement_deleted_list_holds_only_what_this_person_may_restore(
    editor_client, viewer_client, neighbour_client, manager_client, fukuoka
):
    elsewhere = DepartmentFactory(municipality=fukuoka)
    AgreementFactory(
        municipality=fukuoka, department=elsewhere, title="よその課の協定", deleted_at="2026-09-30T00:00:00Z"
    )
    assertContains(manager_client.get(DELETED), "よその課の協定")
    for client in (editor_client, viewer_client, neighbour_client):
        assertContains(client.get(DELETED), "削除した協定はありません")


@pytest.mark.parametrize("member", ["viewer", "neighbour"])
def test_agreement_delete_and_restore_are_closed_to_those_who_may_not_edit(request, member, agreement):
    client = client_of(request.getfixturevalue(member))
    hidden = 404 if member == "neighbour" else 403
    assert client.get(url("delete", agreement)).status_code == hidden
    assert client.post(url("delete", agreement)).status_code == hidden
    assert Agreement.objects.alive().count() == 1
    Agreement.objects.update(deleted_at="2026-09-30T00:00:00Z")
    assert client.post(url("restore", agreement)).status_code == 404
    assert Agreement.objects.alive().count() == 0


def test_agreement_delete_twice_and_restore_twice_harm_nothing(editor_client, agreement):
    assert editor_client.post(url("delete", agreement)).status_code == 302
    assert editor_client.post(url("delete", agreement)).status_code == 404
    assert editor_client.post(url("restore", agreement)).status_code == 302
    assert editor_client.post(url("restore", agreement)).status_code == 404
    assert Agreement.objects.alive().count() == 1


def test_agreement_restore_does_not_listen_to_get(editor_client, agreement):
    Agreement.objects.update(deleted_at="2026-09-30T00:00:00Z")
    assert editor_client.get(url("restore", agreement)).status_code == 405
    assert Agreement.objects.alive().count() == 0
