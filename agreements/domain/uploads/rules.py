"""The rules as one table and one function."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from .archives import ends_as_archive, office_kind
from .images import jpeg_size, png_size, tiff_size
from .names import extension_of
from .refusal import Refused

_HEAD = 16
_PDF_END_WITHIN = 2_048
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 1 << 20
_TEXT_CONTROLS = frozenset(b"\t\n\r\f")


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: what it is called, by which type it is served, which extensions may stand for it."""

    key: str
    label: str
    content_type: str
    extensions: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    kind.key: kind
    for kind in (
        FileKind("pdf", "PDF", "application/pdf", ("pdf",)),
        FileKind("jpeg", "JPEG画像", "image/jpeg", ("jpg", "jpeg", "jpe")),
        FileKind("png", "PNG画像", "image/png", ("png",)),
        FileKind("tiff", "TIFF画像", "image/tiff", ("tif", "tiff")),
        FileKind("docx", "Word文書", f"{_OFFICE}.wordprocessingml.document", ("docx",)),
        FileKind("xlsx", "Excelブック", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
        FileKind("pptx", "PowerPoint", f"{_OFFICE}.presentationml.presentation", ("pptx",)),
        FileKind("txt", "テキスト", "text/plain", ("txt",)),
        FileKind("csv", "CSV", "text/csv", ("csv",)),
    )
}
KINDS_IN_WORDS = "PDF、JPEG、PNG、TIFF、Word（docx）、Excel（xlsx）、PowerPoint（pptx）、テキスト、CSV"
ACCEPT = ",".join(f".{extension}" for kind in KINDS.values() for extension in kind.extensions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes of a file; pixels of an image; entries and unpacked bytes of an Office file."""

    size: int = 50 * 1024 * 1024
    pixels: int = 150_000_000
    entries: int = 5_000
    unpacked: int = 300 * 1024 * 1024


def check_upload(file: BinaryIO, *, name: str, size: int, limits: Limits) -> FileKind:
    """What the file is. `name` is its cleaned name, `size` its bytes; `file` can be read at any place.

    Raises `Refused`. Content and extension must agree, so that what a person opens is what was looked at.
    """
    if size == 0:
        raise Refused("ファイルが空です（0バイト）。中身のあるファイルを選んでください。")
    if size > limits.size:
        raise Refused(
            f"ファイルが大きすぎます（{_megabytes(size)}）。"
            f"{limits.size // 1024**2}MBまでです。分割するか、画質を下げてください。"
        )
    extension = extension_of(name)
    kind = _kind_by_content(file, size, extension, limits)
    if extension not in kind.extensions:
        said = f"「.{extension}」" if extension else "拡張子なし"
        raise Refused(
            f"中身は{kind.label}ですが、名前は{said}です。"
            f"正しいファイルか確かめ、「.{kind.extensions[0]}」に直してから選んでください。"
        )
    return kind


def _kind_by_content(file: BinaryIO, size: int, extension: str, limits: Limits) -> FileKind:
    file.seek(0)
    head = file.read(_HEAD)
    for begins, find in _BY_FIRST_BYTES:
        if head.startswith(begins):
            return find(file, size, limits)
    if head.startswith(_OLE):
        raise Refused(
            "古い形式（doc、xls、ppt）か、パスワード付きの文書です。"
            "docx、xlsx、pptx か PDF で保存し直してから選んでください。"
        )
    if extension in {"txt", "csv"}:
        return _text(file, extension)
    known = any(extension in kind.extensions for kind in KINDS.values())
    if known:
        raise Refused(
            f"中身が「.{extension}」のファイルではありません。開けることを確かめてから、もう一度選んでください。"
        )
    raise Refused(f"この種類のファイルは登録できません。登録できるのは、{KINDS_IN_WORDS}です。")


def _pdf(file: BinaryIO, size: int, limits: Limits) -> FileKind:
    file.seek(max(0, size - _PDF_END_WITHIN))
    if b"%%EOF" not in file.read():
        raise Refused(
            "PDFが壊れているか、途中で切れています。開けることを確かめてから、もう一度選んでください。"
        )
    _refuse_archive(file, size)
    return KINDS["pdf"]


def _image(key: str, size_of: Callable[[BinaryIO], tuple[int, int]]) -> Callable[..., FileKind]:
    def find(file: BinaryIO, size: int, limits: Limits) -> FileKind:
        width, height = size_of(file)
        if not (width and height):
            raise Refused("画像の大きさが0です。開けることを確かめてから、もう一度選んでください。")
        if width * height > limits.pixels:
            raise Refused(
                f"画像が大きすぎます（{width:,}×{height:,}画素）。"
                f"{limits.pixels // 10_000:,}万画素までです。縮小するか、解像度を下げてください。"
            )
        _refuse_archive(file, size)
        return KINDS[key]

    return find


def _office(file: BinaryIO, size: int, limits: Limits) -> FileKind:
    file.seek(0)
    return KINDS[office_kind(file, most_entries=limits.entries, most_unpacked=limits.unpacked)]


def _text(file: BinaryIO, extension: str) -> FileKind:
    """UTF-8, with or without its mark, UTF-16 with its mark, or CP932; without control characters."""
    file.seek(0)
    start = file.read(2)
    encodings = ("utf-16",) if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else ("utf-8", "cp932")
    if any(_is_text(file, encoding) for encoding in encodings):
        return KINDS[extension]
    raise Refused("文字として読めません。文字コードを UTF-8 か Shift_JIS にして保存し直してください。")


def _is_text(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            if _has_controls(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _has_controls(text: str) -> bool:
    return any(ord(each) < 0x20 and ord(each) not in _TEXT_CONTROLS for each in set(text))


def _refuse_archive(file: BinaryIO, size: int) -> None:
    if ends_as_archive(file, size):
        raise Refused(
            "ほかの種類のファイル（ZIP）が中に隠れています。元の文書から作り直したファイルを選んでください。"
        )


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:,.1f}MB"


# Only what begins with its mark is what it claims to be: junk before it makes a file two files at once.
_BY_FIRST_BYTES: tuple[tuple[bytes, Callable[[BinaryIO, int, Limits], FileKind]], ...] = (
    (b"%PDF-", _pdf),
    (b"\xff\xd8\xff", _image("jpeg", jpeg_size)),
    (b"\x89PNG\r\n\x1a\n", _image("png", png_size)),
    (b"II*\x00", _image("tiff", tiff_size)),
    (b"MM\x00*", _image("tiff", tiff_size)),
    (b"PK\x03\x04", _office),
)
