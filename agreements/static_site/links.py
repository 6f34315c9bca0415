"""The check of a finished site: what it names is there, and it loads nothing from elsewhere."""

import posixpath
import re
from collections.abc import Collection
from functools import cached_property
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .folder import files
from .layout import ORIGIN
from .markup import read

_IN_CSS = re.compile(r"""url\(\s*["']?([^"')]+?)["']?\s*\)|@import\s+["']([^"']+)["']""")
_IN_XML = re.compile(r"""\bhref="([^"]*)"|<loc>([^<]*)</loc>""")
_ELSEWHERE = frozenset({"http", "https", "mailto", "tel"})
# Made here, so nothing of the installation may be left in them.
_OURS = (".html", ".css", ".js", ".xml", ".json", ".jsonld", ".csv", ".txt")


def in_css(text: str) -> list[str]:
    """What a style sheet loads."""
    return [one or other for one, other in _IN_CSS.findall(text) if not (one or other).startswith("data:")]


def problems(folder: Path, base_url: str = "") -> list[str]:
    """Every broken link of the site, in words."""
    check = _Check(folder, base_url)
    return [problem for name in files(folder) for problem in check.file(name)]


class _Check:
    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder, self.base_url = folder, base_url
        self.there = frozenset(files(folder))
        self.known_anchors: dict[str, Collection[str]] = {}

    @cached_property
    def folders(self) -> frozenset[str]:
        """Those that open as a page on a web server."""
        return frozenset(
            posixpath.dirname(name) for name in self.there if posixpath.basename(name) == "index.html"
        )

    def file(self, name: str) -> list[str]:
        if not name.endswith(_OURS) or name.startswith("documents/"):
            return []
        text = (self.folder / name).read_text(encoding="utf-8")
        found = [f"{name}：台帳のアドレスが残っています。"] if ORIGIN in text else []
        if name.endswith(".html"):
            references, anchors = read(text)
            self.known_anchors[name] = anchors
            found += [self._html(name, *reference) for reference in references]
        elif name.endswith(".css"):
            found += [self._local(name, reference) for reference in in_css(text)]
        elif name.endswith(".xml"):
            found += [self._xml(name, unescape(one or other)) for one, other in _IN_XML.findall(text)]
        return [problem for problem in found if problem]

    def _html(self, name: str, tag: str, attribute: str, value: str) -> str:
        scheme = urlsplit(value).scheme
        if self.base_url and value.startswith(self.base_url):
            return self._xml(name, value)
        if scheme in _ELSEWHERE and tag == "a":
            return ""
        if scheme or value.startswith("//"):
            return f"{name}：「{value}」は外部のものを読み込みます。"
        return self._local(name, value)

    def _xml(self, name: str, value: str) -> str:
        """In files that machines read a folder stands for its page."""
        if self.base_url and value.startswith(self.base_url):
            target = unquote(urlsplit(value[len(self.base_url) :]).path)
        elif urlsplit(value).scheme in _ELSEWHERE:
            return ""
        else:
            target = self._target(name, value)
        target = posixpath.normpath(target) if target else ""
        is_there = target in self.there or target.removeprefix(".") in self.folders
        return "" if is_there else _broken(name, value)

    def _local(self, name: str, value: str) -> str:
        target, anchor = self._target(name, value), unquote(urlsplit(value).fragment)
        if target not in self.there:
            return _broken(name, value)
        if anchor and anchor not in self._anchors(target):
            return f"{name}：「{value}」の場所が、ページの中にありません。"
        return ""

    def _target(self, name: str, value: str) -> str:
        path = unquote(urlsplit(value).path)
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name

    def _anchors(self, name: str) -> Collection[str]:
        if name not in self.known_anchors:
            self.known_anchors[name] = read((self.folder / name).read_text(encoding="utf-8"))[1]
        return self.known_anchors[name]


def _broken(name: str, value: str) -> str:
    return f"{name}：「{value}」の先がありません。"
