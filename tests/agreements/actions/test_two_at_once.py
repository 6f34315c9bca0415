"""Two people act on one agreement at the same moment, each on a connection of their own; a process is killed.

On PostgreSQL the second one waits inside the database until the first commits; on SQLite at its door.
"""

import os
import signal
import threading
import time
from collections import Counter
from datetime import date, datetime

import pytest
from django.db import connection, connections
from django.utils import timezone

from agreements.actions import transition as moves
from agreements.actions.approvals import approve, send_back, submit_for_approval
from agreements.actions.drafts import AgreementDraft
from agreements.actions.opinions import answer_opinion, ask_opinions
from agreements.actions.proposals import receive_proposal
from agreements.actions.register import ChangedMeanwhile, change_agreement
from agreements.actions.signing import sign
from agreements.actions.standing import decline, end, suspend
from agreements.actions.transition import NotAllowed
from agreements.actions.undo import undo_last_transition
from agreements.choices import AgreementState
from agreements.models import Agreement, Approval, DepartmentOpinion, Proposal, Transition
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 10, 1)
S = AgreementState


def at_once(*acts) -> list[str]:
    """Run each act in a thread with its own connection; returns what became of each."""
    ready = threading.Barrier(len(acts))
    results = [""] * len(acts)

    def run(place: int, act) -> None:
        try:
            ready.wait()
            act()
            results[place] = "done"
        except (ChangedMeanwhile, NotAllowed) as refusal:
            results[place] = type(refusal).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def slow_moves(monkeypatch):
    """Every move takes its time between its first write and its last, so that the two surely meet."""
    write_state = moves.write_state

    def write_slowly(*args, **kwargs):
        time.sleep(0.2)
        write_state(*args, **kwargs)

    for module in ("transition", "approvals", "undo"):
        monkeypatch.setattr(f"agreements.actions.{module}.write_state", write_slowly)


def make(municipality, state=S.NEGOTIATING, **values) -> Agreement:
    values = {"signed_on": None, "effective_on": None, "whole": True, **values}
    return AgreementFactory(municipality=municipality, state=state, **values)


def call(verb, agreement, by, **facts):
    """The verb as somebody calls it who has the page open: with the version and state of now."""
    seen = Agreement.objects.get(pk=agreement.pk)
    return lambda: verb(agreement=seen, by=by, version=seen.version, today=TODAY, **facts)


def approving(municipality, by) -> Agreement:
    agreement = make(municipality)
    call(submit_for_approval, agreement, by, on=TODAY)()
    return agreement


NUMBER = {"on": TODAY, "document_number": "企第1号", "decider_title": "市長"}


@pytest.mark.parametrize("repeat", range(3))
def test_of_two_submissions_one_counts(fukuoka, manager, editor, slow_moves, repeat):
    agreement = make(fukuoka)
    acts = [call(submit_for_approval, agreement, by, on=TODAY) for by in (manager, editor)]
    assert Counter(at_once(*acts)) == {"done": 1, "ChangedMeanwhile": 1}
    assert Approval.objects.count() == Transition.objects.count() == 1


def test_submitting_against_declining(fukuoka, manager, editor, slow_moves):
    agreement = make(fukuoka)
    results = at_once(
        call(submit_for_approval, agreement, manager, on=TODAY),
        call(decline, agreement, editor, on=TODAY, reason="予算がつかない"),
    )
    assert Counter(results) == {"done": 1, "ChangedMeanwhile": 1}
    agreement.refresh_from_db()
    assert Transition.objects.get().to_state == agreement.state
    assert Approval.objects.count() == (agreement.state == S.APPROVING)


def test_approving_against_sending_back(fukuoka, manager, editor, slow_moves):
    agreement = approving(fukuoka, manager)
    results = at_once(
        call(approve, agreement, manager, **NUMBER),
        call(send_back, agreement, editor, on=TODAY, comment="誤記がある"),
    )
    assert Counter(results) == {"done": 1, "ChangedMeanwhile": 1}
    agreement.refresh_from_db()
    approval = Approval.objects.get()
    if results[0] == "done":
        assert (agreement.state, agreement.document_number, approval.decision) == (
            S.APPROVING,
            "企第1号",
            "approved",
        )
    else:
        assert (agreement.state, agreement.document_number, approval.decision) == (
            S.NEGOTIATING,
            "",
            "sent_back",
        )


def test_signing_twice(fukuoka, manager, editor, slow_moves):
    agreement = approving(fukuoka, manager)
    call(approve, agreement, manager, **NUMBER)()
    acts = [call(sign, agreement, by, signed_on=TODAY, paper_original_only=True) for by in (manager, editor)]
    assert Counter(at_once(*acts)) == {"done": 1, "ChangedMeanwhile": 1}
    assert Transition.objects.filter(to_state=S.ACTIVE).count() == 1


