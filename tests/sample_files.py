"""Small sound files of every kind a registry takes, and the parts from which a test makes bad ones."""

import io
import struct
import zipfile
import zlib

OFFICE = "application/vnd.openxmlformats-officedocument"
MAIN_PARTS = {
    "docx": ("word/document.xml", f"{OFFICE}.wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{OFFICE}.spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", f"{OFFICE}.presentationml.presentation.main+xml"),
}


def pdf(text: str = "Kyotei 2026") -> bytes:
    """A PDF of one page with a text layer (ASCII)."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources %s >>"
        % b"<< /Font << /F1 5 0 R >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        body
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int = 2, height: int = 2) -> bytes:
    """A white PNG; of a large one only the header is true, as nobody decodes it."""
    pixels = b"".join(b"\x00" + b"\xff" * width for _ in range(height)) if width * height < 10_000 else b""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(pixels)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def jpeg(width: int = 2, height: int = 2, comment: bytes = b"") -> bytes:
    """The frame of a JPEG: header, size, scan, end."""
    said = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment if comment else b""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
        + said
        + frame
        + scan
        + b"\xff\xd9"
    )


def tiff(width: int = 2, height: int = 2, next_directory: int = 0) -> bytes:
    entries = [(256, 4, 1, width), (257, 4, 1, height)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *each) for each in entries)
    return b"II*\x00" + struct.pack("<I", 8) + directory + struct.pack("<I", next_directory)


def archive(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return buffer.getvalue()


def office_parts(kind: str = "docx") -> dict[str, bytes]:
    part, content_type = MAIN_PARTS[kind]
    types = f'<Types><Override PartName="/{part}" ContentType="{content_type}"/></Types>'
    return {"[Content_Types].xml": types.encode(), part: b"<document/>"}


def office(kind: str = "docx", **further: bytes) -> bytes:
    """An Office file with further parts (`__` stands for `/`, `_dot_` for a dot in their names)."""
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in further.items()}
    return archive({**office_parts(kind), **named})


SOUND = {
    "協定書.pdf": pdf(),
    "式典.jpg": jpeg(),
    "図.PNG": png(),
    "スキャン.tif": tiff(),
    "案.docx": office("docx"),
    "一覧.xlsx": office("xlsx"),
    "説明.pptx": office("pptx"),
    "メモ.txt": "覚え書き".encode("cp932"),
    "一覧.csv": "協定,日付\r\n".encode("utf-8-sig"),
}
