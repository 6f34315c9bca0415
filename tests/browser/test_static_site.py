"""The static site in a real browser, from the disk: no server, no console error, a search that finds."""

import unicodedata
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, expect

from agreements.actions.publication import publish
from agreements.domain.search_text import normalise
from agreements.models import PublicEdition
from agreements.static_site import Site, export_site
from tests.browser.conftest import accessibility_problems
from tests.factories import AgreementFactory, CompanyFactory, DocumentFactory, StaffMemberFactory

# Whatever folding knows: cases, widths, kana, variants, legal forms, marks, and every character of its own.
SAMPLES = [
    "Ｒｅｎｋｅｉ ㈱ローソン（株）",
    "ﾌﾞﾘﾁﾞｽﾄﾝ　か゛ぱ゜",
    "髙﨑 葛\U000e0100城 鎌ヶ谷",
    "ẞ ß ΣΑΣ ﬁ İ ǰ",
    "2020−09−23\u200b〜",
    "\ue123 \x1c \x85 \ufeff",
    "（株)キヤノン(特非)",
]


_FIND = """q => renkeiSearch.find({q, company: "", category: "", kind: "", year: "", municipality: ""})
    .hits.map(row => row.id)"""


@pytest.fixture
def open_site(chromium: Browser):
    complaints, contexts = [], []

    def open_(**options):
        context = chromium.new_context(locale="ja-JP", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


def objections(page):
    # axe would read the style sheets once more, by a request that no page on a disk may make.
    return accessibility_problems(page, preload=False)


def test_site_on_a_disk_is_read_searched_and_accessible(
    open_site, tmp_path, transactional_db, fukuoka, today
):
    manager = StaffMemberFactory(manager=True, municipality=fukuoka)
    for name, item in (("株式会社キヤノン", "観光の振興"), ("株式会社さくら", "健康づくり")):
        agreement = AgreementFactory(
            whole=True,
            whole__company=CompanyFactory(name=name),
            whole__items=[f"{item}に関すること"],
            municipality=fukuoka,
            title=f"{name}との協定",
        )
        DocumentFactory(agreement=agreement, is_public=True)
        publish(agreement=agreement, by=manager, version=1, today=date(2026, 10, 1))
    site = tmp_path / "公開 サイト"
    export_site(site, Site(fukuoka))

    page = open_site()
    page.goto(f"file://{site}/index.html")
    page.get_by_label("言葉").fill("観光")
    page.get_by_role("button", name="検索").click()
    results = page.get_by_role("region", name="検索の結果")
    expect(results.locator(".hit-count")).to_have_text("1 件")
    expect(results).to_contain_text("言葉がある所：連携事項")
    expect(page).to_have_title("検索の結果（1件）｜協定を探す｜連携協定の公開ページ")
    problems = objections(page)

    # The rules of the server: every word, katakana as hiragana, small kana as large, ㈱ as 株式会社.
    page.get_by_label("言葉").fill("ｶﾝﾀﾞﾊﾅｲ")
    company = page.locator("[name=company]")
    company.evaluate("field => { field.value = '株式会社さくら' }")  # a choice, or typed with suggestions
    page.get_by_role("button", name="検索").click()
    expect(results).to_contain_text("条件に合う協定はありません")
    expect(company).to_have_value("株式会社さくら")
    page.get_by_label("言葉").fill("㈱サクラ 健康")
    page.get_by_role("button", name="検索").click()
    expect(results.get_by_role("listitem")).to_have_count(1)
    expect(results.locator("mark")).to_have_text(["株式会社さくら", "株式会社さくら"])
    folded = page.evaluate("samples => samples.map(renkeiSearch.fold)", [*SAMPLES, *_characters()])
    assert folded == [normalise(each) for each in [*SAMPLES, *_characters()]]

    for query in ("観光", "福岡市 株式会社", "きやのん", "健康 観光", "ない言葉", "-"):
        hits = page.evaluate(_FIND, query)
        standing = PublicEdition.objects.standing().matching(query)
        assert sorted(hits) == sorted(standing.values_list("agreement", flat=True)), query

    results.get_by_role("link", name="株式会社さくらとの協定").click()
    expect(page.get_by_role("heading", name="株式会社さくらとの協定")).to_be_visible()
    problems += objections(page)
    document = page.locator("a[href$='.pdf']").evaluate("link => link.href")
    assert Path(unquote(document.removeprefix("file://"))).is_file()
    assert not problems, "\n".join(problems)

    plain = open_site(java_script_enabled=False)
    plain.goto(f"file://{site}/search/index.html?q=観光")
    expect(plain.get_by_text("この検索にはJavaScriptが必要です")).to_be_visible()
    expect(plain.locator(".public-list > li")).to_have_count(2)


def _characters() -> list[str]:
    """Every character that this version of Unicode knows as we do, between letters that it may join."""
    kinds = {"Cn", "Cs"}
    blocks = (range(0x20, 0x3400), range(0x4E00, 0x5000), range(0xF900, 0x10000), range(0x1F100, 0x1F200))
    return [
        f"か{chr(code)}が"
        for block in blocks
        for code in block
        if unicodedata.category(chr(code)) not in kinds
    ]
