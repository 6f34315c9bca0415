"""The public pages as files: complete, with every link right, and nothing in them that is not public."""

import csv
import io
import json
import re
import zipfile
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from openpyxl import load_workbook
from pypdf import PdfReader

from agreements.actions.publication import publish, withdraw
from agreements.models import Agreement, AgreementDocument, Party
from agreements.static_site import Site, SiteRefused, build, crawl, export_site
from agreements.static_site.assets import copy_static
from agreements.static_site.links import problems
from agreements.views import public
from municipalities.models import AuditEvent, Department, Municipality
from tests.agreements.views.test_public import MARK, mark_internal_texts
from tests.factories import (
    AgreementFactory,
    CompanyContactFactory,
    CompanyFactory,
    DocumentFactory,
    MeetingFactory,
    StaffMemberFactory,
)

TODAY = date(2026, 10, 1)
BASE = "https://www.city.example.lg.jp/renkei/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db):
    return CompanyFactory(name="株式会社キヤノン観光")


@pytest.fixture
def published(fukuoka, manager, company, today):
    agreement = AgreementFactory(
        whole=True,
        whole__company=company,
        whole__items=["観光の振興に関すること", "デジタルの活用に関すること"],
        municipality=fukuoka,
        title="まちづくりの協定",
    )
    DocumentFactory(agreement=agreement, title="協定書", is_public=True)
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    return agreement


@pytest.fixture
def elsewhere(obuse, company, today):
    agreement = AgreementFactory(whole=True, whole__company=company, municipality=obuse, title="小布施の協定")
    publish(
        agreement=agreement, by=StaffMemberFactory(manager=True, municipality=obuse), version=1, today=TODAY
    )
    return agreement


def contents(site):
    return {
        each.relative_to(site).as_posix(): each.read_bytes() for each in site.rglob("*") if each.is_file()
    }


def lose_files():
    for file in Path(settings.MEDIA_ROOT).rglob("*"):
        if file.is_file():
            file.unlink()


def stamps(site):
    return {each: each.stat().st_mtime_ns for each in site.rglob("*")}


def index_of(site):
    text = (site / "search-index.js").read_text()
    return json.loads(text.removeprefix("globalThis.renkeiSite=").removesuffix(";\n"))


def test_site_of_a_municipality_has_its_pages_data_and_documents_and_no_others(
    tmp_path, fukuoka, published, elsewhere, company
):
    site = tmp_path / "site"
    report = export_site(site, Site(fukuoka))
    assert report.agreements == 1
    found = contents(site)
    documents = [name for name in found if name.startswith("documents/")]
    assert len(documents) == 1
    assert documents[0].endswith(".pdf")
    assert found[documents[0]].startswith(b"%PDF")
    assert {
        "README.txt",
        "index.html",
        "search/index.html",
        "search-index.js",
        "data/index.html",
        "accessibility/index.html",
        "catalogue.jsonld",
        f"a/{published.pk}/index.html",
        f"a/{published.pk}/agreement.json",
        f"c/{company.pk}/index.html",
        *(
            f"m/401307/{name}"
            for name in ("agreements.csv", "agreements.json", "agreements.xlsx", "feed.xml")
        ),
        "static/css/base.css",
        "static/js/static_search.js",
    } <= found.keys()
    assert not [name for name, content in found.items() if "小布施の協定".encode() in content]
    assert f"a/{elsewhere.pk}/index.html" not in found
    assert "/api/" not in found["data/index.html"].decode()
    html = found[f"a/{published.pk}/index.html"].decode()
    assert 'href="../../static/css/base.css"' in html
    assert f'href="../../{documents[0]}"' in html
    assert not re.search(r'(?:href|src)="(?:/|https?://(?!creativecommons))', html)
    assert html.count('<a href="../../index.html">') == 1  # one crumb, not two


def test_site_of_all_has_every_municipality_and_their_map(tmp_path, published, elsewhere):
    site = tmp_path / "site"
    export_site(site, Site())
    found = contents(site)
    assert {"m/401307/index.html", "m/205419/index.html", "agreements.csv", "f/03/feed.xml"} <= found.keys()
    assert "tile-map" in found["index.html"].decode()
    assert 'name="municipality" value="205419"' in found["m/205419/index.html"].decode()
    assert len(index_of(site)["rows"]) == 2
    assert export_site(site, Site()).changes.is_none


