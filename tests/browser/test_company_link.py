"""Journey 4 in two browsers: the staff of a city and a company without an account."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from agreements.actions.expectations import save_answers, start_round, submit_answers
from agreements.models import ExpectationConfirmation, ExpectationRound
from tests import sample_files as files
from tests.browser.conftest import NARROW
from tests.factories import (
    AgreementFactory,
    CompanyContactFactory,
    MunicipalityFactory,
    StaffMemberFactory,
)

SECRET = "市は無償での協力だけを期待している"


@pytest.fixture
def editor(transactional_db):
    return StaffMemberFactory(editor=True, municipality=MunicipalityFactory(fukuoka=True))


@pytest.fixture
def agreement(editor):
    """The city has written its side of the only item."""
    agreement = AgreementFactory(
        municipality=editor.municipality,
        department=editor.department,
        whole=True,
        whole__items=("観光の振興に関すること",),
        title="観光に関する包括連携協定",
    )
    company = agreement.parties.exclude(company=None).get().company
    CompanyContactFactory(
        municipality=editor.municipality, company=company, name="窓口 花子", email="hanako@example.jp"
    )
    round_ = start_round(agreement=agreement, by=editor)
    answers = {round_.rows.get().pk: {"expects": SECRET, "offers": "広報紙", "cost": "free"}}
    round_ = save_answers(round_=round_, answers=answers, by=editor, version=round_.version)
    submit_answers(round_=round_, by=editor, version=round_.version, now=timezone.now())
    return agreement


def issue(staff, agreement, purpose):
    """Issue a link on the agreement's page; returns its address from the mail."""
    staff.goto(f"{agreement.get_absolute_url()}#links")
    staff.get_by_role("link", name="リンクを発行").click()
    expect(staff.get_by_role("heading", name="相手方リンクの発行")).to_be_visible()
    staff.get_by_role("combobox", name="相手窓口").select_option(index=1)
    staff.get_by_role("radio", name=purpose).check()
    staff.get_by_role("button", name="リンクを発行する").click()
    expect(staff.get_by_text("リンクをメールで送りました")).to_be_visible()
    return re.search(r"https?://\S+/partner/link/\S+", mail.outbox[-1].body).group()


def enter(company, address):
    """Open the link of the mail and enter the code of the next one."""
    company.goto(address)
    company.get_by_role("button", name="確認コードを送る").click()
    expect(company.get_by_text("確認コードを送りました")).to_be_visible()
    company.get_by_label("確認コード").fill(re.search(r"\d{4} \d{4}", mail.outbox[-1].body).group())
    company.get_by_role("button", name="開く", exact=True).click()


def test_city_and_company_come_to_an_agreement(open_browser, editor, agreement, assert_accessible):
    staff = open_browser(member=editor).new_page()
    company = open_browser(javascript=True, refusals={404}).new_page()
    company.set_viewport_size(NARROW)
    address = issue(staff, agreement, "すり合わせの回答")
    assert_accessible(staff)

    # The company comes in by the link and a code, sees nothing of the city's, keeps a draft, attaches, sends.
    company.goto(address)
    expect(company.get_by_role("heading", name="確認コードの入力")).to_be_visible()
    assert_accessible(company)
    enter(company, address)
    expect(company.get_by_role("heading", name="すり合わせの回答")).to_be_visible()
    assert_accessible(company)
    assert SECRET not in company.content()
    company.get_by_label(re.compile("③期待すること")).fill("店舗の認知と、将来の受注")
    company.get_by_role("button", name="下書きを保存").last.click()
    expect(company.get_by_text("下書きを保存しました")).to_be_visible()
    staff.goto(agreement.get_absolute_url())
    expect(staff.locator("#links").get_by_text("記入中")).to_be_visible()
    company.get_by_role("button", name="担当者に送る").click()
    expect(company.get_by_role("heading", name="入力内容に誤りが")).to_be_visible()
    assert_accessible(company)
    company.get_by_role("radio", name="有償").check()
    company.get_by_role("checkbox", name="将来の受注").check()
    company.get_by_label(re.compile("ファイルを添付する")).set_input_files(
        {"name": "会社案内.pdf", "mimeType": "application/pdf", "buffer": files.pdf()}
    )
    company.get_by_role("button", name="担当者に送る").click()
    expect(company.get_by_text("送りました", exact=True)).to_be_visible()
    assert_accessible(company)

    # The city is told of it, opens both sides, sees the mismatch, takes the answers over, words it.
    staff.goto(reverse("agreements:today"))
    row = staff.get_by_role("region", name="相手方から届いた回答")
    expect(row.get_by_role("cell", name="期待の回答 未開示")).to_be_visible()
    assert_accessible(staff)
    round_ = ExpectationRound.objects.get()
    staff.goto(round_.get_absolute_url())
    assert "店舗の認知" not in staff.content()
    staff.get_by_role("link", name="双方の回答を開示する").click()
    staff.get_by_role("button", name="開示する", exact=True).click()
    expect(staff.get_by_text("開示済").first).to_be_visible()
    staff.goto(reverse("agreements:submission", args=[round_.submissions.get().pk]))
    expect(staff.get_by_text("市は無償、相手方は有償").first).to_be_visible()
    staff.get_by_role("button", name="選んだ項目を取り込む").click()
    expect(staff.get_by_text("1件の項目を取り込みました")).to_be_visible()
    company.goto(address)
    enter(company, address)
    expect(company.get_by_text(SECRET)).to_be_visible()
    expect(company.get_by_text("食い違い", exact=True)).to_be_visible()
    assert_accessible(company)
    staff.goto(reverse("agreements:worksheet-row", args=[round_.rows.get().pk]))
    staff.get_by_label("合意した内容").fill("市内の店頭で、年4回、観光案内を掲示する。")
    staff.get_by_role("radio", name="無償").check()
    staff.get_by_role("radio", name="調達は要らない").check()
    staff.get_by_role("button", name="保存する").click()
    expect(staff.get_by_text("年4回").first).to_be_visible()

    # The company confirms by another link; the city accepts it.
    address = issue(staff, agreement, "すり合わせの確認")
    enter(company, address)
    expect(company.get_by_role("heading", name="すり合わせの確認")).to_be_visible()
    assert_accessible(company)
    company.get_by_role("checkbox", name=re.compile("この内容で合意したこと")).check()
    company.get_by_label("確認した方の氏名").fill("地域連携部長 見本")
    company.get_by_role("button", name="担当者に送る").click()
    expect(company.get_by_text("送りました", exact=True)).to_be_visible()
    staff.goto(reverse("agreements:today"))
    staff.get_by_role("link", name="確かめる").click()
    expect(staff.get_by_text("地域連携部長 見本").first).to_be_visible()
    staff.get_by_role("button", name="選んだ項目を取り込む").click()
    expect(staff.get_by_text("1件の項目を取り込みました")).to_be_visible()
    assert ExpectationConfirmation.objects.get().name == "地域連携部長 見本"

    # Revoked, the link shows one page and nothing else.
    staff.goto(agreement.get_absolute_url())
    revoke = staff.locator("#links").get_by_role("button", name=re.compile("失効させる.*確認"))
    revoke.click()
    staff.get_by_role("dialog").get_by_role("button", name="失効させる").click()
    expect(staff.get_by_text("失効させました").first).to_be_visible()
    company.goto(address)
    expect(company.get_by_role("heading", name="このページは開けません")).to_be_visible()
    assert_accessible(company)
