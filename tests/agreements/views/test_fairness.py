"""「公平性の記録」: policy-stage talks and later procurements of the same company, linked or pointed out."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements.actions.fairness import link_talk
from agreements.choices import ContractMethod, Fairness
from agreements.exports.fairness import LINKED, NO_PROCUREMENT, NO_TALK, UNLINKED
from agreements.models import FairnessLink
from municipalities.models import AuditEvent
from tests.factories import ActionItemFactory, AgreementFactory, CompanyFactory, MeetingFactory, PartyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return CompanyFactory(name="見本商店")


@pytest.fixture
def agreement(fukuoka, company):
    return with_company(fukuoka, company)


def with_company(body, company):
    agreement = AgreementFactory(municipality=body)
    PartyFactory(agreement=agreement, company=company)
    return agreement


def talk_of(agreement, held_on=date(2026, 4, 10), **values):
    return MeetingFactory(agreement=agreement, held_on=held_on, is_policy_talk=True, **values)


def procurement_of(agreement, starts_on=date(2026, 9, 1), **values):
    return ActionItemFactory(
        agreement=agreement,
        starts_on=starts_on,
        contract_method=ContractMethod.NEGOTIATED,
        contract_reason="地方自治法施行令第167条の2第1項第2号",
        fairness=Fairness.NEGOTIATED,
        fairness_note="仕様を公表した。",
        **values,
    )


@pytest.fixture
def record(viewer_client):
    return lambda: viewer_client.get(reverse("agreements:fairness"))


def test_unlinked_pairs_of_the_same_company_are_pointed_out(fukuoka, company, agreement, record):
    talk = talk_of(agreement)
    # A second agreement with the same company: the pair counts across agreements.
    action = procurement_of(with_company(fukuoka, company))
    MeetingFactory(agreement=agreement)  # an ordinary meeting
    ActionItemFactory(agreement=agreement)  # no procurement
    answer = record()
    (found,) = answer.context["records"]
    assert found.company == company
    assert found.talks == [talk]
    assert [(each.action, each.unlinked) for each in found.procurements] == [(action, [talk])]
    assert answer.context["unlinked"] == 1
    assert "未確認 1組" in answer.text
    assert "地方自治法施行令第167条の2第1項第2号" in answer.text
    assert "仕様を公表した。" in answer.text


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda body: talk_of(with_company(body, CompanyFactory())), id="another company"),
        pytest.param(lambda body: None, id="no talk"),
    ],
)
def test_what_stands_alone_is_no_pair(fukuoka, agreement, record, other):
    procurement_of(agreement)
    other(fukuoka)
    assert record().context["unlinked"] == 0


def test_a_talk_after_the_contract_is_no_pair(agreement, record):
    procurement_of(agreement, starts_on=date(2026, 4, 9))
    talk_of(agreement, held_on=date(2026, 4, 10))
    assert record().context["unlinked"] == 0


def test_other_municipalities_are_not_shown(obuse, company, record):
    foreign = with_company(obuse, company)
    talk_of(foreign)
    procurement_of(foreign)
    assert record().context["records"] == []


def test_an_editor_links_takes_back_and_brings_back(agreement, manager_client, manager, record):
    talk, action = talk_of(agreement), procurement_of(agreement)
    url = reverse("agreements:fairness-link-create", args=[action.pk])
    page = manager_client.get(url, {"meeting": talk.pk})
    assert f'value="{talk.pk}" selected' in page.text
    answer = manager_client.post(url, {"meeting": talk.pk, "note": "仕様書案を公表した。"}, follow=True)
    link = FairnessLink.objects.get()
    assert (link.by, link.note) == (manager, "仕様書案を公表した。")
    assert "結び付け済み" in answer.text
    assert "仕様書案を公表した。" in answer.text
    assert record().context["unlinked"] == 0
    undone = manager_client.post(reverse("agreements:fairness-link-withdraw", args=[link.pk]), follow=True)
    assert "との結び付けを取り消しました" in undone.text
    assert record().context["unlinked"] == 1
    manager_client.post(reverse("agreements:fairness-link-restore", args=[link.pk]))
    assert record().context["unlinked"] == 0


def test_linking_the_same_pair_again_keeps_one_link(agreement, manager):
    talk, action = talk_of(agreement), procurement_of(agreement)
    for note in ("一", "二"):
        link_talk(action=action, meeting=talk, note=note, by=manager)
    assert FairnessLink.objects.get().note == "二"


def test_a_talk_with_somebody_else_is_refused(fukuoka, agreement, manager, manager_client):
    stranger = talk_of(with_company(fukuoka, CompanyFactory()))
    action = procurement_of(agreement)
    with pytest.raises(ValidationError):
        link_talk(action=action, meeting=stranger, note="", by=manager)
    url = reverse("agreements:fairness-link-create", args=[action.pk])
    answer = manager_client.post(url, {"meeting": stranger.pk, "note": "経緯"})
    assert "同じ相手方との、契約より前の政策形成段階の話し合いを選んでください。" in answer.text
    assert "経緯" in answer.text


def test_the_page_of_the_action_shows_its_talks(agreement, viewer_client):
    talk, action = talk_of(agreement), procurement_of(agreement)
    text = viewer_client.get(action.get_absolute_url()).text
    assert str(talk) in text
    assert "未確認" in text
    assert reverse("agreements:fairness-link-create", args=[action.pk]) not in text  # a viewer only reads


def test_the_export_tells_every_pair_and_is_recorded(fukuoka, company, agreement, manager, viewer_client):
    talk = talk_of(agreement, summary="=1+1")
    link_talk(action=procurement_of(agreement), meeting=talk, note="公表した。", by=manager)
    procurement_of(agreement, starts_on=date(2026, 10, 1))
    procurement_of(agreement, starts_on=date(2026, 1, 1))
    talk_of(agreement, held_on=date(2026, 11, 1))
    answer = viewer_client.get(reverse("agreements:fairness-export"))
    text = answer.content.decode("utf-8-sig")
    for told in (LINKED, UNLINKED, NO_TALK, NO_PROCUREMENT, "公表した。", "見本商店"):
        assert told in text
    assert len(text.splitlines()) == 5
    assert ",=1+1" not in text  # never a formula
    assert AuditEvent.objects.filter(kind="export").exists()


def test_a_meeting_is_marked_in_its_form(agreement, manager_client):
    url = reverse("agreements:meeting-create", args=[agreement.pk])
    data = {
        "held_on": "2026-04-10",
        "form": "in_person",
        "summary": "構想について",
        "is_policy_talk": "on",
        "tasks-TOTAL_FORMS": "0",
        "tasks-INITIAL_FORMS": "0",
    }
    answer = manager_client.post(url, data, follow=True)
    assert agreement.meetings.get().is_policy_talk
    assert "政策形成段階" in answer.text


def test_the_page_needs_the_same_queries(fukuoka, record, assert_same_queries):
    def add() -> None:
        agreement = with_company(fukuoka, CompanyFactory())
        talk = talk_of(agreement)
        FairnessLink.objects.create(action=procurement_of(agreement), meeting=talk)

    assert_same_queries(add, record)
