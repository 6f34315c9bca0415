"""axe finds nothing on any page, at 1280 and at 360 pixels, and nothing runs over at the side."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.choices import AgreementState
from tests.browser.conftest import accessibility_problems
from tests.conftest import client_of
from tests.factories import ActionItemFactory, AgreementFactory, StaffMemberFactory
from tests.test_urls import PEOPLE, TABLE, address


def addresses(person: str, people: dict, rows: dict) -> Iterator[str]:
    """Every page of the URL table that this person may open."""
    client = client_of(people[person])
    for (name, about), (answers, _) in TABLE.items():
        if answers.split()[PEOPLE.index(person)] == "200":
            url = address(name, about, rows)
            response = client.get(url)
            if response["Content-Type"].startswith("text/html") and "Content-Disposition" not in response:
                yield url


def test_every_page_of_a_manager_is_accessible(open_browser, people, rows):
    agreement = rows["private"]
    agreement.first_expiry, agreement.auto_renew, agreement.renewal_months = agreement.signed_on, True, 12
    agreement.save()
    ActionItemFactory(agreement=agreement, due_on=agreement.signed_on)  # overdue
    check(open_browser(member=people["manager"]).new_page(), list(addresses("manager", people, rows)))


def test_what_others_see_differently_is_accessible(open_browser, people, rows):
    home, found = reverse("agreements:today"), reverse("agreements:agreement-list")
    published = reverse("agreements:agreement-detail", args=[rows["published"].pk])
    check(open_browser(member=people["other_viewer"]).new_page(), [home, f"{found}?scope=all", published])
    check(open_browser(member=people["system_admin"]).new_page(), [home, found])
    newcomer = StaffMemberFactory(editor=True)  # of a municipality without a single agreement
    check(open_browser(member=newcomer).new_page(), [home, found])


def test_what_goes_wrong_is_accessible(open_browser, people, rows):
    page = open_browser(member=people["editor"], refusals={403, 404, 409}).new_page()
    agreements = reverse("agreements:agreement-list")
    foreign = AgreementFactory(published=True)
    check(
        page,
        [
            f"{agreements}?q=どこにもない言葉",
            f"{agreements}?expires_within=いつか&nobody_knows=1",
            "/nowhere/",
            reverse("agreements:agreement-update", args=[foreign.pk]),
        ],
    )
    page.goto(reverse("agreements:agreement-create"))
    page.get_by_label("締結日").fill("令和2年13月1日")
    page.get_by_role("button", name="登録する", exact=True).click()
    expect(page.get_by_role("heading", name="入力内容に誤りが")).to_be_visible()
    assert not accessibility_problems(page)
    agreement = rows["private"]
    agreement.state = AgreementState.NEGOTIATING  # the text of a signed one is locked
    agreement.save()
    page.goto(reverse("agreements:agreement-update", args=[agreement.pk]))
    agreement.title, agreement.version = "ほかの人が先に直した名称", agreement.version + 1
    agreement.save()
    page.get_by_label("協定名称").fill("自分が直した名称")
    page.get_by_role("button", name="保存する", exact=True).last.click()
    expect(page.get_by_text("ほかの人が先に直した名称").first).to_be_visible()
    assert not accessibility_problems(page)


def test_search_as_you_type_is_accessible_while_open(open_browser, people, rows):
    page = open_browser(member=people["editor"]).new_page()
    page.goto(reverse("agreements:agreement-create"))
    page.get_by_role("combobox", name="当事者名").nth(1).press_sequentially("株式会社見本")
    expect(page.get_by_role("option", name="を新しく登録")).to_be_visible()
    assert not accessibility_problems(page)


def check(page: Page, urls: list[str]) -> None:
    problems = []
    for url in urls:
        page.goto(url)
        problems += accessibility_problems(page)
    assert not problems, "\n".join(problems)
