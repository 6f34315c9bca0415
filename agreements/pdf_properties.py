"""The properties of a PDF file (who wrote it, with which program), told, and left out of a copy of it.

In a process of its own with bounds on time and memory, as `text_extraction` does: a PDF is a program that
strangers wrote. Run as a script this file reads a PDF from its standard input; with an argument, the title of
the copy, it writes the copy to its standard output, without one what it found as JSON.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

MAX_MEMORY = 2 * 1024**3
SECONDS = 20
_LONGEST = 200

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


@dataclass(frozen=True, slots=True)
class PdfProperties:
    """(label, text) of each property; comments and attached files, which no copy takes away."""

    texts: tuple[tuple[str, str], ...] = ()
    comments: int = 0
    attachments: int = 0


def read_properties(pdf: bytes, *, seconds: float = SECONDS) -> PdfProperties | None:
    """None: it cannot be read, or not in time."""
    found = _run(pdf, [], seconds)
    if found is None:
        return None
    values = json.loads(found)
    texts = tuple((_LABELS.get(name, name.lstrip("/")), text) for name, text in values["texts"])
    return PdfProperties(texts, values["comments"], values["attachments"])


def clean_copy(pdf: bytes, *, title: str, seconds: float = SECONDS) -> bytes | None:
    """The same pages with the title as the only property; None as above."""
    return _run(pdf, [title], seconds)


def _run(pdf: bytes, arguments: list[str], seconds: float) -> bytes | None:
    try:
        run = subprocess.run(  # noqa: S603  (our own file, by our own interpreter)
            [sys.executable, "-I", os.path.abspath(__file__), *arguments],
            input=pdf,
            capture_output=True,
            timeout=seconds,
            check=True,
            env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, ValueError):
        return None
    return run.stdout or None


def _main(title: str | None) -> None:
    import io
    import logging
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    logging.disable()
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    if reader.is_encrypted and not reader.decrypt(""):
        raise SystemExit(1)
    if title is None:
        sys.stdout.buffer.write(json.dumps(_found(reader)).encode())
    else:
        sys.stdout.buffer.write(_copy(reader, title))


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
    from pypdf.generic import DictionaryObject, NameObject

    writer = PdfWriter(clone_from=reader)
    writer.metadata = None
    # Of the whole, of pages and of pictures: every one of them may name who made it.
    for each in [found.get_object() for found in writer._objects if found is not None]:
        if isinstance(each, DictionaryObject):
            for name in ("/Metadata", "/PieceInfo", "/LastModified"):
                each.pop(NameObject(name), None)
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    writer.add_metadata({"/Title": title, "/Producer": "Renkei"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


if __name__ == "__main__":
    _main(sys.argv[1] if len(sys.argv) > 1 else None)
