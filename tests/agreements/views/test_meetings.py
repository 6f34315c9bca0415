"""会議・記録: what was said and decided, and tasks that become actions with one click."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.choices import MeetingForm, Side
from agreements.models import ActionItem, Agreement, Meeting, MeetingTask
from tests.factories import (
    AgreementFactory,
    DepartmentFactory,
    DocumentFactory,
    MeetingFactory,
    MeetingTaskFactory,
)
from tests.journeys.clerk import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]  # 2026-10-01
XSS = '<img src=x onerror="alert(1)">'


@pytest.fixture
def agreement(fukuoka, editor):
    return AgreementFactory(municipality=fukuoka, department=editor.department, whole=True)


def url(name: str, row) -> str:
    return reverse(f"agreements:{name}", args=[row.pk])


def typed(response, **changes) -> dict[str, list[str]]:
    """What the page's form would send, with these changes (`__` stands for `-`)."""
    form = max(Page(response).forms, key=lambda each: len(each.names))
    return {**form.values, **{name.replace("__", "-"): value for name, value in changes.items()}}


def write(client, agreement, **changes):
    page = client.get(url("meeting-create", agreement))
    return client.post(url("meeting-create", agreement), typed(page, **changes))


# -- Writing down -----------------------------------------------------------------------------------------
def test_meeting_is_written_down_with_its_tasks(editor_client, agreement, editor):
    document = DocumentFactory(agreement=agreement, title="議事録")
    response = write(
        editor_client,
        agreement,
        held_on="R8.9.30",
        form=MeetingForm.ONLINE,
        own_attendees="企画課長\r\n担当",
        summary="進み具合を確かめた。",
        decisions="来年度も続ける。",
        next_on="2027/3/31",
        documents=[str(document.pk)],
        tasks__0__what="チラシを作る",
        tasks__0__side=Side.PARTNER,
        tasks__0__who="地域連携部",
        tasks__0__due_on="令和8年12月1日",
    )
    assertRedirects(response, f"{agreement.get_absolute_url()}#meetings")
    meeting = Meeting.objects.get()
    assert (meeting.held_on, meeting.next_on, meeting.form) == (
        date(2026, 9, 30),
        date(2027, 3, 31),
        "online",
    )
    assert (meeting.created_by, list(meeting.documents.all())) == (editor, [document])
    task = meeting.tasks.get()
    assert (task.what, task.whose, task.due_on) == ("チラシを作る", "相手方（地域連携部）", date(2026, 12, 1))
    page = editor_client.get(agreement.get_absolute_url())
    for words in (
        "進み具合を確かめた。",
        "来年度も続ける。",
        "チラシを作る",
        "令和9年3月31日",
        "議事録",
    ):
        assertContains(page, words)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"held_on": "2026/10/2"}, "開催日が今日より後です"),
        ({"held_on": "きのう"}, "日付"),
        ({"next_on": "2026/10/1"}, "次回の予定日は、開催日より後の日にしてください"),
        ({"summary": "", "decisions": ""}, "要旨か決まったことのどちらか"),
        ({"tasks__0__who": "観光課"}, "何をするかを入力するか"),
        ({"tasks__0__what": "x", "tasks__0__due_on": "2026/13/1"}, "いつまでに"),
    ],
)
def test_meeting_that_cannot_be_so_is_refused_at_the_field_and_keeps_what_was_typed(
    editor_client, agreement, changes, message
):
    response = write(
        editor_client, agreement, **{"summary": "話した。", "own_attendees": "残る名前", **changes}
    )
    assertContains(response, message)
    assertContains(response, "残る名前")
    assert not Meeting.objects.exists()


def test_meeting_form_gives_one_more_row_without_javascript(editor_client, agreement):
    page = editor_client.get(url("meeting-create", agreement))
    values = typed(page, summary="書きかけ", tasks__0__what="一つ目", add_row="tasks")
    page = editor_client.post(url("meeting-create", agreement), values)
    again = typed(page)
    assert again["summary"] == ["書きかけ"]
    assert (again["tasks-0-what"], again["tasks-1-what"]) == (["一つ目"], [""])
    assertNotContains(page, "入力内容に誤りが")
    editor_client.post(url("meeting-create", agreement), {**again, "tasks-1-what": "二つ目"})
    assert [task.what for task in Meeting.objects.get().tasks.all()] == ["一つ目", "二つ目"]


def test_meeting_documents_are_the_agreements_own(editor_client, agreement, fukuoka):
    DocumentFactory(agreement=agreement)
    foreign = DocumentFactory(agreement=AgreementFactory(municipality=fukuoka))
    write(editor_client, agreement, summary="話した。", documents=[str(foreign.pk)])
    assert not Meeting.objects.exists()


def test_meeting_update_never_takes_tasks_of_another_meeting(editor_client, agreement, obuse):
    foreign = MeetingTaskFactory(meeting__agreement__municipality=obuse, what="よその宿題")
    meeting = MeetingFactory(agreement=agreement)
    page = editor_client.get(url("meeting-update", meeting))
    values = typed(page, tasks__0__what="自分の宿題", tasks__0__id=str(foreign.pk))
    editor_client.post(url("meeting-update", meeting), values)
    foreign.refresh_from_db()
    assert foreign.what == "よその宿題"
    assert meeting.tasks.get().what == "自分の宿題"


def test_meeting_update_keeps_tasks_in_order_and_drops_deleted_ones(editor_client, agreement):
    meeting = MeetingFactory(agreement=agreement)
    kept = MeetingTaskFactory(meeting=meeting, what="残す", order=1)
    MeetingTaskFactory(meeting=meeting, what="消す", order=2)
    page = editor_client.get(url("meeting-update", meeting))
    editor_client.post(
        url("meeting-update", meeting), typed(page, tasks__1__DELETE="on", decisions="決めた。")
    )
    assert list(meeting.tasks.all()) == [kept]
    meeting.refresh_from_db()
    assert meeting.decisions == "決めた。"


