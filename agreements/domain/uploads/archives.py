"""ZIP archives: whether an Office file is one, is whole, and holds nothing that runs or explodes.

OOXML: ECMA-376, part 2 (packages). ZIP: APPNOTE 6.3, sections 4.3.16 (end record) and 4.4.4 (flags).
"""

import re
import struct
import zipfile
import zlib
from typing import BinaryIO

from .refusal import Refused

_END_RECORD = b"PK\x05\x06"
_END_RECORD_SIZE = 22
_LONGEST_COMMENT = 65_535
_ZIP64_LOCATOR = b"PK\x06\x07"
_ZIP64_LOCATOR_SIZE = 20
_LONGEST_DIRECTORY_ENTRY = 512
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_LONGEST_PART_READ = 4 * 1024 * 1024
_BROKEN = "ファイルが壊れているか、途中で切れています。開けることを確かめてから、もう一度選んでください。"
_BOMB = (
    "展開すると大きくなりすぎるファイルです（圧縮爆弾のおそれ）。画像を減らすか、PDF にして登録してください。"
)
_MACRO = "マクロや自動で動く部品を含むファイルは登録できません。マクロを除くか、PDF にして登録してください。"
_RUNS = re.compile(r"vba(project|data)[^/]*$|(^|/)(macrosheets|activex|customui)/", re.IGNORECASE)
_RELATION = re.compile(rb"<Relationship\b[^>]*>", re.IGNORECASE)
_FETCHED = re.compile(rb"attachedTemplate|oleObject|/frame|subDocument|externalLinkPath", re.IGNORECASE)
_EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']\s*External", re.IGNORECASE)
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    EOFError,
    RuntimeError,
    OSError,
    ValueError,
    KeyError,
    OverflowError,
)
_MAIN_PARTS = {
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
    b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": "pptx",
}
_CONTENT_TYPE = re.compile(rb"ContentType\s*=\s*[\"']([^\"']+)[\"']")


def ends_as_archive(file: BinaryIO, size: int) -> bool:
    """Whether the file is also a ZIP archive to whoever reads it from its end (a polyglot)."""
    start = max(0, size - _END_RECORD_SIZE - _LONGEST_COMMENT)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END_RECORD)
    while at >= 0:
        if len(tail) - at >= _END_RECORD_SIZE:
            (comment,) = struct.unpack_from("<H", tail, at + 20)
            if at + _END_RECORD_SIZE + comment <= len(tail):
                return True
        at = tail.rfind(_END_RECORD, 0, at)
    return False


def office_kind(file: BinaryIO, *, most_entries: int, most_unpacked: int) -> str:
    """ "docx", "xlsx" or "pptx". Raises `Refused` for anything else, and for what is unsafe or broken."""
    _check_end(file, most_entries)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_entries(entries, most_entries=most_entries, most_unpacked=most_unpacked)
            kind = _kind(archive)
            _check_links(archive, entries)
            if archive.testzip() is not None:
                raise Refused(_BROKEN)
            return kind
    except Refused:
        raise
    except _UNREADABLE as error:
        raise Refused(_BROKEN) from error


def _check_end(file: BinaryIO, most_entries: int) -> None:
    """The end record stands at the very end and names a directory that is small enough to be read."""
    length = _END_RECORD_SIZE + _ZIP64_LOCATOR_SIZE
    if file.seek(0, 2) < length:
        raise Refused(_BROKEN)
    file.seek(-length, 2)
    tail = file.read()
    if tail.startswith(_ZIP64_LOCATOR):
        raise Refused(_BOMB)
    mark, entries, directory_size, comment = struct.unpack("<4s6xHI4xH", tail[_ZIP64_LOCATOR_SIZE:])
    if mark != _END_RECORD or comment:
        raise Refused(_BROKEN)
    if entries > most_entries or directory_size > most_entries * _LONGEST_DIRECTORY_ENTRY:
        raise Refused(_BOMB)


def _check_entries(entries: list[zipfile.ZipInfo], *, most_entries: int, most_unpacked: int) -> None:
    if not entries or min(entry.header_offset for entry in entries) != 0:
        raise Refused(_BROKEN)  # something lies before the archive
    if len(entries) > most_entries or sum(entry.file_size for entry in entries) > most_unpacked:
        raise Refused(_BOMB)
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise Refused(_BROKEN)
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise Refused("パスワード付きのファイルは登録できません。パスワードを外してください。")
        parts = entry.filename.split("/")
        if entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in parts[0]:
            raise Refused(_BROKEN)
        if entry.compress_type not in _METHODS:
            raise Refused(_BROKEN)
        if _RUNS.search(entry.filename):
            raise Refused(_MACRO)


def _kind(archive: zipfile.ZipFile) -> str:
    if "[Content_Types].xml" not in archive.namelist():
        raise Refused("ZIP ファイルは登録できません。中のファイルを取り出して、1つずつ登録してください。")
    types = set(_CONTENT_TYPE.findall(_part(archive, "[Content_Types].xml")))
    if any(b"macroenabled" in each.lower() or b"vbaproject" in each.lower() for each in types):
        raise Refused(_MACRO)
    kinds = {kind for main, kind in _MAIN_PARTS.items() if main in types}
    if len(kinds) != 1:
        raise Refused("Word、Excel、PowerPoint の文書（docx、xlsx、pptx）ではありません。")
    return kinds.pop()


def _check_links(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """A template or an object that is fetched from elsewhere when somebody opens the file."""
    for entry in entries:
        if not entry.filename.lower().endswith(".rels"):
            continue
        for relation in _RELATION.findall(_part(archive, entry.filename)):
            if _FETCHED.search(relation) and _EXTERNAL.search(relation):
                raise Refused(
                    "開くと外部のファイルを読み込む文書は登録できません。"
                    "リンクを外すか、PDF にして登録してください。"
                )


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        content = part.read(_LONGEST_PART_READ + 1)
    if len(content) > _LONGEST_PART_READ:
        raise Refused(_BOMB)
    return content
