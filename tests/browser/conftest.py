"""A real Chromium (the system's) on a live server. What a person would not see fails the test too: errors in
the console, violations of the Content-Security-Policy, server errors, requests to anywhere else.
"""

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from municipalities.models import StaffMember

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
]
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 740}
PATIENCE = 20_000  # ms; a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: run script/bootstrap --dev"
    # Playwright keeps an event loop in this thread, where Django would refuse every query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_browser(chromium, live_server) -> Iterator[Callable[..., BrowserContext]]:
    """`open_browser(javascript=True, member=None, refusals=())`: a fresh browser, this person logged in.

    `refusals` are the statuses from 400 that belong to the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(
        javascript: bool = True, member: StaffMember | None = None, refusals: Collection[int] = ()
    ) -> BrowserContext:
        def watch(page: Page) -> None:
            page.on("console", lambda message: _note_console(message, refusals, complaints))
            page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
            page.on("request", lambda request: _note_request(request, live_server.url, complaints))
            page.on("response", lambda response: _note_response(response, refusals, complaints))

        context = chromium.new_context(
            base_url=live_server.url,
            java_script_enabled=javascript,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            viewport=WIDE,
        )
        context.set_default_timeout(PATIENCE)
        context.on("page", watch)
        contexts.append(context)
        if member:
            client = Client()
            client.force_login(member)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
        return context

    yield open_
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(dict.fromkeys(complaints))


def _note_console(message, refusals: Collection[int], complaints: list[str]) -> None:
    if any(f"the server responded with a status of {status} " in message.text for status in refusals):
        return
    if message.type in {"error", "warning"}:
        complaints.append(f"console: {message.text} ({message.location.get('url')})")


def _note_request(request, origin: str, complaints: list[str]) -> None:
    # The browser's own PDF viewer is a page of its own inside the browser.
    if not request.url.startswith((f"{origin}/", "blob:", "data:", "chrome:", "chrome-extension:")):
        complaints.append(f"outside request: {request.url}")


def _note_response(response, refusals: Collection[int], complaints: list[str]) -> None:
    if response.status >= 400 and response.status not in refusals:
        complaints.append(f"{response.status}: {response.request.method} {response.url}")


@pytest.fixture
def page(open_browser) -> Page:
    """A page nobody is logged in to."""
    return open_browser().new_page()


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """`assert_accessible(page)`: axe finds nothing to object to, and nothing sticks out at the side."""

    def check(page: Page) -> None:
        problems = accessibility_problems(page)
        assert not problems, "\n".join(problems)

    return check


def accessibility_problems(page: Page, **options) -> list[str]:
    """What axe (with these options) and the width object to, on a wide and on a narrow screen.

    After a click that leads to another page, `expect` something of it first: this looks at what is there.
    """
    problems = []
    page.wait_for_load_state()
    for viewport in (WIDE, NARROW):
        page.set_viewport_size(viewport)
        where = f"{page.url} at {viewport['width']}px"
        found = Axe().run(page, options=options or None).response["violations"]
        problems += [f"{where}: {_describe(violation)}" for violation in found]
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if overflow > 0:
            problems.append(f"{where}: {overflow}px wider than the window")
    page.set_viewport_size(WIDE)
    return problems


def _describe(violation: dict) -> str:
    nodes = "\n    ".join(node["html"][:200] for node in violation["nodes"][:5])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}\n    {nodes}"
