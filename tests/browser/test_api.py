"""The description of the API and what its settings show once, in a real browser (the rest: the URL sweep)."""

from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import accessibility_problems
from tests.factories import (
    StaffMemberFactory,
    WebhookDeliveryFactory,
    WebhookEndpointFactory,
)


def test_pages_of_the_api_are_accessible_and_issue_a_token(open_browser, fukuoka):
    manager = StaffMemberFactory(manager=True, municipality=fukuoka)
    endpoint = WebhookEndpointFactory(municipality=fukuoka)
    WebhookDeliveryFactory(endpoint=endpoint)
    outside = open_browser().new_page()
    outside.goto(reverse("api:documentation"))
    outside.locator("#recordProgress details summary").click()
    problems = accessibility_problems(outside)

    page = open_browser(member=manager).new_page()
    page.goto(endpoint.get_absolute_url())
    page.get_by_role("button", name="テストを送る").click()
    expect(page.get_by_text("テストの通知は届きませんでした")).to_be_visible()
    problems += accessibility_problems(page)
    page.goto(reverse("municipalities:api-token-issue"))
    page.get_by_label("システムの名称").fill("庁内ポータル")
    page.get_by_role("button", name="発行する").click()
    expect(page.get_by_role("heading", name="庁内ポータル")).to_be_visible()
    assert page.locator("#api-token").input_value().startswith("rk_")
    problems += accessibility_problems(page)
    assert not problems, "\n".join(problems)
