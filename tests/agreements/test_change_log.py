"""The story of an agreement: one entry for each save, in words."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from agreements import change_log
from agreements.actions.drafts import ActionDraft, AgreementDraft, ItemDraft, PartyDraft
from agreements.actions.register import (
    change_agreement,
    delete_agreement,
    register_agreement,
    restore_agreement,
)
from agreements.choices import ActionState
from agreements.models import ActionItem, Agreement, CooperationField, Party
from tests.factories import CompanyFactory, DepartmentFactory

START = datetime(2026, 10, 1, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
TODAY = START.date()


@pytest.fixture
def at():
    """`with at(minutes): …` does something that many minutes after the start."""
    return lambda minutes: time_machine.travel(START + timedelta(minutes=minutes), tick=False)


def done_by(person) -> None:
    """What nobody has done so far was done by this person."""
    for model in (Agreement, Party, CooperationField, ActionItem):
        model.history.filter(history_user=None).update(history_user=person)


@pytest.fixture
def draft(fukuoka) -> AgreementDraft:
    return AgreementDraft(
        values={"title": "元の名称", "signed_on": date(2020, 9, 23)},
        parties=(PartyDraft(target=fukuoka), PartyDraft(target=CompanyFactory(name="見本株式会社"))),
        items=(ItemDraft(text="観光に関すること"),),
        actions=(ActionDraft(title="冊子の配布", items=(1,)),),
    )


@pytest.fixture
def agreement(fukuoka, editor, draft, at) -> Agreement:
    with at(0):
        agreement = register_agreement(municipality=fukuoka, draft=draft, by=editor, today=TODAY)
    done_by(editor)
    return agreement


def test_story_begins_with_the_registration_and_its_parts(agreement, editor):
    (change,) = change_log.story(agreement)
    assert (change.verb, change.summary) == ("登録", "当事者2件、連携事項1件、取組1件")
    assert change.at == START
    assert change.by == f"{editor.department} {editor}"
    assert change.parts == ()


def test_story_tells_one_save_as_one_entry_with_every_field_in_words(agreement, draft, manager, fukuoka, at):
    section = DepartmentFactory(municipality=fukuoka, name="観光課")
    item, action = agreement.cooperation_fields.get(), agreement.actions.get()
    with at(5):
        changed = AgreementDraft(
            values={"title": "新しい名称", "signed_on": None, "kind": "disaster", "auto_renew": False},
            parties=draft.parties[:1],
            items=(ItemDraft(id=item.pk, text="観光の振興に関すること"), ItemDraft(text="防災に関すること")),
            actions=(
                ActionDraft(id=action.pk, title="冊子の配布", items=(1, 2), state=ActionState.IN_PROGRESS),
                ActionDraft(title="訓練"),
            ),
            related_departments=(section,),
        )
        change_agreement(agreement=agreement, version=1, draft=changed, today=TODAY)
    done_by(manager)
    newest, _registration = change_log.story(agreement)
    assert (newest.verb, newest.by) == ("変更", f"{manager.department} {manager}")
    told = {
        (part.subject, part.verb): {field.label: (field.old, field.new) for field in part.changes}
        for part in newest.parts
    }
    assert told == {
        ("協定", "変更"): {
            "協定名称": ("元の名称", "新しい名称"),
            "種別": ("包括連携", "災害時応援"),
            "締結日": ("令和2年9月23日", ""),
            "関係課": ("", "観光課"),
        },
        ("当事者「見本株式会社」", "削除"): {},
        ("連携事項(1)「観光の振興に関すること」", "変更"): {
            "連携事項（原文）": ("観光に関すること", "観光の振興に関すること")
        },
        ("連携事項(2)「防災に関すること」", "登録"): {},
        ("取組「冊子の配布」", "変更"): {
            "状態": ("計画", "実施中"),
            "連携事項": ("(1) 観光の振興に関すること", "(1) 観光の振興に関すること、(2) 防災に関すること"),
        },
        ("取組「訓練」", "登録"): {},
    }


def test_story_leaves_out_saves_that_changed_nothing(agreement, draft, at):
    item, action = agreement.cooperation_fields.get(), agreement.actions.get()
    with at(5):
        same = AgreementDraft(
            values=draft.values,
            parties=draft.parties,
            items=(ItemDraft(id=item.pk, text=item.text),),
            actions=(ActionDraft(id=action.pk, title=action.title, items=(1,)),),
        )
        change_agreement(agreement=agreement, version=1, draft=same, today=TODAY)
    assert len(change_log.story(agreement)) == 1


def test_story_keeps_two_people_apart_even_in_one_moment(agreement, editor, manager, at):
    for person, note in ((editor, "一人目"), (manager, "二人目")):
        with at(5):
            agreement.note = note
            agreement.save()
        done_by(person)
    second, first, _registration = change_log.story(agreement)
    assert [first.parts[0].changes[0].new, second.parts[0].changes[0].new] == ["一人目", "二人目"]


def test_story_tells_of_deletion_and_restoring(agreement, draft, at):
    with at(5):
        delete_agreement(agreement=agreement)
    with at(10):
        restore_agreement(agreement=agreement)
    with at(15):
        change_agreement(
            agreement=agreement,
            version=1,
            draft=AgreementDraft(
                values={}, parties=draft.parties, items=(ItemDraft(text="観光に関すること"),)
            ),
            today=TODAY,
        )
    removal, restored, deleted, _registration = change_log.story(agreement)
    assert (deleted.verb, restored.verb) == ("削除", "復元")
    assert ("取組「冊子の配布」", "削除") in {(part.subject, part.verb) for part in removal.parts}


def test_story_of_a_change_without_a_person_says_system(agreement, at):
    with at(5):
        agreement.note = "夜間処理"
        agreement.save()
    assert change_log.story(agreement)[0].by == "システム"
