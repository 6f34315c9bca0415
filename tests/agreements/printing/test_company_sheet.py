"""相手方シート: what a reader may see of a company, and nothing else."""

import io
from datetime import date

import pypdf
import pytest
from django.urls import reverse

from agreements.printing.company_sheet import print_company_sheet
from tests.factories import AgreementFactory, CompanyContactFactory, CompanyFactory, PartyFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)


@pytest.fixture
def company(fukuoka, obuse):
    company = CompanyFactory(name="新名商事株式会社", corporate_number="2010701019195")
    company.former_names.create(name="旧名商事株式会社", until=date(2020, 3, 31))
    ours = AgreementFactory(
        municipality=fukuoka, title="本市の協定", ledger_number="企-7", signed_on=date(2019, 4, 1)
    )
    secret = AgreementFactory(municipality=obuse, title="他市の非公開協定")
    public = AgreementFactory(
        municipality=obuse, title="他市の公開協定", ledger_number="極秘-1", published=True
    )
    for agreement in (ours, secret, public):
        PartyFactory(agreement=agreement, company=company, order=9, name_as_signed="旧名商事株式会社")
    CompanyContactFactory(municipality=fukuoka, company=company, name="窓口 花子")
    CompanyContactFactory(municipality=obuse, company=company, name="他市の窓口")
    return company


def text(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")


def test_internal_sheet_has_names_agreements_and_the_contacts_of_the_own_municipality(company, manager):
    printed = text(print_company_sheet(company, user=manager, today=TODAY, internal=True))
    for expected in (
        "新名商事株式会社", "旧名商事株式会社（令和2年3月31日まで）", "2010701019195", "本市の協定", "企-7",
        "他市の公開協定", "締結時の名称 旧名商事株式会社", "窓口 花子", "内部用", "平成31年4月1日",
    ):  # fmt: skip
        assert expected in printed, expected
    for hidden in ("他市の非公開協定", "極秘-1", "他市の窓口"):
        assert hidden not in printed, hidden


def test_sheet_for_the_partner_has_nothing_internal(company, manager, manager_client):
    pdf = manager_client.get(reverse("agreements:company-sheet", args=[company.pk]) + "?for=partner")
    assert pdf["Content-Disposition"].startswith("inline")
    printed = text(pdf.content)
    assert "本市の協定" in printed
    for hidden in ("企-7", "窓口 花子", "内部用", str(manager)):
        assert hidden not in printed, hidden


def test_number_of_queries_does_not_grow(company, fukuoka, manager_client, assert_same_queries, print_fonts):
    url = reverse("agreements:company-sheet", args=[company.pk])

    def add_row() -> None:
        PartyFactory(agreement=AgreementFactory(municipality=fukuoka), company=company, order=9)
        CompanyContactFactory(municipality=fukuoka, company=company)

    assert_same_queries(add_row, lambda: manager_client.get(url))
