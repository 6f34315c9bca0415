"""保存年限と廃棄 in the browser: candidates, list, print, approval by another manager."""

import pytest
from django.urls import reverse

from agreements.models import Agreement, DisposalItem, DisposalList
from tests.conftest import client_of
from tests.factories import AgreementFactory, DisposalListFactory, StaffMemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def url(name: str, *args) -> str:
    return reverse(f"agreements:{name}", args=args)


@pytest.fixture
def due(fukuoka):
    return AgreementFactory(whole=True, disposable=True, municipality=fukuoka, title="古い協定")


@pytest.fixture
def second_client(fukuoka):
    return client_of(StaffMemberFactory(manager=True, municipality=fukuoka))


def test_disposal_shows_the_candidates_of_the_own_municipality(manager_client, due, fukuoka, obuse):
    AgreementFactory(disposable=True, municipality=obuse)
    AgreementFactory(municipality=fukuoka)
    response = manager_client.get(url("disposal"))
    assert [agreement for agreement, _ in response.context["candidates"]] == [due]


def test_disposal_from_candidate_to_tombstone(manager_client, second_client, due):
    response = manager_client.post(
        url("disposal"), {"agreements": [due.pk], "title": "廃棄目録"}, follow=True
    )
    listed = DisposalList.objects.get()
    page = response.content.decode()
    assert "別の管理者の承認が必要です" in page
    assert url("disposal-approve", listed.pk) not in page
    assert not manager_client.get(url("disposal")).context["candidates"]

    approval = url("disposal-approve", listed.pk)
    assert approval in second_client.get(listed.get_absolute_url()).content.decode()
    assert "元に戻せません" in second_client.get(approval).content.decode()
    refused = second_client.post(approval, {"approved_on": "R8.10.1"})
    assert "confirmed" in refused.context["form"].errors
    second_client.post(approval, {"approved_on": "R8.10.1", "confirmed": "on"})
    assert not Agreement.objects.filter(pk=due.pk).exists()
    page = second_client.get(listed.get_absolute_url()).content.decode()
    assert "古い協定" in page
    assert "令和8年10月1日" in page
    assert second_client.get(due.get_absolute_url()).status_code == 404


def test_disposal_needs_a_choice(manager_client, due):
    response = manager_client.post(url("disposal"), {"title": "廃棄目録"})
    assert "廃棄する協定を選んでください" in response.content.decode()


def test_disposal_refuses_agreements_of_others(manager_client, obuse):
    theirs = AgreementFactory(disposable=True, municipality=obuse)
    response = manager_client.post(url("disposal"), {"agreements": [theirs.pk], "title": "x"})
    assert "廃棄できない協定が含まれています" in response.content.decode()
    assert not DisposalList.objects.exists()


def test_disposal_refuses_what_is_no_number(manager_client, due):
    response = manager_client.post(url("disposal"), {"agreements": ["x' OR 1=1"], "title": "x"})
    assert response.status_code == 200
    assert response.context["form"].errors


def test_disposal_approve_by_its_author_is_refused(manager_client, manager, fukuoka, due):
    listed = DisposalListFactory(municipality=fukuoka, created_by=manager, agreements=[due])
    response = manager_client.post(
        url("disposal-approve", listed.pk), {"approved_on": "R8.10.1", "confirmed": "on"}
    )
    assert "別の管理者" in response.content.decode()
    assert Agreement.objects.filter(pk=due.pk).exists()


def test_disposal_withdraw_and_take_off(manager_client, fukuoka, due):
    listed = DisposalListFactory(municipality=fukuoka, agreements=[due])
    item = DisposalItem.objects.get()
    page = manager_client.post(url("disposal-item-remove", item.pk), follow=True).content.decode()
    assert "最後の1件です" in page
    manager_client.post(url("disposal-withdraw", listed.pk))
    assert [agreement for agreement, _ in manager_client.get(url("disposal")).context["candidates"]] == [due]


def test_disposal_print_lists_the_agreements(manager_client, fukuoka, due, print_fonts, text_of):
    listed = DisposalListFactory(municipality=fukuoka, title="令和8年度廃棄目録", agreements=[due])
    response = manager_client.get(url("disposal-print", listed.pk))
    assert response["Content-Type"] == "application/pdf"
    text = text_of(response.content)
    for word in ("令和8年度廃棄目録", "古い協定", due.ledger_number, "平成27年3月31日", "起案"):
        assert word in text


def test_disposal_needs_as_many_queries_for_many(manager_client, fukuoka, assert_same_queries):
    assert_same_queries(
        lambda: AgreementFactory(disposable=True, municipality=fukuoka),
        lambda: manager_client.get(url("disposal")),
    )
