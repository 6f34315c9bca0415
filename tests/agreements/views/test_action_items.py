from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from agreements.choices import ActionState, Funding
from agreements.models import ActionItem
from tests.conftest import client_of
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    DepartmentFactory,
    PlanItemFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(editor):
    return AgreementFactory(whole=True, municipality=editor.municipality, department=editor.department)


@pytest.fixture
def action(agreement, today):
    return ActionItemFactory(agreement=agreement, title="健康教室")


def url(name, row):
    return reverse(f"agreements:{name}", args=[row.pk])


def errors_of(response):
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def fill(client, address, **typed):
    """The page's own values with these typed over them, sent."""
    form = client.get(address).context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, list | tuple):
            data[bound.html_name] = [getattr(each, "pk", each) for each in value]
        elif value not in (None, False):
            shown = form.fields[bound.name].prepare_value(value)
            data[bound.html_name] = shown
    return client.post(address, {**data, **typed})


def test_action_form_writes_every_field(editor_client, agreement, today):
    node = PlanItemFactory(plan__municipality=agreement.municipality)
    sub = PlanItemFactory(plan=node.plan)
    item = agreement.cooperation_fields.first()
    response = fill(
        editor_client,
        url("action-create", agreement),
        title="健康教室",
        cooperation_fields=[item.pk],
        starts_on="R8.4.1",
        due_on="令和9年3月31日",
        target_value="１，２００",
        target_unit="人",
        baseline_value="1,000",
        funding=Funding.MUNICIPAL_BUDGET,
        budget_account="一般会計",
        budget_project="健康づくり事業",
        budget_line="款4項1目2",
        budget_thousands="3,500",
        contract_method="proposal",
        fairness="proposal",
        fairness_note="公募で選ぶため",
        plan_item=node.pk,
        sub_plan_items=[sub.pk],
    )
    action = ActionItem.objects.get(title="健康教室")
    assert response.url == action.get_absolute_url()
    assert (action.target_value, action.budget_thousands) == (Decimal(1200), 3500)
    assert (action.plan_item, list(action.sub_plan_items.all())) == (node, [sub])
    assert action.fiscal_year == 2026
    page = editor_client.get(response.url).content.decode()
    assert "協定は契約の相手方を決めるものではありません。" in page
    assert "1,200人" in page


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"starts_on": "R8.5.1", "due_on": "R8.4.1"}, "due_on", "期限が開始日より前"),
        ({"target_value": "100"}, "target_unit", "単位を入力"),
        (
            {"funding": "municipal_budget", "budget_project": "健康事業"},
            "contract_method",
            "契約方式を選んで",
        ),
        ({"funding": "zero_budget", "budget_thousands": "1"}, "budget_thousands", "ゼロ予算"),
        ({"funding": "partner_cost", "budget_line": "款1"}, "funding", "款項目を空欄に"),
        ({"budget_thousands": "1"}, "funding", "財源を選んで"),
        ({"contract_method": "negotiated"}, "contract_reason", "根拠"),
        ({"effect_yen": "100"}, "effect_method", "算定"),
        ({"fairness": "free"}, "fairness_note", "理由"),
        ({"target_value": "たくさん"}, "target_value", "数字で入力"),
        ({"budget_thousands": "-1"}, "budget_thousands", "0以上"),
    ],
)
def test_action_form_refuses_in_words_at_the_field(editor_client, action, typed, field, words):
    errors = errors_of(fill(editor_client, url("action-update", action), **typed))
    assert words in errors[field][0]
    assert set(errors) == {field}


def test_action_form_refuses_a_foreign_plan_item_posted_directly(editor_client, action):
    foreign = PlanItemFactory()
    errors = errors_of(fill(editor_client, url("action-update", action), plan_item=foreign.pk))
    assert errors == {"plan_item": ["この自治体の総合計画にない施策です。選び直してください。"]}


def test_action_form_refuses_a_circle_of_dependencies(editor_client, action):
    second = ActionItemFactory(agreement=action.agreement, title="準備")
    third = ActionItemFactory(agreement=action.agreement, title="募集")
    second.depends_on.set([third])
    third.depends_on.set([action])
    errors = errors_of(fill(editor_client, url("action-update", action), depends_on=[second.pk]))
    assert "「健康教室」→「準備」→「募集」→「健康教室」" in errors["depends_on"][0]
    assert not action.depends_on.exists()


