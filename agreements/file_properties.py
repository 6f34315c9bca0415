"""What a file says of itself (who made it, with what, where), told, and left out of a copy of it.

In a process of its own with bounds on time and memory, as `text_extraction` does: a PDF is a program that
strangers wrote. Run as a script this file reads a file of the kind that the first argument names from its
standard input; with a second one, the title of the copy, it writes the copy to its standard output, without
one what it found as JSON.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

MAX_MEMORY = 2 * 1024**3
SECONDS = 20
_LONGEST = 200

# The kinds of which a copy without properties can be made.
_KINDS = {"application/pdf": "pdf", "image/jpeg": "JPEG", "image/png": "PNG"}
_LABELS = {
    "/Author": "作成者",
    "/Title": "タイトル",
    "/Subject": "サブタイトル",
    "/Keywords": "キーワード",
    "/Creator": "作成したソフト",
    "/Producer": "PDFにしたソフト",
    "/Company": "会社",
    "/Manager": "管理者",
    "/CreationDate": "作成日時",
    "/ModDate": "更新日時",
}
# EXIF tags (CIPA DC-008).
_TAGS = {
    0x010E: "説明",
    0x010F: "カメラのメーカー",
    0x0110: "カメラ",
    0x0131: "作成したソフト",
    0x0132: "撮影日時",
    0x013B: "作成者",
    0x8298: "著作権者",
}
_GPS = 0x8825
_QUALITY = 92


@dataclass(frozen=True, slots=True)
class FileProperties:
    """(label, text) of each property; comments and attached files, which no copy takes away."""

    texts: tuple[tuple[str, str], ...] = ()
    comments: int = 0
    attachments: int = 0


def is_cleanable(content_type: str) -> bool:
    return content_type in _KINDS


def read_properties(content: bytes, content_type: str, *, seconds: float = SECONDS) -> FileProperties | None:
    """None: it cannot be read, or not in time."""
    found = _run(content, [_KINDS[content_type]], seconds)
    if found is None:
        return None
    values = json.loads(found)
    texts = tuple((_LABELS.get(name, name.lstrip("/")), text) for name, text in values["texts"])
    return FileProperties(texts, values["comments"], values["attachments"])


def clean_copy(content: bytes, content_type: str, *, title: str, seconds: float = SECONDS) -> bytes | None:
    """The same pages or picture with the title as the only property; None as above."""
    return _run(content, [_KINDS[content_type], title], seconds)


def _run(content: bytes, arguments: list[str], seconds: float) -> bytes | None:
    try:
        run = subprocess.run(  # noqa: S603  (our own file, by our own interpreter)
            [sys.executable, "-I", os.path.abspath(__file__), *arguments],
            input=content,
            capture_output=True,
            timeout=seconds,
            check=True,
            env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, ValueError):
        return None
    return run.stdout or None


def _main(kind: str, title: str | None) -> None:
    import logging
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    logging.disable()
    content = sys.stdin.buffer.read()
    work = _pdf if kind == "pdf" else _picture
    sys.stdout.buffer.write(work(content, kind, title))


def _pdf(content: bytes, kind: str, title: str | None) -> bytes:
    import io

    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise SystemExit(1)
    return json.dumps(_found(reader)).encode() if title is None else _copy(reader, title)


def _picture(content: bytes, kind: str, title: str | None) -> bytes:
    import io

    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # looked at when it came in; memory is bounded here
    with Image.open(io.BytesIO(content), formats=[kind]) as image:
        if title is None:
            exif = image.getexif()
            texts = [(label, str(exif[tag]).strip(" \0")) for tag, label in _TAGS.items() if tag in exif]
            texts += [("撮影場所", "位置情報")] if exif.get_ifd(_GPS) else []
            texts += [
                (str(name), text) for name, text in image.info.items() if isinstance(text, str) and text
            ]
            if "comment" in image.info:
                texts.append(("コメント", bytes(image.info["comment"]).decode("utf-8", "replace")))
            found = [(name, text[:_LONGEST]) for name, text in texts if text]
            return json.dumps({"texts": found, "comments": 0, "attachments": 0}).encode()
        upright = ImageOps.exif_transpose(image)
        if kind == "JPEG" and upright.mode not in {"L", "RGB", "CMYK"}:
            upright = upright.convert("RGB")
        if kind == "PNG" and upright.mode == "P":
            upright = upright.convert("RGBA")
        out = io.BytesIO()
        # A picture of its own: what the file says is not copied along, but for the meaning of its colours.
        pixels = Image.frombytes(upright.mode, upright.size, upright.tobytes())
        pixels.save(out, kind, quality=_QUALITY, icc_profile=image.info.get("icc_profile"))
        return out.getvalue()


def _found(reader) -> dict:
    texts = [(str(name), str(text).strip()[:_LONGEST]) for name, text in (reader.metadata or {}).items()]
    if "/Metadata" in reader.trailer["/Root"]:
        texts.append(("詳細な文書情報", "XMP"))
    comments = sum(
        1
        for page in reader.pages
        for each in page.get("/Annots") or ()
        if each.get_object().get("/Subtype") not in {"/Link", "/Widget", "/Popup"}
    )
    return {
        "texts": [(name, text) for name, text in texts if text],
        "comments": comments,
        "attachments": len(list(reader.attachments)),
    }


def _copy(reader, title: str) -> bytes:
    import io

    from pypdf import PdfWriter
    from pypdf.generic import NameObject

    writer = PdfWriter(clone_from=reader)
    writer.metadata = None
    # Of the whole, of pages and of pictures: every one of them may name who made it.
    each: Any
    for each in [writer.root_object, *(found.get_object() for found in writer._objects if found is not None)]:
        if hasattr(each, "pop"):
            for name in ("/Metadata", "/PieceInfo", "/LastModified"):
                each.pop(NameObject(name), None)
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    writer.add_metadata({"/Title": title, "/Producer": "Renkei"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
