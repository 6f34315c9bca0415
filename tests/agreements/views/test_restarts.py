"""仕切り直し and 異動引継ぎ: begun by one click, tracked to its end, printed."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from agreements.choices import AgreementState, RestartOutcome
from agreements.models import Restart
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyContactFactory,
    ExpectationAnswerFactory,
    ExpectationRoundFactory,
    ExpectationRowFactory,
    MeetingFactory,
    RestartFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(fukuoka, editor, today):
    return AgreementFactory(
        municipality=fukuoka,
        department=editor.department,
        title="見守り協定",
        signed_on=date(2020, 4, 1),
        whole=True,
    )


def begin(client, agreement) -> Restart:
    client.post(reverse("agreements:restart-begin", args=[agreement.pk]))
    return Restart.objects.running().get()


def posted(client, restart, **changes) -> dict:
    form = client.get(restart.get_absolute_url()).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | changes


def test_one_click_begins_it_with_an_agenda_of_what_was_found(editor_client, agreement, editor):
    restart = begin(editor_client, agreement)
    assert (restart.begun_by, restart.begun_on, restart.grade_before) == (editor, date(2026, 10, 1), "C")
    assert "1年以上会議がありません。" in restart.agenda
    assert "これまでの経過の確認" in restart.agenda
    assert begin(editor_client, agreement) == restart  # a second click begins no second one


def test_it_waits_on_the_page_of_today_until_its_outcome_is_known(editor_client, agreement):
    restart = begin(editor_client, agreement)
    url = reverse("agreements:today")
    assert editor_client.get(url).context["restarts"] == [restart]
    data = posted(editor_client, restart, outcome="ended", closed_on="R8.10.1")
    editor_client.post(restart.get_absolute_url(), data)
    assert not editor_client.get(url).context["restarts"]


def test_its_outcome_closes_it(editor_client, agreement):
    restart = begin(editor_client, agreement)
    data = posted(
        editor_client, restart, meet_on="R8.10.20", decisions="毎月会う", outcome="alive", closed_on="R8.10.1"
    )
    editor_client.post(restart.get_absolute_url(), data)
    restart.refresh_from_db()
    assert (restart.meet_on, restart.outcome) == (date(2026, 10, 20), RestartOutcome.ALIVE)
    assert not Restart.objects.running().exists()
    page = editor_client.get(agreement.get_absolute_url()).content.decode()
    assert "これまでの仕切り直し 1件" in page
    assert "仕切り直しを始める" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": "alive"}, "closed_on"),
        ({"closed_on": "R8.10.1"}, "outcome"),
        ({"outcome": "alive", "closed_on": "R8.9.30"}, "closed_on"),
        ({"outcome": "alive", "closed_on": "R8.10.2"}, "closed_on"),
        ({"outcome": "unknown", "closed_on": "R8.10.1"}, "outcome"),
        ({"meet_on": "令和8年13月1日"}, "meet_on"),
        ({"agenda": "あ" * 4001}, "agenda"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(editor_client, agreement, changes, field):
    restart = begin(editor_client, agreement)
    response = editor_client.post(
        restart.get_absolute_url(), posted(editor_client, restart, decisions="毎月会う", **changes)
    )
    assert field in response.context["form"].errors
    assert response.context["form"]["decisions"].value() == "毎月会う"


def test_the_second_of_two_writers_sees_both_versions(editor_client, agreement):
    restart = begin(editor_client, agreement)
    mine = posted(editor_client, restart, decisions="わたしの案")
    with time_machine.travel(datetime(2026, 10, 1, 2, 0, tzinfo=UTC)):  # an hour later
        editor_client.post(restart.get_absolute_url(), posted(editor_client, restart, decisions="先の案"))
    response = editor_client.post(restart.get_absolute_url(), mine)
    assert response.status_code == 409
    page = response.content.decode()
    assert "わたしの案" in page
    assert "先の案" in page


def test_it_can_be_withdrawn_and_taken_up_again(editor_client, agreement):
    restart = begin(editor_client, agreement)
    editor_client.post(reverse("agreements:restart-withdraw", args=[restart.pk]))
    assert not Restart.objects.running().exists()
    editor_client.post(reverse("agreements:restart-resume", args=[restart.pk]))
    assert Restart.objects.running().get() == restart
    editor_client.post(reverse("agreements:restart-withdraw", args=[restart.pk]))
    other = begin(editor_client, agreement)
    editor_client.post(reverse("agreements:restart-resume", args=[restart.pk]))
    assert Restart.objects.running().get() == other


def test_only_an_agreement_in_force_is_restarted(editor_client, agreement):
    agreement.state = AgreementState.PROPOSED
    agreement.save()
    editor_client.post(reverse("agreements:restart-begin", args=[agreement.pk]))
    assert not Restart.objects.exists()


def test_the_pack_holds_history_hopes_stalled_actions_and_the_agenda(
    editor_client, agreement, print_fonts, text_of
):
    MeetingFactory(agreement=agreement, held_on=date(2021, 5, 1), decisions="毎年続ける")
    ActionItemFactory(agreement=agreement, title="配布の取組", due_on=date(2025, 3, 31))
    talk = ExpectationRoundFactory(agreement=agreement, opened=True)
    item = agreement.cooperation_fields.first()
    row = ExpectationRowFactory(round=talk, item=item, item_number=1, item_text=item.text)
    ExpectationAnswerFactory(row=row, expects="見守る目を増やしたい")
    restart = begin(editor_client, agreement)
    response = editor_client.get(reverse("agreements:restart-pack", args=[restart.pk]))
    text = text_of(response.content)
    for words in (
        "仕切り直しパック",
        "見守り協定",
        "令和2年4月1日",
        "毎年続ける",
        "配布の取組",
        "期限超過",
        "見守る目を増やしたい",
        "これまでの経過の確認",
        "内部用",
    ):
        assert words in text, words


def test_the_handover_sheet_lists_what_a_person_answers_for(
    editor_client, agreement, editor, fukuoka, print_fonts, text_of
):
    agreement.person_in_charge = editor
    agreement.save()
    company = agreement.parties.get(order=2).company
    CompanyContactFactory(company=company, municipality=fukuoka, name="窓口 花子", phone="092-000-0000")
    ActionItemFactory(agreement=agreement, title="引き継ぐ取組", person_in_charge=editor)
    MeetingFactory(agreement=agreement, held_on=date(2026, 9, 1), decisions="次は12月")
    url = reverse("agreements:handover")
    shown = editor_client.get(url, {"person": editor.pk})
    assert [row.agreement for row in shown.context["handover"].agreements] == [agreement]
    text = text_of(editor_client.get(url, {"person": editor.pk, "print": "1"}).content)
    for words in ("異動引継ぎシート", "見守り協定", "引き継ぐ取組", "窓口 花子", "092-000-0000", "次は12月"):
        assert words in text, words


def test_the_handover_of_a_section_and_wrong_choices(editor_client, agreement, editor, neighbour):
    url = reverse("agreements:handover")
    shown = editor_client.get(url, {"department": editor.department_id})
    assert [row.agreement for row in shown.context["handover"].agreements] == [agreement]
    for query in (
        {"person": neighbour.pk},
        {"person": "x"},
        {"person": editor.pk, "department": editor.department_id},
    ):
        wrong = editor_client.get(url, query)
        assert wrong.context["form"].errors
        assert wrong.context["handover"] is None


def test_handover_needs_the_same_queries(editor_client, editor, fukuoka, assert_same_queries, today):
    def add() -> None:
        agreement = AgreementFactory(municipality=fukuoka, whole=True, person_in_charge=editor)
        ActionItemFactory(agreement=agreement, person_in_charge=editor)
        RestartFactory(agreement=agreement)

    url = reverse("agreements:handover")
    assert_same_queries(add, lambda: editor_client.get(url, {"person": editor.pk}))
