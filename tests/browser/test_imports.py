"""Journey 1: 企画課 sends its ledger, looks at the columns and rows, registers it, sends it again."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.models import Agreement
from tests.agreements.importing import ledgers
from tests.factories import CompanyFactory, DepartmentFactory, MunicipalityFactory, StaffMemberFactory

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def manager(transactional_db):
    city = MunicipalityFactory(fukuoka=True)
    DepartmentFactory(municipality=city, name="企画課")
    CompanyFactory(lawson=True)
    return StaffMemberFactory(manager=True, municipality=city)


def send(page: Page, content: bytes) -> None:
    page.goto(reverse("agreements:agreement-list"))
    page.get_by_role("link", name="Excel・CSVから取り込む").click()
    file = {"name": "協定一覧.xlsx", "mimeType": XLSX, "buffer": content}
    page.get_by_label("台帳のファイル").set_input_files(file)


def test_ledger_goes_in_and_a_second_time_changes_nothing(open_browser, manager, assert_accessible):
    page = open_browser(member=manager).new_page()
    content = ledgers.titled_xlsx(20)
    send(page, content)
    assert_accessible(page)
    page.get_by_role("button", name="送って列の確認へ進む").click()
    expect(page.get_by_label("C列「協定の名称」の項目")).to_have_value("title")
    assert_accessible(page)
    page.get_by_role("button", name="1行ずつの結果を確かめる").click()
    expect(page.get_by_text("まだ何も登録していません")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="20件を登録する").click()
    expect(page.get_by_text("登録しました。", exact=True)).to_be_visible()
    assert_accessible(page)
    assert Agreement.objects.count() == 20
    page.get_by_role("link", name="協定の一覧へ").click()
    expect(page.get_by_role("heading", name="協定", exact=True)).to_be_visible()

    send(page, content)
    page.get_by_role("button", name="送って列の確認へ進む").click()
    expect(page.get_by_text("前に決めた列の対応を使っています")).to_be_visible()
    page.get_by_role("button", name="1行ずつの結果を確かめる").click()
    page.get_by_role("button", name="変更なしで終える").click()
    expect(page.get_by_text("変わった行はありませんでした")).to_be_visible()
    assert Agreement.objects.count() == 20
    page.goto(reverse("agreements:import-list"))
    expect(page.get_by_role("link", name="協定一覧.xlsx")).to_have_count(2)
    assert_accessible(page)
