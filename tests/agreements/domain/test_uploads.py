"""Which files are taken in: by content, within bounds, with a reason in Japanese for each refusal."""

import io
import re
import struct
import zipfile

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.domain.uploads import ACCEPT, Limits, Refused, check_upload, clean_name
from agreements.domain.uploads.rules import KINDS
from tests import sample_files as files

LIMITS = Limits(size=200_000, pixels=1_000_000, entries=50, unpacked=1_000_000)
JAPANESE = re.compile(r"[ぁ-ん]")


def check(name: str, content: bytes, limits: Limits = LIMITS):
    return check_upload(io.BytesIO(content), name=clean_name(name), size=len(content), limits=limits)


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        check(name, content)
    message = str(refused.value)
    assert JAPANESE.search(message)
    assert message.endswith("。")
    return message


@pytest.mark.parametrize("name", files.SOUND)
def test_sound_files_are_what_they_are(name):
    kind = check(name, files.SOUND[name])
    assert name.rpartition(".")[2].lower() in kind.extensions
    assert f".{kind.extensions[0]}" in ACCEPT


def test_every_kind_is_tested():
    assert {check(name, content).key for name, content in files.SOUND.items()} == KINDS.keys()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("空.pdf", b"", "空です"),
        ("大.txt", b"a" * 200_001, "大きすぎます"),
        ("写真.jpg", files.pdf(), "中身はPDF"),
        ("協定書", files.pdf(), "拡張子なし"),
        ("協定書.pdf.exe", files.pdf(), "「.exe」"),
        ("罠.pdf", b"GIF89a" + files.pdf(), "中身が「.pdf」"),
        ("切.pdf", files.pdf()[:-20], "途中で切れています"),
        ("隠.pdf", files.pdf() + files.archive({"a.class": b"x"}), "隠れています"),
        ("gifar.png", files.png() + files.archive({"a.class": b"x"}), "隠れています"),
        ("gifar.jpg", files.jpeg() + files.archive({"a.class": b"x"}), "隠れています"),
        ("巨.png", files.png(100_000, 100_000), "画像が大きすぎます"),
        ("巨.jpg", files.jpeg(65_535, 65_535), "画像が大きすぎます"),
        ("巨.tiff", files.tiff(4_000_000_000, 4_000_000_000), "画像が大きすぎます"),
        ("零.png", files.png(0, 5), "大きさが0"),
        ("輪.tif", files.tiff(next_directory=8), "壊れている"),
        ("切.png", files.png()[:-8], "壊れている"),
        ("切.jpg", files.jpeg()[:-2], "壊れている"),
        ("動.gif", b"GIF89a\x01\x00\x01\x00", "登録できません"),
        ("頁.html", b"<script>alert(1)</script>", "登録できません"),
        ("図.svg", b"<svg onload='alert(1)'/>", "登録できません"),
        ("旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "古い形式"),
        ("束.zip", files.archive({"a.txt": b"a"}), "ZIP"),
        ("束.docx", files.archive({"a.txt": b"a"}), "ZIP"),
        ("マクロ.docx", files.office(word__vbaProject_dot_bin=b"x"), "マクロ"),
        ("部品.docx", files.office(word__activeX__activeX1_dot_xml=b"x"), "マクロ"),
        ("種類.docx", files.office("xlsx"), "中身はExcel"),
        ("前.docx", b"junk" + files.office(), "中身が「.docx」"),
        ("後.docx", files.office() + b"junk", "壊れている"),
        ("文字.txt", b"\x00\x01\x02", "文字として読めません"),
        ("文字.csv", b"\x81", "文字として読めません"),
    ],
)
def test_bad_files_are_refused_with_the_reason(name, content, reason):
    assert reason in refusal(name, content)


def test_macro_content_types_are_refused():
    parts = files.office_parts("docx")
    parts["[Content_Types].xml"] = (
        b'<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
    )
    assert "マクロ" in refusal("a.docx", files.archive(parts))


def test_a_template_from_elsewhere_is_refused_and_a_plain_link_is_not():
    relation = '<Relationship Type="http://x/relationships/{}" Target="http://x/" TargetMode="External"/>'
    name = "word___rels__settings_dot_xml_dot_rels"
    template = files.office(**{name: relation.format("attachedTemplate").encode()})
    assert "外部" in refusal("a.docx", template)
    link = files.office(**{name: relation.format("hyperlink").encode()})
    assert check("a.docx", link).key == "docx"


