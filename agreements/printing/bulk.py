"""Many printouts at once: one bound PDF or one zip, laid out in several processes that can be killed.

Sheets go in chunks, so that memory stays flat: so many share one set of fonts in the file, and no more are
laid out at a time. What cannot be laid out is named with its reason; the others come all the same.
"""

from __future__ import annotations

import logging
import re
import threading
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from django.conf import settings

from .binder import Binder
from .fonts import FACES, FontsMissingError, find_source, font_dir, manifest
from .glyphs import make_printable
from .press import Press, PressFailed
from .renderer import PrintError, Variant, cached, press_setup
from .running_numbers import NumberFont, number_font
from .sections import Section

logger = logging.getLogger(__name__)

#: Sheets that a process takes at a time, and pages that it holds before it writes: some 200 MB.
SHEETS_A_CHUNK = 25
_MOST_PAGES = 60
_TELL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printout to be made. `files` are attached to it (PDF/A-3 only)."""

    number: int
    html: str
    file_name: str
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sheet; `error` is empty when it has been printed."""

    number: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """How the sheets are put together. `duplex` and the running numbers are for one bound PDF."""

    title: str
    variant: Variant = "pdf/ua-1"
    as_zip: bool = False
    duplex: bool = False
    numbered: bool = True


@dataclass(slots=True)
class _Printed:
    outcomes: list[Outcome] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    pdfs: list[tuple[str, bytes]] = field(default_factory=list)


def print_all(
    sheets: Iterable[Sheet], order: BulkOrder, target: BinaryIO, *, tell: Callable[[int], None]
) -> Iterator[Outcome]:
    """Print into `target`, telling twice a second how many are laid out; yields what became of each sheet.

    `sheets` is read in this thread, little by little. What `tell` raises stops everything. Raises
    `PrintError` when nothing at all can be printed.
    """
    book: _Book | _Archive = _Archive(target) if order.as_zip else _Book(target, _font(order))
    with _Presses(order) as presses:
        yield from presses.print_all(sheets, book, tell)
    book.finish()


def _font(order: BulkOrder) -> NumberFont | None:
    if not order.numbered:
        return None
    file = font_dir() / FACES[0].file_name
    # Before the fonts are built, the numbers are left out: the collection is not cut here.
    return number_font(file) if manifest(font_dir()) else None


class _Book:
    """One PDF, bound as its sections come."""

    def __init__(self, target: BinaryIO, font: NumberFont | None) -> None:
        self.binder = Binder(target, font=font)

    def add(self, printed: _Printed) -> None:
        for section in printed.sections:
            self.binder.add(section)

    def finish(self) -> None:
        if self.binder.page_count:
            self.binder.finish()


class _Archive:
    """One zip of PDFs. They are compressed already."""

    def __init__(self, target: BinaryIO) -> None:
        self.zip = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)
        self.names: set[str] = set()

    def add(self, printed: _Printed) -> None:
        for name, pdf in printed.pdfs:
            self.zip.writestr(unique_name(name, self.names), pdf)

    def finish(self) -> None:
        self.zip.close()


