"""The admin runs under the strict Content-Security-Policy."""

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import expect

from municipalities.models import Department
from tests.factories import AgreementFactory, CompanyFactory, MunicipalityFactory, StaffMemberFactory


@pytest.fixture
def page(open_browser, transactional_db):
    return open_browser(member=StaffMemberFactory(system_admin=True)).new_page()


def test_admin_pages_run_clean_under_the_policy(page):
    fukuoka = MunicipalityFactory(fukuoka=True)
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    agreement.save()
    page.goto(reverse("admin:index"))
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page.goto(reverse(f"{name}_changelist"))
        expect(page.locator("h1").last).to_be_visible()
        row = model._default_manager.first()
        if row:
            page.goto(reverse(f"{name}_change", args=[row.pk]))
            if getattr(model_admin, "has_history", True):  # records that never change have none
                page.goto(reverse(f"{name}_history", args=[row.pk]))


def test_admin_changes_an_agreement_with_search_as_you_type(page):
    obuse = MunicipalityFactory(obuse=True)
    agreement = AgreementFactory(whole=True, municipality=obuse, title="変える前")
    CompanyFactory(lawson=True)
    section = Department.objects.create(municipality=obuse, name="産業振興課")
    page.goto(reverse("admin:agreements_agreement_change", args=[agreement.pk]))
    page.get_by_label("協定名称:", exact=True).fill("変えた後")
    page.locator(".field-department .select2-selection").first.click()
    page.locator(".select2-search__field").last.fill("産業")
    page.get_by_role("option", name="小布施町 産業振興課").click()
    page.locator("#parties-group .add-row a").click()
    page.locator("#id_parties-2-order").fill("3")
    page.locator("#parties-2 .field-company .select2-selection").click()
    page.locator(".select2-search__field").last.fill("ローソン")
    page.get_by_role("option", name="株式会社ローソン（2010701019195）").click()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    agreement.refresh_from_db()
    assert (agreement.title, agreement.department) == ("変えた後", section)
    assert [party.name for party in agreement.parties.all()][-1] == "株式会社ローソン"
    page.goto(reverse("admin:agreements_agreement_history", args=[agreement.pk]))
    expect(page.get_by_text("変える前 → 変えた後")).to_be_visible()
