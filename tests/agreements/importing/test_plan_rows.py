"""総合計画 out of the sheets that exist: codes, level columns, 上の階層; twice the same, and back."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agreements.exports import TABLES
from agreements.exports.plan_items import COMPUTED
from agreements.exports.writers import csv_lines, encoded
from agreements.importing import run, sheets
from agreements.importing.columns import guess_mapping
from agreements.importing.kinds import importable
from agreements.models import PlanLink
from municipalities import planning
from municipalities.models import PlanItem
from tests.agreements.importing.ledgers import csv_of
from tests.factories import AgreementFactory, DepartmentFactory, PlanFactory, PlanItemFactory

pytestmark = pytest.mark.django_db
CODED = [
    ["コード", "階層", "名称", "KPI", "現状値", "目標値", "目標年度", "主管課"],
    ["1", "基本目標", "健やかに暮らせるまち", "", "", "", "", ""],
    ["1-1", "政策", "健康づくり", "", "", "", "", "企画課"],
    ["1-1-1", "施策", "健診の充実", "受診率", "45.2％", "60", "R12", "企画課"],
    ["2", "基本目標", "学びのまち", "", "", "", "", ""],
]
COLUMNS = [
    ["基本目標", "政策", "施策名", "指標", "目標値", "単位"],
    ["1 健やかに暮らせるまち", "1-1 健康づくり", "健診の充実", "受診率", "60", "％"],
    ["", "", "食育の推進", "", "", ""],
    ["", "1-2 医療の充実", "救急医療", "", "", ""],
    ["2 学びのまち", "2-1 学校教育", "", "", "", ""],
]


@pytest.fixture
def plan(fukuoka):
    return PlanFactory(municipality=fukuoka, name="第六次総合計画")


@pytest.fixture
def keeper(fukuoka):
    return DepartmentFactory(municipality=fukuoka, name="企画課")


@pytest.fixture
def sent(registered, plan):
    def send(rows, name="計画.csv", **kwargs):
        return registered(csv_of(rows), name, kind="plan-items", plan=str(plan.pk), **kwargs)

    return send


def outline(plan) -> list[tuple[int, str, str]]:
    return [(item.depth, item.level, str(item)) for item in plan.items.alive().in_order()]


def errors(ledger) -> dict[int, str]:
    return {row.number: row.errors[0]["message"] for row in ledger.rows.filter(outcome="error")}


def test_rows_with_codes_become_a_tree_once(sent, plan, keeper, manager, today):
    ledger = sent(CODED)
    assert ledger.counts["create"] == 4
    assert outline(plan) == [
        (0, "基本目標", "1 健やかに暮らせるまち"),
        (1, "政策", "1-1 健康づくり"),
        (2, "施策", "1-1-1 健診の充実"),
        (0, "基本目標", "2 学びのまち"),
    ]
    node = plan.items.get(code="1-1-1")
    assert (node.kpi_name, node.kpi_unit, node.kpi_baseline) == ("受診率", "％", Decimal("45.2"))
    assert (node.kpi_target, node.kpi_year, node.department) == (60, 2030, keeper)
    history = PlanItem.history.count()
    assert sent(CODED).counts["unchanged"] == 4
    assert PlanItem.history.count() == history
    renamed = [CODED[0], ["1-1-1", "施策", "健診と予防の充実", "", "", "", "", ""]]
    again = sent(renamed)
    assert again.counts["update"] == 1
    node.refresh_from_db()
    assert (node.name, node.kpi_target) == ("健診と予防の充実", 60)  # a blank cell takes nothing away
    run.undo(ledger=again, by=manager, today=today)
    assert str(plan.items.get(code="1-1-1")) == "1-1-1 健診の充実"


def test_columns_of_levels_become_the_same_tree(sent, plan, manager, today):
    ledger = sent(COLUMNS)
    assert ledger.counts["create"] == 4
    assert outline(plan) == [
        (0, "基本目標", "1 健やかに暮らせるまち"),
        (1, "政策", "1-1 健康づくり"),
        (2, "施策", "健診の充実"),
        (2, "施策", "食育の推進"),
        (1, "政策", "1-2 医療の充実"),
        (2, "施策", "救急医療"),
        (0, "基本目標", "2 学びのまち"),
        (1, "政策", "2-1 学校教育"),
    ]
    assert plan.items.get(name="健診の充実").kpi_unit == "％"
    assert sent(COLUMNS).counts["unchanged"] == 4
    run.undo(ledger=ledger, by=manager, today=today)
    assert outline(plan) == []


def test_undo_leaves_what_is_in_use(sent, plan, fukuoka, manager, today):
    ledger = sent(COLUMNS)
    used = plan.items.get(name="食育の推進")
    PlanLink.objects.create(agreement=AgreementFactory(municipality=fukuoka), plan_item=used)
    run.undo(ledger=ledger, by=manager, today=today)
    ledger.refresh_from_db()
    assert "取組や協定が結び付いています" in [each["message"] for each in ledger.undo_report]
    assert [name for _depth, _level, name in outline(plan)] == [
        "1 健やかに暮らせるまち",
        "1-1 健康づくり",
        "食育の推進",
    ]


def test_further_rows_find_their_place_below_what_is_there(sent, plan):
    goal = PlanItemFactory(plan=plan, code="1", name="目標", level="基本目標")
    policy = PlanItemFactory(parent=goal, code="1-2", name="政策", level="政策")
    PlanItemFactory(parent=goal, code="1-3", name="別の政策", level="政策")
    rows = [
        ["コード", "階層", "名称", "上の階層"],
        ["1-3-1", "施策", "三の一", "1-3"],
        ["", "施策", "二の一", "1-2 政策"],
        ["9", "施策", "迷子", "どこか"],
    ]
    ledger = sent(rows, only_good=True)
    assert errors(ledger).keys() == {4}
    assert plan.items.get(name="二の一").parent == policy
    assert sent([["コード", "名称"], ["1-2-5", "二の五"]]).counts["create"] == 1
    assert plan.items.get(name="二の五").parent == policy


def test_what_hangs_on_a_bad_row_is_refused_with_it(checked, sent, plan):
    rows = [
        CODED[0],
        CODED[1],
        ["1-1", "政策", "健康づくり", "", "", "", "", "ない課"],
        ["1-1-1", "施策", "健診の充実", "", "", "", "", ""],
        ["2", "基本目標", "学びのまち", "", "10", "", "", ""],
        ["3", "基本目標", "学びのまち", "率", "たくさん", "", "", ""],
        ["3-1", "政策", "下", "", "", "", "", ""],
        ["4-1", "政策", "上がない", "", "", "", "", ""],
        ["1", "基本目標", "ほかの名前", "", "", "", "", ""],
        ["", "", "", "率", "", "", "", ""],
    ]
    ledger = sent(rows, only_good=True)
    found = errors(ledger)
    assert "登録されていません" in found[3]
    assert "3行目" in found[4]
    assert "KPI（指標名）" in found[5]
    assert "数字で" in found[6]
    assert "6行目" in found[7]
    assert "2行目と同じ項目" in found[9]
    assert "名称を入力" in found[10]
    assert outline(plan)[0] == (0, "基本目標", "1 健やかに暮らせるまち")
    assert not plan.items.filter(code="1-1").exists()


def test_our_own_export_comes_back_without_a_change_and_fills_another_plan(sent, registered, plan, manager):
    sent(COLUMNS)
    PlanItem.objects.filter(name="食育の推進").update(kpi_name="率", kpi_baseline="0.5", kpi_year=2030)
    table = TABLES["plan_items"]
    rows = table.rows(PlanItem.objects.in_order(), table.columns, user=manager, today=date(2026, 10, 1))
    content = b"".join(encoded(csv_lines(table.columns, rows), "utf-8"))
    before = outline(plan)
    ledger = registered(content, "施策.csv", kind="plan-items", plan=str(plan.pk))
    assert ledger.counts["unchanged"] == len(before), ledger.rows.values("errors", "changes")
    assert outline(plan) == before
    other = PlanFactory(municipality=plan.municipality, name="第七次総合計画", state="draft")
    ledger = registered(content, "施策.csv", kind="plan-items", plan=str(other.pk))
    assert ledger.counts["skip"] == len(before)  # the rows say that they are of the old plan
    content = content.decode("utf-8-sig").replace("第六次", "第七次").encode()
    assert registered(content, "施策.csv", kind="plan-items", plan=str(other.pk)).counts["create"] == len(
        before
    )
    assert outline(other) == before
    mapping = guess_mapping([column.header for column in table.columns], importable("plan-items").columns)
    read = {table.columns[place].key for place in mapping.values()}
    assert read == {column.key for column in table.columns} - COMPUTED


def test_only_managers_import_and_only_into_their_own_plan(checked, manager, editor, fukuoka, obuse):
    kind = importable("plan-items")
    assert (kind.may_import(manager), kind.may_import(editor)) == (True, False)
    foreign = PlanFactory(municipality=obuse)
    ledger = checked(csv_of(CODED), "計画.csv", kind="plan-items", plan=str(foreign.pk))
    assert ledger.counts["error"] == 4
    assert not PlanItem.objects.exists()
    assert [key for key, _label in kind.options_for(manager)["plan"].choices] == [""]


def test_template_goes_in_as_it_is(checked, plan, keeper):
    content = sheets.template(importable("plan-items"))
    ledger = checked(content, "見本.xlsx", kind="plan-items", plan=str(plan.pk))
    assert ledger.counts["create"] == 1, ledger.rows.values("errors")


def test_a_deleted_node_comes_back_as_a_new_one(sent, plan, manager):
    sent([["コード", "名称"], ["1", "目標"]])
    planning.delete_item(item=plan.items.get(), by=manager)
    assert sent([["コード", "名称"], ["1", "目標"]]).counts["create"] == 1


def test_the_plan_of_the_tree_is_chosen_already(manager_client, plan):
    page = manager_client.get(reverse("municipalities:plan-tree", args=[plan.pk])).content.decode()
    url = f"{reverse('agreements:import-create', args=['plan-items'])}?plan={plan.pk}"
    assert url in page
    file = SimpleUploadedFile("計画.csv", csv_of(CODED[:2]))
    response = manager_client.post(url, {"file": file}, follow=True)
    assert response.context["form"]["plan"].value() == str(plan.pk)
    data = {"header_row": 1, "column-0": "code", "column-1": "level", "column-2": "name"}
    refused = manager_client.post(response.request["PATH_INFO"], data)
    assert "取込み先の総合計画を選んでください" in refused.content.decode()
    done = manager_client.post(response.request["PATH_INFO"], {**data, "plan": plan.pk}, follow=True)
    assert "新規" in done.content.decode()
