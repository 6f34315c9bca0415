"""Many printouts in one PDF or one zip: whole, tagged, numbered, and flat in memory."""

import io
import re
import zipfile

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.printing import bulk
from agreements.printing.binder import _REFERENCE
from agreements.printing.bulk import BulkOrder, Sheet, print_all, safe_name, unique_name
from agreements.printing.press import Limits, Press, PressFailed


def html(name: str, pages: int = 1) -> str:
    more = "".join(f'<p style="break-before: page">{name} {n}頁目' for n in range(2, pages + 1))
    table = (
        '<table><thead><tr><th scope="col">項目<th scope="col">値<tbody><tr><th scope="row">甲<td>乙</table>'
    )
    return (
        f'<!DOCTYPE html><html lang="ja"><title>{name}</title><meta name=author content=福岡市>'
        f'<body class="portrait"><h1>{name}</h1><h2>概要</h2>{table}<p>5 0 R (1 0 R){more}'
    )


BROKEN = html("壊れた") + "<div>" * 2000


def book(sheets: list[Sheet], tell=lambda done: None, **options) -> tuple[pypdf.PdfReader, dict[int, str]]:
    target = io.BytesIO()
    order = BulkOrder(title="協定シート（まとめ）", **options)
    outcomes = {each.number: each.error for each in print_all(sheets, order, target, tell=tell)}
    return pypdf.PdfReader(target, strict=True), outcomes


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of two sheets: several sections are bound."""
    monkeypatch.setattr(bulk, "SHEETS_A_CHUNK", 2)


@pytest.fixture(scope="module")
def bound(print_fonts):
    """Five sheets of one, two, one, two and one pages, the third broken, in sections of two sheets."""
    before, bulk.SHEETS_A_CHUNK = bulk.SHEETS_A_CHUNK, 2
    told: list[int] = []
    sheets = [Sheet(n, html(f"協定{n}", 1 + (n + 1) % 2), f"{n}.pdf") for n in range(1, 6)]
    sheets[2] = Sheet(3, BROKEN, "3.pdf")
    try:
        pdf, outcomes = book(sheets, told.append)
    finally:
        bulk.SHEETS_A_CHUNK = before
    return pdf, outcomes, told


def test_failed_sheet_is_named_and_the_others_are_printed_in_their_order(bound):
    pdf, outcomes, told = bound
    assert {number: bool(error) for number, error in outcomes.items()} == {
        1: False, 2: False, 3: True, 4: False, 5: False
    }  # fmt: skip
    assert "組版できない" in outcomes[3]
    titles = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    assert titles == ["協定1", "協定2", "協定4", "協定5"]
    assert told == sorted(told)


def test_bookmarks_lead_to_their_sheets_and_hold_its_headings(bound):
    pdf, *_ = bound
    tops = [entry for entry in pdf.outline if not isinstance(entry, list)]
    assert [pdf.get_destination_page_number(entry) for entry in tops] == [0, 1, 3, 5]
    assert [[each.title for each in entry] for entry in pdf.outline if isinstance(entry, list)] == [
        ["概要"]
    ] * 4
    assert pdf.trailer["/Root"]["/PageMode"] == "/UseOutlines"


def test_pages_bear_the_numbers_of_their_sheet_and_of_the_whole(bound):
    pdf, *_ = bound
    texts = [" ".join(page.extract_text().split()) for page in pdf.pages]
    assert len(texts) == 6
    for place, (text, own) in enumerate(
        zip(texts, ["1 / 1", "1 / 2", "2 / 2", "1 / 2", "2 / 2", "1 / 1"], strict=True)
    ):
        assert own in text
        assert f"通し {place + 1} / 6" in text
        assert "5 0 R (1 0 R)" in text or "頁目" in text


def test_whole_is_one_tagged_document_with_properties(bound):
    pdf, *_ = bound
    root = pdf.trailer["/Root"]
    assert pdf.metadata.title == "協定シート（まとめ）"
    assert pdf.metadata.author == "福岡市"
    assert root["/Lang"] == "ja"
    assert root["/MarkInfo"]["/Marked"]
    assert "協定シート（まとめ）" in root["/Metadata"].get_data().decode()
    (document,) = root["/StructTreeRoot"]["/K"]
    assert document["/S"] == "/Document"
    assert len(document["/K"]) >= 2
    # From a page to its tags and back, in every section.
    leaves = [leaf.get_object() for leaf in root["/StructTreeRoot"]["/ParentTree"]["/Kids"]]
    parents = {
        key: value
        for leaf in leaves
        for key, value in zip(leaf["/Nums"][::2], leaf["/Nums"][1::2], strict=True)
    }
    assert sorted(parents) == list(range(len(pdf.pages)))
    for page in pdf.pages:
        element = parents[page["/StructParents"]][0].get_object()
        assert element["/Pg"].get_object() == page
        while element["/S"] != "/Document":
            element = element["/P"].get_object()
        assert element == document.get_object()


def test_header_cells_have_names_of_their_own_across_sections(bound):
    pdf, *_ = bound
    names, used = [], set()

    def walk(element):
        element = element.get_object()
        if not isinstance(element, pypdf.generic.DictionaryObject):
            return
        if "/ID" in element:
            names.append(element["/ID"])
        used.update(element.get("/A", {}).get("/Headers", ()))
        kids = element.get("/K", ())
        for kid in kids if isinstance(kids, list) else [kids]:
            walk(kid)

    walk(pdf.trailer["/Root"]["/StructTreeRoot"]["/K"][0])
    assert len(names) == len(set(names)) == 12
    assert used <= set(names)


def test_fonts_are_embedded_once_a_section(bound):
    pdf, *_ = bound
    fonts = {
        each["/BaseFont"]: each["/DescendantFonts"][0]["/FontDescriptor"]
        for page in pdf.pages
        for each in page["/Resources"]["/Font"].values()
    }
    assert all("/FontFile2" in descriptor for descriptor in fonts.values())
    assert "/RENKEI+RenkeiNumbers" in fonts


def test_blank_pages_bring_every_sheet_to_a_front_side():
    pdf, _ = book([Sheet(n, html(f"協定{n}", n), f"{n}.pdf") for n in (1, 2, 3)], duplex=True)
    tops = [entry for entry in pdf.outline if not isinstance(entry, list)]
    assert len(pdf.pages) == 8
    assert [pdf.get_destination_page_number(entry) for entry in tops] == [0, 2, 4]
    assert pdf.pages[1].extract_text().split() == ["通し", "2", "/", "8"]


def test_archive_holds_the_data_of_every_sheet(small_chunks):
    sheets = [
        Sheet(n, html(f"協定{n}"), f"{n}.pdf", {f"agreement_{n}.json": b'{"n": %d}' % n}) for n in (1, 2, 3)
    ]
    pdf, _ = book(sheets, variant="pdf/a-3a")
    assert pdf.attachments == {f"agreement_{n}.json": [b'{"n": %d}' % n] for n in (1, 2, 3)}
    root = pdf.trailer["/Root"]
    assert [each.get_object()["/AFRelationship"] for each in root["/AF"]] == ["/Source"] * 3
    assert root["/OutputIntents"][0]["/DestOutputProfile"].get_object().get_data()
    assert b"pdfaid" in root["/Metadata"].get_data()
    assert "/ID" in pdf.trailer


def test_zip_holds_one_pdf_each_under_names_that_every_system_takes():
    sheets = [Sheet(1, html("甲"), "協定.pdf"), Sheet(2, BROKEN, "x.pdf"), Sheet(3, html("乙"), "協定.pdf")]
    target = io.BytesIO()
    outcomes = list(print_all(sheets, BulkOrder("まとめ", as_zip=True), target, tell=lambda done: None))
    assert [bool(each.error) for each in outcomes] == [False, True, False]
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["協定.pdf", "協定(2).pdf"]
        assert "乙" in pypdf.PdfReader(io.BytesIO(archive.read("協定(2).pdf"))).pages[0].extract_text()
        assert archive.testzip() is None


def test_whoever_stops_it_stops_the_processes(monkeypatch):
    class Stop(Exception):
        pass

    def stop(done: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        book([Sheet(n, html(f"協定{n}"), f"{n}.pdf") for n in range(1, 4)], stop)


def test_sheet_without_end_is_stopped_and_what_was_laid_out_before_it_is_not_lost(settings):
    settings.RENKEI_PRINT_SECONDS = 3
    cells = f"<td>{'協' * 9000}<td>{'定' * 9000}"
    endless = f'{html("果てしない")}<table style="table-layout: auto"><tr>{cells}</table>'
    sheets = [Sheet(n, html(f"協定{n}"), f"{n}.pdf") for n in (1, 2, 3, 4)]
    sheets[2] = Sheet(3, endless, "3.pdf")
    pdf, outcomes = book(sheets)
    assert [number for number, error in outcomes.items() if error] == [3]
    assert "3秒以内" in outcomes[3]
    assert [entry.title for entry in pdf.outline if not isinstance(entry, list)] == [
        "協定1",
        "協定2",
        "協定4",
    ]


def test_section_that_cannot_be_written_is_tried_in_halves(monkeypatch):
    write = Press.write
    laid_out: list[str] = []

    def lay_out(press, html, **options):
        laid_out.append(html)
        return real_lay_out(press, html, **options)

    def refuse(press, **options):
        """Whatever holds the third sheet cannot be written."""
        held, laid_out[:] = list(laid_out), []
        section = write(press, **options)
        if any("協定3" in each for each in held):
            raise PressFailed("memory", Limits(1, 1), is_fresh=False)
        return section

    real_lay_out = Press.lay_out
    monkeypatch.setattr(Press, "lay_out", lay_out)
    monkeypatch.setattr(Press, "write", refuse)
    pdf, outcomes = book([Sheet(n, html(f"協定{n}"), f"{n}.pdf") for n in (1, 2, 3, 4)])
    assert [number for number, error in outcomes.items() if error] == [3]
    assert [entry.title for entry in pdf.outline if not isinstance(entry, list)] == [
        "協定1",
        "協定2",
        "協定4",
    ]


# -- Names, references ------------------------------------------------------------------------------------
@given(st.text(max_size=120))
def test_safe_name_is_a_name_in_its_folder(text):
    name = safe_name(text)
    assert name
    assert len(name) <= 81
    assert not re.search(r'[\x00-\x1f\\/:*?"<>|\u202e]', name)
    assert name == name.strip(" .")


@pytest.mark.parametrize("text", ["CON", "com1", "aux.txt", "..", "../../etc/passwd", "  . ", "a/b\\c:d"])
def test_names_that_systems_refuse(text):
    assert safe_name(text).casefold() not in {"con", "com1", "aux.txt", "", ".", ".."}
    assert "/" not in safe_name(text)
    assert safe_name("福岡市_髙﨑𠮷") == "福岡市_髙﨑𠮷"


@given(st.lists(st.sampled_from(["協定.pdf", "協定(2).pdf", "A.pdf", "a.PDF", "無題"]), max_size=12))
def test_unique_names_differ_whatever_the_capitals(names):
    taken: set[str] = set()
    given_out = [unique_name(name, taken) for name in names]
    assert len({name.casefold() for name in given_out}) == len(names)


@given(st.text(alphabet="12 0R()\\ab", max_size=30), st.integers(1, 10**6))
def test_references_move_and_what_looks_like_one_in_a_text_stays(text, number):
    escaped = re.sub(r"([\\()])", r"\\\1", text).encode()
    data = b"<</Title (%s)/Next %d 0 R/Kids [%d 0 R 7 0 R]/N 12>>" % (escaped, number, number)
    moved = _REFERENCE.sub(lambda found: b"%d 0 R" % (int(found[1]) + 100) if found[1] else found[0], data)
    assert moved == b"<</Title (%s)/Next %d 0 R/Kids [%d 0 R 107 0 R]/N 12>>" % (
        escaped,
        number + 100,
        number + 100,
    )
