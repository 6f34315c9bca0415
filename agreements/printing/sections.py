"""Part of a PDF on its way between two processes: its objects, and where the important ones are.

Nothing here knows the layout engine or Django: the process that lays out and the one that binds share it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

_HEAD = struct.Struct(">II")


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the number of its object, its size in points."""

    number: int
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class SectionHead:
    """Numbers of the objects that binding must know; 0 where the section has no such object.

    `outline` is (root, first, last, count of visible entries); `parents` maps the content of each page to its
    tags as (key, PDF array or reference); `names` are attached files as (name in PDF syntax, object number).
    """

    pages: tuple[Page, ...]
    catalog: int
    page_tree: int
    metadata: int
    structure: int
    structure_kids: tuple[int, ...]
    parent_tree: int
    parents: tuple[tuple[int, str], ...]
    outline: tuple[int, int, int, int]
    fonts: int
    names: tuple[tuple[str, int], ...]
    info: str
    lengths: tuple[tuple[int, int], ...]
    """(object number, bytes) of each object in the order of the bytes; negative bytes mark a stream."""


@dataclass(frozen=True, slots=True)
class Section:
    head: SectionHead
    body: bytes

    def objects(self) -> Sequence[tuple[int, bytes, bool]]:
        """(number, bytes, is a stream) of each object."""
        found, start = [], 0
        for number, length in self.head.lengths:
            found.append((number, self.body[start : start + abs(length)], length < 0))
            start += abs(length)
        return found

    def as_message(self) -> tuple[dict[str, Any], bytes]:
        return asdict(self.head), self.body

    @classmethod
    def from_message(cls, head: Mapping[str, Any], body: bytes) -> Section:
        pages = tuple(Page(**page) for page in head["pages"])
        rest = {name: _tuples(value) for name, value in head.items() if name != "pages"}
        return cls(SectionHead(pages=pages, **rest), body)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def send(pipe: BinaryIO, head: Mapping[str, Any], body: bytes = b"") -> None:
    """One message: its two lengths, JSON, bytes."""
    text = json.dumps(head, ensure_ascii=False).encode()
    pipe.write(_HEAD.pack(len(text), len(body)))
    pipe.write(text)
    pipe.write(body)
    pipe.flush()


HEAD_LENGTH = _HEAD.size


def lengths_of(head: bytes) -> tuple[int, int]:
    return _HEAD.unpack(head)


def receive(pipe: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next message; None when the other side has gone."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    text_length, body_length = lengths_of(head)
    text, body = pipe.read(text_length), pipe.read(body_length)
    if len(text) < text_length or len(body) < body_length:
        return None
    return json.loads(text), body
