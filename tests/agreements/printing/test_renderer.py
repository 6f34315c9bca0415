import io
import multiprocessing
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pypdf
import pytest
from django.template import Context, Template
from weasyprint.urls import FatalURLFetchingError

from agreements.printing import engine, renderer
from agreements.printing.renderer import PrintError, print_cache, render_html, render_pdf, warm_up

TEMPLATE = "base_print.html"


def page(body: str, css_class: str = "portrait", **attributes: str) -> str:
    extra = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<!DOCTYPE html><html lang="ja"><title>試験</title><body class="{css_class}"{extra}>{body}'


def draw(html: str, **options) -> bytes:
    return render_html(html, attachments=options.pop("attachments", {}), **options)


def reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def fonts_of(pdf: bytes, tmp_path: Path) -> list[list[str]]:
    """[name, type, embedded] of each font."""
    file = tmp_path / "fonts.pdf"
    file.write_bytes(pdf)
    lines = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout.splitlines()
    return [[line[:36].strip(), line[37:54].strip(), line.split()[-5]] for line in lines[2:]]


# -- The document ---------------------------------------------------------------------------------------
def test_document_is_tagged_accessible_and_says_what_it_is():
    pdf = reader(render_pdf(TEMPLATE, {}, title="協定シート　髙﨑", author="福岡市", subject="管理番号 1"))
    assert pdf.metadata.title == "協定シート　髙﨑"
    assert pdf.metadata.author == "福岡市"
    assert pdf.metadata.subject == "管理番号 1"
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "ja"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_archive_variant_carries_its_data():
    pdf = reader(draw(page("<p>本文"), variant="pdf/a-3a", attachments={"agreement.json": b'{"a": 1}'}))
    assert pdf.attachments["agreement.json"] == [b'{"a": 1}']
    assert b"pdfaid" in pdf.trailer["/Root"]["/Metadata"].get_data()


def test_fonts_are_ours_embedded_and_text_is_what_was_written(text_of, tmp_path):
    text = "髙﨑𠮷葛\U000e0100飾㋿①Ⅳ㈱～—ｱ"
    pdf = draw(page(f"<p>{text}<b>{text}</b>"))
    assert fonts_of(pdf, tmp_path) == [
        [name, "CID TrueType", "yes"] for name in [f[0] for f in fonts_of(pdf, tmp_path)]
    ]
    assert {name.split("+")[1] for name, *_ in fonts_of(pdf, tmp_path)} == {
        "Renkei-Print",
        "Renkei-Print-Bold",
    }
    assert text_of(pdf).count(text) == 2


def test_variant_glyph_is_another_shape_than_the_plain_kanji(tmp_path):
    """葛 with U+E0100 has 人 inside, without it 匕: on paper they must differ."""

    def pixels(text: str) -> bytes:
        file = tmp_path / "variant.pdf"
        file.write_bytes(draw(page(f"<p>{text}")))
        return subprocess.run(["pdftoppm", "-r", "100", file], capture_output=True, check=True).stdout

    assert pixels("葛\U000e0100") != pixels("葛")


def test_character_only_another_font_has_prints_from_there(text_of, tmp_path):
    # A hangul syllable: in the full Noto Sans CJK, not in the repertoire of the print font.
    pdf = draw(page("<p>見本각見本"))
    assert "見本각見本" in text_of(pdf)
    assert any("Renkei" not in name for name, *_ in fonts_of(pdf, tmp_path))


def test_character_no_font_has_prints_as_geta_not_as_a_box(text_of, tmp_path):
    pdf = draw(page("<p>外字\ue123です"))
    assert "外字〓です" in text_of(pdf)
    assert len(fonts_of(pdf, tmp_path)) == 1


def test_pages_are_numbered_and_carry_the_running_lines(text_of):
    body = "<p>一頁目<p style='break-before: page'>二頁目"
    pdf = draw(page(body, running_title="K-1　題名", printed="印刷 令和8年10月1日", form="福岡市"))
    first, second = (sheet.extract_text() for sheet in reader(pdf).pages)
    assert "1 / 2" in first
    assert "2 / 2" in second
    assert "K-1　題名" not in first, "the first page has its masthead"
    assert "K-1　題名" in second
    assert "印刷 令和8年10月1日" in first
    assert "福岡市" in second


