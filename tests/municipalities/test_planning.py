import pytest
from django.core.exceptions import ValidationError

from municipalities import planning
from municipalities.choices import PlanState
from municipalities.models import PlanItem
from municipalities.plan_text import read_plan
from tests.factories import PlanFactory, PlanItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(fukuoka):
    plan = PlanFactory(municipality=fukuoka)
    text = "A1 暮らし\n A2 健康\n  A3 健診\n  A4 運動\n A5 福祉\nB1 産業\n B2 観光"
    planning.add_rows(plan=plan, parent=None, rows=read_plan(text).rows, departments={})
    return plan


def tree(plan):
    return [f"{'-' * item.depth}{item.code}" for item in plan.items.alive().in_order()]


def node(plan, code):
    return plan.items.get(code=code)


def take(plan, code, direction):
    item = node(plan, code)
    target = planning.step(item, direction)
    if target is not None:
        planning.place_item(item=item, parent=target[0], index=target[1])
    return target


def test_pasted_rows_become_the_tree(plan):
    assert tree(plan) == ["A1", "-A2", "--A3", "--A4", "-A5", "B1", "-B2"]


@pytest.mark.parametrize(
    ("code", "direction", "expected"),
    [
        ("A1", "down", ["B1", "-B2", "A1", "-A2", "--A3", "--A4", "-A5"]),
        ("A5", "up", ["A1", "-A5", "-A2", "--A3", "--A4", "B1", "-B2"]),
        ("B1", "in", ["A1", "-A2", "--A3", "--A4", "-A5", "-B1", "--B2"]),
        ("A2", "out", ["A1", "-A5", "A2", "-A3", "-A4", "B1", "-B2"]),
        ("A4", "out", ["A1", "-A2", "--A3", "-A4", "-A5", "B1", "-B2"]),
    ],
)
def test_one_step_moves_the_subtree_and_its_undo_brings_it_back(plan, code, direction, expected):
    before = tree(plan)
    parent, index = planning.place_of(node(plan, code))
    take(plan, code, direction)
    assert tree(plan) == expected
    planning.place_item(item=node(plan, code), parent=parent, index=index)
    assert tree(plan) == before


@pytest.mark.parametrize(("code", "direction"), [("A1", "up"), ("B1", "down"), ("A1", "in"), ("A1", "out")])
def test_there_is_no_step_beyond_the_ends(plan, code, direction):
    assert take(plan, code, direction) is None


def test_place_refuses_a_place_below_itself_and_a_code_that_is_there(plan):
    before = tree(plan)
    with pytest.raises(ValidationError):
        planning.place_item(item=node(plan, "A1"), parent=node(plan, "A3"), index=0)
    PlanItemFactory(parent=node(plan, "B1"), code="A5")
    with pytest.raises(ValidationError, match="同じコード"):
        planning.place_item(item=plan.items.get(name="福祉"), parent=node(plan, "B1"), index=0)
    assert [code for code in tree(plan) if code != "-A5"] == [code for code in before if code != "-A5"]


def test_delete_takes_the_subtree_and_restore_brings_all_of_it_back(plan, manager):
    before = tree(plan)
    planning.delete_item(item=node(plan, "A3"), by=manager)
    assert planning.delete_item(item=node(plan, "A2"), by=manager) == 2  # A3 went before
    assert tree(plan) == ["A1", "-A5", "B1", "-B2"]
    take(plan, "A5", "out")
    with pytest.raises(planning.CannotRestore, match="上の階層"):
        planning.restore_item(item=node(plan, "A3"), by=manager)
    planning.restore_item(item=node(plan, "A2"), by=manager)
    planning.restore_item(item=node(plan, "A3"), by=manager)
    assert tree(plan) == ["A1", "-A2", "--A3", "--A4", "A5", "B1", "-B2"]
    assert set(before) == {"A1", "-A2", "--A3", "--A4", "-A5", "B1", "-B2"}


def test_restore_is_refused_when_the_code_was_given_away(plan, manager):
    planning.delete_item(item=node(plan, "A5"), by=manager)
    deleted = node(plan, "A5")
    PlanItemFactory(parent=node(plan, "A1"), code="A5")
    with pytest.raises(planning.CannotRestore, match="同じコード"):
        planning.restore_item(item=deleted, by=manager)


def test_tree_survives_every_single_step_of_every_node(plan):
    codes = {item.code for item in plan.items.all()}
    for code in sorted(codes):
        for direction in ("up", "in", "down", "out"):
            take(plan, code, direction)
            keys = [item.sort_key for item in plan.items.all()]
            assert len(set(keys)) == len(codes)
            for item in plan.items.select_related("parent"):
                above = item.parent.sort_key if item.parent else ""
                assert item.sort_key[: len(above)] == above
                assert len(item.sort_key) == len(above) + 6


def test_plan_that_comes_into_force_ends_the_one_before(plan, fukuoka):
    following = PlanFactory.build(municipality=fukuoka, predecessor=plan, state=PlanState.CURRENT)
    assert planning.save_plan(plan=following) == plan
    plan.refresh_from_db()
    assert plan.state == PlanState.ENDED
    assert not PlanItem.objects.choosable(fukuoka).exists()


def test_moving_one_of_many_needs_few_queries(plan, django_assert_max_num_queries):
    for number in range(30):
        PlanItemFactory(plan=plan, code=f"Z{number}")
    item = node(plan, "Z29")
    with django_assert_max_num_queries(25):
        planning.place_item(item=item, parent=None, index=plan.items.filter(parent=None).count() - 2)
