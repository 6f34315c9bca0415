"""機構改革 and 担当者の見直し: what moves, what stays, what history keeps, and the way back."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.actions.owners import NotPossible, reorganise, undo_owner_change
from agreements.choices import ActionState, AgreementState
from agreements.models import Agreement, DepartmentOpinion, OwnerChange
from municipalities.choices import PlanState
from municipalities.models import PlanItem
from tests.conftest import client_of
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    DepartmentFactory,
    PlanItemFactory,
    StaffMemberFactory,
)

NEW_YEAR = date(2027, 4, 1)


@pytest.fixture
def old(fukuoka):
    return DepartmentFactory(municipality=fukuoka, name="観光課")


@pytest.fixture
def new(fukuoka):
    return DepartmentFactory(municipality=fukuoka, name="観光産業課")


@pytest.fixture
def world(fukuoka, old, today):
    """A living and an ended agreement of the old 課, an open and a done action, a member."""
    living = AgreementFactory(municipality=fukuoka, department=old)
    ended = AgreementFactory(
        municipality=fukuoka, department=old, state=AgreementState.ENDED, ended_reason="expired"
    )
    related = AgreementFactory(municipality=fukuoka, department=DepartmentFactory(municipality=fukuoka))
    related.related_departments.add(old)
    return {
        "living": living,
        "ended": ended,
        "related": related,
        "open": ActionItemFactory(agreement=living, department=old),
        "done": ActionItemFactory(agreement=living, department=old, state=ActionState.DONE),
        "member": StaffMemberFactory(editor=True, municipality=fukuoka, department=old),
    }


def departments(world):
    for row in world.values():
        row.refresh_from_db()
    return {name: row.department.name for name, row in world.items() if name != "related"}


def test_reorganisation_moves_living_work_and_staff_and_keeps_the_past(world, old, new, manager, today):
    reorganise(predecessor=old, successor=new, on=NEW_YEAR, by=manager)
    assert departments(world) == {
        "living": "観光産業課",
        "ended": "観光課",
        "open": "観光産業課",
        "done": "観光課",
        "member": "観光産業課",
    }
    assert list(world["related"].related_departments.all()) == [new]
    old.refresh_from_db()
    assert (old.valid_to, old.successor) == (date(2027, 3, 31), new)
    latest, earlier = world["living"].history.all()[:2]
    assert (earlier.department.name, latest.department.name) == ("観光課", "観光産業課")
    assert latest.history_user == manager
    assert "機構改革" in latest.history_change_reason


def test_reorganisation_is_taken_back_but_not_over_later_changes(world, old, new, manager, fukuoka, today):
    change = reorganise(predecessor=old, successor=new, on=NEW_YEAR, by=manager)
    third = DepartmentFactory(municipality=fukuoka, name="文化課")
    Agreement.objects.filter(pk=world["living"].pk).update(department=third)
    undo_owner_change(change=change, by=manager)
    now = departments(world)
    assert (now["living"], now["open"], now["member"]) == ("文化課", "観光課", "観光課")
    old.refresh_from_db()
    assert (old.valid_to, old.successor) == (None, None)
    assert undo_owner_change(change=change, by=manager) == 0, "taking back twice changes nothing"


def test_reorganisation_moves_the_measures_of_plans_that_go_on(fukuoka, old, new, manager, today):
    node = PlanItemFactory(plan__municipality=fukuoka, department=old)
    over = PlanItemFactory(plan__municipality=fukuoka, plan__state=PlanState.ENDED, department=old)
    PlanItem.objects.update(updated_at=node.updated_at - timedelta(days=1))
    seen = PlanItem.objects.get(pk=node.pk).updated_at
    change = reorganise(predecessor=old, successor=new, on=NEW_YEAR, by=manager)
    for each in (node, over):
        each.refresh_from_db()
    assert (node.department, over.department) == (new, old)
    assert node.updated_at > seen  # an open form loses
    assert node.history.first().history_user == manager
    assert undo_owner_change(change=change, by=manager) == 1
    node.refresh_from_db()
    assert node.department == old


def test_reorganisation_makes_an_open_form_lose(world, old, new, manager, today):
    version = world["living"].version
    reorganise(predecessor=old, successor=new, on=NEW_YEAR, by=manager)
    world["living"].refresh_from_db()
    assert world["living"].version > version


def test_reorganisation_refuses_nonsense(old, new, manager, obuse, today):
    def attempt(**changes):
        wanted = {"predecessor": old, "successor": new, "on": NEW_YEAR, **changes}
        reorganise(by=manager, **wanted)

    with pytest.raises(NotPossible, match="同じ課"):
        attempt(successor=old)
    with pytest.raises(NotPossible, match="同じ自治体"):
        attempt(successor=DepartmentFactory(municipality=obuse))
    attempt()
    with pytest.raises(NotPossible, match="すでに廃止"):
        attempt()


def test_reorganisation_page_shows_first_and_moves_second(world, old, new, manager):
    client = client_of(manager)
    url = reverse("agreements:reorganisation")
    wanted = {"predecessor": old.pk, "successor": new.pk, "on": "令和9年4月1日"}
    preview = client.post(url, wanted)
    assert "主担当の協定 1件、関係課の協定 1件、取組 1件、総合計画の施策 0件" in preview.content.decode()
    assert departments(world)["living"] == "観光課"
    client.post(url, {**wanted, "confirmed": "1"})
    assert departments(world)["living"] == "観光産業課"
    page = client.get(reverse("agreements:ownerless")).content.decode()
    assert "元に戻す" in page
    client.post(reverse("agreements:owner-change-undo", args=[OwnerChange.objects.get().pk]))
    assert departments(world)["living"] == "観光課"


def test_ownerless_lists_what_nobody_owns_and_hands_it_over(world, fukuoka, obuse, manager, new):
    leaver = StaffMemberFactory(editor=True, municipality=fukuoka, is_active=False)
    orphan = AgreementFactory(municipality=fukuoka, department=new, person_in_charge=leaver)
    foreign = AgreementFactory(municipality=obuse, department=None)
    client = client_of(manager)
    url = reverse("agreements:ownerless")
    page = client.get(url)
    assert page.context["agreement_rows"] == [orphan]
    heir = StaffMemberFactory(editor=True, municipality=fukuoka)

    tampered = client.post(url, {"agreements": [foreign.pk], "person": heir.pk})
    assert "もう一覧にありません" in str(tampered.context["form"].errors)
    nothing = client.post(url, {"agreements": [orphan.pk]})
    assert "新しい課か担当者" in str(nothing.context["form"].errors)
    assert "checked" in nothing.content.decode(), "what was ticked stays ticked"

    client.post(url, {"agreements": [orphan.pk], "person": heir.pk})
    orphan.refresh_from_db()
    foreign.refresh_from_db()
    assert (orphan.person_in_charge, foreign.person_in_charge) == (heir, None)
    assert client.get(url).context["agreement_rows"] == []


def test_ownerless_asks_the_same_queries_for_1_and_3_rows(manager, fukuoka, assert_same_queries):
    client = client_of(manager)
    assert_same_queries(
        lambda: client.get(reverse("agreements:ownerless")),
        lambda: AgreementFactory(municipality=fukuoka, department=None),
    )


def test_reorganisation_hands_over_opinions_that_are_still_owed(fukuoka, old, new, manager, today):
    def ask(agreement, department, **changes):
        return DepartmentOpinion.objects.create(
            agreement=agreement,
            department=department,
            question="ご意見を伺います。",
            asked_on=date(2026, 9, 1),
            due_on=date(2026, 10, 15),
            **changes,
        )

    agreements = AgreementFactory.create_batch(3, municipality=fukuoka, draft=True, state="reviewing")
    owed = ask(agreements[0], old)
    answered = ask(agreements[1], old, answer="agreed", answered_at=timezone.now())
    twice, already = ask(agreements[2], old), ask(agreements[2], new)
    change = reorganise(predecessor=old, successor=new, on=NEW_YEAR, by=manager)
    asked = [
        DepartmentOpinion.objects.get(pk=each.pk).department for each in (owed, answered, twice, already)
    ]
    assert asked == [new, old, old, new]
    undo_owner_change(change=change, by=manager)
    owed.refresh_from_db()
    assert owed.department == old
