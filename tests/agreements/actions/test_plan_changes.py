import pytest

from agreements.actions import plan_changes
from agreements.choices import ActionState, AgreementState
from agreements.models import PlanLink
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    PlanFactory,
    PlanItemFactory,
    PlanLinkFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans(fukuoka):
    old = PlanFactory(municipality=fukuoka, name="第五次")
    new = PlanFactory(municipality=fukuoka, name="第六次", predecessor=old)
    return {
        "new": new,
        "health": PlanItemFactory(plan=old, name="健康"),
        "sport": PlanItemFactory(plan=old, name="運動"),
        "gone": PlanItemFactory(plan=old, name="終わる施策"),
        "life": PlanItemFactory(plan=new, name="健やかな暮らし"),
    }


@pytest.fixture
def confirmed(plans, manager):
    choices = {plans["health"]: plans["life"], plans["sport"]: plans["life"], plans["gone"]: None}
    assert plan_changes.confirm(plan=plans["new"], choices=choices, by=manager) == 3
    return plans


def action(agreement, **values):
    return ActionItemFactory(agreement=agreement, **values)


def linked(agreement):
    return {link.plan_item.name for link in PlanLink.objects.filter(agreement=agreement)}


def test_change_links_what_still_runs_and_leaves_what_is_over(confirmed, fukuoka, manager):
    running = PlanLinkFactory(
        agreement=AgreementFactory(municipality=fukuoka), plan_item=confirmed["health"]
    ).agreement
    over = PlanLinkFactory(
        agreement=AgreementFactory(municipality=fukuoka, state=AgreementState.ENDED, ended_reason="expired"),
        plan_item=confirmed["health"],
    ).agreement
    open_one = action(running, plan_item=confirmed["health"])
    open_one.sub_plan_items.add(confirmed["sport"])
    done = action(running, plan_item=confirmed["health"], state=ActionState.DONE, result_text="開催した")
    dropped = action(running, plan_item=confirmed["gone"])
    change = plan_changes.apply_change(plan=confirmed["new"], by=manager)

    assert linked(running) == {"健康", "健やかな暮らし"}
    assert linked(over) == {"健康"}
    for each in (open_one, done, dropped):
        each.refresh_from_db()
    assert open_one.plan_item == confirmed["life"]
    assert {item.name for item in open_one.sub_plan_items.all()} >= {"健康", "運動"}
    assert done.plan_item == confirmed["health"]
    assert dropped.plan_item == confirmed["gone"]
    assert (change.link_count, change.action_count) == (1, 1)

    again = plan_changes.apply_change(plan=confirmed["new"], by=manager)
    assert (again.link_count, again.action_count) == (0, 0)


def test_undo_takes_back_exactly_what_the_change_wrote(confirmed, fukuoka, manager):
    agreement = AgreementFactory(municipality=fukuoka)
    PlanLinkFactory(agreement=agreement, plan_item=confirmed["health"])
    open_one = action(agreement, plan_item=confirmed["health"])
    chosen_since = action(agreement, plan_item=confirmed["sport"])
    change = plan_changes.apply_change(plan=confirmed["new"], by=manager)
    chosen_since.refresh_from_db()
    chosen_since.plan_item = confirmed["gone"]  # by somebody, after the change
    chosen_since.save()
    plan_changes.undo_change(change=change, by=manager)
    plan_changes.undo_change(change=change, by=manager)
    open_one.refresh_from_db()
    chosen_since.refresh_from_db()
    assert open_one.plan_item == confirmed["health"]
    assert not open_one.sub_plan_items.exists()
    assert chosen_since.plan_item == confirmed["gone"]
    assert linked(agreement) == {"健康"}


def test_confirm_counts_changes_and_can_be_taken_back_by_node(confirmed, manager):
    plan = confirmed["new"]
    assert plan_changes.confirm(plan=plan, choices={confirmed["health"]: confirmed["life"]}, by=manager) == 0
    assert plan_changes.confirm(plan=plan, choices={confirmed["health"]: None}, by=manager) == 1
    plan_changes.unconfirm(plan=plan, old_items=[confirmed["sport"]])
    assert plan.correspondences.count() == 2
