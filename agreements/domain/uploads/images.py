"""The size of an image from its headers (nothing is decoded), and whether it is whole.

PNG: ISO/IEC 15948. JPEG: ITU-T T.81, annex B. TIFF: revision 6.0, sections 2 and 8.
"""

import struct
from typing import BinaryIO

from .refusal import Refused

_BROKEN = "画像が壊れているか、途中で切れています。開けることを確かめてから、もう一度選んでください。"
_MOST_PARTS = 100_000
_LONGEST_TIFF_DIRECTORY = 4_096
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _read(file: BinaryIO, count: int) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise Refused(_BROKEN)
    return found


def png_size(file: BinaryIO) -> tuple[int, int]:
    """Width and height in pixels. Raises `Refused` when a chunk is cut off or the end is missing."""
    file.seek(8)
    size: tuple[int, int] | None = None
    for _ in range(_MOST_PARTS):
        length, name = struct.unpack(">I4s", _read(file, 8))
        if size is None:
            if name != b"IHDR" or length != 13:
                raise Refused(_BROKEN)
            width, height = struct.unpack(">II", _read(file, 8))
            size = (width, height)
            file.seek(length - 8 + 4, 1)
        elif name == b"IEND":
            _read(file, 4)
            return size
        else:
            file.seek(length, 1)
            _read(file, 4)
    raise Refused(_BROKEN)


def jpeg_size(file: BinaryIO) -> tuple[int, int]:
    """Width and height in pixels. Raises `Refused` without a frame header, or without an end of the image."""
    file.seek(2)
    size = _jpeg_frame(file)
    # What follows the end (a second, small picture of the camera, say) is never interpreted by us.
    rest = b""
    while chunk := file.read(1 << 20):
        if b"\xff\xd9" in rest + chunk:
            return size
        rest = chunk[-1:]
    raise Refused(_BROKEN)


def _jpeg_frame(file: BinaryIO) -> tuple[int, int]:
    for _ in range(_MOST_PARTS):
        byte, marker = _read(file, 2)
        if byte != 0xFF:
            raise Refused(_BROKEN)
        while marker == 0xFF:  # fill bytes
            marker = _read(file, 1)[0]
        if marker in _STANDALONE_MARKERS:
            continue
        (length,) = struct.unpack(">H", _read(file, 2))
        if length < 2 or marker in {0xD8, 0xD9, 0xDA}:
            raise Refused(_BROKEN)
        if marker in _FRAME_MARKERS:
            _precision, height, width = struct.unpack(">BHH", _read(file, 5))
            file.seek(length - 7, 1)
            return width, height
        file.seek(length - 2, 1)
    raise Refused(_BROKEN)


def tiff_size(file: BinaryIO) -> tuple[int, int]:
    """Width and height of the largest page. Raises `Refused` when directories are broken or form a ring."""
    file.seek(0)
    order = {b"II": "<", b"MM": ">"}[_read(file, 2)]
    _magic, offset = struct.unpack(f"{order}HI", _read(file, 6))
    largest = (0, 0)
    seen: set[int] = set()
    while offset:
        if offset in seen or len(seen) >= _LONGEST_TIFF_DIRECTORY:
            raise Refused(_BROKEN)
        seen.add(offset)
        file.seek(offset)
        (count,) = struct.unpack(f"{order}H", _read(file, 2))
        width = height = 0
        for entry in struct.iter_unpack(f"{order}HHI4s", _read(file, 12 * count)):
            tag, kind, _count, raw = entry
            if tag in {256, 257}:
                value = struct.unpack(f"{order}H2x" if kind == 3 else f"{order}I", raw)[0]
                width, height = (value, height) if tag == 256 else (width, value)
        if not (width and height):
            raise Refused(_BROKEN)
        largest = max(largest, (width, height), key=lambda size: size[0] * size[1])
        (offset,) = struct.unpack(f"{order}I", _read(file, 4))
    if largest == (0, 0):
        raise Refused(_BROKEN)
    return largest
