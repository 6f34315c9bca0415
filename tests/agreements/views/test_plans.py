from datetime import date

import pytest
from django.urls import reverse

from agreements.actions.drafts import AgreementDraft
from agreements.actions.register import register_agreement
from agreements.models import PlanChange, PlanCorrespondence, PlanLink
from tests.conftest import client_of
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyFactory,
    PartyFactory,
    PlanFactory,
    PlanItemFactory,
    PlanLinkFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(fukuoka):
    return PlanFactory(municipality=fukuoka, name="第六次総合計画")


@pytest.fixture
def served(plan, fukuoka):
    """暮らし > 健康 (an action) and 福祉 (nothing); 産業 (an agreement)."""
    life = PlanItemFactory(plan=plan, name="暮らし")
    industry = PlanItemFactory(plan=plan, name="産業")
    agreement = AgreementFactory(municipality=fukuoka, title="健康の協定")
    PartyFactory(agreement=agreement, company=CompanyFactory(name="見本製薬"))
    return {
        "life": life,
        "health": PlanItemFactory(parent=life, name="健康"),
        "welfare": PlanItemFactory(parent=life, name="福祉"),
        "industry": industry,
        "agreement": agreement,
        "link": PlanLinkFactory(agreement=agreement, plan_item=industry),
    }


def url(name, *args):
    return reverse(f"agreements:{name}", args=args)


def test_plan_counts_each_subtree_once_and_names_what_nobody_serves(viewer_client, plan, served):
    for number in range(2):
        action = ActionItemFactory(
            agreement=served["agreement"], plan_item=served["health"], title=f"健診{number}"
        )
        action.sub_plan_items.add(served["life"])
    ActionItemFactory(
        agreement=served["agreement"],
        plan_item=served["welfare"],
        state="cancelled",
        cancelled_reason="やめた",
    )
    response = viewer_client.get(url("plan-detail", plan.pk))
    coverage = response.context["coverage"]
    found = {
        row.item.name: (len(row.agreements), len(row.companies), len(row.actions)) for row in coverage.rows
    }
    assert found == {"暮らし": (1, 1, 2), "健康": (1, 1, 2), "福祉": (0, 0, 0), "産業": (1, 1, 0)}
    assert [row.item.name for row in coverage.unserved] == ["福祉"]
    assert "項目の編集" not in response.content.decode()
    only = viewer_client.get(url("plan-detail", plan.pk), {"only": "unserved"})
    assert [row.item.name for row in only.context["rows"]] == ["福祉"]


def test_plan_needs_as_many_queries_for_many_nodes_and_links(
    viewer_client, plan, fukuoka, assert_same_queries
):
    def add():
        item = PlanItemFactory(plan=plan)
        agreement = AgreementFactory(municipality=fukuoka)
        PartyFactory(agreement=agreement, company=CompanyFactory())
        PlanLinkFactory(agreement=agreement, plan_item=item)
        ActionItemFactory(agreement=agreement, plan_item=item)

    assert_same_queries(add, lambda: viewer_client.get(url("plan-detail", plan.pk)))


def test_item_page_shows_agreements_companies_and_actions_of_its_subtree(viewer_client, served):
    action = ActionItemFactory(agreement=served["agreement"], title="出張健診")
    action.sub_plan_items.add(served["health"])
    html = viewer_client.get(url("plan-item-detail", served["life"].pk)).content.decode()
    for words in ("健康の協定", "見本製薬", "出張健診"):
        assert words in html
    html = viewer_client.get(url("plan-item-detail", served["welfare"].pk)).content.decode()
    assert "この施策を支える協定はありません" in html


def test_item_page_needs_as_many_queries_for_many_rows(viewer_client, served, fukuoka, assert_same_queries):
    def add():
        agreement = AgreementFactory(municipality=fukuoka)
        PartyFactory(agreement=agreement, company=CompanyFactory())
        ActionItemFactory(agreement=agreement, plan_item=served["health"])

    assert_same_queries(add, lambda: viewer_client.get(url("plan-item-detail", served["life"].pk)))


def test_suggest_names_nodes_of_own_plans_in_force_only(viewer_client, served, obuse):
    PlanItemFactory(plan=PlanFactory(municipality=obuse), name="健康な町")
    PlanItemFactory(
        plan=PlanFactory(municipality=served["life"].plan.municipality, state="ended"), name="健康"
    )
    found = viewer_client.get(url("plan-item-suggest"), {"q": "健康"}).json()["results"]
    assert [(each["id"], each["sublabel"]) for each in found] == [(served["health"].pk, str(served["life"]))]