def test_addresses_are_those_of_the_web_server_or_relative(tmp_path, fukuoka, published):
    away, here = tmp_path / "away", tmp_path / "here"
    export_site(away, Site(fukuoka, BASE))
    export_site(here, Site(fukuoka))
    page = f"{BASE}a/{published.pk}/"
    files = contents(away)
    assert f'<link rel="canonical" href="{page}">' in files[f"a/{published.pk}/index.html"].decode()
    assert f"<loc>{page}</loc>" in files["sitemap.xml"].decode()
    assert f"<loc>{BASE}</loc>" in files["sitemap.xml"].decode()
    assert f"<id>{page}#1</id>" in files["m/401307/feed.xml"].decode()
    for root, address in ((away, page), (here, f"../../a/{published.pk}/")):
        data = root / "m/401307"
        rows = list(csv.DictReader(io.StringIO((data / "agreements.csv").read_text("utf-8-sig"))))
        head, row = load_workbook(data / "agreements.xlsx").active.iter_rows(values_only=True)
        assert rows[0]["URL"] == address
        assert dict(zip(head, row, strict=True))["URL"] == address
        assert json.loads((data / "agreements.json").read_text())["agreements"][0]["url"] == address
    assert not (here / "sitemap.xml").exists()
    html = (here / f"a/{published.pk}/index.html").read_text()
    assert "canonical" not in html
    assert "アドレスは変わりません" not in html
    assert "<id>urn:uuid:" in (here / "m/401307/feed.xml").read_text()
    catalogue = json.loads(files["catalogue.jsonld"])
    assert [each["@id"] for each in catalogue["dcat:dataset"]] == [f"{BASE}m/401307/agreements.csv#dataset"]


def test_list_goes_on_in_further_files_and_narrowing_is_for_the_search(
    tmp_path, fukuoka, published, manager, company, monkeypatch
):
    monkeypatch.setattr(public, "PER_PAGE", 1)
    other = AgreementFactory(whole=True, whole__company=company, municipality=fukuoka)
    publish(agreement=other, by=manager, version=1, today=TODAY)
    export_site(tmp_path / "site", Site(fukuoka))
    pages = contents(tmp_path / "site")
    assert 'href="page-2.html"' in pages["index.html"].decode()
    assert 'href="index.html"' in pages["page-2.html"].decode()
    assert 'href="page-2.html"' in pages["search/index.html"].decode()
    assert "f/03/page-2.html" in pages
    assert 'action="../../search/index.html"' in pages["f/03/index.html"].decode()
    assert '<option value="03" selected="">' in pages["f/03/index.html"].decode()
    field = re.search(r'<input[^>]* name="company"[^>]*>', pages[f"c/{company.pk}/index.html"].decode())
    assert f'value="{company.name}"' in field[0]


def test_link_that_narrows_a_list_leads_to_the_search(fukuoka, published):
    walk = crawl.Crawl(site=Site(), folder=None, static_url="/static/")
    page = crawl.Address("/open/m/401307/")
    found, _ = walk.locate(page, "?year=2024&page=3&kind=")
    assert found == crawl.Address("/open/search/", "municipality=401307&year=2024")
    assert walk.locate(page, "?page=1&kind=") == (page, "")


def test_search_data_hold_what_the_server_finds_folded_and_each_text_once(
    tmp_path, fukuoka, published, manager, company
):
    other = AgreementFactory(
        whole=True, whole__company=company, whole__items=["観光の振興に関すること"], municipality=fukuoka
    )
    publish(agreement=other, by=manager, version=1, today=TODAY)
    export_site(tmp_path / "site", Site(fukuoka))
    index = index_of(tmp_path / "site")
    newest, oldest = index["rows"]
    assert (newest["id"], oldest["id"]) == (other.pk, published.pk)
    assert oldest["title"] == "まちづくりの協定"
    assert oldest["companies"] == [company.pk]
    assert oldest["year"] == 2024
    assert index["companies"] == [[company.pk, "株式会社キヤノン観光"]]
    assert [index["partners"][number][0] for number in oldest["partners"]] == ["株式会社キヤノン観光"]
    assert len(index["texts"]) == len(set(index["texts"]))
    items = [index["texts"][number] for number in oldest["words"]["2"]]
    assert items == ["観光の振興に関すること", "でじたるの活用に関すること"]
    assert oldest["words"]["2"][0] in newest["words"]["2"]
    assert "株式会社きやのん観光" in [index["texts"][number] for number in oldest["words"]["3"]]