class _Presses:
    """The processes of one bulk print, each driven by a thread of its own."""

    def __init__(self, order: BulkOrder) -> None:
        self.order = order
        try:
            setup = press_setup()
            if not manifest(font_dir()):
                find_source(FACES[0])
        except FontsMissingError as error:
            raise PrintError(str(error)) from error
        self._free = [Press(setup) for _ in range(settings.RENKEI_PRINT_PROCESSES)]
        self._all = tuple(self._free)
        self._threads = ThreadPoolExecutor(len(self._all), thread_name_prefix="press")
        self._lock = threading.Lock()
        self._done = 0

    def __enter__(self) -> _Presses:
        return self

    def __exit__(self, *_error: object) -> None:
        for press in self._all:
            press.stop()
        self._threads.shutdown(cancel_futures=True)

    def print_all(
        self, sheets: Iterable[Sheet], book: _Book | _Archive, tell: Callable[[int], None]
    ) -> Iterator[Outcome]:
        waiting: deque[Future[_Printed]] = deque()
        coming = self._printable(sheets, tell)
        number = 0
        while chunk := list(islice(coming, SHEETS_A_CHUNK)):
            waiting.append(self._threads.submit(self._print_chunk, chunk, f"{number}."))
            number += 1
            # One chunk more than processes, lest one has to wait for us.
            while len(waiting) > len(self._all) + 1:
                yield from self._bind(waiting.popleft(), book, tell)
        while waiting:
            yield from self._bind(waiting.popleft(), book, tell)

    def _printable(self, sheets: Iterable[Sheet], tell: Callable[[int], None]) -> Iterator[Sheet]:
        for sheet in sheets:
            tell(self._done)
            yield Sheet(sheet.number, make_printable(sheet.html), sheet.file_name, sheet.files)

    def _bind(
        self, future: Future[_Printed], book: _Book | _Archive, tell: Callable[[int], None]
    ) -> Iterator[Outcome]:
        while True:
            tell(self._done)
            try:
                printed = future.result(timeout=_TELL_SECONDS)
            except NotYet:
                continue
            book.add(printed)
            yield from printed.outcomes
            return

    # -- In the threads: nothing here touches the database ---------------------------------------------------
    def _print_chunk(self, sheets: list[Sheet], mark: str) -> _Printed:
        with self._lock:
            press = self._free.pop()
        try:
            printed = _Printed()
            if self.order.as_zip:
                for sheet in sheets:
                    self._print_alone(press, sheet, printed)
            else:
                self._print_section(press, sheets, mark, printed)
            printed.outcomes.sort(key=lambda outcome: outcome.number)
            return printed
        finally:
            with self._lock:
                self._free.append(press)

    def _print_alone(self, press: Press, sheet: Sheet, printed: _Printed) -> None:
        variant = self.order.variant
        try:
            pdf = cached(sheet.html, variant=variant, attachments=sheet.files) or press.print(
                sheet.html, variant=variant, attachments=sheet.files
            )
        except PressFailed as failure:
            _stop_if_told(failure)
            printed.outcomes.append(Outcome(sheet.number, str(failure)))
        else:
            printed.pdfs.append((sheet.file_name, pdf))
            printed.outcomes.append(Outcome(sheet.number))
        self._count(1)

    def _print_section(self, press: Press, sheets: list[Sheet], mark: str, printed: _Printed) -> None:
        """Lay out one by one, write when it is enough. Lost ones (another failed) are laid out again."""
        todo, laid_out, pages = deque(sheets), list[Sheet](), 0
        while todo or laid_out:
            if todo and pages < _MOST_PAGES:
                sheet = todo.popleft()
                try:
                    pages += press.lay_out(sheet.html, variant=self.order.variant)
                except PressFailed as failure:
                    _stop_if_told(failure)
                    printed.outcomes.append(Outcome(sheet.number, str(failure)))
                    self._count(1)
                    if failure.is_fresh:
                        todo.extendleft(reversed(laid_out))
                        self._count(-len(laid_out))
                        laid_out, pages = [], 0
                else:
                    laid_out.append(sheet)
                    self._count(1)
                continue
            self._write(press, laid_out, f"{mark}{len(printed.sections)}.", printed)
            laid_out, pages = [], 0

    def _write(self, press: Press, sheets: list[Sheet], mark: str, printed: _Printed) -> None:
        if not sheets:
            return
        order = self.order
        files = {name: content for sheet in sheets for name, content in sheet.files.items()}
        try:
            section = press.write(
                variant=order.variant, title=order.title, attachments=files, duplex=order.duplex, mark=mark
            )
        except PressFailed as failure:
            _stop_if_told(failure)
            if len(sheets) == 1:
                printed.outcomes.append(Outcome(sheets[0].number, str(failure)))
                return
            for half in (sheets[: len(sheets) // 2], sheets[len(sheets) // 2 :]):
                self._count(-len(half))
                self._print_section(press, half, mark, printed)
            return
        printed.sections.append(section)
        printed.outcomes += (Outcome(sheet.number) for sheet in sheets)

    def _count(self, more: int) -> None:
        with self._lock:
            self._done += more


def _stop_if_told(failure: PressFailed) -> None:
    if failure.kind == "stopped":
        raise failure


# Not even Windows takes these; nor may a name lead out of the folder, or hide what it is.
_UNFIT = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_LONGEST_NAME = 80


def safe_name(text: str) -> str:
    """A part of a file name that every system takes; Japanese stays as it is."""
    name = " ".join(_UNFIT.sub("_", text).split())[:_LONGEST_NAME].strip(" .")
    return f"_{name}" if _RESERVED.match(name) else name or "無題"


def unique_name(name: str, taken: set[str]) -> str:
    """`name`, or with (2), (3) … before its ending where it is taken; capitals make no difference."""
    stem, dot, ending = name.rpartition(".")
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{stem or ending}({number}){dot}{ending if dot else ''}"
    taken.add(found.casefold())
    return found
