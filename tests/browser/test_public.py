"""The pages for everyone in a real browser: readable by all, and nothing the policy refuses."""

from datetime import date

from django.urls import reverse

from agreements.actions.publication import publish, withdraw
from tests.browser.conftest import accessibility_problems
from tests.factories import AgreementFactory, CompanyFactory, StaffMemberFactory


def test_public_pages_are_accessible(open_browser, fukuoka):
    manager, company = StaffMemberFactory(manager=True, municipality=fukuoka), CompanyFactory()
    agreement, gone = AgreementFactory.create_batch(
        2, whole=True, whole__company=company, municipality=fukuoka
    )
    for each in (agreement, gone):
        publish(agreement=each, by=manager, version=1, today=date(2026, 10, 1))
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
    ]
    page = open_browser(javascript=True, refusals={410}).new_page()
    problems = []
    for name, *args in pages:
        page.goto(reverse(f"agreements:{name}", args=args))
        problems += accessibility_problems(page)
    inside = open_browser(member=manager).new_page()
    for name, *args in [("publication", agreement.pk), ("publication", gone.pk), ("public-profile",)]:
        inside.goto(reverse(f"agreements:{name}", args=args))
        problems += accessibility_problems(inside)
    assert not problems, "\n".join(problems)
