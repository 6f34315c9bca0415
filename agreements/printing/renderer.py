"""Template + context -> PDF: the one way to make a printout."""

from __future__ import annotations

import functools
import gc
import hashlib
import importlib.metadata
import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.core.signals import request_finished, request_started
from django.template.loader import render_to_string

from .fonts import FontsMissingError, font_dir, manifest
from .glyphs import make_printable
from .press import Limits, Press, PressFailed, Setup

logger = logging.getLogger(__name__)

#: Tagged and accessible (ISO 14289-1) by default; PDF/A-3 for archives, with attachments.
Variant = Literal["pdf/ua-1", "pdf/a-3a", "pdf/a-3u"]

# A preview, its download and a second look at it come within the hour; a PDF is 50 to 150 KB.
_CACHE_SECONDS = 3600

# Up to here a layout takes some seconds at most, whatever it holds: it is made in place. What is longer gets
# a process of its own, which takes a second more and can be killed.
_LARGE = 150_000
_WARM_UP = '<!DOCTYPE html><html lang="ja"><title>-</title><p>印<b>刷</b>'


class PrintError(Exception):
    """The printout cannot be made; the message is for the person who asked for it."""


def render_pdf(
    template_name: str,
    context: Mapping[str, Any],
    *,
    title: str,
    author: str,
    subject: str = "",
    variant: Variant = "pdf/ua-1",
    attachments: Mapping[str, bytes] | None = None,
) -> bytes:
    """Print a template that extends `base_print.html`.

    `title`, `author` and `subject` become the document's properties. Identical inputs come from the cache,
    whoever asks: the key is a digest of everything the bytes depend on. Characters that no font has print as
    〓. Raises `PrintError` with a Japanese message; errors of the template come through as they are.
    """
    html = fill_template(template_name, context, title=title, author=author, subject=subject)
    return render_html(html, variant=variant, attachments=attachments or {})


def fill_template(
    template_name: str, context: Mapping[str, Any], *, title: str, author: str, subject: str = ""
) -> str:
    """The complete HTML of a printout, for `render_html` or for `bulk`."""
    document = {"title": title, "author": author, "subject": subject}
    return render_to_string(template_name, {**context, "document": document})


def render_html(html: str, *, variant: Variant = "pdf/ua-1", attachments: Mapping[str, bytes]) -> bytes:
    """Print a complete HTML document of ours. Raises `PrintError`."""
    try:
        html = make_printable(html)
        stylesheet = _stylesheet()
        version = _version(stylesheet)
        key = _cache_key(html, variant, version, attachments)
        cache = print_cache()
        if (pdf := cache.get(key)) is None:
            if len(html) > _LARGE:
                pdf = _lay_out_apart(html, variant, attachments)
            else:
                pdf = _lay_out(html, variant, attachments, stylesheet, version)
            cache.set(key, pdf, _CACHE_SECONDS)
    except FontsMissingError as error:
        raise PrintError(str(error)) from error
    return pdf


def press_setup() -> Setup:
    """What a process needs to lay out as this one does. Raises `FontsMissingError`."""
    limits = Limits(seconds=settings.RENKEI_PRINT_SECONDS, megabytes=settings.RENKEI_PRINT_MEGABYTES)
    return Setup(_stylesheet(), _folders(), _WARM_UP, limits)


def cached(html: str, *, variant: Variant, attachments: Mapping[str, bytes]) -> bytes | None:
    """The same document, printed within the hour; `html` must be printable already."""
    found: bytes | None = print_cache().get(_cache_key(html, variant, _version(_stylesheet()), attachments))
    return found


def print_cache() -> BaseCache:
    """Where finished printouts wait for an hour.

    The cache "print" of the settings, as entries of 100 KB would swell a default cache in the database; the
    default one where the settings name no other.
    """
    return caches["print" if "print" in settings.CACHES else "default"]


def warm_up() -> None:
    """Import, load fonts and print one line, so that the first real printout of a process is a quick one.

    Call it when a worker starts. A server that cannot print must still start, so this only logs.
    What is loaded by then stays out of later garbage collections, which makes layouts some 10 % faster.
    """
    started = time.perf_counter()
    try:
        html = make_printable(_WARM_UP)
        stylesheet = _stylesheet()
        _lay_out(html, "pdf/ua-1", {}, stylesheet, _version(stylesheet))  # past the cache
    except (PrintError, FontsMissingError):
        logger.exception("Printing does not work")
    else:
        gc.collect()
        gc.freeze()
        logger.info("Printing is warm after %.2f s", time.perf_counter() - started)


@contextmanager
def _collecting_later() -> Iterator[None]:
    """No garbage collection during a layout, nor before the answer has gone out.

    It would look through the living document again and again, a sixth of the time. What is left behind is
    collected when the request has ended; outside of requests at once.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled and not _is_answering():
            gc.enable()


def _is_answering() -> bool:
    return getattr(_answering, "is_on", False)


def _begin_answer(**_signal: Any) -> None:
    _answering.is_on = True


def _end_answer(**_signal: Any) -> None:
    _answering.is_on = False
    if not gc.isenabled():
        gc.enable()
        gc.collect(1)


_answering = threading.local()
request_started.connect(_begin_answer, dispatch_uid="renkei.printing.begin")
request_finished.connect(_end_answer, dispatch_uid="renkei.printing.end")


def _lay_out(
    html: str, variant: str, attachments: Mapping[str, bytes], stylesheet: str, version: str
) -> bytes:
    from . import engine

    started = time.perf_counter()
    try:
        with _collecting_later():
            pdf = engine.write_pdf(
                html,
                variant=variant,
                attachments=attachments,
                version=version,
                stylesheet=stylesheet,
                folders=_folders(),
            )
    # FatalURLFetchingError derives from BaseException: `except Exception` alone would miss it.
    except (Exception, engine.FatalURLFetchingError) as error:
        logger.exception("A printout failed")
        raise PrintError(
            "PDF を作れませんでした。もう一度お試しください。続くときはシステム管理者に連絡してください。"
        ) from error
    logger.debug("Printed %d bytes in %.0f ms", len(pdf), 1000 * (time.perf_counter() - started))
    return pdf


def _lay_out_apart(html: str, variant: str, attachments: Mapping[str, bytes]) -> bytes:
    try:
        with Press(press_setup()) as press:
            return press.print(html, variant=variant, attachments=attachments)
    except PressFailed as failure:
        logger.exception("A large printout failed")
        raise PrintError(f"PDF を作れませんでした。{failure}") from failure


def _folders() -> dict[str, Path]:
    return {"fonts": font_dir(), "static": Path(settings.BASE_DIR) / "static" / "print"}


def _stylesheet() -> str:
    """Read anew each time (a file of a few KB): a change in development shows at once."""
    return (Path(settings.BASE_DIR) / "static" / "css" / "print.css").read_text(encoding="utf-8")


def _version(stylesheet: str) -> str:
    """Digest of what shapes every printout besides its HTML: stylesheet, fonts, layout engine."""
    defaults = (Path(settings.BASE_DIR) / "static" / "css" / "print_defaults.css").read_text(encoding="utf-8")
    parts = [stylesheet, defaults, manifest(font_dir()), _weasyprint_version()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@functools.cache
def _weasyprint_version() -> str:
    return importlib.metadata.version("weasyprint")


def _cache_key(html: str, variant: str, version: str, attachments: Mapping[str, bytes]) -> str:
    files = [(name, hashlib.sha256(content).hexdigest()) for name, content in attachments.items()]
    content = json.dumps([html, variant, version, files])
    return f"print:{hashlib.sha256(content.encode()).hexdigest()}"
