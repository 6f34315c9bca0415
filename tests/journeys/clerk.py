"""A person at a browser without JavaScript, driven by what is on the page and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from municipalities.models import StaffMember
from tests.factories import PASSWORD

_IGNORED = {"submit", "button", "image", "reset", "file"}


@dataclass
class Button:
    label: str
    name: str
    value: str


@dataclass
class Form:
    """A form as it stands on the page: what it would send, and its buttons."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[Button] = field(default_factory=list)


class Page(HTMLParser):
    """The forms, links and text of a page."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.text = ""
        self._form: Form | None = None
        self._button: Button | None = None
        self._link: str | None = None
        self._label = ""
        self._select = ""
        self._area: str | None = None
        self._unseen = 0  # inside <template>, <script>, <style>, <title>
        if response["Content-Type"].startswith("text/html"):
            self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag in {"template", "script", "style", "title"}:
            self._unseen += 1
        elif self._unseen:
            return
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a":
            self._link, self._label = given.get("href"), ""
        elif self._form is not None:
            self._field(self._form, tag, given)

    def _field(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "button" and given.get("type", "submit") == "submit":
            self._button, self._label = Button("", name, value), ""
        elif tag == "input" and name and given.get("type", "text") not in _IGNORED:
            form.names.add(name)
            ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if ticked:
                # Only a box without a value sends "on".
                sent = given.get("value", "on" if "checked" in given else "")
                form.values.setdefault(name, []).append(sent)
        elif tag == "select":
            self._select = name
            form.names.add(name)
        elif tag == "option" and self._select:
            chosen = form.values.setdefault(self._select, [])
            if "selected" in given or (not chosen and "multiple" not in given):
                form.values[self._select] = [value]
        elif tag == "textarea":
            form.names.add(name)
            self._area, form.values[name] = name, [""]

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._area is not None and self._form is not None:
            self._form.values[self._area][0] += data
        self.text += data
        self._label += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"template", "script", "style", "title"}:
            self._unseen -= 1
        elif self._unseen:
            return
        elif tag == "form":
            self._form = None
        elif tag == "button" and self._button and self._form:
            self._button.label = self._label.strip()
            self._form.buttons.append(self._button)
            self._button = None
        elif tag == "a" and self._link is not None:
            self.links[" ".join(self._label.split())] = self._link
            self._link = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area is not None and self._form is not None:
            # A browser drops the line break with which the content may begin.
            self._form.values[self._area][0] = self._form.values[self._area][0].removeprefix("\n")
            self._area = None


class Clerk:
    """Opens pages, fills in the fields that are there, presses the buttons that are there."""

    def __init__(self, member: StaffMember) -> None:
        self.client = Client()
        self.open(reverse("agreements:today"))
        self.fill(login=member.username, password=PASSWORD)
        self.press("ログイン")
        assert self.url == reverse("agreements:today"), self.text

    def open(self, url: str, expect: int = 200) -> "Clerk":
        return self._arrived(self.client.get(url, follow=True), url, expect)

    def follow(self, link: str) -> "Clerk":
        """Follow the link with these words."""
        assert link in self.page.links, f"no link {link!r}: {list(self.page.links)}"
        return self.open(urljoin(self.url, self.page.links[link]))

    def fill(self, values: Mapping[str, str | Sequence[str]] | None = None, **more: str) -> "Clerk":
        """Type into fields by their names."""
        for name, value in {**(values or {}), **more}.items():
            form = next((each for each in self.page.forms if name in each.names), None)
            assert form is not None, f"no field {name!r} on {self.url}"
            form.values[name] = [value] if isinstance(value, str) else list(value)
        return self

    def press(self, label: str, expect: int = 200) -> "Clerk":
        """Press the button with these words."""
        for form in self.page.forms:
            for button in form.buttons:
                if button.label == label:
                    return self._send(form, button, expect)
        raise AssertionError(f"no button {label!r} on {self.url}")

    def _send(self, form: Form, button: Button, expect: int) -> "Clerk":
        # A browser sends every line break as CR LF.
        data = {name: [each.replace("\n", "\r\n") for each in given] for name, given in form.values.items()}
        if button.name:
            data[button.name] = [button.value]
        url = urljoin(self.url, form.action) if form.action else self.url
        return self._arrived(getattr(self.client, form.method)(url, data, follow=True), url, expect)

    def _arrived(self, response: HttpResponse, url: str, expect: int) -> "Clerk":
        assert response.status_code == expect, f"{response.status_code}: {url}"
        self.response = response
        self.url = response.redirect_chain[-1][0] if response.redirect_chain else url
        self.page = Page(response)
        self.text = self.page.text
        return self

    def value(self, name: str) -> str:
        """What stands in a field now."""
        return next(form.values.get(name, [""])[0] for form in self.page.forms if name in form.names)
