"""変更の手続き on the pages, as a browser without JavaScript does it."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.actions.amendments import start_amendment
from agreements.choices import AgreementState, AmendmentState
from agreements.models import Agreement, Amendment
from tests.factories import AgreementFactory
from tests.journeys.clerk import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
REASON = "連携の範囲を広げる"


@pytest.fixture
def agreement(fukuoka, editor):
    return AgreementFactory(
        municipality=fukuoka,
        department=editor.department,
        title="見守り協定",
        renewing=True,
        whole=True,
        whole__items=("観光振興に関すること", "環境政策に関すること"),
    )


@pytest.fixture
def draft(agreement, editor):
    return start_amendment(
        agreement=agreement, reason=REASON, by=editor, version=agreement.version, today=date(2026, 10, 1)
    )


def url(name, row) -> str:
    return reverse(f"agreements:{name}", args=[row.pk])


def form_of(response, field) -> dict:
    (form,) = (form for form in Page(response).forms if field in form.names)
    return form.values


def merge(client, draft, **values):
    page = form_of(client.get(url("amendment-merge", draft)), "document_number")
    return client.post(url("amendment-merge", draft), {**page, "document_number": "企第7号", **values})


def test_from_the_agreement_to_the_merged_text_and_back(editor_client, manager_client, agreement):
    assertContains(editor_client.get(agreement.get_absolute_url()), url("amendment-create", agreement))
    start = form_of(editor_client.get(url("amendment-create", agreement)), "comment")
    response = editor_client.post(url("amendment-create", agreement), {**start, "comment": REASON})
    draft = Amendment.objects.get()
    assertRedirects(response, url("amendment-update", draft))

    values = form_of(editor_client.get(url("amendment-update", draft)), "title")
    assert values["items-0-text"] == ["観光振興に関すること"]
    values.update({"items-0-text": ["産業振興に関すること"], "first_expiry": ["R10.3.31"]})
    response = editor_client.post(url("amendment-update", draft), values)
    assertRedirects(response, url("amendment-detail", draft))
    page = editor_client.get(url("amendment-detail", draft))
    assertContains(page, '<del><span class="visually-hidden">削除：</span>観光</del>', html=True)
    assertContains(page, '<ins><span class="visually-hidden">追加：</span>産業</ins>', html=True)
    assertContains(page, "2か所が変わります")
    assertNotContains(page, url("amendment-merge", draft))  # the manager decides
    assert agreement.cooperation_fields.first().text == "観光振興に関すること"

    assertContains(manager_client.get(url("amendment-detail", draft)), url("amendment-merge", draft))
    assertRedirects(merge(manager_client, draft), url("amendment-detail", draft))
    agreement.refresh_from_db()
    assert agreement.cooperation_fields.first().text == "産業振興に関すること"
    assert agreement.first_expiry == date(2028, 3, 31)
    page = editor_client.get(agreement.get_absolute_url())
    assertContains(page, "反映済み")
    assertContains(page, "第1回変更の反映（企第7号")

    back = f"{url('amendment-create', agreement)}?reverts={draft.pk}"
    assertContains(editor_client.get(url("amendment-detail", draft)), back)
    start = form_of(editor_client.get(back), "comment")
    assert start["comment"] == ["第1回変更を元に戻す。"]
    editor_client.post(url("amendment-create", agreement), start)
    assert Amendment.objects.get(number=2).text.items[0].text == "観光振興に関すること"


def test_a_wrong_draft_says_so_and_loses_nothing(editor_client, draft):
    values = form_of(editor_client.get(url("amendment-update", draft)), "title")
    values.update(
        {"auto_renew": [], "purpose": ["打ちかけの目的"], "notice_days": ["5"], "first_expiry": ["令和99年"]}
    )
    response = editor_client.post(url("amendment-update", draft), values)
    assertContains(response, "打ちかけの目的")
    assertContains(response, "令和99年")
    assert set(response.context["form"].errors) == {"renewal_months", "notice_days", "first_expiry"}
    values.update({f"items-{place}-text": [""] for place in range(2)})
    assert "連携事項" in editor_client.post(url("amendment-update", draft), values).content.decode()
    assert Amendment.objects.get().text == draft.text


def test_one_more_row_without_javascript(editor_client, draft):
    values = form_of(editor_client.get(url("amendment-update", draft)), "title")
    values["items-0-text"] = ["打ちかけ"]
    response = editor_client.post(url("amendment-update", draft), {**values, "add_row": "items"})
    again = form_of(response, "title")
    assert again["items-0-text"] == ["打ちかけ"]
    assert again["items-2-text"] == [""]
    again["items-2-text"] = ["防災に関すること"]
    editor_client.post(url("amendment-update", draft), again)
    assert [item.text for item in Amendment.objects.get().text.items][-1] == "防災に関すること"


def test_who_saves_the_draft_second_is_told_and_keeps_what_was_typed(editor_client, manager_client, draft):
    first = form_of(editor_client.get(url("amendment-update", draft)), "title")
    manager_client.post(url("amendment-update", draft), {**first, "purpose": "先に保存した目的"})
    response = editor_client.post(url("amendment-update", draft), {**first, "purpose": "後からの目的"})
    assertContains(response, "まだ保存していません", status_code=409)
    assertContains(response, "後からの目的", status_code=409)
    assert Amendment.objects.get().purpose == "先に保存した目的"
    editor_client.post(url("amendment-update", draft), form_of(response, "title"))
    assert Amendment.objects.get().purpose == "後からの目的"


def test_merging_refuses_what_nobody_saw(manager_client, draft):
    values = form_of(manager_client.get(url("amendment-update", draft)), "title")
    manager_client.post(url("amendment-update", draft), {**values, "title": "先の案"})
    page = form_of(manager_client.get(url("amendment-merge", draft)), "document_number")
    values = form_of(manager_client.get(url("amendment-update", draft)), "title")
    manager_client.post(url("amendment-update", draft), {**values, "title": "差し替えた案"})
    response = manager_client.post(url("amendment-merge", draft), {**page, "document_number": "企第7号"})
    assertContains(response, "まだ実行していません", status_code=409)
    assertContains(response, "企第7号", status_code=409)
    assert Agreement.objects.get().title == "見守り協定"
    again = form_of(response, "document_number")  # with the differences of now
    manager_client.post(url("amendment-merge", draft), again)
    assert Agreement.objects.get().title == "差し替えた案"


def test_merging_says_what_is_missing_at_the_field(manager_client, draft):
    assertContains(merge(manager_client, draft), "何も変わっていません", status_code=409)
    response = merge(manager_client, draft, document_number="", on="令和99年99月")
    assert set(response.context["form"].errors) == {"document_number", "on"}


@pytest.mark.parametrize(
    ("name", "state"),
    [("amendment-reject", AmendmentState.REJECTED), ("amendment-withdraw", AmendmentState.WITHDRAWN)],
)
def test_a_draft_given_up_stays_readable_and_closed(manager_client, draft, name, state):
    page = form_of(manager_client.get(url(name, draft)), "comment")
    assertContains(manager_client.post(url(name, draft), {**page, "comment": ""}), "入力")
    manager_client.post(url(name, draft), {**page, "comment": "合意できない"})
    assert Amendment.objects.get().state == state
    assertContains(manager_client.get(url("amendment-detail", draft)), "合意できない")
    assert manager_client.get(url("amendment-update", draft)).status_code == 302
    assertContains(merge_closed(manager_client, draft), "すでに終わっています", status_code=409)


def merge_closed(client, draft):
    return client.post(url("amendment-merge", draft), {"document_number": "企第7号"})


def test_a_running_text_corrected_meanwhile_is_pointed_out(manager_client, draft, agreement):
    assertNotContains(manager_client.get(url("amendment-detail", draft)), "今の文言が直されています")
    Agreement.objects.filter(pk=agreement.pk).update(purpose="直した目的")
    assertContains(manager_client.get(url("amendment-detail", draft)), "今の文言が直されています")


def test_only_running_agreements_offer_an_amendment(editor_client, viewer_client, agreement):
    assertNotContains(viewer_client.get(agreement.get_absolute_url()), url("amendment-create", agreement))
    Agreement.objects.update(state=AgreementState.NEGOTIATING)
    page = editor_client.get(agreement.get_absolute_url())
    assertNotContains(page, url("amendment-create", agreement))
    assertContains(editor_client.get(url("amendment-create", agreement)), "変更の手続きはできません")


def test_drafts_are_hidden_from_other_municipalities(neighbour_client, agreement, draft):
    Agreement.objects.update(publication="published")
    assertNotContains(neighbour_client.get(agreement.get_absolute_url()), REASON)
    for name in ("amendment-detail", "amendment-update", "amendment-merge"):
        assert neighbour_client.get(url(name, draft)).status_code == 404
