"""The optional reason for a change: typed with it, kept in the history, never lost on the way."""

import pytest
from django.urls import reverse

from agreements import change_log
from agreements.models import Agreement
from municipalities.choices import AuditKind
from municipalities.models import AuditEvent
from tests.factories import AgreementFactory
from tests.journeys.clerk import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(editor):
    return AgreementFactory(
        whole=True, draft=True, municipality=editor.municipality, department=editor.department
    )


@pytest.fixture
def edit(editor_client, agreement):
    url = reverse("agreements:agreement-update", args=[agreement.pk])

    def send(**typed):
        (form,) = (form for form in Page(editor_client.get(url)).forms if "title" in form.names)
        assert typed.keys() - {"add_row"} <= form.names
        return editor_client.post(url, {**form.values, **typed})

    return send


def test_change_reason_is_shown_in_the_history(editor_client, agreement, edit):
    assert edit(note="新しい備考", change_reason="監査の指摘のため").status_code == 302
    agreement = Agreement.objects.get(pk=agreement.pk)
    assert agreement.history.first().history_change_reason == "監査の指摘のため"
    assert change_log.story(agreement)[0].reason == "監査の指摘のため"
    assert "理由：監査の指摘のため" in editor_client.get(agreement.get_absolute_url()).content.decode()


def test_change_reason_may_stay_empty(agreement, edit):
    assert edit(note="新しい備考").status_code == 302
    assert not Agreement.objects.get(pk=agreement.pk).history.first().history_change_reason


def test_change_reason_that_is_too_long_loses_nothing(agreement, edit):
    response = edit(note="新しい備考", change_reason="長" * 101)
    assert response.status_code == 200
    page = response.content.decode()
    assert "長" * 101 in page
    assert "新しい備考" in page
    assert 'href="#id_change_reason"' in page


def test_change_reason_survives_an_added_row(agreement, edit):
    response = edit(change_reason="途中の理由", add_row="items")
    assert "途中の理由" in response.content.decode()


# -- What is recorded on the way ------------------------------------------------------------------------
def kinds_of(agreement) -> list[str]:
    events = AuditEvent.objects.filter(object_model="agreements.agreement", object_pk=str(agreement.pk))
    return list(events.order_by("sequence").values_list("kind", flat=True))


def test_agreement_detail_records_the_view_of_the_internal_page(editor_client, neighbour_client, agreement):
    editor_client.get(agreement.get_absolute_url())
    editor_client.get(agreement.get_absolute_url(), headers={"HX-Request": "true"})
    neighbour_client.get(agreement.get_absolute_url())
    assert kinds_of(agreement) == [AuditKind.VIEW_INTERNAL]


def test_agreement_detail_of_others_is_public_and_not_recorded(neighbour_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, published=True)
    assert neighbour_client.get(agreement.get_absolute_url()).status_code == 200
    assert AuditKind.VIEW_INTERNAL not in kinds_of(agreement)


def test_agreement_sheet_records_the_print(editor_client, agreement, print_fonts):
    editor_client.get(reverse("agreements:agreement-sheet", args=[agreement.pk]))
    assert kinds_of(agreement) == [AuditKind.PRINT]
