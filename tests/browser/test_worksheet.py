"""Journey 4 through Excel: the company gets the worksheet, fills it in, returns it; both confirm."""

import io
from pathlib import Path

import openpyxl
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.worksheet_file.layout import FIRST_ROW, HEADER_ROW, SHEET_NAME
from tests.factories import (
    AgreementFactory,
    CompanyFactory,
    CooperationFieldFactory,
    DepartmentFactory,
    MunicipalityFactory,
    PartyFactory,
    StaffMemberFactory,
)

HOPE = "健康教室の講座を受託したい"


@pytest.fixture
def agreement(transactional_db):
    fukuoka = MunicipalityFactory(fukuoka=True)
    section = DepartmentFactory(municipality=fukuoka, name="健康課")
    agreement = AgreementFactory(
        municipality=fukuoka, department=section, draft=True, state="negotiating", title="健康の包括連携協定"
    )
    PartyFactory(agreement=agreement, municipality=fukuoka, label="甲", order=1)
    PartyFactory(agreement=agreement, company=CompanyFactory(name="見本製薬株式会社"))
    CooperationFieldFactory(agreement=agreement, text="健康の増進に関すること", categories=["05"])
    return agreement


def answered_by_the_company(file: Path) -> dict:
    """The company opens the file in its own Excel and writes into the yellow cells."""
    book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()))
    page = book[SHEET_NAME]
    headings = {page.cell(HEADER_ROW, at).value: at for at in range(1, page.max_column + 1)}
    page["C5"] = "地域連携部 見本 花子"
    for heading, value in (
        ("③期待すること", HOPE),
        ("③種類：将来の受注", "○"),
        ("④提供するもの", "管理栄養士"),
        ("⑦費用", "有償"),
        ("⑦上限額（円）", 500_000),
    ):
        page.cell(FIRST_ROW, headings[heading]).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return {
        "name": "すり合わせ_回答.xlsx",
        "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "buffer": buffer.getvalue(),
    }


def confirm(page: Page, label: str, name: str) -> None:
    page.get_by_role("link", name=label).first.click()
    page.get_by_label("確認者の氏名").fill(name)
    page.get_by_label("証跡", exact=False).first.fill("10月1日の協議の議事録")
    page.get_by_role("button", name="確認を記録する").click()


def test_worksheet_goes_out_and_comes_back_as_excel(open_browser, agreement, assert_accessible):
    clerk = StaffMemberFactory(
        editor=True, municipality=agreement.municipality, department=agreement.department
    )
    page = open_browser(member=clerk, refusals={409}).new_page()
    page.goto(agreement.get_absolute_url())
    page.get_by_role("button", name="すり合わせを始める").click()
    page.get_by_role("link", name="自治体側の期待を記入する").click()
    page.get_by_label("②期待すること").fill("運動習慣のない市民300人に教室を開く")
    page.get_by_label("無償").check()
    page.get_by_role("button", name="保存して提出する").click()
    expect(page.get_by_text("自治体側の期待を提出しました")).to_be_visible()
    assert_accessible(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="相手方記入用Excel").click()
    answer = answered_by_the_company(download.value.path())
    page.get_by_role("link", name="相手方の回答を受け取る").click()
    page.get_by_label("相手方から戻ったExcelファイル").set_input_files(answer)
    page.get_by_role("button", name="読み取る").click()
    expect(page.get_by_text("開示するまで内容は表示しません")).to_be_visible()
    expect(page.get_by_text(HOPE)).to_have_count(0)
    assert_accessible(page)

    page.get_by_role("link", name="第1回すり合わせ").click()
    page.get_by_role("link", name="双方の回答を開示する").click()
    expect(page.get_by_text("開示は取り消せません")).to_be_visible()
    page.get_by_role("button", name="開示する", exact=True).click()
    page.get_by_role("link", name="届いた内容を確かめる").click()
    expect(page.get_by_text(HOPE)).to_be_visible()
    expect(page.get_by_text("市は無償、相手方は有償と考えています。")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="選んだ項目を取り込む").click()
    expect(page.get_by_text("1件の項目を取り込みました")).to_be_visible()
    expect(page.get_by_text("食い違い（E03）")).to_be_visible()

    page.goto(reverse("agreements:agreement-move", args=[agreement.pk, "approving"]))
    expect(page.get_by_text("双方の考えが食い違っています（E03）").first).to_be_visible()

    page.goto(agreement.get_absolute_url())
    page.get_by_role("link", name="(1)の合意内容を書く").click()
    page.get_by_label("合意した内容").fill("教室は無償で年2回。講座の委託は別に公募する。")
    page.get_by_role("group", name="⑦費用（合意）").get_by_label("無償").check()
    page.get_by_role("group", name="⑧調達が要るか").get_by_label("調達が要る", exact=True).check()
    page.get_by_label("調達の方法").fill("公募型プロポーザル")
    assert_accessible(page)
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("合意内容を保存しました")).to_be_visible()
    confirm(page, "自治体の確認を記録", "市 太郎")
    expect(page.get_by_text("自治体の確認を1件記録しました")).to_be_visible()
    confirm(page, "相手方の確認を記録", "見本 花子")
    expect(page.get_by_text("合意・確認済").first).to_be_visible()
    assert_accessible(page)
    expect(page.get_by_role("link", name="確認書")).to_be_visible()

    page.goto(reverse("agreements:agreement-move", args=[agreement.pk, "approving"]))
    expect(page.get_by_text("E03")).to_have_count(0)