def test_zip_bombs_are_refused_without_being_unpacked():
    assert "圧縮爆弾" in refusal("爆.docx", files.office(word__bomb_dot_xml=b"\0" * 1_000_001))
    many = {f"word/{number}.xml": b"" for number in range(51)}
    assert "圧縮爆弾" in refusal("爆.xlsx", files.archive({**files.office_parts("xlsx"), **many}))


def test_an_archive_that_lies_about_its_size_is_refused():
    content = bytearray(files.office(word__media_dot_bin=b"\0" * 900_000))
    at = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 10)  # what the directory says it unpacks to
    assert refusal("嘘.docx", bytes(content))


def test_an_encrypted_archive_is_refused():
    content = bytearray(files.office())
    at = content.rindex(b"PK\x01\x02")
    struct.pack_into("<H", content, at + 8, 1)
    assert "パスワード" in refusal("鍵.docx", bytes(content))


@pytest.mark.parametrize("name", ["../a.xml", "/a.xml", "word\\a.xml", "C:/a.xml"])
def test_archives_with_paths_that_lead_out_are_refused(name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for part, content in files.office_parts().items():
            file.writestr(part, content)
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        file.writestr(entry, b"x")
    assert refusal("道.docx", buffer.getvalue())


def test_html_inside_an_image_stays_an_image():
    assert check("写真.jpg", files.jpeg(comment=b"<script>alert(1)</script>")).content_type == "image/jpeg"


# -- Made by hypothesis: 300 bad uploads and more --------------------------------------------------------
MANY = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
STARTS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"PK\x03\x04")
sound = st.sampled_from([*files.SOUND.items()])


def attempt(name: str, content: bytes):
    """The kind, or None when it is refused with a proper reason."""
    try:
        return check(name, content)
    except Refused as refused:
        message = str(refused)
    assert JAPANESE.search(message)
    return None


@MANY
@given(sound, st.binary(min_size=1, max_size=64))
def test_junk_before_a_file_never_makes_two_files_of_it(named, junk):
    """Whatever stands before: it is refused, or it is a plain text, which nobody runs."""
    hypothesis.assume(not junk.startswith(STARTS))
    kind = attempt(named[0], junk + named[1])
    assert kind is None or kind.key in {"txt", "csv"}


@MANY
@given(sound, st.data())
def test_cut_and_changed_files_are_refused_or_still_of_their_kind(named, data):
    name, content = named
    broken = bytearray(content[: data.draw(st.integers(0, len(content)))])
    for _ in range(data.draw(st.integers(0, 4)) if broken else 0):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    kind = attempt(name, bytes(broken))
    assert kind is None or name.rpartition(".")[2].lower() in kind.extensions


@MANY
@given(
    st.sampled_from([".pdf", ".jpg", ".png", ".tif", ".docx", ".xlsx", ".exe", ".html", ".svg", ".js", ""]),
    st.sampled_from([b"", b"MZ", *STARTS]),
    st.binary(max_size=200),
)
def test_made_up_files_are_refused(extension, head, rest):
    if b"%%EOF" not in rest:
        refusal(f"a{extension}", head + rest)


@MANY
@given(st.sampled_from([name for name in files.SOUND if not name.endswith((".txt", ".csv"))]), sound)
def test_wrong_types_are_refused(name, named):
    other, content = named
    wanted, given_ = name.rpartition(".")[2].lower(), other.rpartition(".")[2].lower()
    if wanted != given_:
        refusal(name, content)


@MANY
@given(st.text(max_size=250), st.sampled_from(["", "../", "..\\", "/etc/", "C:\\", "a/b/", "\\\\server\\"]))
def test_names_are_single_visible_parts(name, path):
    try:
        cleaned = clean_name(path + name)
    except Refused:
        return
    assert cleaned
    assert not set(cleaned) & set("/\\\0\n\r\t")
    assert cleaned not in {".", ".."}
    assert len(cleaned) <= 200


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("..\\..\\a.pdf", "a.pdf"),
        ("/etc/passwd", "passwd"),
        (" 案.pdf ", "案.pdf"),
        ("か\u3099.pdf", "が.pdf"),
    ],
)
def test_names_lose_their_path(name, cleaned):
    assert clean_name(name) == cleaned


@pytest.mark.parametrize("name", ["", "..", "a\0.pdf", "a\n.pdf", "x\u202efdp.exe", "あ" * 201, "a/"])
def test_names_nobody_can_read_are_refused(name):
    with pytest.raises(Refused):
        clean_name(name)
