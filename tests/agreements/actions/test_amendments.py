"""変更の手続き: the draft beside the running text, its merging, its end, the way back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from agreements.actions import amendments as verbs
from agreements.actions.amendments import (
    change_amendment,
    current_text,
    give_up_amendment,
    merge_amendment,
    start_amendment,
)
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.transition import NotAllowed
from agreements.choices import AgreementState, AmendmentState
from agreements.domain.agreement_text import ItemText
from agreements.models import ActionItem, Agreement, Amendment
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)
DECISION = {"document_number": "企第７号", "decided_on": TODAY, "effective_on": TODAY}


@pytest.fixture
def running(fukuoka):
    return lambda **values: AgreementFactory(
        municipality=fukuoka, **{"whole": True, "renewing": True, "title": "もとの協定", **values}
    )


@pytest.fixture
def start(manager):
    def call(agreement, **facts):
        seen = Agreement.objects.get(pk=agreement.pk)
        facts = {"reason": "連携の範囲を広げる", "version": seen.version, **facts}
        return start_amendment(agreement=seen, by=manager, today=TODAY, **facts)

    return call


@pytest.fixture
def merge(manager):
    def call(amendment, **facts):
        agreement = Agreement.objects.get(pk=amendment.agreement_id)
        seen = Amendment.objects.get(pk=amendment.pk).version
        facts = {**DECISION, "version": agreement.version, "seen": seen, **facts}
        return merge_amendment(amendment=amendment, agreement=agreement, by=manager, today=TODAY, **facts)

    return call


def write(amendment, **changes):
    """Change parts of the draft's text."""
    stored = Amendment.objects.get(pk=amendment.pk)
    text = replace(stored.text, **changes)
    return change_amendment(amendment=stored, text=text, reason=stored.reason, version=stored.version)


def refusal(verb, *args, **kwargs) -> list[str]:
    with pytest.raises(NotAllowed) as caught:
        verb(*args, **kwargs)
    return [blocker.code for blocker in caught.value.blockers]


def running_text(agreement):
    return current_text(Agreement.objects.get(pk=agreement.pk))


def test_a_draft_is_a_copy_that_leaves_the_running_text_alone(running, start):
    agreement = running()
    before = running_text(agreement)
    draft = start(agreement)
    assert draft.text == before
    assert (str(draft), draft.state) == ("第1回変更", AmendmentState.DRAFT)
    write(draft, title="新しい協定", items=(ItemText("防災に関すること"),))
    assert running_text(agreement) == before


def test_merging_replaces_the_text_and_keeps_the_one_before(running, start, merge, manager):
    agreement = running()
    before = running_text(agreement)
    first, second = before.items
    draft = write(
        start(agreement),
        title="新しい協定",
        first_expiry=date(2027, 9, 30),
        items=(ItemText("産業の振興に関すること", ("02",), first.id), ItemText("防災に関すること", ("10",))),
    )
    merged = merge(draft)
    after = running_text(agreement)
    assert after.wording() == merged.text.wording()
    assert after.items[0].id == first.id
    assert second.id not in {item.id for item in after.items}
    assert [item.categories for item in after.items] == [("02",), ("10",)]
    action = ActionItem.objects.get(agreement=agreement)
    assert [item.pk for item in action.cooperation_fields.all()] == [first.id]  # actions keep their item
    assert verbs.AgreementText.from_json(merged.previous) == before
    assert (merged.state, merged.document_number, merged.decided_by) == ("merged", "企第7号", manager)
    agreement.refresh_from_db()
    assert agreement.expires_on == date(2027, 9, 30)
    assert agreement.history.first().history_change_reason.startswith(
        "第1回変更の反映（企第7号、令和8年10月1日から）"
    )
    assert Agreement.objects.matching("新しい協定", manager).get() == agreement


def test_a_merged_change_is_taken_back_by_another(running, start, merge):
    agreement = running()
    before = running_text(agreement)
    merged = merge(write(start(agreement), purpose="新しい目的", items=before.items[:1]))
    back = start(agreement, reason="誤りだった", reverts=merged)
    assert back.text.wording() == before.wording()
    merge(back, document_number="企第8号")
    assert running_text(agreement).wording() == before.wording()
    assert [each.number for each in agreement.amendments.all()] == [1, 2]


