from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agreements.actions.repetition import repeat_for_new_year
from agreements.domain import progress
from agreements.models import ActionItem, ProgressEntry
from tests import sample_files
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyFactory,
    PartyFactory,
    ProgressEntryFactory,
)

pytestmark = pytest.mark.django_db
OWN = reverse("agreements:own-actions")


@pytest.fixture
def agreement(editor):
    return AgreementFactory(whole=True, municipality=editor.municipality, department=editor.department)


def recorded_on(action, day):
    at = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
    ActionItem.objects.filter(pk=action.pk).update(created_at=at)


def make(agreement, **values):
    recorded = values.pop("recorded", date(2026, 1, 10))
    told = values.pop("told", None)
    action = ActionItemFactory(agreement=agreement, **values)
    recorded_on(action, recorded)
    if told:
        ProgressEntryFactory(action=action, on=told)
    return action


@pytest.mark.parametrize("month", range(1, 13))
def test_sql_and_python_agree_on_who_owes_an_update(agreement, today, month):
    day = date(2026, month, 1)
    for due in (None, date(2026, 9, 30), date(2026, 10, 1)):
        for starts in (None, date(2026, 3, 31), date(2026, 7, 1), date(2026, 10, 1)):
            if not (starts and due and due < starts):
                make(agreement, recorded=date(2025, 6, 1), told=day, starts_on=starts, due_on=due)
                make(agreement, recorded=day, starts_on=starts, due_on=due, state="in_progress")
    make(agreement, state="done", due_on=date(2020, 1, 1))
    everything = list(ActionItem.objects.with_progress())
    owing = {each.pk for each in everything if each.owed(today)}
    stale = {each.pk for each in everything if each.owed(today) == progress.Owed.STALE}
    assert set(ActionItem.objects.owing_update(today).values_list("pk", flat=True)) == owing
    assert set(ActionItem.objects.stale(today).values_list("pk", flat=True)) == stale


def test_own_actions_show_what_owes_an_update_first_and_take_a_figure(editor_client, agreement, today):
    action = make(agreement, title="健康教室", target_value=100, target_unit="人")
    make(agreement, title="報告したばかり", told=date(2026, 9, 20))
    page = editor_client.get(OWN)
    assert [row["action"].title for row in page.context["rows"]] == ["健康教室"]
    response = editor_client.post(
        reverse("agreements:progress-create", args=[action.pk]),
        {
            f"action-{action.pk}-value": "１２０",
            f"action-{action.pk}-on": "R8.10.1",
            f"action-{action.pk}-files": SimpleUploadedFile("写真.png", sample_files.png()),
            "back": "own",
        },
    )
    assert response.url == OWN
    entry = ProgressEntry.objects.get(action=action)
    assert (entry.value, entry.on) == (Decimal(120), today)
    assert entry.documents.get().kind == "photo"
    action = ActionItem.objects.with_progress().get(pk=action.pk)
    assert (action.state, action.achievement) == ("in_progress", Decimal("120.0"))
    assert "元に戻す" in editor_client.get(OWN).content.decode()


