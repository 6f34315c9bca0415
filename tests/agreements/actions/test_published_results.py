"""取組, results and reports go out by the whitelist: no person, no budget, and every change is seen."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import open_data, open_results
from agreements.actions.annual_reports import accept_report, correct_report, submit_report
from agreements.choices import ActionState, Evaluation, Funding, PublicField
from agreements.domain.annual_report import total
from agreements.models import ActionItem
from agreements.views.public_results import results_by_year
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    AnnualReportLineFactory,
    CompanyContactFactory,
    PartyFactory,
    ProgressEntryFactory,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)
ALL = [field.value for field in PublicField]


@pytest.fixture
def agreement(fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, department__name="健康課")
    PartyFactory(agreement=agreement, municipality=fukuoka, label="甲", order=1)
    PartyFactory(agreement=agreement, company__name="株式会社見本商店", name_as_signed="株式会社見本商店")
    return agreement


@pytest.fixture
def checkup(agreement):
    return ActionItemFactory(
        agreement=agreement,
        title="出張健診",
        starts_on=date(2025, 4, 1),
        due_on=date(2026, 3, 31),
        state=ActionState.DONE,
        target_value=100,
        target_unit="人",
        result_value=Decimal("120.5"),
        result_text="6回行った",
        completed_on=date(2026, 3, 1),
        effect_yen=1_200_000,
        effect_method="委託した場合の単価 × 人数",
        funding=Funding.MUNICIPAL_BUDGET,
        budget_project="秘密の予算事業",
        budget_thousands=999,
        contract_method="bid",
        partner_in_charge="地域連携部 山田太郎",
    )


def facts(agreement, *fields):
    return open_data.public_facts(agreement, fields)


def test_whitelist_lets_out_plan_owner_result_and_effect_each_by_itself(agreement, checkup):
    plan = {
        "id": checkup.pk,
        "title": "出張健診",
        "state": "done",
        "starts_on": "2025-04-01",
        "due_on": "2026-03-31",
        "target_value": 100,
        "baseline_value": None,
        "unit": "人",
    }
    owner = {"section": "健康課", "partner": "株式会社見本商店"}
    result = {"result_value": 120.5, "result_text": "6回行った", "completed_on": "2026-03-01"}
    effect = {"effect_yen": 1_200_000, "effect_method": "委託した場合の単価 × 人数"}
    assert "actions" not in facts(agreement, "results", "effects")
    assert facts(agreement, "actions")["actions"] == [plan]
    assert facts(agreement, "actions", "action_owners")["actions"] == [plan | owner]
    assert facts(agreement, "actions", "results")["actions"] == [plan | result]
    assert facts(agreement, "actions", "effects")["actions"] == [plan | effect]
    whole = facts(agreement, *ALL)
    assert whole["actions"] == [plan | owner | result | effect]
    assert "山田太郎" not in str(whole)
    assert "秘密の予算事業" not in str(whole)
    assert open_data.reduced(whole, ["actions", "results"])["actions"] == [plan | result]
    assert "actions" not in open_data.reduced(whole, ["results"])


def test_unfinished_action_tells_its_last_figure_and_no_effect(agreement):
    action = ActionItemFactory(
        agreement=agreement, target_value=10, target_unit="回", effect_yen=5, effect_method="見込み"
    )
    ProgressEntryFactory(action=action, value=3)
    (published,) = facts(agreement, *ALL)["actions"]
    assert (published["result_value"], published["effect_yen"], published["effect_method"]) == (3, None, "")


def test_partner_of_an_action_is_a_company_and_never_guessed_among_several(agreement, checkup):
    other = PartyFactory(agreement=agreement, company__name="合同会社見本", label="丙", order=3)
    assert facts(agreement, *ALL)["actions"][0]["partner"] == ""
    contact = CompanyContactFactory(company=other.company, municipality=agreement.municipality)
    ActionItem.objects.update(partner_contact=contact)
    assert facts(agreement, *ALL)["actions"][0]["partner"] == "合同会社見本"


def test_change_of_a_result_is_told_as_such(agreement, checkup):
    before = facts(agreement, *ALL)
    ActionItem.objects.update(result_value=121)
    assert open_data.changed_labels(before, facts(agreement, *ALL)) == ["取組の実績"]
    ActionItem.objects.update(title="巡回健診")
    assert open_data.changed_labels(before, facts(agreement, *ALL)) == ["取組", "取組の実績"]


def test_results_by_year_count_what_has_a_year_and_was_not_cancelled(agreement, checkup):
    ActionItemFactory(agreement=agreement, starts_on=date(2026, 4, 1))
    ActionItemFactory(agreement=agreement, due_on=date(2026, 3, 31), state=ActionState.CANCELLED)
    ActionItemFactory(agreement=agreement)
    columns = open_data.columns_of(facts(agreement, *ALL))
    assert columns["results"] == [[2025, 1, 1, 1, 1_200_000], [2026, 1, 0, 0, 0]]
    assert open_data.columns_of(facts(agreement, "actions"))["results"][0] == [2025, 1, 1, 0, 0]


def test_report_goes_out_when_accepted_with_its_public_lines_alone(agreement, manager):
    report = AnnualReportFactory(agreement=agreement, fiscal_year=2025, next_policy="秘密の方針")
    line = {"report": report, "evaluation": Evaluation.AS_PLANNED, "department": "秘密の課"}
    AnnualReportLineFactory(title="公開の取組", is_public=True, effect_yen=5, effect_method="単価", **line)
    AnnualReportLineFactory(title="秘密の取組", **line)
    submit_report(report=report, by=manager, today=TODAY)
    assert facts(agreement, "reports")["reports"] == []
    accept_report(report=report, by=manager, today=TODAY)
    whole = facts(agreement, *ALL)
    assert [(each["year"], len(each["lines"])) for each in whole["reports"]] == [(2025, 1)]
    assert "秘密" not in str(whole["reports"])
    content = open_results.report_content(whole, whole["reports"][0])
    assert (content.partners, total(content.lines).effect_yen) == (("株式会社見本商店",), 5)
    assert "effect_yen" not in facts(agreement, "reports")["reports"][0]["lines"][0]
    assert open_data.reduced(whole, ["reports"])["reports"] == facts(agreement, "reports")["reports"]
    corrected = correct_report(report=report, reason="訂正")
    submit_report(report=corrected, by=manager, today=TODAY)
    accept_report(report=corrected, by=manager, today=TODAY)
    assert [each["version"] for each in facts(agreement, *ALL)["reports"]] == [2]


_ACTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "state": st.sampled_from(ActionState.values),
            "due_on": st.none() | st.dates(date(2020, 1, 1), date(2026, 12, 31)).map(date.isoformat),
            "starts_on": st.none() | st.dates(date(2020, 1, 1), date(2026, 12, 31)).map(date.isoformat),
            "effect_yen": st.none() | st.integers(0, 10**12),
        }
    )
)


@given(_ACTIONS, _ACTIONS)
def test_sums_by_year_of_two_agreements_are_those_of_all_their_actions(some, others):
    def figures(rows):
        return [(each.year, each.actions, each.done, each.effects, each.effect_yen) for each in rows]

    apart = [open_results.results_by_year(some), open_results.results_by_year(others)]
    together = [open_results.results_by_year(some + others)]
    shown = figures(results_by_year(apart))
    assert shown == figures(results_by_year(together))
    assert all(done <= actions and effects <= actions for _, actions, done, effects, _ in shown)
    dated = [each for each in some + others if (each["due_on"] or each["starts_on"])]
    assert sum(row[1] for row in shown) == sum(each["state"] != ActionState.CANCELLED for each in dated)