@pytest.mark.parametrize(
    ("css_class", "size", "marked"),
    [
        ("portrait", (595, 842), False),
        ("portrait-internal", (595, 842), True),
        ("landscape", (842, 595), False),
        ("landscape-internal", (842, 595), True),
    ],
)
def test_paper_and_internal_mark(css_class, size, marked):
    sheet = reader(draw(page("<p>本文", css_class))).pages[0]
    assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == size
    assert ("内部用" in sheet.extract_text()) is marked


def test_stylesheet_uses_nothing_the_engine_does_not_know(caplog):
    engine._engines.clear()
    draw(page("<h2>題</h2><table><thead><tr><th>a</table>"))
    assert not [record.getMessage() for record in caplog.records if record.name.startswith("weasyprint")]


# -- Cache ----------------------------------------------------------------------------------------------
@pytest.fixture
def layouts(monkeypatch):
    """Counts how often the engine lays out a document."""
    calls = []
    real = engine.write_pdf
    monkeypatch.setattr(
        engine, "write_pdf", lambda html, **kwargs: calls.append(html) or real(html, **kwargs)
    )
    return calls


def test_same_content_is_laid_out_once(layouts):
    assert draw(page("<p>同じ")) == draw(page("<p>同じ"))
    assert len(layouts) == 1


def test_layout_is_reproducible(layouts):
    first = draw(page("<p>同じ"))
    print_cache().clear()
    assert draw(page("<p>同じ")) == first
    assert len(layouts) == 2


def test_anything_that_shapes_the_document_makes_it_another(layouts, monkeypatch):
    draw(page("<p>甲"))
    draw(page("<p>乙"))
    draw(page("<p>甲"), variant="pdf/a-3u")
    draw(page("<p>甲"), attachments={"a": b"1"})
    draw(page("<p>甲"), attachments={"a": b"2"})
    stylesheet = renderer._stylesheet()
    monkeypatch.setattr(renderer, "_stylesheet", lambda: stylesheet + "p { color: #111 }")
    draw(page("<p>甲"))
    assert len(layouts) == 6


def test_changed_stylesheet_takes_effect_without_a_restart(monkeypatch):
    draw(page("<p>甲"))
    stylesheet = renderer._stylesheet()
    monkeypatch.setattr(renderer, "_stylesheet", lambda: stylesheet + "@page { size: A3 }")
    assert round(reader(draw(page("<p>甲"))).pages[0].mediabox.width) == 842


def test_warm_up_lays_out_whatever_the_cache_holds(layouts):
    warm_up()
    warm_up()
    assert len(layouts) == 2


def test_warm_up_reports_and_goes_on(monkeypatch, caplog):
    monkeypatch.setattr(engine, "write_pdf", lambda *args, **kwargs: 1 / 0)
    warm_up()
    assert "Printing does not work" in caplog.text


# -- Errors ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "error", [FatalURLFetchingError("x"), ValueError("x"), RecursionError(), MemoryError()]
)
def test_failed_layout_is_an_error_a_person_can_read(monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(engine, "write_pdf", fail)
    with pytest.raises(PrintError, match="システム管理者") as caught:
        draw(page("<p>甲"))
    assert caught.value.__cause__ is error


def test_interrupt_is_not_swallowed(monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "write_pdf", interrupt)
    with pytest.raises(KeyboardInterrupt):
        draw(page("<p>甲"))


def test_too_deeply_nested_document_ends_in_an_error():
    with pytest.raises(PrintError):
        draw(page("<div>" * 2000 + "深い"))


def test_without_any_font_the_error_says_what_to_install(settings, tmp_path, monkeypatch):
    settings.RENKEI_PRINT_FONT_DIR = tmp_path
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrintError, match="apt-get install"):
        draw(page("<p>甲"))


def test_before_the_fonts_are_built_the_full_font_prints(settings, tmp_path, text_of):
    settings.RENKEI_PRINT_FONT_DIR = tmp_path
    pdf = draw(page("<p>髙﨑𠮷葛\U000e0100"))
    assert "髙﨑𠮷葛\U000e0100" in text_of(pdf)
    assert all("Noto" in name for name, *_ in fonts_of(pdf, tmp_path))


