"""すり合わせ from the start of a round to the confirmation of both sides, and every step back."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from agreements.actions.expectations import (
    Confirmer,
    cancel_round,
    confirm_rows,
    open_round,
    propose_wording,
    resume_round,
    save_answers,
    start_round,
    submit_answers,
    take_back_answers,
    take_in_items,
    withdraw_confirmations,
)
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.submissions import (
    accept_submission,
    receive_submission,
    reject_submission,
    restore_submission,
    take_back_acceptance,
)
from agreements.actions.transition import NotAllowed
from agreements.change_log import story
from agreements.models import (
    CompanySubmission,
    ExpectationAnswer,
    ExpectationConfirmation,
    ExpectationRound,
    SearchDocument,
)
from agreements.models.expectation_sheet import blocks_approval, read_sheet
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
TODAY = date(2026, 10, 1)
SECRET = "秘密の期待ZX9"


@pytest.fixture
def agreement(editor):
    with time_machine.travel(
        NOW - timedelta(days=1)
    ):  # so that the story tells what comes as saves of its own
        return AgreementFactory(
            whole=True,
            draft=True,
            municipality=editor.municipality,
            department=editor.department,
            state="negotiating",
        )


def fresh(round_):
    return ExpectationRound.objects.select_related("agreement__municipality").get(pk=round_.pk)


def own_answers(round_, cost="free"):
    return {row.pk: {"expects": "健康教室を開きたい", "cost": cost} for row in round_.rows.all()}


def payload(round_, cost="paid", **values):
    row = {"expects": SECRET, "kinds": [], "offers": "講師", "cost": cost, "cost_cap": None, "cost_note": ""}
    return {"rows": {str(row_.pk): {**row, **values} for row_ in round_.rows.all()}}


def sent(round_, **kwargs):
    return receive_submission(
        agreement=round_.agreement,
        round_=round_,
        kind="answers",
        source="link",
        payload=payload(round_, **kwargs),
        now=NOW,
        by_name="見本 花子",
    )


@pytest.fixture
def filled(agreement, editor):
    """Both sides have spoken; nothing is opened."""
    round_ = start_round(agreement=agreement, by=editor)
    save_answers(round_=round_, answers=own_answers(round_), by=editor, version=1)
    submit_answers(round_=round_, by=editor, version=2, now=NOW)
    sent(round_)
    return fresh(round_)


@pytest.fixture
def opened(filled, editor):
    open_round(round_=filled, by=editor, version=filled.version, now=NOW)
    submission = CompanySubmission.objects.get()
    accept_submission(submission=submission, by=editor, now=NOW, today=TODAY)
    return fresh(filled)


def settle(round_, editor, **values):
    values = {"agreed_wording": "年2回、健康教室を開く", "agreed_cost": "free", **values}
    rows = {row.pk: values for row in round_.rows.all()}
    propose_wording(round_=round_, rows=rows, by=editor, version=fresh(round_).version)


def confirm(round_, editor, side, **kwargs):
    kwargs.setdefault("rows", list(round_.rows.values_list("pk", flat=True)))
    return confirm_rows(
        round_=round_,
        side=side,
        confirmer=Confirmer(name="見本 太郎", confirmed_on=TODAY),
        by=editor,
        version=fresh(round_).version,
        now=NOW,
        today=TODAY,
        **kwargs,
    )


def test_start_makes_a_row_of_each_item_and_only_one_round_runs(agreement, editor):
    round_ = start_round(agreement=agreement, by=editor)
    assert [row.item_text for row in round_.rows.all()] == [
        item.text for item in agreement.cooperation_fields.all()
    ]
    assert (round_.number, round_.occasion, round_.state) == (1, "before_signing", "filling")
    with pytest.raises(NotAllowed, match="進行中"):
        start_round(agreement=agreement, by=editor)


def test_start_needs_items_and_a_living_agreement(agreement, editor):
    agreement.cooperation_fields.all().delete()
    with pytest.raises(NotAllowed, match="連携事項"):
        start_round(agreement=agreement, by=editor)
    agreement.state = "declined"
    agreement.save()
    with pytest.raises(NotAllowed, match="終わった"):
        start_round(agreement=agreement, by=editor)


def test_save_answers_tells_the_second_of_two(agreement, editor):
    round_ = start_round(agreement=agreement, by=editor)
    save_answers(round_=round_, answers=own_answers(round_), by=editor, version=1)
    with pytest.raises(ChangedMeanwhile):
        save_answers(round_=round_, answers=own_answers(round_, "paid"), by=editor, version=1)
    assert set(ExpectationAnswer.objects.values_list("cost", flat=True)) == {"free"}


def test_submitted_answers_are_kept_until_taken_back(filled, editor):
    with pytest.raises(NotAllowed, match="提出済み"):
        save_answers(round_=filled, answers=own_answers(filled), by=editor, version=filled.version)
    take_back_answers(round_=filled, by=editor, version=filled.version)
    save_answers(round_=filled, answers=own_answers(filled, "paid"), by=editor, version=fresh(filled).version)
    assert fresh(filled).own_submitted_at is None


def test_submit_names_the_blank_rows(agreement, editor):
    round_ = start_round(agreement=agreement, by=editor)
    with pytest.raises(NotAllowed, match=r"（?\(1\)、\(2\)"):
        submit_answers(round_=round_, by=editor, version=1, now=NOW)


def test_answers_of_another_round_are_refused(agreement, editor):
    round_ = start_round(agreement=agreement, by=editor)
    other = start_round(agreement=AgreementFactory(whole=True), by=editor)
    with pytest.raises(NotAllowed):
        save_answers(round_=round_, answers=own_answers(other), by=editor, version=1)
    with pytest.raises(NotAllowed):
        receive_submission(
            agreement=agreement,
            round_=round_,
            kind="answers",
            source="excel",
            payload=payload(other),
            now=NOW,
        )


def test_opening_needs_both_sides(agreement, editor):
    round_ = start_round(agreement=agreement, by=editor)
    with pytest.raises(NotAllowed) as refusal:
        open_round(round_=round_, by=editor, version=1, now=NOW)
    assert [each.code for each in refusal.value.blockers] == ["own_missing", "partner_missing"]
    assert fresh(round_).is_blind


def test_closed_round_lets_nothing_of_the_company_be_known(filled, editor):
    submission = CompanySubmission.objects.get()
    with pytest.raises(NotAllowed):
        accept_submission(submission=submission, by=editor, now=NOW, today=TODAY)
    assert submission.is_sealed
    assert not CompanySubmission.objects.readable().exists()
    assert not ExpectationAnswer.objects.filter(side="partner").exists()
    assert not ExpectationAnswer.history.filter(side="partner").exists()
    for word in (SECRET, "相手方の期待"):
        assert word not in str(story(filled.agreement))
    assert "自治体の期待" in str(story(filled.agreement))
    assert not blocks_approval(filled.agreement)
    SearchDocument.objects.refresh([filled.agreement_id])
    assert SECRET not in filled.agreement.search_document.internal_text


def test_closed_round_gives_the_company_nothing_of_the_city(filled, editor):
    sheet = read_sheet(filled, viewer="partner")
    assert all(row.own is None for row in sheet.rows)
    version = sheet.version()
    take_back_answers(round_=filled, by=editor, version=filled.version)
    save_answers(round_=filled, answers=own_answers(filled, "paid"), by=editor, version=fresh(filled).version)
    assert read_sheet(fresh(filled), viewer="partner").version() == version  # nothing to guess from


def test_sealed_answers_of_a_cancelled_round_stay_closed(filled, editor):
    cancel_round(round_=filled, by=editor, version=filled.version, reason="中止", now=NOW)
    assert CompanySubmission.objects.get().is_sealed
    assert read_sheet(fresh(filled), viewer="partner").rows[0].own is None


def test_opening_shows_both_and_says_who_and_when(filled, editor):
    open_round(round_=filled, by=editor, version=filled.version, now=NOW)
    round_ = fresh(filled)
    assert (round_.state, round_.opened_by, round_.opened_at) == ("opened", editor, NOW)
    assert blocks_approval(round_.agreement)  # although nobody has taken the answer over
    accept_submission(submission=CompanySubmission.objects.get(), by=editor, now=NOW, today=TODAY)
    sheet = read_sheet(round_, viewer="own", today=TODAY)
    assert sheet.rows[0].partner.expects == SECRET
    assert "市は無償、相手方は有償と考えています。" in [each.message for each in sheet.rows[0].findings]
    assert "相手方の期待" in str(story(round_.agreement))
    assert ExpectationAnswer.history.filter(expects=SECRET).exists()


def test_acceptance_of_some_rows_and_its_undo(filled, editor):
    open_round(round_=filled, by=editor, version=filled.version, now=NOW)
    first = filled.rows.first()
    submission = CompanySubmission.objects.get()
    accepted = accept_submission(submission=submission, by=editor, now=NOW, today=TODAY, rows=[first.pk])
    assert accepted.state == "partly"
    assert ExpectationAnswer.objects.filter(side="partner").count() == 1
    take_back_acceptance(submission=submission, by=editor, now=NOW)
    assert not ExpectationAnswer.objects.filter(side="partner").exists()
    assert CompanySubmission.objects.get().is_pending


def test_rejection_needs_a_reason_and_can_be_taken_back(filled, editor):
    submission = CompanySubmission.objects.get()
    with pytest.raises(NotAllowed):
        reject_submission(submission=submission, by=editor, now=NOW, reason=" ")
    reject_submission(submission=submission, by=editor, now=NOW, reason="別の会社の回答だった")
    with pytest.raises(NotAllowed):
        open_round(round_=filled, by=editor, version=filled.version, now=NOW)
    restore_submission(submission=submission, by=editor)
    assert CompanySubmission.objects.get().is_pending


def test_second_submission_replaces_the_waiting_one(filled):
    sent(filled, cost="free")
    states = CompanySubmission.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["replaced", "pending"]


def test_undo_of_the_acceptance_restores_the_former_answer(opened, editor):
    second = sent(opened, cost="free")
    accept_submission(submission=second, by=editor, now=NOW, today=TODAY)
    take_back_acceptance(submission=second, by=editor, now=NOW)
    assert set(ExpectationAnswer.objects.filter(side="partner").values_list("cost", flat=True)) == {"paid"}


def test_e03_holds_until_both_confirmed_one_cost(opened, editor):
    agreement = opened.agreement
    assert blocks_approval(agreement)
    settle(opened, editor)
    assert blocks_approval(agreement)
    confirm(opened, editor, "own")
    assert blocks_approval(agreement)
    confirm(opened, editor, "partner")
    assert not blocks_approval(agreement)
    assert fresh(opened).state == "confirmed"


def test_expected_order_without_procurement_blocks_and_cannot_be_confirmed(filled, editor):
    sent(filled, cost="free", kinds=["order"])
    open_round(round_=filled, by=editor, version=filled.version, now=NOW)
    accept_submission(submission=CompanySubmission.objects.pending().get(), by=editor, now=NOW, today=TODAY)
    assert blocks_approval(filled.agreement)
    settle(filled, editor)
    with pytest.raises(NotAllowed, match="受注"):
        confirm(filled, editor, "own")
    settle(filled, editor, procurement="needed")
    assert blocks_approval(filled.agreement)
    settle(filled, editor, procurement="needed", procurement_method="公募型プロポーザル")
    assert not blocks_approval(filled.agreement)
    confirm(filled, editor, "own")


def test_confirmation_needs_the_agreed_wording(opened, editor):
    with pytest.raises(NotAllowed, match="合意した内容"):
        confirm(opened, editor, "own")


def test_changed_row_needs_a_new_confirmation_and_keeps_the_old(opened, editor):
    settle(opened, editor)
    confirm(opened, editor, "own")
    confirm(opened, editor, "partner")
    first = opened.rows.first()
    propose_wording(
        round_=opened, rows={first.pk: {"agreed_wording": "年3回"}}, by=editor, version=fresh(opened).version
    )
    round_ = fresh(opened)
    assert round_.state == "opened"
    row = next(each for each in read_sheet(round_, viewer="own").rows if each.row == first)
    assert not row.is_confirmed
    assert {each.content["合意した内容"] for each in row.outdated_confirmations} == {"年2回、健康教室を開く"}
    confirm(round_, editor, "own", rows=[first.pk])
    confirm(round_, editor, "partner", rows=[first.pk])
    assert fresh(round_).state == "confirmed"
    assert ExpectationConfirmation.objects.filter(row=first).count() == 4


def test_withdrawn_confirmation_stays_on_record(opened, editor):
    settle(opened, editor)
    confirm(opened, editor, "own")
    confirm(opened, editor, "partner")
    rows = list(opened.rows.values_list("pk", flat=True))
    withdraw_confirmations(
        round_=opened, side="partner", rows=rows, by=editor, version=fresh(opened).version, now=NOW
    )
    assert fresh(opened).state == "opened"
    assert ExpectationConfirmation.objects.exclude(withdrawn_at=None).count() == len(rows)
    confirm(opened, editor, "partner")
    assert fresh(opened).state == "confirmed"


def test_company_confirms_by_itself_only_what_it_saw(opened, editor):
    settle(opened, editor)
    sheet = read_sheet(opened, viewer="partner")
    content = {
        "rows": [row.row.pk for row in sheet.rows],
        "name": "見本 花子",
        "title": "地域連携部長",
        "confirmed_on": "2026-09-30",
        "hashes": {str(row.row.pk): row.content_hash for row in sheet.rows},
    }
    kwargs = {"agreement": opened.agreement, "round_": opened, "kind": "confirmation", "source": "link"}
    submission = receive_submission(**kwargs, payload=content, now=NOW)
    assert not ExpectationConfirmation.objects.exists()
    settle(opened, editor, roles="市が会場を用意する")
    with pytest.raises(NotAllowed, match="確認した後に内容が変わった"):
        accept_submission(submission=submission, by=editor, now=NOW, today=TODAY)
    settle(opened, editor, roles="")
    accept_submission(submission=submission, by=editor, now=NOW, today=TODAY)
    assert {each.person for each in ExpectationConfirmation.objects.all()} == {"地域連携部長 見本 花子"}
    take_back_acceptance(submission=submission, by=editor, now=NOW)
    assert not ExpectationConfirmation.objects.standing().exists()


def test_cancelled_round_can_be_resumed_unless_another_runs(filled, editor):
    with pytest.raises(NotAllowed, match="理由"):
        cancel_round(round_=filled, by=editor, version=filled.version, reason="", now=NOW)
    cancel_round(round_=filled, by=editor, version=filled.version, reason="相手方の都合", now=NOW)
    resume_round(round_=filled, by=editor, version=fresh(filled).version)
    assert fresh(filled).state == "filling"
    cancel_round(round_=filled, by=editor, version=fresh(filled).version, reason="相手方の都合", now=NOW)
    start_round(agreement=filled.agreement, by=editor)
    with pytest.raises(NotAllowed, match="別のすり合わせ"):
        resume_round(round_=filled, by=editor, version=fresh(filled).version)


def test_new_round_begins_with_what_the_last_one_settled(opened, editor):
    settle(opened, editor, not_to_do="営業名簿は渡さない")
    confirm(opened, editor, "own")
    confirm(opened, editor, "partner")
    second = start_round(agreement=opened.agreement, by=editor)
    sheet = read_sheet(second, viewer="own")
    assert {row.row.not_to_do for row in sheet.rows} == {"営業名簿は渡さない"}
    assert {row.own.expects for row in sheet.rows} == {"健康教室を開きたい"}
    assert {row.row.agreed_wording for row in sheet.rows} == {""}
    with pytest.raises(NotAllowed, match="新しいすり合わせ"):
        settle(opened, editor, roles="変える")


def test_items_changed_since_are_taken_in(agreement, editor):
    round_ = start_round(agreement=agreement, by=editor)
    first, second = agreement.cooperation_fields.all()
    first.text = "書き直した事項"
    first.save()
    second.delete()
    agreement.cooperation_fields.create(number=3, text="新しい事項")
    take_in_items(round_=round_, by=editor, version=1)
    assert [row.item_text for row in round_.rows.all()] == ["書き直した事項", "新しい事項"]
