"""What a browser would make of a page: does anything run, or come from data, that is not ours?"""

import re
from html.parser import HTMLParser

from django.http import HttpResponseBase

MARK = "x-mark"
_ADDRESSES = {"href", "src", "action", "formaction", "data", "hx-get", "hx-post", "poster", "xlink:href"}
# The preview of a print page: a PDF of ours, and nothing else in a frame.
_PRINTOUT = re.compile(r"/[a-z0-9/-]+\.pdf\?[^\s<>\"]*")
_RUNNING = ("javascript:", "vbscript:", "data:")
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_STRICTER = {"Referrer-Policy": ("no-referrer",)}  # on a page without a form


class Markup(HTMLParser):
    """Collects `problems`, and whether the planted mark `is_shown` as text or in an attribute."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.is_shown = False
        self._runs = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        is_data = "json" in given.get("type", "")
        self._runs = tag == "script" and not is_data
        if MARK in tag or any(MARK in name for name in given):
            self.problems.append(f"data became markup: {self.get_starttag_text()}")
        is_preview = tag == "iframe" and _PRINTOUT.fullmatch(given.get("src", ""))
        if tag in {"style", "base", "object", "embed", "iframe"} and not is_preview:
            self.problems.append(f"<{tag}> in the page")
        if self._runs and "src" not in given:
            self.problems.append(f"<{tag}> in the page")
        for name, value in given.items():
            self.is_shown = self.is_shown or MARK in value
            if name == "style" or name.startswith(("on", "hx-on")):
                self.problems.append(f"inline {name}={value!r}")
            address = "".join(value.split()).lower()
            if name in _ADDRESSES and address.startswith(_RUNNING):
                self.problems.append(f"{name}={value!r} runs")
            if name == "src" and "//" in address:
                self.problems.append(f"{name}={value!r} is fetched from elsewhere")

    def handle_endtag(self, tag: str) -> None:
        self._runs = False

    def handle_data(self, data: str) -> None:
        self.is_shown = self.is_shown or MARK in data
        if self._runs and data.strip():
            self.problems.append(f"inline script: {data[:80]!r}")


def header_problems(response: HttpResponseBase) -> list[str]:
    """What is missing or weak among the headers every answer must have."""
    found = [
        f"{name}: {response.get(name)}"
        for name, value in HEADERS.items()
        if response.get(name) not in {value, *_STRICTER.get(name, ())}
    ]
    policy = response.get("Content-Security-Policy", "")
    sources = {each.split()[0]: each.split()[1:] for each in policy.split(";") if each.strip()}
    for name in ("default-src", "frame-ancestors", "base-uri"):
        if sources.get(name) != ["'none'"]:
            found.append(f"CSP {name}: {sources.get(name)}")
    for name in ("script-src", "style-src", "form-action"):
        # Fetching falls back to default-src, sending forms to nothing.
        given_sources = sources.get(name, [] if name == "form-action" else sources.get("default-src"))
        if given_sources not in (["'self'"], ["'none'"]):
            found.append(f"CSP {name}: {given_sources}")
    if "camera=()" not in response.get("Permissions-Policy", ""):
        found.append("Permissions-Policy")
    return found
