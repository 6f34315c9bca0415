"""Sections bound into one PDF, written as they come: memory holds a number for each object and no more.

The general libraries read every object of a file into memory (a gigabyte for a thousand sheets) and lose its
tags. This one knows what its sections look like, keeps tags, bookmarks, attachments and archive data, and
writes object streams, so that the file stays small.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from array import array
from dataclasses import dataclass, field
from typing import BinaryIO

from .running_numbers import NUMBER_FONT, NumberFont, number_stream
from .sections import Page, Section, SectionHead

_MOST_IN_A_STREAM = 500
# Strings first: what a person wrote may look like a reference.
_REFERENCE = re.compile(rb"\((?:[^()\\]|\\.)*\)|(?<![\w.])(\d+) 0 R(?!\w)", re.DOTALL)
_CONTENTS = re.compile(rb"/Contents (\d+ 0 R)")
_STRUCT_PARENT = re.compile(rb"/(StructParents?) (\d+)")
_CATALOG_KEPT = re.compile(
    rb"/(Pages|Outlines|StructTreeRoot|Names|AF) (?:\d+ 0 R|\[[^\]]*\]|<<(?:[^<>]|<<[^<>]*>>)*>>)"
)


@dataclass(slots=True)
class _Outline:
    root: int = 0
    first: int = 0
    last: int = 0
    count: int = 0
    held: bytes = b""
    """The last entry, until its follower is known."""


@dataclass(slots=True)
class _Loose:
    """Objects that wait for the next object stream."""

    numbers: list[int] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Where the objects of one section go: behind all before, a few to a place of the whole."""

    base: int
    fixed: dict[int, int]

    def moved(self, number: int) -> int:
        return self.fixed.get(number) or self.base + number

    def renumber(self, data: bytes) -> bytes:
        return _REFERENCE.sub(
            lambda found: b"%d 0 R" % self.moved(int(found[1])) if found[1] else found[0], data
        )

    def renumber_stream(self, data: bytes) -> bytes:
        head, mark, content = data.partition(b"stream\n")
        return self.renumber(head) + mark + content


