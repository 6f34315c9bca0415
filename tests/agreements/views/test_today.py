"""「今日の仕事」: what is owed, by whom, one click away."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.choices import ActionState, AgreementState
from agreements.domain import renewal
from tests.conftest import client_of
from tests.factories import ActionItemFactory, AgreementFactory, DepartmentFactory, StaffMemberFactory

URL = reverse("agreements:today")
pytestmark = pytest.mark.usefixtures("today")


def expiring(municipality, day: date, **values):
    return AgreementFactory(
        municipality=municipality, first_expiry=day, expires_on=day, notice_on=day, whole=True, **values
    )


def titles(rows) -> list[str]:
    return [row.title for row in rows]


def test_today_is_the_first_page_after_the_login(client, editor):
    response = client.get(URL)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    assert client_of(editor).get(URL).status_code == 200


def test_today_lists_agreements_that_expire_within_90_days_the_earliest_first(manager_client, fukuoka):
    expiring(fukuoka, date(2026, 12, 30), title="90日目")
    expiring(fukuoka, date(2026, 10, 1), title="今日")
    expiring(fukuoka, date(2026, 12, 31), title="91日目")
    expiring(fukuoka, date(2026, 9, 30), title="昨日")
    expiring(fukuoka, date(2026, 11, 1), title="終わった協定", state=AgreementState.ENDED, backfilled=True)
    response = manager_client.get(URL)
    assert titles(response.context["expiring"].own) == ["今日", "90日目"]
    assertContains(response, "あと90日")
    assert titles(response.context["past_expiry"].own) == ["昨日"]


def test_today_puts_the_own_section_first_and_the_others_apart(editor_client, editor, fukuoka):
    elsewhere = DepartmentFactory(municipality=fukuoka)
    expiring(fukuoka, date(2026, 10, 5), title="ほかの課", department=elsewhere)
    expiring(fukuoka, date(2026, 10, 6), title="自分の課", department=editor.department)
    expiring(fukuoka, date(2026, 10, 7), title="自分が担当", department=elsewhere, person_in_charge=editor)
    expiring(fukuoka, date(2026, 10, 8), title="課が未定", department=None)
    work = editor_client.get(URL).context["expiring"]
    assert titles(work.own) == ["自分の課", "自分が担当"]
    assert titles(work.others) == ["ほかの課", "課が未定"]
    assert (work.own_total, work.others_total) == (2, 2)


def test_today_gives_a_manager_the_work_of_every_section_in_one_list(manager_client, fukuoka):
    for day in (5, 6):
        expiring(fukuoka, date(2026, 10, day), department=DepartmentFactory(municipality=fukuoka))
    work = manager_client.get(URL).context["expiring"]
    assert (len(work.own), work.others) == (2, [])


def test_today_of_a_person_without_a_section_owes_nothing_of_agreements_without_one(fukuoka):
    person = StaffMemberFactory(viewer=True, municipality=fukuoka, department=None)
    expiring(fukuoka, date(2026, 10, 5), department=None)
    work = client_of(person).get(URL).context["expiring"]
    assert (work.own, work.others_total) == ([], 1)


def test_today_lists_open_actions_past_their_date_with_a_link_to_their_place(editor_client, editor, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, department=editor.department)
    late = ActionItemFactory(agreement=agreement, title="遅れた取組", due_on=date(2026, 9, 30))
    ActionItemFactory(agreement=agreement, title="今日までの取組", due_on=date(2026, 10, 1))
    ActionItemFactory(
        agreement=agreement, title="済んだ取組", due_on=date(2026, 9, 1), state=ActionState.DONE
    )
    response = editor_client.get(URL)
    assert response.context["overdue"].own == [late]
    assertContains(response, f'href="/agreements/{agreement.pk}/#action-{late.pk}"')
    assertContains(response, "1日前")


def test_today_lists_agreements_in_force_without_actions(editor_client, editor, fukuoka):
    bare = AgreementFactory(municipality=fukuoka, department=editor.department)
    AgreementFactory(municipality=fukuoka, department=editor.department, whole=True)
    AgreementFactory(municipality=fukuoka, department=editor.department, draft=True)
    assert titles(editor_client.get(URL).context["unplanned"].own) == [bare.title]


def test_today_never_shows_work_of_other_municipalities(neighbour_client, fukuoka):
    agreement = expiring(fukuoka, date(2026, 10, 5), title="福岡の公開協定", published=True)
    ActionItemFactory(agreement=agreement, title="福岡の取組", due_on=date(2026, 9, 1))
    response = neighbour_client.get(URL)
    assertNotContains(response, "福岡の公開協定")
    assertNotContains(response, "福岡の取組")


def test_today_shows_ten_rows_of_each_kind_and_the_number_of_all(manager_client, fukuoka):
    AgreementFactory.create_batch(11, municipality=fukuoka)
    response = manager_client.get(URL)
    assert len(response.context["unplanned"].own) == 10
    assertContains(response, "全11件")


def test_today_shows_the_figures_of_the_municipality(viewer_client, fukuoka, obuse):
    AgreementFactory(municipality=fukuoka, signed_on=date(2026, 4, 1))
    AgreementFactory(municipality=fukuoka, signed_on=date(2026, 3, 31), published=True)
    AgreementFactory(municipality=fukuoka, draft=True)
    AgreementFactory(municipality=fukuoka, state=AgreementState.ENDED, backfilled=True)
    AgreementFactory(municipality=obuse, published=True)
    assert viewer_client.get(URL).context["figures"] == {
        "year": 2026,
        "total": 4,
        "in_force": 2,
        "before_signing": 1,
        "signed_this_year": 1,
        "published": 1,
    }


def test_today_says_who_changed_what_last(viewer_client, fukuoka, obuse, manager):
    first = AgreementFactory(municipality=fukuoka, title="先の協定")
    AgreementFactory(municipality=fukuoka, title="後の協定")
    AgreementFactory(municipality=obuse, title="よその協定", published=True)
    AgreementFactory(municipality=fukuoka, title="消した協定", deleted_at="2026-09-30T00:00:00Z")
    first.save()
    first.history.update(history_user=manager)
    response = viewer_client.get(URL)
    recent = [(change.agreement.title, change.verb) for change in response.context["recent"]]
    assert recent == [("先の協定", "変更"), ("後の協定", "登録")]
    assertContains(response, f"{manager}が変更")


@pytest.mark.parametrize(("member", "offers"), [("editor", True), ("viewer", False)])
def test_today_of_a_municipality_without_agreements_says_how_to_begin(request, member, offers):
    response = client_of(request.getfixturevalue(member)).get(URL)
    assertContains(response, "まだ協定が登録されていません")
    assert ("最初の協定を登録する" in response.content.decode()) is offers


def test_today_praises_work_that_is_done(manager_client, fukuoka):
    AgreementFactory(municipality=fukuoka, whole=True)
    response = manager_client.get(URL)
    assertContains(response, "期限を過ぎた取組はありません。")
    assertContains(response, "90日以内に満了する協定はありません。")
    assertContains(response, "有効な協定には、すべて取組が登録されています。")
    assertNotContains(response, "満了日を過ぎた協定")


def test_today_of_a_system_admin_tells_of_the_installation(system_admin_client, fukuoka):
    AgreementFactory(municipality=fukuoka)
    StaffMemberFactory(municipality=fukuoka)
    response = system_admin_client.get(URL)
    assert response.context["installation"] == {"agreements": 1, "municipalities": 1, "staff": 2}
    assertContains(response, "システム管理者としてログインしています")


def test_today_finds_what_renewed_itself_since_the_last_nightly_roll(manager_client, fukuoka):
    agreement = AgreementFactory(
        municipality=fukuoka,
        first_expiry=date(2024, 11, 30),
        auto_renew=True,
        renewal_months=12,
        expires_on=date(2025, 11, 30),
        whole=True,
    )
    (row,) = manager_client.get(URL).context["expiring"].own
    assert row.expires_on == renewal.current_expiry(agreement.terms, date(2026, 10, 1)) == date(2026, 11, 30)


def test_today_needs_the_same_queries_for_1_and_3_rows(editor_client, editor, fukuoka, assert_same_queries):
    elsewhere = DepartmentFactory(municipality=fukuoka)

    def add() -> None:
        for department in (editor.department, elsewhere):
            agreement = expiring(fukuoka, date(2026, 10, 5), department=department)
            ActionItemFactory(agreement=agreement, due_on=date(2026, 9, 1))
            AgreementFactory(municipality=fukuoka, department=department)

    assert_same_queries(add, lambda: editor_client.get(URL))
