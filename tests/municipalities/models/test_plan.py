import pytest
from django.core.exceptions import ValidationError

from municipalities.choices import PlanState
from municipalities.models import PlanItem
from municipalities.models.plan import MAX_DEPTH, with_ancestry
from tests.factories import PlanFactory, PlanItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(fukuoka):
    return PlanFactory(municipality=fukuoka)


def node(parent, name, **values):
    return PlanItemFactory(parent=parent, name=name, code="", **values)


def names(items):
    return [item.name for item in items]


@pytest.fixture
def tree(plan):
    first = node(None, "暮らし", plan=plan)
    second = node(None, "産業", plan=plan)
    health = node(first, "健康")
    node(second, "観光")
    node(health, "健診")
    node(first, "福祉")
    return plan


def test_items_come_in_the_order_of_the_tree(tree):
    assert names(tree.items.in_order()) == ["暮らし", "健康", "健診", "福祉", "産業", "観光"]
    assert [item.depth for item in tree.items.in_order()] == [0, 1, 2, 1, 0, 1]


def test_subtree_and_ancestors(tree):
    health = tree.items.get(name="健康")
    checkup = tree.items.get(name="健診")
    assert names(PlanItem.objects.subtree(health).in_order()) == ["健康", "健診"]
    assert names(checkup.ancestors()) == ["暮らし", "健康"]
    assert with_ancestry(tree.items.all())[checkup.pk] == "暮らし › 健康"


def test_moving_a_node_takes_its_subtree_along(tree):
    health = tree.items.get(name="健康")
    health.parent, health.order = tree.items.get(name="産業"), 0
    health.save()
    assert names(tree.items.in_order()) == ["暮らし", "福祉", "産業", "観光", "健康", "健診"]
    assert tree.items.get(name="健診").parent == health


def test_a_place_that_is_taken_becomes_the_next_free_one(tree):
    late = node(tree.items.get(name="暮らし"), "教育", order=1)
    assert names(late.parent.children.order_by("order")) == ["健康", "福祉", "教育"]


def test_node_never_comes_below_itself_or_into_another_plan(tree, fukuoka):
    health = tree.items.get(name="健康")
    health.parent = tree.items.get(name="健診")
    with pytest.raises(ValidationError, match="自分より下"):
        health.clean()
    health.parent = PlanItemFactory(plan=PlanFactory(municipality=fukuoka))
    with pytest.raises(ValidationError, match="同じ計画"):
        health.clean()


def test_tree_is_bounded_in_depth(plan):
    deepest = None
    for level in range(MAX_DEPTH):
        deepest = node(deepest, f"段{level}", **({} if deepest else {"plan": plan}))
    with pytest.raises(ValidationError, match="段まで"):
        PlanItem(plan=plan, parent=deepest, name="深すぎる").clean()


def test_levels_have_usual_names_until_they_are_named(tree):
    assert tree.items.get(name="暮らし").level_name == "基本目標"
    assert tree.items.get(name="健診").level_name == "施策"
    assert node(None, "別名", plan=tree, level="大綱").level_name == "大綱"


def test_only_nodes_of_plans_in_force_are_choosable(tree, fukuoka, obuse):
    assert PlanItem.objects.choosable(fukuoka).count() == 6
    assert not PlanItem.objects.choosable(obuse).exists()
    tree.state = PlanState.ENDED
    tree.save()
    assert not PlanItem.objects.choosable(fukuoka).exists()


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ((2021, 2030), "令和3年度〜令和12年度"),
        ((2021, None), "令和3年度〜"),
        ((None, None), ""),
    ],
)
def test_period_is_told_in_fiscal_years(period, words):
    assert PlanFactory.build(first_year=period[0], last_year=period[1], municipality=None).period == words