def test_agreement_gets_a_node_by_name_without_javascript_and_loses_it_with_undo(manager_client, served):
    agreement, page = served["agreement"], url("plan-link-create", served["agreement"].pk)
    manager_client.post(page, {"item": "健康"})
    link = PlanLink.objects.get(plan_item=served["health"])
    manager_client.post(url("plan-link-delete", link.pk))
    assert not PlanLink.objects.filter(pk=link.pk).exists()
    html = manager_client.get(agreement.get_absolute_url()).content.decode()
    undo = html.split("undo-bar")[1].split('action="')[1].split('"')[0]
    manager_client.post(undo)
    assert PlanLink.objects.filter(agreement=agreement, plan_item=served["health"]).exists()
    assert "施策「" in manager_client.get(agreement.get_absolute_url()).content.decode()


@pytest.mark.parametrize("way", ["key", "name"])
def test_node_of_another_municipality_is_refused_in_words(manager_client, served, obuse, way):
    foreign = PlanItemFactory(plan=PlanFactory(municipality=obuse), name="よその施策")
    data = {"item": "よその施策", "item_key": str(foreign.pk) if way == "key" else ""}
    response = manager_client.post(url("plan-link-create", served["agreement"].pk), data)
    html = response.content.decode()
    assert ("自分の自治体の" if way == "key" else "見つかりません") in html
    assert "よその施策" in html
    assert PlanLink.objects.filter(agreement=served["agreement"]).count() == 1


def test_wizard_suggests_keeps_progress_links_and_takes_back(manager_client, plan, fukuoka):
    new = PlanFactory(municipality=fukuoka, name="第七次総合計画", predecessor=plan)
    old = [
        PlanItemFactory(plan=plan, code=code, name=name) for code, name in (("1", "健康"), ("", "観光振興"))
    ]
    same = PlanItemFactory(plan=new, code="1", name="いのち")
    near = PlanItemFactory(plan=new, code="", name="観光の振興")
    agreement = PlanLinkFactory(agreement=AgreementFactory(municipality=fukuoka), plan_item=old[0]).agreement
    page = url("plan-change", new.pk)
    rows = manager_client.get(page).context["rows"]
    assert [(row["field"].value(), row["suggestion"].reason) for row in rows] == [
        (str(same.pk), "code"),
        (str(near.pk), "similar"),
    ]
    manager_client.post(page, {f"item-{old[0].pk}": str(same.pk), f"item-{old[1].pk}": ""})
    assert PlanCorrespondence.objects.count() == 1
    assert not PlanChange.objects.exists()
    assert "1 / 2" in manager_client.get(page).content.decode().replace("<strong>", "").replace(
        "</strong>", ""
    )
    manager_client.post(page, {f"item-{old[0].pk}": str(same.pk), f"item-{old[1].pk}": "none", "apply": "1"})
    assert PlanLink.objects.filter(agreement=agreement, plan_item=same).exists()
    html = manager_client.get(url("plan-item-detail", same.pk)).content.decode()
    assert "前の計画では" in html
    manager_client.post(url("plan-change-undo", PlanChange.objects.get().pk))
    assert not PlanLink.objects.filter(agreement=agreement, plan_item=same).exists()
    assert PlanCorrespondence.objects.count() == 2


def test_wizard_refuses_a_node_that_is_not_of_the_new_plan(manager_client, plan, fukuoka):
    new = PlanFactory(municipality=fukuoka, predecessor=plan)
    old = PlanItemFactory(plan=plan)
    PlanItemFactory(plan=new)
    response = manager_client.post(url("plan-change", new.pk), {f"item-{old.pk}": str(old.pk)})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not PlanCorrespondence.objects.exists()


def test_strangers_see_no_plan(plan, served, neighbour):
    client = client_of(neighbour)
    assert client.get(url("plan-detail", plan.pk)).status_code == 404
    assert client.get(url("plan-item-detail", served["life"].pk)).status_code == 404


def test_registration_takes_a_node_and_keeps_what_is_wrong(manager_client, served):
    page = manager_client.get(url("agreement-create"))
    data = {
        "kind": "comprehensive",
        "state": "proposed",
        "publication": "private",
        "title": "新しい協定",
        **{f"{prefix}-TOTAL_FORMS": "0" for prefix in ("parties", "items", "actions")},
        **{f"{prefix}-INITIAL_FORMS": "0" for prefix in ("parties", "items", "actions")},
    }
    assert "施策" in page.content.decode()
    response = manager_client.post(url("agreement-create"), {**data, "item": "ない施策"})
    assert "この施策は見つかりません" in response.content.decode()
    assert "ない施策" in response.content.decode()
    response = manager_client.post(url("agreement-create"), {**data, "item": "福祉"})
    assert not response.context["plan_form"].errors
    agreement = register_agreement(
        municipality=served["agreement"].municipality,
        draft=AgreementDraft(values={"title": "新しい協定"}),
        by=None,
        today=date(2026, 10, 1),
        plan_item=served["welfare"],
    )
    assert PlanLink.objects.get(agreement=agreement).plan_item == served["welfare"]
