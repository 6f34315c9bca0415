"""Which address becomes which file, and how one file names another. Pure."""

import hashlib
import mimetypes
import posixpath
import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

HOST = "static-site.invalid"
ORIGIN = f"https://{HOST}"
"""Stands for the installation while its pages are made; no finished file may hold it."""

ADDRESS = re.compile(rf"{re.escape(ORIGIN)}[^\s\"'<>\\,]*")
"""An absolute address of ours in a text of any kind (Atom, CSV, JSON, words of a page)."""

_PLAIN_QUERY = re.compile(r"[a-z_]+=[0-9]+")
_SAFE_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
# What a system's own table of types may lack or answer differently.
_ENDINGS = {
    "application/xhtml+xml": ".html",
    "text/html": ".html",
    "text/plain": ".txt",
    "image/jpeg": ".jpg",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}


class Address(NamedTuple):
    """A page or file of the installation: its path, decoded, and its query string."""

    path: str
    query: str = ""

    def __str__(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


class UnsafeName(ValueError):
    """The address gives no file name that every system takes."""


def resolve(page: Address, reference: str) -> tuple[Address, str] | None:
    """Where a reference on that page leads: (address, fragment); None: to somebody else."""
    here = f"{ORIGIN}{quote(page.path)}" + (f"?{page.query}" if page.query else "")
    parts = urlsplit(urljoin(here, reference))
    # urljoin takes an empty query for none and keeps that of the page.
    query = "" if reference.partition("#")[0] == "?" else parts.query
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
        return None
    return Address(unquote(parts.path) or "/", query), parts.fragment


def file_name(rest: str, query: str, content_type: str) -> str:
    """The file for what lies at `rest` below the root of the public pages."""
    media_type = content_type.partition(";")[0].strip().lower()
    is_page = media_type == "text/html"
    if is_page and (not rest or rest.endswith("/")):
        stem, ending = f"{rest}{_spoken(query) or 'index'}", ".html"
    else:
        stem, ending = posixpath.splitext(rest.rstrip("/"))
        ending = ending or _ENDINGS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"
        stem = f"{stem}-{_spoken(query)}" if query else stem
    if not _SAFE_FILE.fullmatch(stem + ending):
        raise UnsafeName(stem + ending)
    return stem + ending


def relative(source: str, target: str) -> str:
    """How `source` names `target`, both files of the site."""
    return quote(posixpath.relpath(target, posixpath.dirname(source) or "."))


def without_index(address: str) -> str:
    """On a web server a folder stands for its `index.html`."""
    head, _, last = address.rpartition("/")
    return (f"{head}/" if head else "./") if last == "index.html" else address


def _spoken(query: str) -> str:
    """「page=2」 → 「page-2」; what is less plain also gets a digest, so that no two are one file."""
    if not query:
        return ""
    words = re.sub(r"[^0-9A-Za-z]+", "-", unquote(query)).strip("-")[:40] or "q"
    if _PLAIN_QUERY.fullmatch(query):
        return words
    return f"{words}-{hashlib.sha256(query.encode()).hexdigest()[:8]}"


_BASE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~%-]+)*/?")


def clean_base_url(text: str) -> str:
    """The address at which the site will lie, with a slash at its end. Raises `ValueError`."""
    text = text.strip()
    if not text:
        return ""
    if not _BASE.fullmatch(text):
        raise ValueError(
            "「https://www.city.example.lg.jp/renkei/」のように、サイトを置くアドレスを入力してください。"
        )
    return text.rstrip("/") + "/"