def test_what_blocks_the_merging_leaves_everything_as_it_was(running, start, merge):
    agreement = running()
    before = running_text(agreement)
    draft = start(agreement)
    assert refusal(merge, draft) == ["no_change"]
    draft = write(draft, title="新しい協定")
    assert refusal(merge, draft, document_number=" ") == ["no_document_number"]
    tomorrow = TODAY + timedelta(days=1)
    assert refusal(merge, draft, decided_on=tomorrow) == ["day_to_come"]
    assert refusal(merge, draft, effective_on=tomorrow) == ["day_to_come"]
    assert refusal(merge, draft, effective_on=date(2024, 3, 31)) == ["day_too_early"]
    assert refusal(merge, write(draft, items=())) == ["no_item"]
    assert refusal(merge, write(draft, items=before.items, first_expiry=date(2020, 3, 31))) == [
        "expires_too_early"
    ]
    assert running_text(agreement) == before
    assert Amendment.objects.get().state == AmendmentState.DRAFT


def test_a_document_number_counts_once_a_year(running, start, merge):
    merge(write(start(running()), title="一つ目"))
    other = write(start(running()), title="二つ目")
    assert refusal(merge, other) == ["document_number_taken"]
    assert merge(other, decided_on=date(2026, 3, 31), effective_on=date(2026, 4, 1)).fiscal_year == 2025
    taken = running(document_number="企第9号", approved_on=TODAY)
    assert refusal(merge, write(start(taken), title="三つ目"), document_number="企第9号") == [
        "document_number_taken"
    ]


@pytest.mark.parametrize(
    "state", sorted(set(AgreementState) - {AgreementState.ACTIVE, AgreementState.SUSPENDED})
)
def test_only_agreements_in_force_are_amended(running, start, state):
    agreement = running(state=state, ended_reason="mutual" if state == AgreementState.ENDED else "")
    assert refusal(start, agreement) == ["not_in_force"]


def test_an_agreement_that_ended_meanwhile_is_not_amended(running, start, merge):
    agreement = running()
    draft = write(start(agreement), title="新しい協定")
    Agreement.objects.filter(pk=agreement.pk).update(state="ended", ended_reason="mutual")
    assert refusal(merge, draft) == ["not_in_force"]


def test_one_draft_at_a_time_with_a_reason(running, start):
    agreement = running()
    assert refusal(start, agreement, reason="　") == ["no_reason"]
    draft = start(agreement)
    assert refusal(start, agreement) == ["has_draft"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Amendment.objects.create(
            agreement=agreement,
            municipality=agreement.municipality,
            number=9,
            reason="二つ目",
            base=draft.base,
        )


@pytest.mark.parametrize("state", [AmendmentState.REJECTED, AmendmentState.WITHDRAWN])
def test_a_draft_is_given_up_with_a_reason_and_kept(running, start, merge, manager, state):
    agreement = running()
    draft = start(agreement)
    call = {"amendment": draft, "seen": 1, "state": state, "by": manager, "today": TODAY}
    assert refusal(give_up_amendment, **call, comment=" ") == ["no_comment"]
    given_up = give_up_amendment(**call, comment="相手方と合意できない")
    assert (given_up.state, given_up.decided_by) == (state, manager)
    with pytest.raises(ChangedMeanwhile):
        merge(given_up)
    assert start(agreement).number == 2


def test_who_saw_an_older_text_or_draft_is_told(running, start, merge):
    agreement = running()
    draft = write(start(agreement), title="新しい協定")
    with pytest.raises(ChangedMeanwhile):
        merge(draft, seen=1)
    with pytest.raises(ChangedMeanwhile):
        merge(draft, version=1)
    with pytest.raises(ChangedMeanwhile):
        change_amendment(amendment=draft, text=draft.text, reason="遅れた", version=1)
    assert running_text(agreement).title == "もとの協定"


def test_a_merge_that_dies_halfway_leaves_nothing(running, start, merge, monkeypatch):
    agreement = running()
    before = running_text(agreement)
    draft = write(start(agreement), title="新しい協定", items=(ItemText("防災に関すること"),))

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(verbs.SearchDocument.objects, "refresh", die)
    with pytest.raises(Killed), transaction.atomic():
        merge(draft)
    assert running_text(agreement) == before
    assert Amendment.objects.get().state == AmendmentState.DRAFT


def test_items_of_others_are_never_reworded(running, start):
    agreement, other = running(), running()
    theirs = other.cooperation_fields.first()
    draft = write(
        start(agreement), items=(ItemText("横取り", (), theirs.pk), ItemText("一つ"), ItemText("二つ"))
    )
    assert [item.id for item in draft.text.items] == [None, None, None]
