"""HTML to PDF, warm and closed: the only module that imports WeasyPrint.

Apart from `renderer`, because the import takes 0.6 s, which management commands need not wait for.
"""

from __future__ import annotations

import mimetypes
import os
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import cssselect2
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from .section_maker import SectionMaker, name_files_once
from .sections import Section

__all__ = ["Engine", "FatalURLFetchingError", "write_pdf"]

_BLANK = '<!DOCTYPE html><html lang="ja"><title>白紙</title><body class="blank">'


class PrintAssetFetcher(URLFetcher):
    """Serves `app://<name>/<file>` out of named folders of ours, and nothing else from anywhere.

    Content of users can reach no file and no network address: every other scheme, every path that leads out
    of its folder and every redirect is refused.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        super().__init__(allowed_protocols=("app",), allow_redirects=False)
        self.folders = {name: folder.resolve() for name, folder in folders.items()}

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        folder = self.folders.get(parts.netloc) if parts.scheme == "app" else None
        if folder is None:
            raise ValueError(f"Not an asset of ours: {url[:200]}")
        path = (folder / unquote(parts.path).lstrip("/")).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise ValueError(f"No such print asset: {url[:200]}")
        content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": content_type})


_DEFAULTS = Path(__file__).resolve().parents[2] / "static" / "css" / "print_defaults.css"
# Elements that HTML never closes; XML must.
_VOID = re.compile(r"<(br|col|hr|img|meta|wbr)\b([^<>]*?)/?>")
# What one of the two parsers takes for something else than the other.
_HTML_ONLY = re.compile(r"<(?:svg|math|pre|textarea|template|script|style|base|link)\b")


class Document(weasyprint.HTML):
    """HTML of ours, read an eighth quicker: with the defaults that it needs, and as XML where it is XML.

    Whatever is no XML is read as HTML. The tests compare every printout with the engine's own way.
    """

    defaults = weasyprint.CSS(string=_DEFAULTS.read_text(encoding="utf-8"))

    def __init__(self, string: str, url_fetcher: URLFetcher) -> None:
        root = _read_xml(string)
        if root is None:
            super().__init__(string=string, url_fetcher=url_fetcher)
            return
        self.base_url = None
        self.url_fetcher = url_fetcher
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return [self.defaults]


def _read_xml(text: str) -> ElementTree.Element | None:
    if not text.lstrip().startswith("<!DOCTYPE html>") or _HTML_ONLY.search(text):
        return None
    try:
        # No document type is left, hence no entity of its own making.
        return ElementTree.fromstring(  # noqa: S314
            _VOID.sub(r"<\1\2/>", text.replace("<!DOCTYPE html>", "", 1)).strip()
        )
    except ElementTree.ParseError:
        return None


class Engine:
    """One font configuration and one parsed stylesheet, used again and again.

    They must know each other: a stylesheet parsed with another configuration silently prints in another font.
    """

    def __init__(self, stylesheet: str, folders: Mapping[str, Path]) -> None:
        self.fetcher = PrintAssetFetcher(folders)
        self.font_config = FontConfiguration()
        self.stylesheet = weasyprint.CSS(
            string=stylesheet, font_config=self.font_config, url_fetcher=self.fetcher
        )

    def write_pdf(self, html: str, *, variant: str, attachments: Mapping[str, bytes]) -> bytes:
        """Lay out one document. Never in two threads at a time: they would corrupt Pango's font map."""
        document = self.lay_out(html, variant=variant)
        pdf: bytes = document.write_pdf(
            pdf_variant=variant, attachments=_attached(attachments), finisher=name_files_once
        )
        return pdf

    def lay_out(self, html: str, *, variant: str) -> Any:
        """The document with its finished pages, not yet written."""
        return Document(html, self.fetcher).render(
            stylesheets=[self.stylesheet], font_config=self.font_config, pdf_variant=variant
        )

    def write_section(
        self,
        documents: Sequence[Any],
        *,
        variant: str,
        title: str,
        attachments: Mapping[str, bytes],
        duplex: bool,
        mark: str,
    ) -> Section:
        """Several documents as one part of a larger PDF, with one set of fonts.

        `duplex` fills each document up to an even number of pages; `mark` keeps the names of table cells
        apart from those of other sections.
        """
        pages = []
        for document in documents:
            pages += document.pages
            if duplex and len(document.pages) % 2:
                pages += self.lay_out(_BLANK, variant=variant).pages
        together = documents[0].copy(pages)
        together.metadata.title = title
        maker = SectionMaker(mark)
        together.write_pdf(pdf_variant=variant, attachments=_attached(attachments), finisher=maker)
        return maker.section()

    def abandon(self) -> None:
        """Let go without deleting the temporary font files, which belong to the process that made them."""
        self.font_config._folder = None


def _attached(files: Mapping[str, bytes]) -> list[Any]:
    return [
        weasyprint.Attachment(string=content, name=name, relationship="Source")
        for name, content in files.items()
    ]


_engines: dict[str, Engine] = {}
_lock = threading.Lock()


def write_pdf(
    html: str,
    *,
    variant: str,
    attachments: Mapping[str, bytes],
    version: str,
    stylesheet: str,
    folders: Mapping[str, Path],
) -> bytes:
    """Lay out one document with the process's engine, one thread at a time.

    `version` names the combination of stylesheet and fonts; a new one replaces the engine.
    """
    with _lock:
        if version not in _engines:
            _engines.clear()
            _engines[version] = Engine(stylesheet, folders)
        return _engines[version].write_pdf(html, variant=variant, attachments=attachments)


def _start_afresh_in_child() -> None:
    """A forked worker must neither share the parent's font map nor delete its files when it ends."""
    global _lock
    _lock = threading.Lock()
    for engine in _engines.values():
        engine.abandon()
    _engines.clear()


os.register_at_fork(after_in_child=_start_afresh_in_child)
