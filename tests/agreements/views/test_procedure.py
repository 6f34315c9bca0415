"""The pages of the life cycle, also for those who post without them."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.urls import reverse

from agreements.actions.approvals import approve, submit_for_approval
from agreements.actions.proposals import add_criterion
from agreements.choices import AgreementState
from agreements.domain import lifecycle
from agreements.domain.lifecycle import State
from agreements.forms.move_forms import FORMS
from agreements.models import Agreement, DepartmentOpinion, IntakeCriterion, SigningCeremony, Transition
from tests.conftest import client_of
from tests.factories import AgreementFactory, DepartmentFactory, StaffMemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

TODAY = date(2026, 10, 1)
S = AgreementState
EVERYTHING = {
    "on": "R8.10.1",
    "comment": "理由",
    "paper_original_only": "on",
    "ended_reason": "mutual",
    "document_number": "企第1号",
    "decider_title": "市長",
}


@pytest.fixture
def make(editor):
    def make_(state=S.NEGOTIATING, **values) -> Agreement:
        signed = state in {S.ACTIVE, S.SUSPENDED, S.ENDED}
        dates = {"signed_on": date(2026, 4, 1) if signed else None, "effective_on": None}
        ended = {"ended_reason": "expired", "ended_on": TODAY} if state == S.ENDED else {}
        own = {"municipality": editor.municipality, "department": editor.department}
        return AgreementFactory(state=state, **{"whole": True, **own, **dates, **ended, **values})

    return make_


def url_of(name: str, agreement: Agreement, *more) -> str:
    return reverse(f"agreements:{name}", args=[agreement.pk, *more])


def post_move(client, agreement, target, **typed):
    version = Agreement.objects.get(pk=agreement.pk).version
    return client.post(url_of("agreement-move", agreement, target), {"version": version, **typed})


def state_of(agreement) -> str:
    return Agreement.objects.get(pk=agreement.pk).state


def test_every_move_has_its_form_and_its_word():
    assert FORMS.keys() == {(each.source, each.target) for each in lifecycle.TRANSITIONS}
    for pair, form in FORMS.items():
        assert form.label == lifecycle.transition(*pair).label


FORBIDDEN = [pair for pair in product(State, State) if pair not in FORMS]


def test_every_forbidden_move_is_refused_with_its_reason(manager_client, make):
    for source, target in FORBIDDEN:
        agreement = make(S(source.value), whole=False)
        response = post_move(manager_client, agreement, target.value, **EVERYTHING)
        assert response.status_code == 409, (source, target)
        reason = f"「{source.label}」から「{target.label}」へは進めません。"
        assert reason in response.content.decode()
        assert state_of(agreement) == source
    assert not Transition.objects.exists()


EMPTY = {"department": None, "whole": False}
BLOCKED = [
    (S.NEGOTIATING, S.APPROVING, EMPTY, "当事者を1者以上登録してください。", "agreement-update"),
    (S.NEGOTIATING, S.APPROVING, EMPTY, "連携事項を1件以上登録してください。", "agreement-update"),
    (S.NEGOTIATING, S.APPROVING, EMPTY, "主担当課を選んでください。", "agreement-update"),
    (S.APPROVING, S.ACTIVE, {}, "決裁がまだ終わっていません。", "agreement-approve"),
]


@pytest.mark.parametrize(("state", "target", "values", "reason", "place"), BLOCKED)
def test_what_blocks_is_said_with_a_link_to_mend_it(
    manager, manager_client, make, state, target, values, reason, place
):
    agreement = make(state, **values)
    before = manager_client.get(url_of("agreement-move", agreement, target))
    after = post_move(manager_client, agreement, target, **EVERYTHING, drafter=manager.pk)
    assert (before.status_code, after.status_code) == (200, 409)
    for response in (before, after):
        html = response.content.decode()
        assert reason in html
        assert f'href="{url_of(place, agreement)}' in html
    assert state_of(agreement) == state


def test_the_page_says_what_blocks_the_next_step(manager_client, make):
    agreement = make(S.NEGOTIATING, **EMPTY)
    html = manager_client.get(agreement.get_absolute_url()).content.decode()
    for *_rest, reason, place in BLOCKED[:3]:
        assert reason in html
        assert f'href="{url_of(place, agreement)}#' in html


@pytest.mark.parametrize(
    ("state", "target", "typed", "field"),
    [
        (S.ACTIVE, S.ENDED, {"on": "R8.10.1"}, "ended_reason"),
        (S.ACTIVE, S.ENDED, {"on": "", "ended_reason": "mutual"}, "on"),
        (S.ACTIVE, S.ENDED, {"on": "きのう", "ended_reason": "mutual"}, "on"),
        (S.ACTIVE, S.SUSPENDED, {"on": "R8.10.1"}, "comment"),
        (S.PROPOSED, S.DECLINED, {"on": "R8.10.1", "comment": " "}, "comment"),
        (S.PROPOSED, S.REVIEWING, {"on": ""}, "on"),
        (S.APPROVING, S.NEGOTIATING, {"on": "R8.10.1"}, "comment"),
    ],
)
def test_an_incomplete_form_comes_back(manager_client, make, state, target, typed, field):
    agreement = make(state)
    response = post_move(manager_client, agreement, target, **typed)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert state_of(agreement) == state


@pytest.mark.parametrize("on", ["R8.10.2", "R8.3.31"])
def test_a_wrong_day_is_said_at_its_field(manager_client, make, on):
    agreement = make(S.ACTIVE)
    response = post_move(manager_client, agreement, S.SUSPENDED, on=on, comment="災害対応")
    assert response.status_code == 409
    assert list(response.context["form"].errors) == ["on"]
    assert "災害対応" in response.content.decode()


def test_who_acts_second_is_told_and_keeps_what_was_typed(manager_client, manager, make):
    agreement = make(S.ACTIVE)
    page = url_of("agreement-move", agreement, S.SUSPENDED)
    version = manager_client.get(page).context["form"].initial["version"]
    post_move(manager_client, agreement, S.ENDED, on="R8.10.1", ended_reason="mutual", comment="先の人")
    response = manager_client.post(page, {"version": version, "on": "R8.10.1", "comment": "後の人"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "まだ実行していません" in html
    assert str(manager) in html
    assert "現在の状態は「終了」です。" in html
    assert state_of(agreement) == S.ENDED


def test_an_editor_outrun_by_a_manager_is_told_so(editor_client, manager_client, make):
    agreement = make(S.NEGOTIATING)
    typed = {"version": agreement.version, "on": "R8.10.1", "comment": "予算がつかない"}
    post_move(manager_client, agreement, S.DECLINED, **typed)
    url = url_of("agreement-move", agreement, S.DECLINED)
    response = editor_client.post(url, typed)
    assert response.status_code == 409
    assert "現在の状態は「見送り」です。" in response.content.decode()
    assert editor_client.post(url, {**typed, "version": "2"}).status_code == 403


def test_a_step_that_is_still_possible_can_be_tried_again(manager_client, make):
    agreement = make(S.ACTIVE)
    typed = {"on": "R8.10.1", "comment": "災害対応"}
    Agreement.objects.filter(pk=agreement.pk).update(version=7)
    response = post_move(manager_client, agreement, S.SUSPENDED, **{**typed, "version": 6})
    assert response.status_code == 409
    form = response.context["form"]
    assert (form["version"].value(), form["comment"].value()) == ("7", "災害対応")
    assert post_move(manager_client, agreement, S.SUSPENDED, **typed).status_code == 302


@pytest.mark.parametrize("version", ["", "0", "x", "٣"])
def test_a_post_that_does_not_say_what_it_saw_moves_nothing(manager_client, make, version):
    agreement = make(S.ACTIVE)
    response = post_move(manager_client, agreement, S.SUSPENDED, **{**EVERYTHING, "version": version})
    assert response.status_code in {200, 409}
    assert state_of(agreement) == S.ACTIVE


def test_unknown_targets_are_not_found(manager_client, make):
    assert manager_client.get(url_of("agreement-move", make(), "nonsense")).status_code == 404


@pytest.mark.parametrize("state", S)
def test_who_may_take_the_next_step(fukuoka, editor_client, viewer_client, manager_client, make, state):
    agreement = make(state)
    stranger = client_of(StaffMemberFactory(editor=True, municipality=fukuoka))
    target = S.ACTIVE if state in {S.APPROVING, S.SUSPENDED} else S.ENDED
    url = url_of("agreement-move", agreement, target)
    preparing = state in {S.PROPOSED, S.REVIEWING, S.NEGOTIATING}
    assert manager_client.get(url).status_code == 200
    assert editor_client.get(url).status_code == (200 if preparing else 403)
    assert viewer_client.get(url).status_code == stranger.get(url).status_code == 403
    page = viewer_client.get(agreement.get_absolute_url()).content.decode()
    assert "/move/" not in page
    assert ("次の手続きは" in page) is (preparing or state == S.APPROVING)


# -- Approval ---------------------------------------------------------------------------------------
@pytest.fixture
def waiting(make, manager):
    agreement = make()
    submit_for_approval(agreement=agreement, on=TODAY, by=manager, version=1, today=TODAY)
    return Agreement.objects.get(pk=agreement.pk)


def test_a_taken_document_number_is_said_at_its_field(manager, manager_client, make, waiting):
    other = make()
    submit_for_approval(agreement=other, on=TODAY, by=manager, version=1, today=TODAY)
    other.refresh_from_db()
    number = {"document_number": "企第1号", "decider_title": "市長"}
    approve(agreement=other, on=TODAY, by=manager, version=other.version, today=TODAY, **number)
    typed = {"version": waiting.version, "on": "R8.10.1", **number}
    response = manager_client.post(url_of("agreement-approve", waiting), typed)
    assert response.status_code == 409
    assert response.context["form"].errors == {
        "document_number": ["この文書番号は、同じ年度にすでに使われています。"]
    }
    assert waiting.approvals.get().decision == "pending"


def test_an_approval_can_be_taken_back_until_the_signing(manager_client, waiting):
    typed = {
        "version": waiting.version,
        "on": "R8.10.1",
        "document_number": "企第1号",
        "decider_title": "市長",
    }
    assert manager_client.post(url_of("agreement-approve", waiting), typed).status_code == 302
    page = manager_client.get(waiting.get_absolute_url()).content.decode()
    assert "承認を取り消す" in page
    waiting.refresh_from_db()
    url = url_of("agreement-approval-withdraw", waiting)
    manager_client.post(url, {"version": waiting.version, "comment": "別の協定だった"})
    waiting.refresh_from_db()
    assert (waiting.document_number, waiting.approvals.get().decision) == ("", "pending")


# -- What is written down ---------------------------------------------------------------------------
def test_a_proposal_asks_the_criteria_in_use_and_keeps_what_was_typed(editor_client, fukuoka, make):
    agreement = make(S.PROPOSED)
    used = add_criterion(municipality=fukuoka, values={"text": "営業でない"})
    add_criterion(municipality=fukuoka, values={"text": "古い基準", "valid_to": date(2026, 9, 30)})
    url = url_of("proposal", agreement)
    html = editor_client.get(url).content.decode()
    assert "営業でない" in html
    assert "古い基準" not in html
    typed = {
        "proposer": "見本商事",
        "summary": "見守り",
        "received_on": "R8.10.2",
        f"note-{used.pk}": "電話で",
    }
    response = editor_client.post(url, typed)
    assert set(response.context["form"].errors) == {"received_on", f"result-{used.pk}"}
    typed |= {"received_on": "R8.9.1", f"result-{used.pk}": "unmet"}
    assert editor_client.post(url, typed).status_code == 302
    proposal = Agreement.objects.get(pk=agreement.pk).proposal
    assert [(each.result, each.note) for each in proposal.answers.all()] == [("unmet", "電話で")]
    assert (
        "受付の基準に合わない項目があります：営業でない"
        in editor_client.get(agreement.get_absolute_url()).content.decode()
    )
    again = editor_client.post(url, {**typed, "summary": "後から書いた", "seen": ""})
    assert again.status_code == 409
    assert "ほかの人が先に保存しています" in again.content.decode()
    assert "後から書いた" in again.content.decode()


@pytest.mark.parametrize("name", ["proposal", "opinion-ask"])
def test_preparing_is_over_once_the_approval_began(editor_client, waiting, name):
    url = url_of(name, waiting)
    assert "決裁に回った後は変更できません。" in editor_client.get(url).content.decode()
    department = DepartmentFactory(municipality=waiting.municipality)
    typed = {
        "proposer": "見本商事",
        "summary": "見守り",
        "received_on": "R8.9.1",
        "departments": department.pk,
        "question": "？",
        "due_on": "R8.10.15",
    }
    response = editor_client.post(url, typed)
    assert response.status_code == 409
    assert "決裁に回った後" in response.content.decode()
    assert not hasattr(Agreement.objects.get(pk=waiting.pk), "proposal")
    assert not DepartmentOpinion.objects.exists()


def test_opinions_are_asked_withdrawn_and_brought_back(editor_client, make, fukuoka):
    agreement, department = make(S.REVIEWING), DepartmentFactory(municipality=fukuoka, name="健康課")
    url = url_of("opinion-ask", agreement)
    foreign = DepartmentFactory()
    typed = {"question": "ご意見を伺います。", "due_on": "R8.10.15"}
    for wrong in ({"departments": foreign.pk}, {"departments": department.pk, "due_on": "R8.9.30"}, {}):
        response = editor_client.post(url, {**typed, **wrong})
        assert response.status_code == 200
        assert response.context["form"].errors
    assert editor_client.post(url, {**typed, "departments": department.pk}).status_code == 302
    opinion = DepartmentOpinion.objects.get()
    assert (opinion.department, opinion.due_on, opinion.asked_on) == (department, date(2026, 10, 15), TODAY)
    editor_client.post(reverse("agreements:opinion-withdraw", args=[opinion.pk]))
    html = editor_client.get(agreement.get_absolute_url()).content.decode()
    assert "健康課への照会を取り下げました。" in html
    editor_client.post(reverse("agreements:opinion-restore", args=[opinion.pk]))
    assert DepartmentOpinion.objects.unanswered().exists()


def test_a_colleague_who_answered_first_is_shown(make, fukuoka):
    asked = DepartmentFactory(municipality=fukuoka)
    first, second = (
        client_of(StaffMemberFactory(viewer=True, municipality=fukuoka, department=asked)) for _ in range(2)
    )
    opinion = DepartmentOpinion.objects.create(
        agreement=make(S.REVIEWING), department=asked, question="？", asked_on=TODAY, due_on=TODAY
    )
    url = reverse("agreements:opinion-answer", args=[opinion.pk])
    assert first.post(url, {"answer": "opposed", "text": "予算がない", "seen": ""}).status_code == 302
    response = second.post(url, {"answer": "agreed", "text": "", "seen": ""})
    assert response.status_code == 409
    assert "予算がない" in response.content.decode()
    seen = response.context["form"]["seen"].value()
    assert second.post(url, {"answer": "agreed", "text": "", "seen": seen}).status_code == 302
    opinion.refresh_from_db()
    assert opinion.answer == "agreed"


def test_a_ceremony_is_planned_and_called_off(editor_client, waiting):
    typed = {"held_on": "R8.11.1", "place": "市役所", "seen": ""}
    assert editor_client.post(url_of("ceremony", waiting), typed).status_code == 302
    assert editor_client.post(url_of("ceremony", waiting), typed).status_code == 409
    editor_client.post(url_of("ceremony-cancel", waiting))
    assert "取りやめ" in editor_client.get(waiting.get_absolute_url()).content.decode()
    editor_client.post(url_of("ceremony-restore", waiting))
    assert SigningCeremony.objects.get().cancelled_at is None


# -- Settings ---------------------------------------------------------------------------------------
def test_managers_keep_the_checklist(manager_client, fukuoka):
    listed = reverse("agreements:intake-criterion-list")
    manager_client.post(reverse("agreements:intake-criterion-usual"))
    create = reverse("agreements:intake-criterion-create")
    backwards = {"text": "地元の会社である", "valid_from": "R8.10.2", "valid_to": "R8.10.1"}
    response = manager_client.post(create, backwards)
    assert response.status_code == 200
    assert "使い終わる日は、使い始める日以後" in response.content.decode()
    manager_client.post(create, {"text": "地元の会社である"})
    added = IntakeCriterion.objects.get(text="地元の会社である")
    assert list(IntakeCriterion.objects.filter(municipality=fukuoka))[-1] == added
    args = [added.pk]
    manager_client.post(reverse("agreements:intake-criterion-move", args=args), {"direction": "up"})
    assert list(IntakeCriterion.objects.filter(municipality=fukuoka))[-2] == added
    manager_client.post(
        reverse("agreements:intake-criterion-update", args=args), {"text": "市内の会社である"}
    )
    manager_client.post(reverse("agreements:intake-criterion-end", args=args))
    html = manager_client.get(listed).content.decode()
    assert "使わなくなった基準" in html
    assert "「市内の会社である」を使わないことにしました。" in html
    manager_client.post(reverse("agreements:intake-criterion-reopen", args=args))
    assert "使わなくなった基準" not in manager_client.get(listed).content.decode()


# -- 「今日の仕事」 and the page itself --------------------------------------------------------------
def test_today_shows_what_waits_for_each(editor, editor_client, manager_client, viewer_client, make, waiting):
    preparing = make(S.REVIEWING, title="庁内調整中の協定")
    today = reverse("agreements:today")
    manager_page = manager_client.get(today).context
    assert [(each.row.pk, each.step) for each in manager_page["waiting"]] == [(waiting.pk, "承認を記録する")]
    editor_page = editor_client.get(today).context
    assert [(each.row.pk, each.step) for each in editor_page["waiting"]] == [
        (preparing.pk, "相手方と協議する")
    ]
    assert not viewer_client.get(today).context["waiting"]


def test_today_shows_the_opinions_of_the_own_section(viewer, viewer_client, manager_client, make):
    DepartmentOpinion.objects.create(
        agreement=make(S.REVIEWING),
        department=viewer.department,
        question="？",
        asked_on=TODAY - timedelta(days=9),
        due_on=TODAY - timedelta(days=1),
    )
    today = reverse("agreements:today")
    (due,) = viewer_client.get(today).context["opinions_due"]
    assert due.is_overdue
    assert not manager_client.get(today).context["opinions_due"]


def test_the_page_takes_the_same_queries_for_many_records(
    manager, manager_client, make, fukuoka, assert_same_queries
):
    agreement = make(S.REVIEWING)

    def add():
        DepartmentOpinion.objects.create(
            agreement=agreement,
            department=DepartmentFactory(municipality=fukuoka),
            question="？",
            asked_on=TODAY,
            due_on=TODAY,
            asked_by=manager,
        )
        Transition.objects.create(
            agreement=agreement, from_state="proposed", to_state="reviewing", on=TODAY, by=manager
        )

    assert_same_queries(add, lambda: manager_client.get(agreement.get_absolute_url()))


def test_today_takes_the_same_queries_for_many(
    viewer, editor_client, viewer_client, make, assert_same_queries
):
    def add():
        agreement = make(S.REVIEWING)
        DepartmentOpinion.objects.create(
            agreement=agreement, department=viewer.department, question="？", asked_on=TODAY, due_on=TODAY
        )

    today = reverse("agreements:today")
    assert_same_queries(add, lambda: (viewer_client.get(today), editor_client.get(today)))
