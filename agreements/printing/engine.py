"""HTML to PDF, warm and closed: the only module that imports WeasyPrint.

Apart from `renderer`, because the import takes 0.6 s, which management commands need not wait for.
"""

from __future__ import annotations

import mimetypes
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

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
        return weasyprint.HTML(string=html, url_fetcher=self.fetcher).render(
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