def test_second_of_two_writers_sees_both_versions(editor_client, action):
    page = editor_client.get(url("action-update", action)).context["form"]
    seen = page["seen"].value()
    fill(editor_client, url("action-update", action), title="先の名前")
    # The clock stands still in this test.
    later = action.updated_at + timedelta(seconds=1)
    ActionItem.objects.filter(pk=action.pk).update(updated_at=later)
    response = editor_client.post(url("action-update", action), {"seen": seen, "title": "後の名前"})
    assert response.status_code == 409
    changed = {row["label"]: row for row in response.context["conflict_rows"] if row["changed"]}
    assert (changed["取組"]["theirs"], changed["取組"]["mine"]) == ("先の名前", "後の名前")
    assert ActionItem.objects.get(pk=action.pk).title == "先の名前"


def test_completion_asks_what_was_done_and_the_figure_and_can_be_taken_back(editor_client, action):
    ActionItem.objects.filter(pk=action.pk).update(target_value=100, target_unit="人")
    address = url("action-complete", action)
    assert set(errors_of(fill(editor_client, address))) == {"result_text", "result_value"}
    response = fill(editor_client, address, result_text="3回開いた", result_value="120")
    action.refresh_from_db()
    assert (action.state, action.result_value, action.completed_on) == ("done", 120, date(2026, 10, 1))
    page = editor_client.get(response.url).content.decode()
    assert "達成率 120%" in page
    assert "元に戻す" in page
    editor_client.post(url("action-reopen", action))
    action.refresh_from_db()
    assert (action.state, action.completed_on) == (ActionState.IN_PROGRESS, None)


def test_cancelling_asks_why(editor_client, action):
    address = url("action-cancel", action)
    assert set(errors_of(fill(editor_client, address))) == {"reason"}
    fill(editor_client, address, reason="講師が見つからない")
    action.refresh_from_db()
    assert (action.state, action.cancelled_reason) == (ActionState.CANCELLED, "講師が見つからない")


def test_next_year_is_made_once_and_comes_back_when_deleted(editor_client, action):
    ActionItem.objects.filter(pk=action.pk).update(
        starts_on=date(2026, 4, 1), due_on=date(2027, 3, 31), budget_thousands=500, funding="grant"
    )
    for _click in range(2):
        editor_client.post(url("action-repeat", action))
    following = ActionItem.objects.get(repeats=action)
    assert (following.starts_on, following.due_on) == (date(2027, 4, 1), date(2028, 3, 31))
    assert (following.budget_thousands, following.budget_status) == (None, "not_requested")
    editor_client.post(url("action-delete", following))
    assert not ActionItem.objects.alive().filter(pk=following.pk).exists()
    editor_client.post(url("action-repeat", action))
    assert ActionItem.objects.alive().filter(pk=following.pk).exists()


def test_editor_writes_actions_of_the_own_section_in_agreements_of_others(fukuoka, agreement, today):
    other = StaffMemberFactory(
        editor=True, municipality=fukuoka, department=DepartmentFactory(municipality=fukuoka)
    )
    action = ActionItemFactory(agreement=agreement, department=other.department)
    strange = ActionItemFactory(agreement=agreement)
    client = client_of(other)
    assert client.get(url("action-update", action)).status_code == 200
    assert client.get(url("action-update", strange)).status_code == 403
    assert client.get(url("action-create", agreement)).status_code == 403
    assert list(ActionItem.objects.editable_by(other)) == [action]


def test_saving_the_agreement_keeps_what_only_the_action_knows(editor_client, agreement, action):
    fill(editor_client, url("action-update", action), description="くわしい内容", funding="partner_cost")
    before = ActionItem.objects.get(pk=action.pk)
    form = editor_client.get(reverse("agreements:agreement-update", args=[agreement.pk])).content.decode()
    assert url("action-detail", action) in form
    from agreements.actions.register import change_agreement
    from agreements.forms.stored import stored_draft

    agreement.refresh_from_db()
    change_agreement(
        agreement=agreement, version=agreement.version, draft=stored_draft(agreement), today=date(2026, 10, 1)
    )
    after = ActionItem.objects.get(pk=action.pk)
    assert (after.description, after.funding) == ("くわしい内容", "partner_cost")
    assert after.updated_at == before.updated_at
