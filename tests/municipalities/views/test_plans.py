import pytest
from django.urls import reverse

from municipalities.models import Plan, PlanItem
from tests.conftest import client_of
from tests.factories import DepartmentFactory, PlanFactory, PlanItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(fukuoka):
    return PlanFactory(municipality=fukuoka, name="第六次総合計画")


def url(name, *args):
    return reverse(f"municipalities:{name}", args=args)


def undo(client, page):
    """Presses the undo that the page offers."""
    html = client.get(page).content.decode()
    assert "undo-bar" in html
    address = html.split("undo-bar")[1].split('action="')[1].split('"')[0]
    return client.post(address)


def names(plan):
    return [item.name for item in plan.items.alive().in_order()]


def test_plan_create_asks_for_years_in_either_era_and_keeps_what_was_typed(manager_client, fukuoka):
    data = {"name": "第六次総合計画", "first_year": "令和3年度", "last_year": "2020", "state": "current"}
    response = manager_client.post(url("plan-create"), data)
    html = response.content.decode()
    assert "終了年度は開始年度以後" in html
    assert "第六次総合計画" in html
    manager_client.post(url("plan-create"), {**data, "last_year": "R12"})
    plan = Plan.objects.get()
    assert (plan.municipality, plan.first_year, plan.last_year) == (fukuoka, 2021, 2030)
    again = manager_client.post(url("plan-create"), {**data, "last_year": "R12"})
    assert "同じ名前と版の計画がすでにあります。" in again.content.decode()


def test_plan_update_tells_who_comes_second(manager_client, plan):
    page = manager_client.get(url("plan-update", plan.pk))
    data = {"name": "別名", "state": "current", "seen": page.context["form"]["seen"].value()}
    plan.save()
    response = manager_client.post(url("plan-update", plan.pk), data)
    assert response.status_code == 409
    assert "ほかの人が先に保存しました" in response.content.decode()
    plan.refresh_from_db()
    assert plan.name == "第六次総合計画"


def test_plan_delete_is_taken_back_by_its_undo(manager_client, plan):
    manager_client.post(url("plan-delete", plan.pk))
    assert "第六次総合計画</a>" not in manager_client.get(url("plan-list")).content.decode()
    manager_client.post(url("plan-delete", PlanFactory(municipality=plan.municipality).pk))
    assert undo(manager_client, url("plan-list")).status_code == 302
    assert Plan.objects.alive().count() == 1


def test_item_create_and_again_below_the_same_parent(manager_client, plan):
    top = PlanItemFactory(plan=plan, name="暮らし")
    data = {"parent": top.pk, "name": "健康", "code": "1-1", "kpi_target": "100", "again": "1"}
    response = manager_client.post(url("plan-item-create", plan.pk), data)
    assert "KPI（指標名）も入力してください" in response.content.decode()
    response = manager_client.post(url("plan-item-create", plan.pk), {**data, "kpi_name": "受診率"})
    assert response.url.endswith(f"?parent={top.pk}")
    response = manager_client.post(url("plan-item-create", plan.pk), {**data, "kpi_name": "受診率"})
    assert "同じコードの項目がすでにあります" in response.content.decode()
    assert names(plan) == ["暮らし", "健康"]


def test_item_update_refuses_a_parent_of_another_municipality_and_a_second_writer(
    manager_client, plan, obuse
):
    item = PlanItemFactory(plan=plan, name="健康")
    foreign = PlanItemFactory(plan=PlanFactory(municipality=obuse))
    page = manager_client.get(url("plan-item-update", item.pk))
    data = {"name": "健やか", "seen": page.context["form"]["seen"].value()}
    response = manager_client.post(url("plan-item-update", item.pk), {**data, "parent": foreign.pk})
    assert response.status_code == 200
    assert response.context["form"].errors["parent"]
    item.save()
    response = manager_client.post(url("plan-item-update", item.pk), data)
    assert response.status_code == 409
    assert "健やか" in response.content.decode()
    data["seen"] = response.context["form"]["seen"].value()
    assert manager_client.post(url("plan-item-update", item.pk), data).status_code == 302
    assert names(plan) == ["健やか"]


def test_tree_moves_and_deletes_without_javascript_and_offers_the_way_back(manager_client, plan):
    first, second = PlanItemFactory(plan=plan, name="一"), PlanItemFactory(plan=plan, name="二")
    tree = url("plan-tree", plan.pk)
    response = manager_client.post(tree, {"move": f"up:{second.pk}"})
    assert response.url.endswith(f"#item-{second.pk}")
    assert names(plan) == ["二", "一"]
    undo(manager_client, tree)
    assert names(plan) == ["一", "二"]
    manager_client.post(tree, {"move": f"in:{second.pk}"})
    second.refresh_from_db()
    assert second.parent == first
    manager_client.post(tree, {"delete": first.pk})
    assert names(plan) == []
    undo(manager_client, tree)
    assert names(plan) == ["一", "二"]


@pytest.mark.parametrize("value", ["up:", "up:x", "up:99999999999999999999", "sideways:1", ""])
def test_tree_survives_senseless_input(manager_client, plan, value):
    response = manager_client.post(url("plan-tree", plan.pk), {"move": value})
    assert response.status_code in {302, 404}


def test_tree_needs_as_many_queries_for_many_nodes(manager_client, plan, assert_same_queries):
    section = DepartmentFactory(municipality=plan.municipality)
    assert_same_queries(
        lambda: PlanItemFactory(plan=plan, department=section),
        lambda: manager_client.get(url("plan-tree", plan.pk)),
    )


def test_paste_shows_what_it_understood_before_it_saves_and_can_be_undone(manager_client, plan):
    text = "1 暮らし\n  1-1 健康づくり\n2 産業"
    page = url("plan-paste", plan.pk)
    html = manager_client.post(page, {"text": text}).content.decode()
    assert "3件を追加する" in html
    assert not PlanItem.objects.exists()
    manager_client.post(page, {"text": text, "save": "1"})
    assert names(plan) == ["暮らし", "健康づくり", "産業"]
    undo(manager_client, url("plan-tree", plan.pk))
    assert names(plan) == []


def test_paste_with_a_wrong_line_saves_nothing_and_keeps_the_text(manager_client, plan):
    text = "名称\t主管課\n健康\t存在しない課"
    response = manager_client.post(url("plan-paste", plan.pk), {"text": text, "save": "1"})
    html = response.content.decode()
    assert "2行目：主管課「存在しない課」は登録されていません" in html
    assert "存在しない課</textarea>" in html
    assert not PlanItem.objects.exists()


def test_list_is_for_all_staff_and_only_managers_may_edit(plan, viewer_client, neighbour):
    html = viewer_client.get(url("plan-list")).content.decode()
    assert "第六次総合計画" in html
    assert "計画を登録" not in html
    assert "項目の編集" not in html
    assert "第六次総合計画" not in client_of(neighbour).get(url("plan-list")).content.decode()
