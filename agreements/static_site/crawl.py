"""Every page and file that a visitor reaches by links, kept as it came, and the file each will be."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, urlencode

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse

from agreements.models import Company

from . import pages
from .layout import ADDRESS, Address, UnsafeName, file_name, resolve
from .markup import references

Tell = Callable[[int, int], None]
_TEXTS = ("text/", "application/json", "application/ld+json", "application/atom+xml", "application/xml")


@dataclass(frozen=True, slots=True)
class Taken:
    """What lay at an address: as it came (`raw`), and its place in the site."""

    address: Address
    file: str
    content_type: str
    raw: Path

    @property
    def is_page(self) -> bool:
        return self.content_type.startswith("text/html")

    @property
    def is_text(self) -> bool:
        return self.content_type.startswith(_TEXTS)


@dataclass(slots=True)
class Crawl:
    """`municipality_path`: the page of the only municipality of the site, which is then its first page."""

    site: Any
    folder: Path
    static_url: str
    municipality_path: str = ""
    root: str = field(default_factory=lambda: reverse("agreements:public-home"))
    search: str = field(default_factory=lambda: reverse("agreements:public-search"))
    taken: dict[Address, Taken] = field(default_factory=dict)
    missing: dict[Address, str] = field(default_factory=dict)
    moved: dict[Address, Address] = field(default_factory=dict)
    static: set[str] = field(default_factory=set)
    _known: dict[str, str] = field(default_factory=dict)
    _located: dict[str, tuple[Address, str] | None] = field(default_factory=dict)

    def run(self, starts: Iterable[str], tell: Tell) -> None:
        """Take the starts (those that exist) and all that they lead to."""
        first = [self.known(Address(path)) for path in starts]
        waiting = deque(dict.fromkeys(first))
        seen = set(waiting)
        while waiting:
            address = waiting.popleft()
            tell(len(self.taken), len(self.taken) + len(waiting) + 1)
            for target in self._take(address):
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)

    def known(self, address: Address) -> Address:
        """One address for what is the same page in this site."""
        if address.path not in self._known:
            self._known[address.path] = self._canonical(address.path)
        return Address(self._known[address.path], address.query)

    def _canonical(self, path: str) -> str:
        if not self.municipality_path or not path.startswith(self.root):
            return path
        own = self.municipality_path + path.removeprefix(self.root)
        view = pages.view_class_of(path)
        is_same = view is not None and view is pages.view_class_of(own)
        return own if path == self.root or is_same else path

    def locate(self, page: Address, reference: str) -> tuple[Address, str] | None:
        """Where a reference on that page leads within the site: (address, fragment).

        Narrowing a list, which the server does for a query, is what the search does: its query stays.
        """
        if not reference.startswith("/"):
            return self._locate(page, reference)
        if reference not in self._located:  # it leads to the same from every page
            self._located[reference] = self._locate(page, reference)
        return self._located[reference]

    def _locate(self, page: Address, reference: str) -> tuple[Address, str] | None:
        found = resolve(page, reference)
        if found is None:
            return None
        address = self.known(found[0])
        if not pages.is_listing(address.path):
            return address, found[1]
        asked = dict(parse_qsl(address.query))
        number = asked.pop("page", "1")
        if asked:
            return Address(self.search, urlencode(self.context(address) | asked)), ""
        return Address(address.path, f"page={number}" if number != "1" else ""), found[1]

    def context(self, address: Address) -> dict[str, str]:
        """What a list is about already, in the words of the search."""
        match = pages.view_of(address.path)
        if match is None or not pages.is_listing(address.path) or address.path == self.municipality_path:
            return {}
        about = {}
        if "code" in match.kwargs:
            about["municipality"] = match.kwargs["code"]
        if "category" in match.kwargs:
            about["category"] = match.kwargs["category"]
        if "pk" in match.kwargs:
            names = Company.objects.filter(pk=match.kwargs["pk"]).values_list("name", flat=True)
            about["company"] = names.first() or ""
        return about

    def file_of(self, address: Address) -> str | None:
        """The file of an address, if the site has it; a search is the page of the search."""
        if address.path.startswith(self.static_url):
            return f"static/{address.path.removeprefix(self.static_url)}"
        address = self._page(address)
        found = self.taken.get(self.moved.get(address, address))
        return found.file if found else None

    def is_offered(self, address: Address) -> bool:
        """Whether the address is of a kind that the site has; else its links become plain words."""
        if address.path.startswith(self.static_url):
            return True
        if not address.path.startswith(self.root):
            return False
        # What leads nowhere is offered: the check of the links tells of it.
        return pages.view_of(address.path) is not None or not pages.exists(address.path)

    def _take(self, address: Address) -> list[Address]:
        if address.path.startswith(self.static_url):
            self.static.add(address.path.removeprefix(self.static_url))
            return []
        try:
            answer = pages.fetch(address, self.site)
        except Http404 as nowhere:
            self.missing[address] = str(nowhere)
            return []
        if 300 <= answer.status_code < 400:
            target = self.locate(address, answer.headers["Location"])
            if target is None:
                self.missing[address] = "moved away"
                return []
            self.moved[address] = target[0]
            return [target[0]]
        content_type = answer.headers.get("Content-Type", "application/octet-stream")
        try:
            name = file_name(self._rest(address), address.query, content_type)
        except UnsafeName as unsafe:
            self.missing[address] = str(unsafe)
            return []
        # A withdrawn agreement (410) leaves its page as well.
        if answer.status_code not in {200, 410}:
            self.missing[address] = str(answer.status_code)
            return []
        taken = Taken(address, name, content_type, self.folder / str(len(self.taken)))
        with taken.raw.open("wb") as target_file:
            _pour(answer, target_file)
        self.taken[address] = taken
        return self._leads_to(taken)

    def _rest(self, address: Address) -> str:
        if address.path == self.municipality_path:
            return ""
        return address.path.removeprefix(self.root)

    def _leads_to(self, taken: Taken) -> list[Address]:
        if not taken.is_text:
            return []
        text = taken.raw.read_text(encoding="utf-8-sig")
        found = references(text) if taken.is_page else ADDRESS.findall(text)
        targets = [self.locate(taken.address, reference) for reference in found]
        return [
            self._page(target[0]) for target in targets if target is not None and self.is_offered(target[0])
        ]

    def _page(self, address: Address) -> Address:
        """What has to be taken for this address: for a search the page of the search."""
        is_search = address.path == self.search and not address.query.startswith("page=")
        return Address(self.search) if is_search else address


def _pour(answer: HttpResponseBase, target: IO[bytes]) -> None:
    for part in answer:  # type: ignore[attr-defined]
        target.write(part)
    # Not `answer.close()`: that ends the request, and with it the connection to the database.
    file = getattr(answer, "file_to_stream", None)
    if file is not None:
        file.close()