def test_second_run_writes_nothing_and_a_change_only_what_it_touches(tmp_path, fukuoka, published, manager):
    site = tmp_path / "site"
    export_site(site, Site(fukuoka))
    before = stamps(site)
    assert export_site(site, Site(fukuoka)).changes.is_none
    assert stamps(site) == before
    Agreement.objects.filter(pk=published.pk).update(title="新しい名称")
    publish(agreement=published, by=manager, version=2, today=TODAY, reason="名称の誤記")
    changes = export_site(site, Site(fukuoka)).changes
    assert changes.written >= 6
    assert changes.kept > changes.written
    after = stamps(site)
    assert after[site / "static/css/base.css"] == before[site / "static/css/base.css"]
    assert "新しい名称" in (site / f"a/{published.pk}/index.html").read_text()


def test_withdrawn_agreement_leaves_only_its_tombstone(tmp_path, fukuoka, published, manager, company):
    site = tmp_path / "site"
    export_site(site, Site(fukuoka))
    published.refresh_from_db()
    withdraw(agreement=published, by=manager, version=published.version, today=TODAY, reason="申出のため")
    report = export_site(site, Site(fukuoka))
    assert report.agreements == 0
    found = contents(site)
    assert not [name for name, content in found.items() if "まちづくりの協定".encode() in content]
    assert not [
        name for name in found if name.startswith(("documents/", "c/")) or name.endswith("agreement.json")
    ]
    assert "申出のため" in found[f"a/{published.pk}/index.html"].decode()
    assert not index_of(site)["rows"]


def test_broken_link_or_broken_page_keeps_the_old_site(tmp_path, fukuoka, published, manager, monkeypatch):
    site = tmp_path / "site"
    export_site(site, Site(fukuoka))
    before = contents(site)
    lose_files()
    with pytest.raises(SiteRefused, match="リンク切れ") as refused:
        export_site(site, Site(fukuoka))
    assert len(refused.value.problems) == 1
    assert f"a/{published.pk}/index.html：「../../documents/" in refused.value.problems[0]
    monkeypatch.setattr(build, "search_index", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_site(site, Site(fukuoka))
    assert contents(site) == before
    assert [each.name for each in tmp_path.iterdir() if each != site] == [".site.lock"]


def test_check_of_the_links_finds_what_leads_nowhere_or_loads_from_elsewhere(tmp_path):
    (tmp_path / "index.html").write_text(
        '<a href="#da">1</a><a id="da" href="weg.html">2</a><a href="https://example.jp/">3</a>'
        '<a href="#weg">4</a><img src="https://example.jp/x.png"><a href="../x">5</a>'
        '<a href="javascript:x">6</a>'
        '<a href="b/">7</a>'
    )
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "index.html").write_text('<a href="../index.html#da">8</a>')
    (tmp_path / "a.css").write_text('a { background: url("weg.svg") } b { background: url(data:x) }')
    (tmp_path / "feed.xml").write_text(
        f'<link href="b/"/><link href="weg/"/><loc>{BASE}b/</loc><loc>{BASE}c</loc>'
    )
    (tmp_path / "x.json").write_text("https://static-site.invalid/")
    found = problems(tmp_path, BASE)
    assert [each.partition("「")[2].partition("」")[0] for each in found] == [
        "weg.svg",
        "weg/",
        f"{BASE}c",
        "weg.html",
        "#weg",
        "https://example.jp/x.png",
        "../x",
        "javascript:x",
        "b/",
        "",
    ]


def test_what_style_sheets_name_is_copied_as_well(tmp_path):
    copy_static(["css/components/combobox.css", "css/missing.css"], tmp_path)
    assert contents(tmp_path).keys() == {"css/components/combobox.css", "img/search.svg"}