class Binder:
    """Writes one PDF. `add` sections in their order, then `finish`.

    `font` is what the running page numbers are set in; without it there are none.
    """

    def __init__(self, target: BinaryIO, *, font: NumberFont | None = None) -> None:
        self._target = target
        self._position = 0
        self._digest = hashlib.md5(usedforsecurity=False)  # the identifier that PDF/A asks for
        # Of each object: where it is, or in which object stream and as which.
        self._kinds, self._places, self._indexes = array("B", [0]), array("Q", [0]), array("Q", [65535])
        self._loose = _Loose()
        self._outline = _Outline()
        self._page_trees: list[tuple[int, int]] = []
        self._pages: list[tuple[int, Page]] = []
        self._structure_kids: list[int] = []
        self._parent_trees: list[tuple[int, int, int]] = []
        self._parents = 0
        self._names: list[tuple[str, int]] = []
        self._catalog, self._info = b"", b""
        self._font = font
        self._write(b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n")
        self._page_root, self._document, self._outline.root = (self._new() for _ in range(3))
        self._font_number = self._write_font(font) if font else 0

    @property
    def page_count(self) -> int:
        return len(self._pages)

    def add(self, section: Section) -> None:
        head, is_first = section.head, not self._page_trees
        numbers = _Numbers(
            base=len(self._kinds) - 1,
            # The tags of a section hang on one element for the whole instead of a root of their own.
            fixed={head.structure: self._document, head.outline[0]: self._outline.root},
        )
        for _ in head.lengths:
            self._new()
        pages = {page.number: page for page in head.pages}
        dropped = {head.catalog, head.parent_tree, head.structure, head.outline[0]}
        if not is_first:
            dropped.add(head.metadata)
        before = self._begin_outline(head, numbers)
        for number, data, is_stream in section.objects():
            if is_first and number == head.catalog:
                self._catalog = numbers.renumber(_CATALOG_KEPT.sub(b"", data))
            if number in dropped:
                continue
            if is_stream:
                self._write_stream(numbers.moved(number), numbers.renumber_stream(data))
                continue
            data = numbers.renumber(data)
            if number in pages:
                data = self._page(data, pages[number])
            if number in head.outline[1:3]:
                self._outline_end(number, data, head, numbers, before)
            else:
                self._keep(numbers.moved(number), self._tied(number, data, head))
        if is_first:
            self._info = head.info.encode("latin-1")
        self._page_trees.append((numbers.moved(head.page_tree), len(head.pages)))
        self._structure_kids += map(numbers.moved, head.structure_kids)
        self._names += [(name, numbers.moved(number)) for name, number in head.names]
        self._add_parents(head, numbers)

    def finish(self) -> None:
        """Write what speaks of the whole, and where everything is."""
        if self._font:
            for index, (number, page) in enumerate(self._pages, start=1):
                self._write_stream(number, number_stream(self._font, page, index, len(self._pages)))
        entries = [self._catalog[:-2]]
        kids = b" ".join(b"%d 0 R" % number for number, _count in self._page_trees)
        self._keep(self._page_root, b"<</Type /Pages/Kids [%s]/Count %d>>" % (kids, len(self._pages)))
        entries.append(b"/Pages %d 0 R" % self._page_root)
        entries += self._finish_outline()
        entries += self._finish_structure()
        entries += self._finish_files()
        catalog = self._new()
        self._keep(catalog, b"".join(entries) + b">>")
        info = self._new()
        self._keep(info, self._info)
        self._write_loose()
        self._write_cross_references(catalog, info)

    # -- Parts of the document ------------------------------------------------------------------------------
    def _tied(self, number: int, data: bytes, head: SectionHead) -> bytes:
        """An object of a section with its ties to the whole."""
        if number == head.page_tree:
            return data[:-2] + b"/Parent %d 0 R>>" % self._page_root
        if number == head.fonts and self._font_number:
            return data[:-2] + b"/%s %d 0 R>>" % (NUMBER_FONT, self._font_number)
        if number in head.structure_kids:
            return data.replace(b"/S /Document", b"/S /Part", 1)
        return data

    def _page(self, data: bytes, page: Page) -> bytes:
        stamp = 0
        if self._font:
            stamp = self._new()
            data = _CONTENTS.sub(rb"/Contents [%d 0 R \1]" % stamp, data, count=1)
        self._pages.append((stamp, page))
        return self._shifted(data)

    def _shifted(self, data: bytes) -> bytes:
        """With the key under which its tags are found among those of all sections."""
        return _STRUCT_PARENT.sub(
            lambda found: b"/%s %d" % (found[1], int(found[2]) + self._parents), data, count=1
        )

    def _begin_outline(self, head: SectionHead, numbers: _Numbers) -> int:
        """Chain the bookmarks of this section to those before; returns the last one before, or 0."""
        root, first, last, count = head.outline
        if not root:
            return 0
        before = self._outline.last
        if before:
            self._keep(before, self._outline.held[:-2] + b"/Next %d 0 R>>" % numbers.moved(first))
        else:
            self._outline.first = numbers.moved(first)
        self._outline.last = numbers.moved(last)
        self._outline.count += count
        return before

    def _outline_end(
        self, number: int, data: bytes, head: SectionHead, numbers: _Numbers, before: int
    ) -> None:
        """The first bookmark of a section follows the one before it; the last waits for the next section."""
        _root, first, last, _count = head.outline
        if number == first and before:
            data = data[:-2] + b"/Prev %d 0 R>>" % before
        if number == last:
            self._outline.held = data
        else:
            self._keep(numbers.moved(number), data)

    def _finish_outline(self) -> list[bytes]:
        outline = self._outline
        if not outline.last:
            return []
        self._keep(outline.last, outline.held)
        self._keep(
            outline.root,
            b"<</Type /Outlines/First %d 0 R/Last %d 0 R/Count %d>>"
            % (outline.first, outline.last, outline.count),
        )
        return [b"/Outlines %d 0 R" % outline.root, b"/PageMode /UseOutlines"]

    def _add_parents(self, head: SectionHead, numbers: _Numbers) -> None:
        if not head.parents:
            return
        number = self._new()
        first, last = self._parents + head.parents[0][0], self._parents + head.parents[-1][0]
        nums = b" ".join(
            b"%d %s" % (self._parents + key, numbers.renumber(value.encode("ascii")))
            for key, value in head.parents
        )
        self._keep(number, b"<</Limits [%d %d]/Nums [%s]>>" % (first, last, nums))
        self._parent_trees.append((number, first, last))
        self._parents = last + 1

    def _finish_structure(self) -> list[bytes]:
        if not self._structure_kids:
            return []
        tree, root = self._new(), self._new()
        kids = b" ".join(b"%d 0 R" % number for number, _first, _last in self._parent_trees)
        self._keep(tree, b"<</Kids [%s]>>" % kids)
        parts = b" ".join(b"%d 0 R" % number for number in self._structure_kids)
        self._keep(self._document, b"<</Type /StructElem/S /Document/P %d 0 R/K [%s]>>" % (root, parts))
        self._keep(
            root,
            b"<</Type /StructTreeRoot/K [%d 0 R]/ParentTree %d 0 R/ParentTreeNextKey %d>>"
            % (self._document, tree, self._parents),
        )
        return [b"/StructTreeRoot %d 0 R" % root]

    def _finish_files(self) -> list[bytes]:
        if not self._names:
            return []
        tree = self._new()
        pairs = b" ".join(
            b"%s %d 0 R" % (name.encode("ascii"), number) for name, number in sorted(self._names)
        )
        self._keep(tree, b"<</Names [%s]>>" % pairs)
        associated = b" ".join(b"%d 0 R" % number for _name, number in self._names)
        return [b"/Names <</EmbeddedFiles %d 0 R>>" % tree, b"/AF [%s]" % associated]

    def _write_font(self, font: NumberFont) -> int:
        numbers = [self._new() for _ in font.objects]
        for number, (data, stream) in zip(numbers, font.objects, strict=True):
            data = re.sub(rb"@(\d+)", lambda found: b"%d 0 R" % numbers[int(found[1])], data)
            if stream is None:
                self._keep(number, data)
            else:
                self._write_stream(number, data + b"\nstream\n" + stream + b"\nendstream")
        return numbers[0]

    # -- Objects --------------------------------------------------------------------------------------------
    def _new(self) -> int:
        """The number of an object that is written later."""
        self._kinds.append(0)
        self._places.append(0)
        self._indexes.append(0)
        return len(self._kinds) - 1

    def _keep(self, number: int, data: bytes) -> None:
        self._loose.numbers.append(number)
        self._loose.data.append(data)
        if len(self._loose.numbers) == _MOST_IN_A_STREAM:
            self._write_loose()

    def _write_loose(self) -> None:
        loose, self._loose = self._loose, _Loose()
        if not loose.numbers:
            return
        stream = self._new()
        position, index = 0, []
        for place, (number, data) in enumerate(zip(loose.numbers, loose.data, strict=True)):
            self._kinds[number], self._places[number], self._indexes[number] = 2, stream, place
            index.append(b"%d %d" % (number, position))
            position += len(data) + 1
        head = b" ".join(index) + b"\n"
        self._write_compressed(
            stream,
            b"/Type /ObjStm/N %d/First %d" % (len(loose.numbers), len(head)),
            head + b"\n".join(loose.data),
        )

    def _write_compressed(self, number: int, entries: bytes, content: bytes) -> None:
        packed = zlib.compress(content)
        head = b"<<%s/Filter /FlateDecode/Length %d>>" % (entries, len(packed))
        self._write_stream(number, head + b"\nstream\n" + packed + b"\nendstream")

    def _write_stream(self, number: int, data: bytes) -> None:
        self._kinds[number], self._places[number], self._indexes[number] = 1, self._position, 0
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, data))

    def _write(self, data: bytes) -> None:
        self._target.write(data)
        self._digest.update(data)
        self._position += len(data)

    def _write_cross_references(self, catalog: int, info: int) -> None:
        number = self._new()
        self._kinds[number], self._places[number] = 1, self._position
        rows = bytearray()
        for kind, place, index in zip(self._kinds, self._places, self._indexes, strict=True):
            rows += b"%c%s%s" % (kind, place.to_bytes(5, "big"), index.to_bytes(2, "big"))
        identifier = self._digest.hexdigest().encode()
        start = self._position
        self._write_compressed(
            number,
            b"/Type /XRef/W [1 5 2]/Size %d/Root %d 0 R/Info %d 0 R/ID [<%s> <%s>]"
            % (len(self._kinds), catalog, info, identifier, identifier),
            bytes(rows),
        )
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)