def test_suspending_against_ending(fukuoka, manager, editor, slow_moves):
    agreement = make(fukuoka, S.ACTIVE, signed_on=date(2026, 4, 1))
    results = at_once(
        call(suspend, agreement, manager, on=TODAY),
        call(end, agreement, editor, ended_on=TODAY, ended_reason="mutual"),
    )
    assert Counter(results) == {"done": 1, "ChangedMeanwhile": 1}
    agreement.refresh_from_db()
    assert (agreement.ended_on is not None) == (agreement.state == S.ENDED)


def test_taking_back_twice_takes_back_once(fukuoka, manager, editor, slow_moves):
    agreement = approving(fukuoka, manager)
    acts = [call(undo_last_transition, agreement, by, reason="誤操作") for by in (manager, editor)]
    assert Counter(at_once(*acts)) == {"done": 1, "ChangedMeanwhile": 1}
    assert Transition.objects.exclude(undoes=None).count() == 1


def test_the_text_is_not_edited_while_it_goes_to_the_approval(fukuoka, manager, slow_moves):
    agreement = make(fukuoka, title="決裁に回った文言")
    seen = Agreement.objects.get(pk=agreement.pk)
    draft = AgreementDraft(values={"title": "後から直した文言"})
    results = at_once(
        call(submit_for_approval, agreement, manager, on=TODAY),
        lambda: change_agreement(agreement=seen, version=seen.version, draft=draft, today=TODAY),
    )
    agreement.refresh_from_db()
    if results[0] == "done":
        assert results[1] == "ChangedMeanwhile"
        assert (agreement.state, agreement.title) == (S.APPROVING, "決裁に回った文言")
        assert agreement.cooperation_fields.count() == 2
    else:
        assert (agreement.state, agreement.title) == (S.NEGOTIATING, "後から直した文言")


def test_one_document_number_for_two_agreements(fukuoka, manager, editor, slow_moves):
    acts = [call(approve, approving(fukuoka, by), by, **NUMBER) for by in (manager, editor)]
    assert Counter(at_once(*acts)) == {"done": 1, "NotAllowed": 1}
    assert Agreement.objects.filter(document_number="企第1号").count() == 1
    assert Approval.objects.filter(decision="approved").count() == 1


def test_two_colleagues_answer_the_same_question(fukuoka, manager, editor, viewer):
    agreement = make(fukuoka, S.REVIEWING)
    (asked,) = ask_opinions(
        agreement=agreement,
        departments=[editor.department],
        question="ご意見を伺います。",
        asked_on=TODAY,
        due_on=TODAY,
        by=manager,
    )

    def answer(by, text):
        opinion = DepartmentOpinion.objects.get(pk=asked.pk)
        facts = {"by": by, "now": timezone.now(), "seen": None}
        return lambda: answer_opinion(opinion=opinion, answer="conditional", text=text, **facts)

    results = at_once(answer(editor, "費用を確かめること"), answer(viewer, "期間を短くすること"))
    assert Counter(results) == {"done": 1, "ChangedMeanwhile": 1}
    asked.refresh_from_db()
    assert (asked.answered_by, asked.text) == (
        (editor, "費用を確かめること") if results[0] == "done" else (viewer, "期間を短くすること")
    )


def test_one_proposal_for_one_agreement(fukuoka):
    agreement = make(fukuoka, S.PROPOSED)

    def receive(proposer):
        values = {"proposer": proposer, "summary": "見守り", "received_on": TODAY}
        return lambda: receive_proposal(agreement=agreement, values=values, answers=[], seen=None)

    assert Counter(at_once(receive("見本商事"), receive("見本物産"))) == {"done": 1, "ChangedMeanwhile": 1}
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize("dies_in", ["open_round", "write_state"])
def test_a_killed_process_leaves_nothing_half_done(fukuoka, manager, dies_in):
    agreement = make(fukuoka)
    before = Agreement.objects.filter(pk=agreement.pk).values().get()
    connections.close_all()
    child = os.fork()
    if child == 0:
        connection.connection = None
        setattr(moves, dies_in, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
        try:
            call(submit_for_approval, agreement, manager, on=TODAY)()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert Agreement.objects.filter(pk=agreement.pk).values().get() == before
    assert not Transition.objects.exists()
    assert not Approval.objects.exists()
    call(submit_for_approval, agreement, manager, on=TODAY)()  # nothing is stuck
    assert isinstance(Transition.objects.get().at, datetime)
