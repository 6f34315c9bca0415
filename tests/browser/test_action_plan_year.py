"""The year of 小布施町: a plan of two levels, four 取組, progress, the report; then the next plan.

The same yen stand on the pages, in the PDF and in the xlsx.
"""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from agreements.domain.annual_report import newest_year
from agreements.models import ActionItem, AnnualReport
from municipalities import fiscal_year
from municipalities.models import Plan, PlanItem
from municipalities.wareki import format_wareki
from tests.factories import (
    AgreementFactory,
    DepartmentFactory,
    PlanFactory,
    PlanItemFactory,
    StaffMemberFactory,
)

# title, 財源 and what it asks for, 効果額
ACTIONS = [
    (
        "勉強会の開催",
        {"funding": "自治体予算", "budget_project": "見本事業", "contract_method": "プロポーザル"},
        "1,234,567",
    ),
    ("設備の寄附の受入れ", {"funding": "企業版ふるさと納税"}, "765,433"),
    ("住民説明会の開催", {"funding": "ゼロ予算"}, ""),
    ("計画の共同作成", {"funding": "相手方負担"}, ""),
]
TOTAL = 2_000_000


@pytest.fixture
def manager(obuse):
    section = DepartmentFactory(municipality=obuse, name="企画財政課")
    return StaffMemberFactory(manager=True, municipality=obuse, department=section)


@pytest.fixture
def agreement(manager):
    return AgreementFactory(
        whole=True,
        whole__action="計画だけの取組",
        municipality=manager.municipality,
        department=manager.department,
        title="次世代型インフラの協定",
    )


def enter_plan(page: Page) -> None:
    page.goto(reverse("municipalities:plan-create"))
    page.get_by_label("計画名").fill("第六次総合計画")
    page.get_by_label("計画期間中").check()
    page.get_by_role("button", name="保存する").click()
    page.get_by_role("link", name="表から貼り付ける").click()
    page.get_by_label("貼り付ける内容").fill("1 見本の目標\n　1-1 見本の施策A\n　1-2 見本の施策B")
    page.get_by_role("button", name="内容を確かめる").click()
    page.get_by_role("button", name="3件を追加する").click()
    expect(page.locator(".plan-node")).to_have_count(3)


def add_action(page: Page, agreement, last_day, title: str, money: dict[str, str]) -> None:
    page.goto(reverse("agreements:action-create", args=[agreement.pk]))
    page.locator("#id_title").fill(title)
    page.locator("#id_starts_on").fill(format_wareki(last_day - timedelta(days=90)))
    page.locator("#id_due_on").fill(format_wareki(last_day))
    page.locator("#id_target_value").fill("３")
    page.locator("#id_target_unit").fill("回")
    for name, value in money.items():
        field = page.locator(f"#id_{name}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    node = PlanItem.objects.get(code="1-1")
    page.locator("#id_plan_item").select_option(value=str(node.pk))
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def complete(page: Page, last_day, yen: str) -> None:
    page.get_by_role("link", name="完了する").click()
    page.get_by_label("完了日").fill(format_wareki(last_day))
    page.get_by_label("実績値").fill("3")
    page.get_by_label("実施した内容").fill("見本として3回行いました。")
    if yen:
        page.get_by_label("効果額（円）").fill(yen)
        page.get_by_label("効果額の算定方法").fill("委託した場合の単価")
    page.get_by_role("button", name="完了として保存する").click()
    expect(page.get_by_text("「完了」にしました")).to_be_visible()


def test_a_year_from_the_plan_to_the_next_plan(open_browser, agreement, manager, print_fonts, text_of):
    year = newest_year(timezone.localdate())
    last_day = fiscal_year.last_day(year)
    context = open_browser(member=manager)
    page = context.new_page()
    enter_plan(page)

    # A budget without its contract method is refused beside its field, and what was typed stays.
    page.goto(reverse("agreements:action-create", args=[agreement.pk]))
    page.locator("#id_title").fill("契約方式のない取組")
    page.locator("#id_funding").select_option(label="自治体予算")
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.locator(".error-summary")).to_contain_text("契約方式")
    expect(page.locator("#id_title")).to_have_value("契約方式のない取組")

    for title, money, _yen in ACTIONS:
        add_action(page, agreement, last_day, title, money)
    page.goto(reverse("agreements:own-actions") + "?show=all")
    action = ActionItem.objects.get(title="勉強会の開催")
    row = page.locator(f"#action-{action.pk}")
    row.get_by_label("現在値（回）").fill("2")
    row.get_by_label("できごと").fill("2回目を開きました。")
    row.get_by_role("button", name="記録する").click()
    expect(row.get_by_text("記録しました")).to_be_visible()
    for title, _money, yen in ACTIONS:
        page.goto(ActionItem.objects.get(title=title).get_absolute_url())
        complete(page, last_day, yen)

    page.goto(reverse("agreements:today"))
    page.get_by_role("button", name=re.compile("作成する.*次世代型インフラの協定")).click()
    page.get_by_label("来年度方針").fill("回数を増やす")
    for choice in page.get_by_label("評価").all():
        choice.select_option("計画どおり")
    page.get_by_role("button", name="保存する", exact=True).click()
    page.get_by_role("button", name="提出する", exact=True).click()
    page.get_by_role("button", name="受理する").click()
    expect(page.get_by_text("を受理しました。")).to_be_visible()
    expect(page.get_by_text(f"{TOTAL:,}").first).to_be_visible()
    report = AnnualReport.objects.get()
    for name in ("agreements:report-summary", "agreements:overview"):
        page.goto(reverse(name))
        expect(page.get_by_text(re.compile(r"2,?000,?000")).first).to_be_visible()
    pdf = context.request.get(reverse("agreements:report-print", args=[report.pk])).body()
    assert f"{TOTAL:,}" in text_of(pdf)
    sheet = context.request.get(reverse("agreements:report-export", args=[report.pk])).body()
    cells = [
        cell
        for rows in openpyxl.load_workbook(io.BytesIO(sheet)).worksheets
        for line in rows.iter_rows(values_only=True)
        for cell in line
    ]
    assert {1_234_567, 765_433} <= set(cells)

    # The next plan: every node of the old one finds its place.
    old = Plan.objects.get()
    new = PlanFactory(municipality=old.municipality, name="第七次総合計画", predecessor=old)
    goal = PlanItemFactory(plan=new, code="1", name="見本の目標")
    for code, name in (("1-1", "見本の施策A"), ("1-2", "見本の施策B")):
        PlanItemFactory(parent=goal, code=code, name=name)
    page.goto(reverse("agreements:plan-change", args=[new.pk]))
    expect(page.get_by_role("cell", name="同じコード")).to_have_count(3)
    page.get_by_role("button", name="保存して結び付ける").click()
    page.get_by_role("dialog").get_by_role("button", name="結び付ける").click()
    expect(page.locator(".undo-bar")).to_be_visible()
    page.goto(reverse("agreements:plan-change", args=[new.pk]))
    expect(page.get_by_text("3 / 3")).to_be_visible()
    assert ActionItem.objects.get(title="勉強会の開催").plan_item.plan == old  # what is over keeps its link
