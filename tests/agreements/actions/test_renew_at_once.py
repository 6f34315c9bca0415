"""更新判断 and 変更 by two people, or a person and the nightly run, at the same moment."""

from collections import Counter
from datetime import date

import pytest

from agreements.actions.amendments import change_amendment, merge_amendment, start_amendment
from agreements.actions.renew import decide_renewal, record_tacit_renewals
from agreements.actions.standing import end
from agreements.choices import RenewalChoice
from agreements.models import Agreement, Amendment, RenewalDecision
from tests.agreements.actions.test_two_at_once import TODAY, at_once, call
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db(transaction=True)
TERM = date(2027, 3, 31)


@pytest.fixture
def agreement(fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, renewing=True, whole=True)
    agreement.set_expiry(TODAY)
    agreement.save()
    return agreement


def decide(agreement, by, decision=RenewalChoice.RENEWED):
    return call(
        decide_renewal, agreement, by, term=TERM, decision=decision, decided_on=TODAY, reason="続ける"
    )


@pytest.mark.parametrize("repeat", range(3))
def test_of_two_decisions_one_counts(agreement, manager, editor, repeat):
    acts = [decide(agreement, manager), decide(agreement, editor, RenewalChoice.ENDING)]
    assert Counter(at_once(*acts)) == {"done": 1, "ChangedMeanwhile": 1}
    agreement.refresh_from_db()
    made = RenewalDecision.objects.get(term=TERM)
    assert (agreement.terminates_on == TERM) == (made.decision == RenewalChoice.ENDING)


def test_deciding_against_ending(agreement, manager, editor):
    results = at_once(
        decide(agreement, manager), call(end, agreement, editor, ended_on=TODAY, ended_reason="mutual")
    )
    assert Counter(results) == {"done": 1, "ChangedMeanwhile": 1}
    agreement.refresh_from_db()
    assert RenewalDecision.objects.filter(term=TERM).exists() == (agreement.state == "active")


@pytest.mark.parametrize("repeat", range(3))
def test_nightly_runs_and_a_decision_write_each_term_once(agreement, manager, repeat):
    results = at_once(
        decide(agreement, manager),
        lambda: record_tacit_renewals(today=TODAY),
        lambda: record_tacit_renewals(today=TODAY),
    )
    assert results == ["done"] * 3
    terms = list(RenewalDecision.objects.values_list("term", "decision"))
    assert sorted(terms) == [(date(2025, 3, 31), "tacit"), (date(2026, 3, 31), "tacit"), (TERM, "renewed")]


def amended(agreement, by, title):
    agreement.refresh_from_db()
    draft = start_amendment(
        agreement=agreement, reason="見直し", by=by, version=agreement.version, today=TODAY
    )
    text = type(draft.text)(**{**draft.text.values(), "title": title}, items=draft.text.items)
    return change_amendment(amendment=draft, text=text, reason="見直し", version=1)


def merge(draft, by, number="企第7号"):
    facts = {"document_number": number, "decided_on": TODAY, "effective_on": TODAY}
    seen = Amendment.objects.get(pk=draft.pk).version
    return call(merge_amendment, draft.agreement, by, amendment=draft, seen=seen, **facts)


def test_a_draft_is_merged_once(agreement, manager, editor):
    draft = amended(agreement, manager, "新しい協定")
    results = at_once(merge(draft, manager), merge(draft, editor, "企第8号"))
    assert Counter(results) == {"done": 1, "ChangedMeanwhile": 1}
    draft.refresh_from_db()
    assert draft.document_number == ("企第7号" if results[0] == "done" else "企第8号")


def test_one_document_number_for_two_amendments(fukuoka, manager, editor):
    drafts = [
        amended(AgreementFactory(municipality=fukuoka, whole=True), manager, title) for title in ("一", "二")
    ]
    results = at_once(merge(drafts[0], manager), merge(drafts[1], editor))
    assert Counter(results) == {"done": 1, "NotAllowed": 1}
    assert Agreement.objects.filter(title__in=["一", "二"]).count() == 1
