"""取組 with their money, targets, 施策 and results: read, refused at the cell, back from our own export."""

import io
from datetime import date
from decimal import Decimal

import pytest

from agreements.exports import TABLES
from agreements.exports.actions import COMPUTED
from agreements.exports.writers import csv_lines, encoded, write_xlsx
from agreements.importing import run
from agreements.importing.columns import guess_mapping
from agreements.importing.kinds import importable
from agreements.models import ActionItem
from municipalities.choices import PlanState
from tests.agreements.importing.ledgers import csv_of
from tests.factories import ActionItemFactory, AgreementFactory, PlanItemFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)


@pytest.fixture
def agreement(fukuoka):
    return AgreementFactory(municipality=fukuoka, whole=True, ledger_number="A-1", title="見本の協定")


@pytest.fixture
def node(fukuoka):
    return PlanItemFactory(plan__municipality=fukuoka, code="1-2", name="健康づくり")


def errors(ledger) -> list[tuple[str, str]]:
    return [(each["column"], each["message"]) for row in ledger.rows.all() for each in row.errors]


def sent(registered, *pairs, **kwargs):
    """One row for the agreement: header, cell, header, cell …"""
    given = {"管理番号": "A-1", "取組名": "健診の案内", **dict(pairs)}
    return registered(csv_of([list(given), list(given.values())]), "取組.csv", kind="actions", **kwargs)


def test_all_that_an_action_plan_says_is_read(registered, agreement, node, today):
    sent(
        registered,
        ("財源", "市予算"),
        ("予算事業名", "健康増進事業"),
        ("款項目", "款4項1目2"),
        ("額（千円）", "120万円"),
        ("契約方式", "公募型プロポーザル"),
        ("目標値", "１，２００人"),
        ("現状値", "800"),
        ("施策コード", "1-2"),
        ("実施状況", "済"),
        ("実施した内容", "10会場で案内した。"),
        ("実績値", "1250.5"),
        ("完了日", "R8.9.1"),
        ("効果額（円）", "300,000"),
        ("算定方法", "委託した場合の見積り"),
        ("毎年度", "有"),
    )
    made = agreement.actions.get(title="健診の案内")
    assert (made.funding, made.contract_method, made.budget_thousands) == (
        "municipal_budget",
        "proposal",
        1200,
    )
    assert (made.target_value, made.baseline_value, made.target_unit) == (1200, 800, "人")
    assert (made.plan_item, made.state, made.result_value) == (node, "done", Decimal("1250.5"))
    assert (made.effect_yen, made.completed_on, made.is_repeated) == (300_000, date(2026, 9, 1), True)


@pytest.mark.parametrize(
    ("pairs", "column", "words"),
    [
        ([("状態", "完了")], "実施した内容", "実施した内容を入力"),
        (
            [("状態", "完了"), ("実施した内容", "した"), ("目標値", "10回")],
            "実績値",
            "目標値（10回）のある取組",
        ),
        ([("状態", "中止")], "中止の理由", "中止の理由を入力"),
        ([("財源", "自治体予算"), ("予算事業名", "事業")], "契約方式", "契約方式を入力"),
        ([("財源", "ゼロ予算"), ("額（千円）", "5")], "額（千円）", "空欄に"),
        ([("財源", "相手方負担"), ("款項目", "款1")], "財源", "款項目を空欄に"),
        ([("額（円）", "1,200,500")], "額（円）", "千円未満の端数"),
        ([("目標値", "10")], "単位", "単位を入力"),
        ([("目標値", "たくさん")], "目標値", "数字で入力"),
        ([("効果額（円）", "10")], "効果額の算定方法", "どう算定したか"),
        ([("契約方式", "随契")], "契約方式の根拠", "根拠"),
        ([("主施策", "9-9")], "主施策", "登録されていません"),
        ([("主施策", "1-2"), ("副施策", "健康づくり")], "副施策", "主施策と同じ"),
        ([("状態", "計画"), ("完了日", "R8.9.1")], "完了日", "「完了」のとき"),
    ],
)
def test_what_does_not_go_together_is_an_error_at_the_cell(checked, agreement, node, pairs, column, words):
    ledger = sent(checked, *pairs)
    assert ledger.counts["error"] == 1
    found = errors(ledger)
    assert any(column == where and words in message for where, message in found), found