def test_nothing_internal_leaks_into_the_site(tmp_path, fukuoka, manager, today):
    company = CompanyFactory(name="株式会社公開")
    agreement = AgreementFactory(
        whole=True, whole__company=company, municipality=fukuoka, purpose="公開の目的", renewing=True
    )
    AgreementFactory(whole=True, whole__company=company, municipality=fukuoka, title=f"{MARK}非公開")
    CompanyContactFactory(municipality=fukuoka, company=company)
    MeetingFactory(agreement=agreement)
    DocumentFactory(agreement=agreement, title="公開の書類", is_public=True)
    DocumentFactory(agreement=agreement, title=f"{MARK}内部の書類")
    assert mark_internal_texts() > 20
    AgreementDocument.objects.filter(is_public=False).update(title=MARK)
    for department in Department.objects.all():
        Department.objects.filter(pk=department.pk).update(name=f"{MARK}{department.pk}")
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    Agreement.objects.filter(pk=agreement.pk).update(title=f"{MARK}後の名称", purpose=MARK)
    Party.objects.update(name_as_signed=MARK)
    for base in ("", BASE):
        site = tmp_path / ((base and "base") or "none")
        export_site(site, Site(fukuoka, base))
        found = contents(site)
        leaks = [name for name, content in found.items() if MARK in name or MARK in everything(name, content)]
        assert not leaks
        assert any("公開の書類" in content.decode("utf-8", "replace") for content in found.values())
        assert len([name for name in found if name.startswith("documents/")]) == 1


def everything(name, content):
    """The words of a file, also those that are packed into it."""
    text = content.decode("utf-8", "replace")
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            text += "".join(book.read(part).decode("utf-8", "replace") for part in book.namelist())
    if name.endswith(".pdf"):
        reader = PdfReader(io.BytesIO(content))
        text += "".join(page.extract_text() for page in reader.pages)
        text += f"{reader.metadata}{reader.xmp_metadata and reader.xmp_metadata.stream.get_data()}"
    text = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    return unescape(text)


# --- The command ---


def run(*arguments):
    output = io.StringIO()
    call_command("export_public_site", *map(str, arguments), stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("name", ["401307", "福岡市", "福岡県福岡市"])
def test_command_takes_the_code_or_the_name_and_is_recorded(tmp_path, fukuoka, published, name):
    output = run(name, tmp_path / "site", "--base-url", BASE)
    assert "協定1件" in output
    assert "ページを作っています" in output
    assert BASE in (tmp_path / "site" / "README.txt").read_text("utf-8-sig")
    event = AuditEvent.objects.latest("pk")
    assert (event.kind, event.chain.municipality) == ("export", fukuoka)


def test_command_says_in_its_exit_code_why_there_is_no_site(tmp_path, fukuoka, published, monkeypatch):
    cases = [
        ((["どこか市", tmp_path / "site"]), 1, "見つかりません"),
        (([tmp_path / "site"]), 1, "指定してください"),
        ((["--all", "福岡市", tmp_path / "site"]), 1, "指定してください"),
        ((["福岡市", tmp_path / "site", "--base-url", "x"]), 1, "アドレス"),
    ]
    for arguments, code, words in cases:
        with pytest.raises(CommandError, match=words) as refused:
            run(*arguments)
        assert refused.value.returncode == code
    with monkeypatch.context() as patch:
        patch.setattr(build, "copy_static", lambda *_: Path("/dev/full").write_bytes(b"x"))
        with pytest.raises(CommandError, match="書き込めませんでした"):
            run("福岡市", tmp_path / "site")
    with build.building(tmp_path / "site"), pytest.raises(CommandError, match="実行中") as refused:
        run("福岡市", tmp_path / "site")
    assert refused.value.returncode == 3
    lose_files()
    with pytest.raises(CommandError, match="documents") as refused:
        run("福岡市", tmp_path / "site")
    assert refused.value.returncode == 2
    assert not (tmp_path / "site").exists()


def test_command_asks_which_of_two_namesakes(tmp_path, fukuoka):
    other = Municipality.objects.get(pk=fukuoka.pk)
    other.pk, other.code, other.prefecture, other.prefecture_code = None, "011002", "北海道", "01"
    other.save()
    with pytest.raises(CommandError, match=r"複数あります.*401307"):
        run("福岡市", tmp_path / "site")
