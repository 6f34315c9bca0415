"""Two people with one worksheet, or a company that sends twice, at the same moment."""

from collections import Counter

import pytest

from agreements.actions.expectations import open_round, save_answers
from agreements.actions.submissions import accept_submission, receive_submission, reject_submission
from agreements.models import CompanySubmission, ExpectationAnswer
from tests.agreements.actions.test_two_at_once import at_once
from tests.factories import AgreementFactory
from tests.factories.worksheets import NOW, TODAY, filled_round, opened_round, payload, stored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agreement(editor):
    return AgreementFactory(whole=True, municipality=editor.municipality, department=editor.department)


def send(round_):
    return receive_submission(
        agreement=round_.agreement,
        round_=round_,
        kind="answers",
        source="link",
        payload=payload(round_),
        now=NOW,
    )


def test_of_two_openings_one_counts(agreement, editor, manager):
    round_ = filled_round(agreement, editor)

    def opening(by):
        return lambda: open_round(round_=round_, by=by, version=round_.version, now=NOW)

    assert Counter(at_once(opening(editor), opening(manager))) == {"done": 1, "ChangedMeanwhile": 1}
    assert stored(round_).opened_by in (editor, manager)


def test_a_submission_is_accepted_or_rejected_never_both(agreement, editor, manager):
    round_ = opened_round(agreement, editor)
    submission = send(round_)
    ExpectationAnswer.objects.filter(side="partner").delete()
    results = at_once(
        lambda: accept_submission(submission=submission, by=editor, now=NOW, today=TODAY),
        lambda: reject_submission(submission=submission, by=manager, now=NOW, reason="重複"),
    )
    assert Counter(results) == {"done": 1, "ChangedMeanwhile": 1}
    submission.refresh_from_db()
    assert ExpectationAnswer.objects.filter(side="partner").exists() == submission.is_taken


def test_of_two_submissions_at_once_one_waits(agreement, editor):
    round_ = opened_round(agreement, editor)
    assert at_once(lambda: send(round_), lambda: send(round_)) == ["done", "done"]
    assert CompanySubmission.objects.pending().count() == 1


def test_of_two_writers_one_is_told(agreement, editor, manager):
    round_ = opened_round(agreement, editor)

    def writing(by, cost):
        answers = {row.pk: {"cost": cost} for row in round_.rows.all()}
        return lambda: save_answers(round_=round_, answers=answers, by=by, version=round_.version)

    results = at_once(writing(editor, "paid"), writing(manager, "at_cost"))
    assert Counter(results) == {"done": 1, "ChangedMeanwhile": 1}
    assert ExpectationAnswer.objects.filter(side="own").values("cost").distinct().count() == 1
