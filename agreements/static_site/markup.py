"""HTML read and written anew with other links; whatever has none stays as it was, letter by letter."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

from .layout import ORIGIN

LINKING = frozenset({"href", "src", "poster"})
# On the site of one municipality its page is the first: nobody needs the way to a page twice, or to itself.
_CRUMB = r'<li>\s*<a href="{0}">[^<]*</a>\s*</li>\s*(?=<li>\s*{1})'
_DOUBLE_CRUMB = re.compile(_CRUMB.format('([^"]*)', r'<a href="\1">'))

Attributes = list[tuple[str, str | None]]


# Sites have thousands of pages, each read twice: these are many times as fast as a parser, and a test holds
# them to the same answers.
_TAG = re.compile(r"""<!--.*?-->|<([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")


def read(html: str) -> tuple[list[tuple[str, str, str]], set[str]]:
    """Every reference as (element, attribute, value), and every id."""
    found: list[tuple[str, str, str]] = []
    anchors: set[str] = set()
    place = 0
    while match := _TAG.search(html, place):
        place = match.end()
        tag = (match[1] or "").lower()
        if tag in {"script", "style"}:
            place = max(html.find(f"</{tag}", place), place)
        if not tag or ("=" not in match[2] and tag != "form"):
            continue
        values = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(match[2])}
        if "id" in values:
            anchors.add(values["id"])
        found += [(tag, name, values[name]) for name in values if name in LINKING]
        if tag == "form":
            found.append((tag, "action", values.get("action", "")))
    return found, anchors


def references(html: str) -> list[str]:
    """What the page leads to or loads; not where its forms go."""
    return [value for tag, _, value in read(html)[0] if tag != "form"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How one page changes."""

    link: Callable[[str], str | None]
    """What to write for a reference; None: it leads to what the site has not, so it becomes plain words."""
    absolute: Callable[[str], str | None]
    """The same for canonical addresses; None: the element goes."""
    words: Callable[[str], str]
    own: str = ""
    """How the page names itself."""
    head_first: str = ""
    head_last: str = ""
    after_form: str = ""
    search: str = ""
    """Where the forms go."""
    root: str = ""
    """From here to the first page, for scripts."""
    chosen: dict[str, str] = field(default_factory=dict)
    """What the page is about already: chosen in its form, or said along with it."""


def rewrite(html: str, rules: Rules) -> str:
    writer = _Writer(rules)
    writer.feed(html)
    writer.close()
    own_crumb = _CRUMB.format(re.escape(escape(rules.own)), "<span aria-current")
    return re.sub(own_crumb, "", _DOUBLE_CRUMB.sub("", "".join(writer.out)))


class _Writer(HTMLParser):
    def __init__(self, rules: Rules) -> None:
        super().__init__(convert_charrefs=False)
        self.rules = rules
        self.out: list[str] = []
        self._open_links: list[str] = []
        self._select = ""
        self._unsaid: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        written = self._start(tag, attrs)
        if tag == "a":
            self._open_links.append("span" if written is None else "a")
            written = "<span>" if written is None else written
        self.out.append(written or "")
        if tag == "meta" and ("charset" in dict(attrs)):
            self.out.append(self.rules.head_first)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.out.append(self._start(tag, attrs) or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "head":
            self.out.append(self.rules.head_last)
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self.out += [
                f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
                for name, value in self._unsaid.items()
            ]
        elif tag == "a" and self._open_links:
            tag = self._open_links.pop()
        self.out.append(f"</{tag}>")
        if tag == "form":
            self.out.append(self.rules.after_form)

    def handle_data(self, data: str) -> None:
        self.out.append(self.rules.words(data) if ORIGIN in data else data)

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        """Nobody reads it."""

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")

    def _start(self, tag: str, attrs: Attributes) -> str | None:
        """The tag anew; None without it. As it was, if nothing of it changes."""
        values: dict[str, Any] = dict(attrs)
        before = dict(values)
        if tag == "meta" and (values.get("content") == "" or ORIGIN in (values.get("content") or "")):
            values["content"] = self.rules.absolute(values["content"])
        elif tag == "link" and values.get("rel") == "canonical":
            values["href"] = self.rules.absolute(values["href"])
        elif tag == "form":
            values["action"], values["data-root"] = self.rules.search, self.rules.root
            self._unsaid = dict(self.rules.chosen)
        else:
            for name in LINKING & values.keys():
                values[name] = self.rules.link(values[name] or "")
        self._choose(tag, values)
        if any(values[name] is None and before.get(name) is not None for name in values):
            return None
        return (self.get_starttag_text() or "") if values == before else _tag(tag, values)

    def _choose(self, tag: str, values: dict[str, Any]) -> None:
        if tag == "select":
            self._select = values.get("name") or ""
            if self._select in self.rules.chosen:
                self._unsaid.pop(self._select, None)
        elif tag == "input" and values.get("type") != "hidden" and values.get("name") in self.rules.chosen:
            values["value"] = self._unsaid.pop(values["name"], "")
        elif tag == "option" and self._select in self.rules.chosen:
            values.pop("selected", None)
            if values.get("value") == self.rules.chosen[self._select]:
                values["selected"] = ""


def _tag(tag: str, values: dict[str, Any]) -> str:
    written = "".join(
        f' {name}="{escape(value)}"' if value is not None else f" {name}" for name, value in values.items()
    )
    return f"<{tag}{written}>"