def test_node_of_a_foreign_plan_is_unknown_and_two_namesakes_must_be_told_apart(checked, agreement, node):
    PlanItemFactory(code="7", name="よその施策")
    assert "登録されていません" in errors(sent(checked, ("主施策", "よその施策")))[0][1]
    PlanItemFactory(plan=node.plan, code="1-3", name="健康づくり")
    assert "2件あります" in errors(sent(checked, ("主施策", "健康づくり")))[0][1]
    assert sent(checked, ("主施策", "1-3 健康づくり")).counts["create"] == 1


def test_what_is_stored_counts_too_and_undo_brings_it_back(registered, agreement, node, manager, today):
    action = ActionItemFactory(
        agreement=agreement, title="健診の案内", target_value=10, target_unit="回", person_in_charge=None
    )
    ledger = sent(
        registered, ("状態", "完了"), ("実施した内容", "案内した"), ("副施策", "1-2"), ("実績値", "12")
    )
    assert ledger.counts["update"] == 1
    action.refresh_from_db()
    assert (action.state, action.result_value, list(action.sub_plan_items.all())) == ("done", 12, [node])
    assert sent(registered, ("状態", "完了"), ("副施策", "1-2 健康づくり")).counts["unchanged"] == 1
    run.undo(ledger=ledger, by=manager, today=today)
    action.refresh_from_db()
    assert (action.state, action.result_value, action.result_text) == ("planned", None, "")
    assert not action.sub_plan_items.exists()


def test_what_is_taken_up_again_has_no_day_of_completion_any_more(registered, agreement, today):
    action = ActionItemFactory(
        agreement=agreement,
        title="健診の案内",
        state="done",
        result_text="した",
        completed_on=date(2026, 9, 1),
    )
    sent(registered, ("状態", "実施中"))
    action.refresh_from_db()
    assert (action.state, action.completed_on, action.result_text) == ("in_progress", None, "した")


@pytest.mark.parametrize("as_csv", [False, True])
def test_our_own_export_comes_back_without_a_change(registered, agreement, node, manager, editor, as_csv):
    old = PlanItemFactory(
        plan__municipality=agreement.municipality, plan__state=PlanState.ENDED, code="1-2", name="健康づくり"
    )
    action = ActionItemFactory(
        agreement=agreement,
        title="全部ある取組",
        description="二行の\n内容",
        person_in_charge=editor,
        starts_on=date(2026, 4, 1),
        due_on=date(2026, 8, 1),
        state="done",
        result_text="した",
        result_value=Decimal("12.5"),
        target_value=100,
        target_unit="％",
        baseline_value=0,
        funding="municipal_budget",
        budget_account="一般会計",
        budget_project="事業",
        budget_line="款2項1目7",
        budget_round="initial",
        budget_thousands=1200,
        budget_status="voted",
        contract_method="negotiated",
        contract_reason="地方自治法施行令第167条の2",
        fairness="negotiated",
        fairness_note="一社だけのため",
        plan_item=old,
        is_repeated=True,
        effect_yen=10**9,
        effect_method="見積り",
        completed_on=date(2026, 7, 31),
    )
    action.sub_plan_items.add(node)
    ActionItemFactory(agreement=agreement, title="やめた", state="cancelled", cancelled_reason="天候")
    editor.is_active = False
    editor.save()
    table = TABLES["actions"]
    rows = table.rows(ActionItem.objects.order_by("pk"), table.columns, user=manager, today=TODAY)
    if as_csv:
        content, name = b"".join(encoded(csv_lines(table.columns, rows), "utf-8")), "取組.csv"
    else:
        buffer = io.BytesIO()
        write_xlsx(buffer, table.noun, table.columns, rows)
        content, name = buffer.getvalue(), "取組.xlsx"
    history = ActionItem.history.count()
    ledger = registered(content, name, kind="actions")
    assert [row.changes for row in ledger.rows.exclude(outcome="unchanged")] == []
    assert ledger.counts["unchanged"] == ActionItem.objects.count()
    assert ActionItem.history.count() == history


def test_every_exported_column_but_the_computed_is_read_back():
    columns = TABLES["actions"].columns
    mapping = guess_mapping([column.header for column in columns], importable("actions").columns)
    assert {columns[place].key for place in mapping.values()} == {each.key for each in columns} - COMPUTED
