"""Moves of an agreement: guards, records, locks, and every way back."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.db import IntegrityError
from django.db import transaction as database
from django.db.models import RestrictedError

from agreements.actions.approvals import approve, send_back, submit_for_approval, withdraw_approval
from agreements.actions.obliterate import obliterate
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.signing import sign
from agreements.actions.standing import decline, end, resume, suspend
from agreements.actions.transition import NotAllowed, transition
from agreements.actions.undo import last_undoable, undo_last_transition
from agreements.choices import AgreementState, ApprovalDecision, DocumentKind
from agreements.domain import lifecycle
from agreements.domain.lifecycle import State
from agreements.models import Agreement, Approval, Transition
from tests.factories import AgreementFactory, DocumentFactory, PartyFactory

TODAY = date(2026, 10, 1)
S = AgreementState


@pytest.fixture
def whole(fukuoka):
    """An agreement with parties and items in a state, as a page shows it."""

    def make(state=S.NEGOTIATING, **values) -> Agreement:
        values = {"signed_on": None, "effective_on": None, "whole": True, **values}
        return AgreementFactory(municipality=fukuoka, state=state, **values)

    return make


@pytest.fixture
def do(manager):
    """`do(verb, agreement, **facts)` as a manager who sees the stored version."""

    def call(verb, agreement, **facts):
        stored = Agreement.objects.get(pk=agreement.pk)
        facts = {"by": manager, "version": stored.version, "today": TODAY, **facts}
        return verb(agreement=stored, **facts)

    return call


@pytest.fixture
def approved(whole, do):
    """An agreement whose 決裁 is decided, ready to be signed."""
    agreement = whole()
    do(submit_for_approval, agreement, on=TODAY)
    do(approve, agreement, on=TODAY, document_number="企第1号", decider_title="市長")
    return agreement


def refusal(verb, *args, **kwargs) -> list[str]:
    with pytest.raises(NotAllowed) as caught:
        verb(*args, **kwargs)
    return [blocker.code for blocker in caught.value.blockers]


def as_stored(agreement: Agreement) -> dict:
    return Agreement.objects.filter(pk=agreement.pk).values().get()


# -- Moves ------------------------------------------------------------------------------------------
def test_a_move_is_recorded_with_who_when_and_why(whole, do, manager):
    agreement = whole(S.PROPOSED)
    made = do(transition, agreement, target=S.REVIEWING, on=date(2026, 9, 30), comment="関係課が多い")
    agreement.refresh_from_db()
    assert (agreement.state, agreement.version) == (S.REVIEWING, 2)
    assert (made.from_state, made.to_state, made.on, made.by, made.comment) == (
        "proposed",
        "reviewing",
        date(2026, 9, 30),
        manager,
        "関係課が多い",
    )
    assert made.label == "庁内調整を始める"
    record = agreement.history.first()
    assert record.history_change_reason == "庁内調整を始める（令和8年9月30日）関係課が多い"


ALLOWED = {(t.source, t.target) for t in lifecycle.TRANSITIONS}
FORBIDDEN = [pair for pair in product(State, State) if pair not in ALLOWED]


@pytest.mark.parametrize(("source", "target"), FORBIDDEN)
def test_every_other_move_is_refused_and_writes_nothing(whole, do, source, target):
    agreement = whole(S(source.value), ended_reason="mutual" if source is State.ENDED else "")
    before = as_stored(agreement)
    facts = {"signed_on": TODAY, "ended_on": TODAY, "ended_reason": "mutual", "paper_original_only": True}
    assert refusal(do, transition, agreement, target=target.value, on=TODAY, comment="理由", **facts) == [
        "not_allowed"
    ]
    assert as_stored(agreement) == before
    assert not Transition.objects.exists()


def test_what_blocks_the_approval(whole, do):
    empty = whole(whole=False, department=None)
    assert refusal(do, submit_for_approval, empty, on=TODAY) == ["no_party", "no_item", "no_department"]
    PartyFactory(agreement=empty)
    assert refusal(do, submit_for_approval, empty, on=TODAY) == ["no_item", "no_department"]
    assert not Approval.objects.exists()


def test_what_blocks_the_signing(whole, do, approved):
    assert refusal(do, sign, approved, signed_on=TODAY) == ["no_signed_file"]
    waiting = whole()
    do(submit_for_approval, waiting, on=TODAY)
    assert refusal(do, sign, waiting, signed_on=TODAY, paper_original_only=True) == ["not_approved"]
    assert refusal(do, transition, approved, target=S.ACTIVE, on=TODAY) == ["no_signed_on", "no_signed_file"]
    assert as_stored(approved)["state"] == S.APPROVING


def test_what_blocks_the_end_and_the_decline(whole, do):
    running = whole(S.ACTIVE, signed_on=date(2026, 4, 1))
    assert refusal(do, transition, running, target=S.ENDED, on=TODAY) == ["no_ended_reason", "no_ended_on"]
    early = date(2026, 3, 31)
    assert refusal(do, end, running, ended_on=early, ended_reason="mutual") == [
        "ended_before_signed",
        "day_too_early",
    ]
    assert refusal(do, decline, whole(S.PROPOSED), on=TODAY, reason=" 　") == ["no_declined_reason"]


def test_sending_back_needs_a_reason(whole, do):
    agreement = whole()
    do(submit_for_approval, agreement, on=TODAY)
    assert refusal(do, send_back, agreement, on=TODAY, comment=" ") == ["no_comment"]


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), date(2026, 9, 29)])
def test_a_move_lies_between_the_last_one_and_today(whole, do, on):
    agreement = whole(S.PROPOSED)
    do(transition, agreement, target=S.REVIEWING, on=date(2026, 9, 30))
    (code,) = refusal(do, transition, agreement, target=S.NEGOTIATING, on=on)
    assert code == ("day_to_come" if on > TODAY else "day_too_early")


def test_the_signing_is_not_before_the_approval(approved, whole, do):
    agreement = whole()
    do(submit_for_approval, agreement, on=date(2026, 9, 1))
    do(approve, agreement, on=date(2026, 9, 20), document_number="企第9号", decider_title="市長")
    early = {"signed_on": date(2026, 9, 19), "paper_original_only": True}
    assert refusal(do, sign, agreement, **early) == ["day_too_early"]


def test_a_move_settles_only_facts_of_its_own(whole, do):
    with pytest.raises(TypeError, match="title"):
        do(transition, whole(), target=S.APPROVING, on=TODAY, title="別の名前")


def test_a_deleted_agreement_does_not_move(whole, do):
    agreement = whole(deleted_at="2026-09-01T00:00:00+09:00")
    with pytest.raises(ChangedMeanwhile):
        do(submit_for_approval, agreement, on=TODAY)


def test_who_saw_an_older_version_is_told(whole, do):
    agreement = whole()
    with pytest.raises(ChangedMeanwhile):
        do(submit_for_approval, agreement, on=TODAY, version=agreement.version - 1)
    assert as_stored(agreement)["version"] == agreement.version


# -- Approval ---------------------------------------------------------------------------------------
def test_approving_puts_number_and_day_into_the_ledger(approved):
    approved.refresh_from_db()
    approval = approved.approvals.get()
    assert (approved.document_number, approved.approved_on) == ("企第1号", TODAY)
    assert (approval.decision, approval.fiscal_year) == (ApprovalDecision.APPROVED, 2026)
    assert approved.state == S.APPROVING
    assert "企第1号" in approved.search_document.internal_text


@pytest.mark.parametrize("number", ["企第1号", "企第１号", " 企第1号 "])
def test_a_document_number_is_used_once_in_a_fiscal_year(approved, whole, do, number):
    other = whole()
    do(submit_for_approval, other, on=date(2026, 3, 31), today=TODAY)
    number = {"document_number": number, "decider_title": "市長"}
    assert refusal(do, approve, other, on=TODAY, **number) == ["document_number_taken"]
    do(approve, other, on=date(2026, 3, 31), **number)  # the fiscal year before


def test_the_number_of_an_old_agreement_counts_too(fukuoka, obuse, whole, do):
    AgreementFactory(municipality=obuse, document_number="企第7号", approved_on=TODAY)
    agreement = whole()
    do(submit_for_approval, agreement, on=TODAY)
    facts = {"on": TODAY, "document_number": "企第7号", "decider_title": "市長"}
    old = AgreementFactory(municipality=fukuoka, document_number="企第7号", approved_on=date(2026, 4, 1))
    assert refusal(do, approve, agreement, **facts) == ["document_number_taken"]
    old.approved_on = date(2026, 3, 31)
    old.save()
    do(approve, agreement, **facts)


def test_the_database_keeps_numbers_apart_and_rounds_single(approved, fukuoka):
    approval = approved.approvals.get()
    values = {"municipality": fukuoka, "drafted_on": TODAY}
    with pytest.raises(IntegrityError), database.atomic():
        Approval.objects.create(agreement=approved, **values)
    with pytest.raises(IntegrityError), database.atomic():
        Approval.objects.create(
            agreement=AgreementFactory(municipality=fukuoka),
            decision=ApprovalDecision.APPROVED,
            decider_title="市長",
            document_number=approval.document_number,
            decided_on=TODAY,
            fiscal_year=2026,
            **values,
        )


def test_approving_asks_for_everything_at_once(whole, do):
    agreement = whole()
    do(submit_for_approval, agreement, on=TODAY)
    facts = {"on": TODAY + timedelta(days=1), "document_number": " ", "decider_title": ""}
    assert refusal(do, approve, agreement, **facts) == ["no_document_number", "no_decider", "day_to_come"]


def test_only_what_waits_is_approved(whole, approved, do):
    facts = {"on": TODAY, "document_number": "企第2号", "decider_title": "市長"}
    assert refusal(do, approve, whole(), **facts) == ["nothing_to_approve"]
    assert refusal(do, approve, approved, **facts) == ["nothing_to_approve"]


def test_sent_back_and_submitted_again(approved, do):
    do(send_back, approved, on=TODAY, comment="費用負担が未定")
    approved.refresh_from_db()
    assert (approved.state, approved.document_number, approved.approved_on) == (S.NEGOTIATING, "", None)
    do(submit_for_approval, approved, on=TODAY)
    decisions = [(each.decision, each.comment) for each in approved.approvals.all()]
    assert decisions == [("sent_back", "費用負担が未定"), ("pending", "")]
    do(approve, approved, on=TODAY, document_number="企第1号", decider_title="市長")


def test_an_approval_recorded_by_mistake_is_taken_back(approved, do):
    assert refusal(do, withdraw_approval, approved, reason="") == ["no_comment"]
    do(withdraw_approval, approved, reason="別の協定の決裁だった")
    approved.refresh_from_db()
    approval = approved.approvals.get()
    assert (approved.state, approved.document_number, approved.approved_on) == (S.APPROVING, "", None)
    assert (approval.decision, approval.decided_on) == (ApprovalDecision.PENDING, None)
    assert refusal(do, withdraw_approval, approved, reason="もう一度") == ["nothing_to_withdraw"]


# -- The whole way, and back ------------------------------------------------------------------------
def test_from_the_signing_to_the_end(approved, do):
    first_expiry = date(2027, 3, 31)
    do(sign, approved, signed_on=TODAY, paper_original_only=True, first_expiry=first_expiry)
    approved.refresh_from_db()
    assert (approved.state, approved.signed_on, approved.expires_on) == (S.ACTIVE, TODAY, first_expiry)
    do(suspend, approved, on=TODAY, comment="災害対応のため")
    do(resume, approved, on=TODAY)
    do(end, approved, ended_on=TODAY, ended_reason="mutual", comment="事業の終了")
    approved.refresh_from_db()
    assert (approved.state, approved.ended_on, approved.ended_reason) == (S.ENDED, TODAY, "mutual")
    assert [made.label for made in approved.transitions.all()] == [
        "決裁に回す",
        "締結する",
        "休止する",
        "再開する",
        "終了する",
    ]


def test_every_step_can_be_taken_back_to_the_beginning(approved, do):
    do(sign, approved, signed_on=TODAY, paper_original_only=True, first_expiry=date(2027, 3, 31))
    do(suspend, approved, on=TODAY)
    do(end, approved, ended_on=TODAY, ended_reason="unilateral")
    states = []
    while last_undoable(Agreement.objects.get(pk=approved.pk)):
        made = do(undo_last_transition, approved, reason="誤操作")
        assert (made.label, made.comment, made.on) == ("直前の状態に戻す", "誤操作", TODAY)
        stored = as_stored(approved)
        states.append(stored["state"])
        if stored["state"] != S.ENDED:
            assert (stored["ended_on"], stored["ended_reason"]) == (None, "")
    assert states == [S.SUSPENDED, S.ACTIVE, S.APPROVING, S.NEGOTIATING]
    assert (stored["signed_on"], stored["first_expiry"], stored["paper_original_only"]) == (None, None, False)
    assert stored["expires_on"] is None
    assert approved.approvals.get().decision == ApprovalDecision.WITHDRAWN
    assert approved.transitions.count() == 8
    assert refusal(do, undo_last_transition, approved, reason="もう一度") == ["nothing_to_undo"]


def test_taking_back_a_signing_keeps_the_approval(approved, do):
    do(sign, approved, signed_on=TODAY, paper_original_only=True)
    do(undo_last_transition, approved, reason="締結日の誤り")
    do(sign, approved, signed_on=TODAY, paper_original_only=True)
    assert approved.approvals.get().decision == ApprovalDecision.APPROVED


@pytest.mark.parametrize("verb", ["send_back", "decline"])
def test_taking_back_what_closed_a_round_opens_it_again(whole, do, verb):
    agreement = whole()
    do(submit_for_approval, agreement, on=TODAY)
    if verb == "send_back":
        do(send_back, agreement, on=TODAY, comment="誤記")
    else:
        do(decline, agreement, on=TODAY, reason="相手方の都合")
        assert agreement.approvals.get().decision == ApprovalDecision.WITHDRAWN
    do(undo_last_transition, agreement, reason="誤操作")
    assert as_stored(agreement)["state"] == S.APPROVING
    assert agreement.approvals.get().decision == ApprovalDecision.PENDING
    do(approve, agreement, on=TODAY, document_number="企第5号", decider_title="市長")


def test_taking_back_needs_a_reason_and_something_to_take_back(whole, do):
    assert refusal(do, undo_last_transition, whole(S.ACTIVE), reason="誤操作") == ["nothing_to_undo"]
    agreement = whole(S.PROPOSED)
    do(transition, agreement, target=S.REVIEWING, on=TODAY)
    assert refusal(do, undo_last_transition, agreement, reason="　") == ["no_comment"]


def test_a_record_of_a_move_is_written_once(whole, do):
    made = do(transition, whole(S.PROPOSED), target=S.REVIEWING, on=TODAY)
    made.comment = "書き換え"
    with pytest.raises(TypeError):
        made.save()
    with pytest.raises(TypeError):
        made.delete()
    with pytest.raises(TypeError):
        Transition.objects.update(comment="書き換え")
    assert Transition.objects.get().comment == ""


# -- All or nothing ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "dies_at",
    [
        "agreements.actions.transition.open_round",
        "agreements.actions.transition.write_state",
        "agreements.actions.transition.Transition.objects.create",
    ],
)
def test_a_move_that_dies_midway_leaves_nothing(whole, do, monkeypatch, dies_at):
    agreement = whole()
    before = as_stored(agreement)

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(dies_at, die)
    with pytest.raises(KeyboardInterrupt):
        do(submit_for_approval, agreement, on=TODAY)
    assert as_stored(agreement) == before
    assert not Transition.objects.exists()
    assert not Approval.objects.exists()


def test_the_records_go_with_their_agreement_only(whole, do):
    """At the end of the retention period everything goes, also moves that were taken back."""
    agreement = whole()
    do(submit_for_approval, agreement, on=TODAY)
    do(undo_last_transition, agreement, reason="誤操作")
    with pytest.raises(RestrictedError):
        Transition.objects.filter(undoes=None).delete()
    with database.atomic():
        obliterate([agreement])
    assert not Transition.objects.exists()
    assert not Approval.objects.exists()


def test_the_signed_paper_among_the_documents_is_enough(approved, do):
    draft = DocumentFactory(agreement=approved, kind=DocumentKind.DRAFT)
    assert refusal(do, sign, approved, signed_on=TODAY) == ["no_signed_file"]
    draft.delete()
    DocumentFactory(agreement=approved, kind=DocumentKind.SIGNED)
    do(sign, approved, signed_on=TODAY)
    assert as_stored(approved)["state"] == S.ACTIVE