# -- No fetching ----------------------------------------------------------------------------------------
@pytest.fixture
def fetcher(tmp_path):
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "mark.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return engine.PrintAssetFetcher({"static": folder})


def test_fetcher_serves_our_assets_by_name(fetcher):
    response = fetcher.fetch("app://static/mark.svg")
    assert response.read() == b"<svg/>"
    assert response.content_type == "image/svg+xml"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "http://127.0.0.1/",
        "https://example.jp/",
        "ftp://example.jp/",
        "data:text/plain,x",
        "app://other/mark.svg",
        "app:///etc/passwd",
        "app:mark.svg",
        "app://static",
        "app://static/",
        "app://static/missing.svg",
        "app://static/../secret.txt",
        "app://static/%2e%2e/secret.txt",
        "app://static/..%2fsecret.txt",
        "app://static//etc/passwd",
        "app://static/link.txt",
        "app://user@static/mark.svg",
        "app://static:80/mark.svg",
        "mark.svg",
        "",
    ],
)
def test_fetcher_refuses_everything_else(fetcher, url):
    with pytest.raises(ValueError, match="asset"):
        fetcher.fetch(url)


@pytest.fixture
def listener():
    """A web server that remembers who asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


# Ways in which markup makes a layout engine fetch something.
FETCHING_MARKUP = [
    '<img src="{url}">',
    '<img srcset="{url} 2x">',
    '<link rel="stylesheet" href="{url}">',
    '<link rel="attachment" href="{url}">',
    '<a rel="attachment" href="{url}">x</a>',
    '<style>@import "{url}";</style>',
    "<style>@font-face {{ font-family: x; src: url({url}) }} p {{ font-family: x }}</style><p>x",
    '<p style="background: url({url})">x',
    '<p style="list-style: square url({url}); display: list-item">x',
    "<style>p::before {{ content: url({url}) }}</style><p>x",
    '<iframe src="{url}"></iframe>',
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<input type="image" src="{url}">',
    '<video poster="{url}"></video>',
    '<svg><image href="{url}" width="10" height="10"/></svg>',
    '<svg><use href="{url}#a"/></svg>',
    '<base href="{url}"><img src="x.png">',
    '<meta http-equiv="refresh" content="0; url={url}">',
]


@pytest.mark.parametrize("markup", FETCHING_MARKUP)
def test_even_raw_markup_reaches_no_network_and_no_file(listener, tmp_path, markup, monkeypatch):
    address, asked = listener
    opened = []
    real_read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path) or real_read_bytes(path))
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for url in (f"{address}/x", secret.as_uri()):
        pdf = reader(draw(page(markup.format(url=url))))
        assert not pdf.attachments
    assert not asked
    assert secret not in opened


@pytest.mark.parametrize("markup", FETCHING_MARKUP)
def test_markup_in_a_value_is_printed_as_text(text_of, markup):
    text = markup.format(url="file:///etc/passwd")
    html = Template(
        "{% extends 'base_print.html' %}{% block content %}<p>{{ text }}</p>{% endblock %}"
    ).render(Context({"text": text, "document": {"title": text, "author": text, "subject": text}}))
    pdf = draw(html)
    assert reader(pdf).metadata.title == text
    assert text.replace(" ", "") in text_of(pdf).replace(" ", "")


# -- Processes ------------------------------------------------------------------------------------------
def _print_in_child(html: str) -> bytes:
    print_cache().clear()
    return draw(html)


def test_forked_worker_prints_and_leaves_the_parents_fonts_alone():
    html = page("<p>親と子")
    parent = draw(html)
    folder = next(iter(engine._engines.values())).font_config._folder
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(_print_in_child, [html]) == parent
    assert folder.is_dir()
    print_cache().clear()
    assert draw(html) == parent


def test_threads_print_one_after_the_other():
    html = [page(f"<p>{number}本目") for number in range(6)]
    expected = [draw(each) for each in html]
    print_cache().clear()
    got: dict[int, bytes] = {}
    threads = [
        threading.Thread(target=lambda number=number: got.__setitem__(number, draw(html[number])))
        for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [got[number] for number in range(6)] == expected
