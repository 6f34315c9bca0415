"""The description of the API and the pages of its settings in a real browser."""

from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import accessibility_problems
from tests.factories import (
    ApiTokenFactory,
    StaffMemberFactory,
    WebhookDeliveryFactory,
    WebhookEndpointFactory,
)


def test_pages_of_the_api_are_accessible_and_issue_a_token(open_browser, fukuoka):
    manager = StaffMemberFactory(manager=True, municipality=fukuoka)
    ApiTokenFactory(municipality=fukuoka)
    endpoint = WebhookEndpointFactory(municipality=fukuoka)
    WebhookDeliveryFactory(endpoint=endpoint)
    outside = open_browser().new_page()
    outside.goto(reverse("api:documentation"))
    outside.locator("#recordProgress details summary").click()
    problems = accessibility_problems(outside)

    page = open_browser(member=manager).new_page()
    for name, *args in [
        ("municipalities:api-token-list",),
        ("agreements:webhook-list",),
        ("agreements:webhook-create",),
        ("agreements:webhook-detail", endpoint.pk),
    ]:
        page.goto(reverse(name, args=args))
        problems += accessibility_problems(page)
    page.get_by_role("button", name="テストを送る").click()
    expect(page.get_by_text("テストの通知は届きませんでした")).to_be_visible()
    page.goto(reverse("municipalities:api-token-issue"))
    page.get_by_label("システムの名称").fill("庁内ポータル")
    problems += accessibility_problems(page)
    page.get_by_role("button", name="発行する").click()
    expect(page.get_by_role("heading", name="庁内ポータル")).to_be_visible()
    assert page.locator("#api-token").input_value().startswith("rk_")
    problems += accessibility_problems(page)
    assert not problems, "\n".join(problems)
