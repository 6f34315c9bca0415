"""The pages for everyone in a real browser: readable by all, and nothing the policy refuses."""

import io
from datetime import date

from django.core.cache import caches
from django.urls import reverse
from PIL import Image

from agreements.actions.annual_reports import accept_report, submit_report
from agreements.actions.publication import publish, withdraw
from agreements.choices import Evaluation, PublicField
from agreements.models import PublicProfile
from tests.browser.conftest import accessibility_problems
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    AnnualReportLineFactory,
    CompanyFactory,
    DocumentFactory,
    StaffMemberFactory,
)

TODAY = date(2026, 10, 1)


def dress(municipality) -> None:
    """A logo, and everything that the whitelist can let out."""
    logo = io.BytesIO()
    Image.new("RGB", (90, 30), "#0017c1").save(logo, "PNG")
    profile = PublicProfile(municipality=municipality, fields=PublicField.values, contact="企画課")
    logo.seek(0)
    profile.logo.save("logo.png", logo)


def fill(agreement, manager) -> None:
    """取組 of two years with results, a report, documents."""
    done = {"state": "done", "result_text": "6回行った", "effect_yen": 1_200_000, "effect_method": "単価"}
    figures = {"target_value": 100, "target_unit": "人", "result_value": 120}
    ActionItemFactory(agreement=agreement, due_on=date(2026, 3, 31), **done, **figures)
    ActionItemFactory(agreement=agreement, due_on=date(2027, 3, 31))
    report = AnnualReportFactory(agreement=agreement, fiscal_year=2025, next_policy="続ける")
    AnnualReportLineFactory(report=report, is_public=True, evaluation=Evaluation.AS_PLANNED)
    accept_report(report=submit_report(report=report, by=manager, today=TODAY), by=manager, today=TODAY)
    DocumentFactory(agreement=agreement, is_public=True)
    DocumentFactory(agreement=agreement, content_type="image/jpeg", original_name="見本.jpg")


def test_public_pages_are_accessible(open_browser, fukuoka, settings):
    manager, company = StaffMemberFactory(manager=True, municipality=fukuoka), CompanyFactory()
    agreement, gone = AgreementFactory.create_batch(
        2, whole=True, whole__company=company, municipality=fukuoka
    )
    dress(fukuoka)
    fill(agreement, manager)
    for each in (agreement, gone):
        publish(agreement=each, by=manager, version=1, today=TODAY)
    withdraw(agreement=gone, by=manager, version=2, today=date(2026, 10, 2), reason="誤り")
    pages = [
        ("public-home",),
        ("public-search",),
        ("public-data",),
        ("public-accessibility",),
        ("public-municipality", "401307"),
        ("public-field", "03"),
        ("public-company", company.pk),
        ("public-agreement", agreement.pk),
        ("public-agreement", gone.pk),
        ("public-agreement", 10**9),
    ]
    page = open_browser(javascript=True, refusals={404, 410, 429}).new_page()
    problems = []
    for name, *args in pages:
        page.goto(reverse(f"agreements:{name}", args=args))
        problems += accessibility_problems(page)
    settings.RENKEI_PUBLIC_SEARCHES_PER_MINUTE = 0
    page.goto(f"{reverse('agreements:public-search')}?q=too-often")
    assert page.get_by_role("heading", name="検索の回数が多すぎます").is_visible()
    problems += accessibility_problems(page)
    caches["default"].clear()
    inside = open_browser(member=manager).new_page()
    for name, *args in [("publication", agreement.pk), ("publication", gone.pk), ("public-profile",)]:
        inside.goto(reverse(f"agreements:{name}", args=args))
        problems += accessibility_problems(inside)
    assert not problems, "\n".join(problems)