def test_meeting_update_tells_the_second_of_two_editors(editor_client, manager_client, agreement):
    meeting = MeetingFactory(agreement=agreement)
    mine = typed(editor_client.get(url("meeting-update", meeting)), decisions="後の決定")
    theirs = typed(manager_client.get(url("meeting-update", meeting)), decisions="先の決定")
    with time_machine.travel("2026-10-01 10:01+09:00"):  # the clock of the others stands still
        manager_client.post(url("meeting-update", meeting), theirs)
    response = editor_client.post(url("meeting-update", meeting), mine)
    for words in ("ほかの人が先に保存しました", "先の決定", "後の決定"):
        assertContains(response, words, status_code=409)
    editor_client.post(url("meeting-update", meeting), typed(response))
    meeting.refresh_from_db()
    assert meeting.decisions == "後の決定"


def test_meeting_deletion_is_a_state_with_undo(editor_client, viewer_client, agreement):
    meeting = MeetingFactory(agreement=agreement, summary="消した記録")
    editor_client.post(url("meeting-delete", meeting))
    assertContains(editor_client.get(agreement.get_absolute_url()), url("meeting-restore", meeting))
    assertNotContains(viewer_client.get(agreement.get_absolute_url()), "消した記録")
    editor_client.post(url("meeting-restore", meeting))
    assertContains(viewer_client.get(agreement.get_absolute_url()), "消した記録")


def test_meetings_stay_internal(neighbour_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, published=True)
    MeetingFactory(agreement=agreement, summary="内緒の相談")
    assertNotContains(neighbour_client.get(agreement.get_absolute_url()), "内緒の相談")


def test_markup_in_meetings_stays_text(editor_client, agreement):
    meeting = MeetingFactory(agreement=agreement, summary=XSS, own_attendees=XSS, decisions=XSS)
    MeetingTaskFactory(meeting=meeting, what=XSS, who=XSS)
    for page in (agreement.get_absolute_url(), url("meeting-update", meeting)):
        assertNotContains(editor_client.get(page), "<img src=x")


# -- Tasks into actions -----------------------------------------------------------------------------------
def test_task_becomes_an_action_once_and_says_where_it_is_from(editor_client, agreement, fukuoka):
    section = DepartmentFactory(municipality=fukuoka, name="観光課")
    meeting = MeetingFactory(agreement=agreement)
    task = MeetingTaskFactory(meeting=meeting, what="冊子を配る", who="観光課", due_on=date(2026, 12, 1))
    before = agreement.actions.count()
    for _ in range(2):
        editor_client.post(url("meeting-task-action", task))
    assert agreement.actions.count() == before + 1
    action = ActionItem.objects.get(title="冊子を配る")
    assert (action.department, action.due_on, action.partner_in_charge) == (section, date(2026, 12, 1), "")
    assert "令和8年4月10日の会議（対面）" in action.description
    assertContains(editor_client.get(agreement.get_absolute_url()), "取組に登録済み")


def test_task_of_the_partner_names_the_partner(editor_client, agreement):
    task = MeetingTaskFactory(meeting__agreement=agreement, side=Side.PARTNER, who="地域連携部")
    editor_client.post(url("meeting-task-action", task))
    action = MeetingTask.objects.get().action_item
    assert (action.partner_in_charge, action.department) == ("地域連携部", agreement.department)


def test_history_tells_of_meetings_tasks_and_documents(editor_client, agreement):
    with time_machine.travel("2026-10-01 09:00+09:00"):  # a save of its own
        meeting = MeetingFactory(agreement=agreement)
        MeetingTaskFactory(meeting=meeting, what="冊子を配る")
        DocumentFactory(agreement=agreement, title="議事録")
    page = editor_client.get(agreement.get_absolute_url())
    for subject in (
        "令和8年4月10日の会議を登録",
        "宿題「冊子を配る」を登録",
        "書類「議事録」（第1版）を登録",
    ):
        assertContains(page, subject)


# -- When they last met -----------------------------------------------------------------------------------
def test_agreements_without_a_meeting_since_a_day(fukuoka):
    old = AgreementFactory(municipality=fukuoka, signed_on=date(2020, 4, 1))
    met = AgreementFactory(municipality=fukuoka, signed_on=date(2020, 4, 1))
    young = AgreementFactory(municipality=fukuoka, signed_on=date(2026, 4, 1))
    MeetingFactory(agreement=old, held_on=date(2025, 9, 30))
    MeetingFactory(agreement=met, held_on=date(2025, 10, 1))
    MeetingFactory(agreement=old, held_on=date(2026, 1, 1), deleted_at="2026-01-02T00:00Z")
    assert list(Agreement.objects.without_meeting_since(date(2025, 10, 1))) == [old]
    assert old.last_meeting_on() == old.facts().last_activity_on == date(2025, 9, 30)
    assert young.last_meeting_on() is None
    days = Meeting.objects.last_days([old.pk, met.pk, young.pk])
    assert days == {old.pk: date(2025, 9, 30), met.pk: date(2025, 10, 1)}


def test_agreement_detail_lists_meetings_with_as_many_queries(viewer_client, agreement, assert_same_queries):
    def add():
        meeting = MeetingFactory(agreement=agreement)
        meeting.documents.add(DocumentFactory(agreement=agreement))
        MeetingTaskFactory(meeting=meeting)

    assert_same_queries(add, lambda: viewer_client.get(agreement.get_absolute_url()))
