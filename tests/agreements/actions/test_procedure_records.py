"""提案票, 庁内意見, 締結式 and the criteria: what is written, what is refused, who owes what."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.db import transaction as database

from agreements.actions import proposals as criteria
from agreements.actions.opinions import answer_opinion, ask_opinions, restore_opinion, withdraw_opinion
from agreements.actions.proposals import CriterionAnswer, receive_proposal
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.signing import cancel_ceremony, record_ceremony, restore_ceremony
from agreements.actions.transition import NotAllowed
from agreements.choices import AgreementState
from agreements.models import Agreement, DepartmentOpinion, IntakeCriterion, SigningCeremony
from tests.factories import AgreementFactory, DepartmentFactory, StaffMemberFactory

TODAY = date(2026, 10, 1)
NOW = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
S = AgreementState
LATE = [S.APPROVING, S.ACTIVE, S.SUSPENDED, S.ENDED, S.DECLINED]


@pytest.fixture
def agreement(fukuoka) -> Agreement:
    return AgreementFactory(municipality=fukuoka, draft=True, state=S.REVIEWING)


@pytest.fixture
def ask(agreement, manager):
    def ask_(*departments, due_on=TODAY, **values):
        facts = {"question": "ご意見を伺います。", "asked_on": TODAY - timedelta(days=14), "by": manager}
        return ask_opinions(
            agreement=agreement, departments=departments, due_on=due_on, **{**facts, **values}
        )

    return ask_


def move_to(agreement, state) -> None:
    ended = {"ended_reason": "mutual"} if state == S.ENDED else {}
    Agreement.objects.filter(pk=agreement.pk).update(state=state, **ended)


class TestOpinions:
    def test_due_on_the_day_and_after_until_answered(self, ask, fukuoka, manager):
        (opinion,) = ask(DepartmentFactory(municipality=fukuoka))
        opinions = DepartmentOpinion.objects
        assert [opinions.due(TODAY + timedelta(days=days)).count() for days in (-1, 0, 1)] == [0, 1, 1]
        answer = {"answer": "agreed", "text": "", "by": manager, "now": NOW, "seen": None}
        answered = answer_opinion(opinion=opinion, **answer)
        assert (answered.answer, answered.answered_by, answered.answered_on) == ("agreed", manager, TODAY)
        assert not opinions.unanswered().exists()
        assert answered.history.first().answer == "agreed"

    @pytest.mark.parametrize("state", LATE)
    def test_nothing_is_owed_or_written_once_it_is_too_late(self, agreement, ask, fukuoka, manager, state):
        (opinion,) = ask(department := DepartmentFactory(municipality=fukuoka))
        move_to(agreement, state)
        assert not DepartmentOpinion.objects.unanswered().exists()
        assert not DepartmentOpinion.objects.answerable_by(manager).exists()
        answer = {"answer": "agreed", "text": "", "by": manager, "now": NOW, "seen": None}
        for act in (
            lambda: ask(department),
            lambda: answer_opinion(opinion=opinion, **answer),
            lambda: withdraw_opinion(opinion=opinion, now=NOW),
        ):
            with pytest.raises(NotAllowed, match="決裁に回った後"):
                act()

    def test_a_deleted_agreement_owes_nothing(self, agreement, ask, fukuoka):
        ask(DepartmentFactory(municipality=fukuoka))
        Agreement.objects.filter(pk=agreement.pk).update(deleted_at=NOW)
        assert not DepartmentOpinion.objects.unanswered().exists()

    def test_the_asked_section_answers_and_managers_for_it(self, ask, fukuoka, obuse, manager, editor):
        asked = DepartmentFactory(municipality=fukuoka)
        ask(asked)
        may = {
            "viewer": StaffMemberFactory(viewer=True, municipality=fukuoka, department=asked),
            "editor": StaffMemberFactory(editor=True, municipality=fukuoka, department=asked),
            "manager": manager,
        }
        may_not = {
            "other section": editor,
            "no section": StaffMemberFactory(editor=True, municipality=fukuoka, department=None),
            "neighbour": StaffMemberFactory(manager=True, municipality=obuse),
        }
        for who, member in {**may, **may_not}.items():
            found = DepartmentOpinion.objects.answerable_by(member).exists()
            assert found is (who in may), who

    def test_a_section_is_asked_once_at_a_time_but_again_after_its_answer(self, ask, fukuoka, manager):
        department = DepartmentFactory(municipality=fukuoka, name="健康課")
        (opinion,) = ask(department)
        with pytest.raises(NotAllowed, match="健康課"):
            ask(DepartmentFactory(municipality=fukuoka), department)
        assert DepartmentOpinion.objects.count() == 1
        answer = {"answer": "opposed", "text": "予算がない", "by": manager, "now": NOW, "seen": None}
        answer_opinion(opinion=opinion, **answer)
        ask(department)
        assert DepartmentOpinion.objects.count() == 2

    def test_an_answer_is_changed_only_by_who_saw_it(self, ask, fukuoka, manager):
        (opinion,) = ask(DepartmentFactory(municipality=fukuoka))
        answer = {"answer": "agreed", "text": "", "by": manager, "now": NOW}
        answer_opinion(opinion=opinion, seen=None, **answer)
        with pytest.raises(ChangedMeanwhile):
            answer_opinion(opinion=opinion, seen=None, **answer)
        later = {**answer, "answer": "conditional", "text": "費用を確かめる", "now": NOW + timedelta(hours=1)}
        assert answer_opinion(opinion=opinion, seen=NOW, **later).answer == "conditional"

    def test_a_withdrawn_question_is_not_answered_and_comes_back(self, ask, fukuoka, manager):
        (opinion,) = ask(department := DepartmentFactory(municipality=fukuoka))
        withdraw_opinion(opinion=opinion, now=NOW)
        answer = {"answer": "agreed", "text": "", "by": manager, "now": NOW, "seen": None}
        with pytest.raises(ChangedMeanwhile):
            answer_opinion(opinion=opinion, **answer)
        restore_opinion(opinion=opinion)
        assert DepartmentOpinion.objects.unanswered().get() == opinion
        withdraw_opinion(opinion=opinion, now=NOW)
        ask(department)
        with pytest.raises(NotAllowed, match="改めて照会"):
            restore_opinion(opinion=opinion)

    @pytest.mark.parametrize(
        "values",
        [
            {"answer": "opposed", "answered_at": NOW},
            {"answer": "agreed"},
            {"answered_at": NOW},
            {"due_on": TODAY - timedelta(days=1)},
        ],
    )
    def test_the_database_keeps_what_belongs_together(self, agreement, fukuoka, values):
        values = {"asked_on": TODAY, "due_on": TODAY, "question": "？", **values}
        with pytest.raises(IntegrityError), database.atomic():
            DepartmentOpinion.objects.create(
                agreement=agreement, department=DepartmentFactory(municipality=fukuoka), **values
            )


class TestProposal:
    VALUES = {"proposer": "見本商事", "summary": "見守り", "received_on": TODAY}

    def test_keeps_the_question_as_it_was_asked(self, agreement, fukuoka):
        criterion = criteria.add_criterion(municipality=fukuoka, values={"text": "営業ではない"})
        answer = CriterionAnswer(criterion=criterion, result="met", note="提案書で確かめた")
        proposal = receive_proposal(agreement=agreement, values=self.VALUES, answers=[answer], seen=None)
        criterion.text = "営業だけが目的ではない"
        criterion.save()
        proposal = receive_proposal(
            agreement=agreement, values=self.VALUES, answers=[answer], seen=proposal.updated_at
        )
        assert [(each.question, each.result) for each in proposal.answers.all()] == [("営業ではない", "met")]
        receive_proposal(agreement=agreement, values=self.VALUES, answers=[], seen=proposal.updated_at)
        assert not proposal.answers.exists()

    def test_who_saw_an_older_one_is_told(self, agreement):
        receive_proposal(agreement=agreement, values=self.VALUES, answers=[], seen=None)
        with pytest.raises(ChangedMeanwhile):
            receive_proposal(agreement=agreement, values=self.VALUES, answers=[], seen=None)

    @pytest.mark.parametrize("state", LATE)
    def test_is_closed_once_the_approval_began(self, agreement, state):
        move_to(agreement, state)
        with pytest.raises(NotAllowed, match="決裁に回った後"):
            receive_proposal(agreement=agreement, values=self.VALUES, answers=[], seen=None)


class TestCriteria:
    def test_the_usual_ones_come_once(self, fukuoka):
        assert len(criteria.add_usual_criteria(municipality=fukuoka)) == len(criteria.USUAL_CRITERIA)
        assert criteria.add_usual_criteria(municipality=fukuoka) == []

    @pytest.mark.parametrize(
        ("place", "by_places", "order"),
        [(0, 1, "bac"), (2, -1, "acb"), (0, -1, "abc"), (2, 1, "abc"), (1, 1, "acb")],
    )
    def test_move_up_and_down(self, fukuoka, obuse, place, by_places, order):
        for text in "abc":
            criteria.add_criterion(municipality=fukuoka, values={"text": text})
        criteria.add_criterion(municipality=obuse, values={"text": "x"})
        ours = IntakeCriterion.objects.filter(municipality=fukuoka)
        criteria.move_criterion(criterion=ours[place], by_places=by_places, today=TODAY)
        assert "".join(each.text for each in ours.all()) == order

    @pytest.mark.parametrize("valid_from", [None, TODAY, date(2026, 12, 1)])
    def test_ending_takes_effect_today_and_can_be_taken_back(self, fukuoka, valid_from):
        criterion = criteria.add_criterion(
            municipality=fukuoka, values={"text": "a", "valid_from": valid_from}
        )
        criteria.end_criterion(criterion=criterion, today=TODAY)
        assert criterion.is_over(TODAY)
        assert not IntakeCriterion.objects.valid(TODAY).exists()
        criteria.reopen_criterion(criterion=criterion)
        assert IntakeCriterion.objects.valid(TODAY).exists()


class TestCeremony:
    VALUES = {"held_on": TODAY, "place": "市役所"}

    def test_recorded_changed_cancelled_and_back(self, agreement):
        move_to(agreement, S.APPROVING)
        ceremony = record_ceremony(agreement=agreement, values=self.VALUES, seen=None)
        with pytest.raises(ChangedMeanwhile):
            record_ceremony(agreement=agreement, values=self.VALUES, seen=None)
        ceremony = record_ceremony(agreement=agreement, values={"place": "ホテル"}, seen=ceremony.updated_at)
        cancel_ceremony(ceremony=ceremony, now=NOW)
        restore_ceremony(ceremony=ceremony)
        stored = SigningCeremony.objects.get()
        assert (stored.place, stored.cancelled_at) == ("ホテル", None)

    @pytest.mark.parametrize("state", [S.PROPOSED, S.REVIEWING, S.DECLINED])
    def test_not_before_there_is_something_to_sign(self, agreement, state):
        move_to(agreement, state)
        with pytest.raises(NotAllowed):
            record_ceremony(agreement=agreement, values=self.VALUES, seen=None)