def test_entry_by_htmx_answers_with_the_row(editor_client, agreement, today):
    action = make(agreement, title="健康教室")
    address = reverse("agreements:progress-create", args=[action.pk])
    refused = editor_client.post(
        address, {f"action-{action.pk}-on": "R8.10.1"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "現在値か、できごとのどちらか" in refused
    saved = editor_client.post(
        address,
        {f"action-{action.pk}-on": "R8.10.1", f"action-{action.pk}-text": "打合せ"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert "記録しました" in saved
    assert "<html" not in saved


def test_unsound_file_is_refused_at_its_field_and_nothing_is_kept(editor_client, agreement, today):
    action = make(agreement)
    response = editor_client.post(
        reverse("agreements:progress-create", args=[action.pk]),
        {
            f"action-{action.pk}-text": "打合せ",
            f"action-{action.pk}-on": "R8.10.1",
            f"action-{action.pk}-files": SimpleUploadedFile("写真.png", b"MZ not an image"),
        },
    )
    assert response.context["form"].errors["files"]
    assert not ProgressEntry.objects.exists()


def test_entry_is_deleted_and_brought_back(editor_client, agreement, today):
    entry = ProgressEntryFactory(action=make(agreement), value=5)
    editor_client.post(reverse("agreements:progress-delete", args=[entry.pk]))
    assert not ProgressEntry.objects.alive().exists()
    editor_client.post(reverse("agreements:progress-restore", args=[entry.pk]))
    assert ProgressEntry.objects.alive().exists()


def test_own_actions_need_as_many_queries_for_many_rows(editor_client, agreement, today, assert_same_queries):
    assert_same_queries(lambda: make(agreement), lambda: editor_client.get(OWN))


def test_new_year_makes_each_yearly_action_once(agreement):
    ActionItemFactory(agreement=agreement, is_repeated=True, due_on=date(2026, 3, 31))
    ActionItemFactory(agreement=agreement, is_repeated=True, due_on=date(2027, 3, 31))
    ActionItemFactory(agreement=agreement, due_on=date(2026, 3, 31))
    assert [repeat_for_new_year(today=date(2026, 4, 1)) for _run in range(2)] == [1, 0]
    assert ActionItem.objects.get(repeats__isnull=False).due_on == date(2027, 3, 31)


class TestPlanViews:
    @pytest.fixture
    def plan(self, agreement, today):
        item = agreement.cooperation_fields.first()
        PartyFactory(agreement=agreement, company=CompanyFactory(), order=9, label="丁")
        make(
            agreement,
            title="教室",
            cooperation_fields=[item],
            starts_on=date(2026, 4, 1),
            due_on=date(2027, 3, 31),
            funding="municipal_budget",
            budget_project="事業",
            contract_method="bid",
            budget_thousands=1500,
            effect_yen=2_345_678,
            effect_method="単価×回数",
        )
        make(agreement, title="遅れた取組", due_on=date(2026, 5, 1), funding="grant", budget_thousands=200)
        make(agreement, title="昨年度", due_on=date(2026, 3, 1), state="done")

    def test_bars_say_in_words_what_they_show(self, editor_client, plan):
        html = editor_client.get(reverse("agreements:action-bars")).content.decode()
        assert "教室：4月〜3月" in html
        assert "昨年度" not in html.split("<main", 1)[1].split("前年度から")[0]
        assert "遅れ" in html

    def test_board_sorts_by_state_and_computes_lateness(self, editor_client, plan):
        columns = editor_client.get(reverse("agreements:action-board")).context["columns"]
        titles = {tone: [row.action.title for row, _may in cards] for tone, _label, cards in columns}
        assert "遅れた取組" in titles["late"]
        assert "教室" in titles["planned"]

    def test_totals_agree_to_the_yen_whichever_way_they_are_cut(self, editor_client, plan):
        context = editor_client.get(reverse("agreements:action-totals")).context
        assert (context["whole"]["budget"], context["whole"]["others"]) == (1500, 200)
        assert context["whole"]["effect"] == 2_345_678
        assert sum(row["effect"] or 0 for row in context["by_funding"]) == 2_345_678
        assert {row["effect"] for row in context["by_company"]} == {2_345_678}
        (of_year,) = [row for row in context["by_year"] if row["fiscal_year"] == 2026]
        assert of_year["effect"] == 2_345_678

    def test_coverage_marks_items_without_an_action(self, editor_client, plan):
        response = editor_client.get(reverse("agreements:action-coverage"))
        assert 0 < response.context["covered"] <= response.context["item_total"]

    def test_unknown_condition_is_told_and_shows_nothing(self, editor_client, plan):
        response = editor_client.get(reverse("agreements:action-bars") + "?year=いつか")
        assert response.context["groups"] == []
        assert "年度が見つかりません" in response.content.decode()

    @pytest.mark.parametrize("name", ["bars", "board", "coverage", "totals"])
    def test_views_need_as_many_queries_for_many_rows(
        self, name, editor_client, agreement, today, assert_same_queries
    ):
        address = reverse(f"agreements:action-{name}")
        item = agreement.cooperation_fields.first()
        assert_same_queries(
            lambda: make(agreement, due_on=date(2026, 12, 1), cooperation_fields=[item]),
            lambda: editor_client.get(address),
        )

    def test_table_prints_what_the_bars_show(self, editor_client, plan, print_fonts, text_of):
        response = editor_client.get(reverse("agreements:action-table"))
        text = text_of(response.content)
        assert response["Content-Type"] == "application/pdf"
        assert "アクションプラン一覧・進捗表" in text
        assert "▲遅れ" in text
