"""The pages for everyone: what they show, that caches may keep them, and that nothing internal leaks."""

import csv
import io
import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader, PdfWriter

from agreements.actions.annual_reports import accept_report, submit_report
from agreements.actions.publication import publish, withdraw
from agreements.choices import Evaluation, PublicField
from agreements.models import Agreement, AgreementDocument, Party, PublicEdition, PublicProfile
from agreements.open_data import COLUMNS
from agreements.open_table import ACTION_COLUMNS, CHANGE_COLUMNS, JSON_KEYS
from municipalities.models import Department
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    AnnualReportLineFactory,
    CompanyContactFactory,
    CompanyFactory,
    DocumentFactory,
    MeetingFactory,
    ProgressEntryFactory,
    StaffMemberFactory,
)
from tests.sample_files import pdf

TODAY = date(2026, 10, 1)
pytestmark = pytest.mark.django_db
LINK = re.compile(r'(?:href|src|action)="([^"]*)"|<loc>([^<]*)</loc>|(?:<id>|<link href=")(http[^<"]*)')


def url(name, *args):
    return reverse(f"agreements:{name}", args=args)


@pytest.fixture
def published(fukuoka, manager, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka, title="観光の協定")
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    return agreement


def crawl(client: Client, *starts: str) -> dict[str, str]:
    """Everything an anonymous visitor reaches below /open/ by following links, as text."""
    found: dict[str, str] = {}
    waiting = list(starts)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        response = client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        assert not response.cookies, path
        body = b"".join(response.streaming_content) if response.streaming else response.content
        found[path] = str(response.headers) + body.decode("utf-8", "replace")
        if response["Content-Type"] == "application/pdf":
            found[path] += pdf_words(body)
        elif "spreadsheetml" in response["Content-Type"]:
            sheet = load_workbook(io.BytesIO(body)).active
            found[path] += str(list(sheet.iter_rows(values_only=True)))
        for match in LINK.finditer(found[path]):
            target = unescape(next(filter(None, match.groups()), ""))
            target = target.removeprefix("http://testserver").split("#")[0]
            if target.startswith("/open/"):
                waiting.append(target)
    return found


def pdf_words(pdf: bytes) -> str:
    """What a PDF says: its text, its properties, its XMP packet."""
    reader = PdfReader(io.BytesIO(pdf))
    packet = reader.trailer["/Root"].get("/Metadata")
    xmp = packet.get_object().get_data().decode("utf-8", "replace") if packet else ""
    pages = "".join(page.extract_text() for page in reader.pages)
    return f"{pages}{dict(reader.metadata or {})}{xmp}"


# What may go out: its texts stay as they are in the crawl. Everything else gets the mark.
PUBLIC = {
    "Municipality": None,  # the master of all bodies
    "MunicipalityFormerName": None,
    "PublicEdition": None,  # made of the rest
    "PublicProfile": None,
    "Agreement": {"title", "title_kana", "purpose", "renewal_text"},
    "Party": {"name_as_signed", "label"},
    "Company": {"name", "corporate_number"},
    "CooperationField": {"text"},
    "AgreementDocument": {"title", "file", "content_type", "sha256"},
    "ActionItem": {"title", "target_unit", "result_text", "effect_method"},
    "AnnualReportLine": {"title", "plan_item", "unit", "result_text", "effect_method"},
}
# Not those that name people or 課: their texts are marked as well.
LET_OUT = sorted({each.value for each in PublicField} - {"signatories", "department", "action_owners"})
MARK = "内部の印"


def mark_internal_texts() -> int:
    """The mark in every text that is not public, whatever the model; returns in how many."""
    from django.apps import apps

    marked = 0
    for model in apps.get_app_config("agreements").get_models():
        public = PUBLIC.get(model.__name__, set())
        if public is None or model.__name__.startswith("Historical"):
            continue
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.CharField | models.TextField) or field.name in public:
                continue
            if field.choices or (field.max_length or 99) < 8:
                continue
            for pk in model._base_manager.values_list("pk", flat=True):
                room = (field.max_length or 200) - len(MARK)
                model._base_manager.filter(pk=pk).update(**{field.name: MARK + str(pk)[:room]})
                marked += 1
    return marked


def test_nothing_internal_leaks(client, fukuoka, manager, today):
    company = CompanyFactory(name="株式会社公開")
    agreement = AgreementFactory(
        whole=True, whole__company=company, municipality=fukuoka, purpose="公開の目的", renewing=True
    )
    hidden = AgreementFactory(whole=True, whole__company=company, municipality=fukuoka, title=f"{MARK}非公開")
    CompanyContactFactory(municipality=fukuoka, company=company)
    MeetingFactory(agreement=agreement)
    action = ActionItemFactory(
        agreement=agreement,
        title="公開の取組",
        due_on=date(2026, 3, 31),
        state="done",
        effect_yen=5,
        effect_method="公開の算定",
    )
    ProgressEntryFactory(action=action)
    report = AnnualReportFactory(agreement=agreement, fiscal_year=2025, next_policy="方針")
    for title, is_public in (("公開の取組", True), (f"{MARK}非公開の取組", False)):
        AnnualReportLineFactory(
            report=report, title=title, is_public=is_public, evaluation=Evaluation.AS_PLANNED
        )
    PublicProfile.objects.create(municipality=fukuoka, fields=LET_OUT)
    DocumentFactory(agreement=agreement, title="公開の書類", is_public=True)
    DocumentFactory(agreement=agreement, title=f"{MARK}内部の書類")
    assert mark_internal_texts() > 20
    AgreementDocument.objects.filter(is_public=False).update(title=MARK)
    for department in Department.objects.all():
        Department.objects.filter(pk=department.pk).update(name=f"{MARK}{department.pk}")
    report.refresh_from_db()
    accept_report(report=submit_report(report=report, by=manager, today=TODAY), by=manager, today=TODAY)
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    # Changed afterwards and approved by nobody: not public either.
    Agreement.objects.filter(pk=agreement.pk).update(title=f"{MARK}後の名称", purpose=MARK)
    Party.objects.update(name_as_signed=MARK)

    found = crawl(client, url("public-home"), url("public-sitemap"), url("public-agreement", agreement.pk))
    leaks = [path for path, text in found.items() if MARK in text]
    assert not leaks
    for page in ("public-agreement", "public-company"):
        key = agreement.pk if page == "public-agreement" else company.pk
        assert url(page, key) in found
    assert any("公開の書類" in text for text in found.values())
    assert any(path.endswith(".pdf") and "公開の取組" in text for path, text in found.items())
    assert any(path.startswith("/open/documents/") for path in found)
    for word in (MARK, "後の名称"):
        assert "<strong>0</strong>" in client.get(url("public-search"), {"q": word}).content.decode()
    assert client.get(url("public-agreement", hidden.pk)).status_code == 404
    for document in AgreementDocument.objects.filter(is_public=False):
        assert client.get(url("public-document", document.pk)).status_code == 404


def test_public_page_is_the_same_for_a_logged_in_person_and_asks_for_no_session(published, manager_client):
    path = url("public-agreement", published.pk)
    with CaptureQueriesContext(connection) as queries:
        response = manager_client.get(path)
    assert not [query for query in queries if "session" in query["sql"] or "staffmember" in query["sql"]]
    assert response["Cache-Control"].startswith("public")
    assert not response.has_header("Set-Cookie")
    assert "Cookie" not in response.get("Vary", "")
    assert response.content == Client().get(path).content


def test_public_page_answers_304_until_something_public_changes(client, published, manager):
    path = url("public-municipality", "401307")
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    published.refresh_from_db()
    withdraw(agreement=published, by=manager, version=published.version, today=TODAY, reason="誤り")
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert "まだありません" in changed.content.decode()


def test_rendered_page_is_kept_for_others_until_something_public_changes(
    client, published, manager, settings, django_capture_on_commit_callbacks
):
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {**settings.CACHES, "public": {"BACKEND": backend, "LOCATION": "test-public"}}
    path = url("public-agreement", published.pk)
    with CaptureQueriesContext(connection) as first:
        page = client.get(path)
    with CaptureQueriesContext(connection) as second:
        again = client.get(path)
    assert again.content == page.content
    assert again["Content-Type"] == page["Content-Type"]
    assert len(second) == 0 < len(first)
    published.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(agreement=published, by=manager, version=published.version, today=TODAY, reason="誤り")
    assert client.get(path).status_code == 410


def test_link_to_an_agreement_says_in_one_sentence_what_it_is(client, published):
    html = client.get(url("public-agreement", published.pk)).content.decode()
    partner = published.parties.get(label="乙").name
    sentence = f"福岡市と{partner}の協定（令和6年4月1日締結）。"
    assert f'<meta name="description" content="{sentence}">' in html


def test_withdrawn_agreement_leaves_a_tombstone_without_its_contents(client, published, manager):
    published.refresh_from_db()
    withdraw(agreement=published, by=manager, version=published.version, today=TODAY, reason="申出のため")
    response = client.get(url("public-agreement", published.pk))
    html = response.content.decode()
    assert response.status_code == 410
    assert "申出のため" in html
    assert "観光の協定" not in html
    assert client.get(url("public-agreement-json", published.pk)).status_code == 404
    feed = client.get(url("public-municipality-feed", "401307")).content.decode()
    assert "取下げ" in feed
    assert "観光の協定" not in feed


def test_correction_is_shown_with_its_date_and_reason(client, published, manager):
    Agreement.objects.filter(pk=published.pk).update(title="観光と健康の協定")
    assert "観光と健康の協定" not in client.get(url("public-agreement", published.pk)).content.decode()
    publish(agreement=published, by=manager, version=2, today=date(2026, 10, 2), reason="名称の誤記")
    html = client.get(url("public-agreement", published.pk)).content.decode()
    for words in ("観光と健康の協定", "令和8年10月2日", "名称の誤記", "訂正・更新（第2版）：協定名称"):
        assert words in html


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ({"q": "観光"}, 1),
        ({"q": "ない言葉"}, 0),
        ({"kind": "comprehensive"}, 1),
        ({"kind": "nonsense"}, 0),
        ({"year": "2024"}, 1),
        ({"year": "いつか"}, 0),
        ({"page": "99999"}, 1),
        ({"q": "\x00観光"}, 0),
    ],
)
def test_public_list_is_narrowed_and_bears_any_input(client, published, query, hits):
    response = client.get(url("public-municipality", "401307"), query)
    assert response.status_code == 200
    assert f"<strong>{hits}</strong>" in response.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        f"a/{10**30}/",
        f"a/{10**17}/agreement.json",
        f"c/{10**30}/",
        f"documents/{10**17}/",
        "m/%00/",
        f"m/{'9' * 500}/feed.xml",
        "f/%E3%81%82/feed.xml",
    ],
)
def test_public_address_that_nobody_gave_is_not_found(client, published, path):
    assert client.get(f"/open/{path}").status_code == 404


def test_csv_has_the_documented_columns_the_code_first_and_no_formulas(client, fukuoka, manager, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka, title="=1+1")
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    text = client.get(url("public-municipality-csv", "401307")).content.decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    assert head == [name for name, _ in COLUMNS]
    values = dict(zip(head, row, strict=True))
    assert row[0] == "401307"
    assert values["協定名称"] == "'=1+1"
    assert values["締結日"] == "2024-04-01"
    data = client.get(url("public-municipality-json", "401307")).json()
    assert data["agreements"][0]["title"] == "=1+1"
    assert data["agreements"][0]["items"] == PublicEdition.objects.get().facts["items"]


def test_xlsx_holds_the_table_of_the_csv_as_text_and_the_catalogue_names_the_files(client, published):
    book = load_workbook(io.BytesIO(client.get(url("public-municipality-xlsx", "401307")).content))
    head, row = book.active.iter_rows(values_only=True)
    assert list(head) == [name for name, _ in COLUMNS]
    assert row[0] == "401307"
    assert row[4] == "観光の協定"
    catalogue = client.get(url("public-catalogue")).json()
    whole, own = catalogue["dcat:dataset"]
    assert own["dcterms:publisher"]["foaf:name"] == "福岡県福岡市"
    assert own["dcterms:modified"] == "2026-10-01"
    for file in (*whole["dcat:distribution"], *own["dcat:distribution"]):
        address = file["dcat:downloadURL"]["@id"].removeprefix("http://testserver")
        assert client.get(address).status_code == 200


def test_public_pages_need_as_many_queries_for_three_as_for_one(
    client, fukuoka, manager, assert_same_queries
):
    def add():
        agreement = AgreementFactory(whole=True, municipality=fukuoka)
        publish(agreement=agreement, by=manager, version=1, today=TODAY)

    pages = ["public-home", "public-search", "public-json", "public-csv", "public-feed", "public-sitemap"]
    pages += ["public-xlsx", "public-catalogue", "public-actions-csv", "public-changes-json"]
    paths = [url(page) for page in pages] + [url("public-municipality", "401307")]
    assert_same_queries(add, lambda: [client.get(path) for path in paths])


def test_publication_page_shows_what_goes_out_and_publishes_it(manager_client, fukuoka):
    agreement = AgreementFactory(whole=True, municipality=fukuoka, title="公開する協定", note="秘密の備考")
    path = url("publication", agreement.pk)
    html = manager_client.get(path).content.decode()
    assert "この内容で公開する" in html
    assert "秘密の備考" not in html
    unchecked = manager_client.post(path, {"step": "publish", "version": 1})
    assert "チェックを入れてください" in unchecked.content.decode()
    assert not PublicEdition.objects.exists()
    response = manager_client.post(path, {"step": "publish", "version": 1, "checked": "on"})
    assert response.status_code == 302
    assert Client().get(url("public-agreement", agreement.pk)).status_code == 200
    outdated = manager_client.post(path, {"step": "withdraw", "version": 1, "reason": "誤り"})
    assert outdated.status_code == 409
    missing = manager_client.post(path, {"step": "withdraw", "version": 2})
    assert "取り下げる理由" in missing.content.decode()
    assert manager_client.post(path, {"step": "withdraw", "version": 2, "reason": "誤り"}).status_code == 302
    assert Client().get(url("public-agreement", agreement.pk)).status_code == 410


def test_settings_of_the_public_page_change_its_name_and_fields(manager_client, published, fukuoka):
    path = url("public-profile")
    data = {
        "fields_shown": ["items"],
        "display_name": "福岡市の連携",
        "licence": "pdl-1.0",
        "contact": "企画課",
    }
    assert manager_client.post(path, data).status_code == 302
    assert PublicProfile.objects.get().fields == ["items"]
    html = Client().get(url("public-municipality", "401307")).content.decode()
    assert "福岡市の連携" in html
    assert "企画課" in html
    assert "term" not in Client().get(url("public-agreement-json", published.pk)).json()


def test_results_are_shown_by_year_as_a_picture_and_a_table(client, fukuoka, manager, today):
    PublicProfile.objects.create(municipality=fukuoka, fields=["actions", "results", "effects"])
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    ActionItemFactory(
        agreement=agreement,
        due_on=date(2026, 3, 31),
        state="done",
        result_text="3校で行った",
        effect_yen=1_200_000,
        effect_method="単価",
    )
    ActionItemFactory(agreement=agreement, due_on=date(2026, 3, 31))
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    html = client.get(url("public-municipality", "401307")).content.decode()
    row = re.search(r"<tr><th[^>]*>令和7年度</th>.*?</tr>", html)
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row[0]) == ["2件", "1件", "1件", "1,200,000円"]
    assert "1 / 2" in re.search(r"<svg class=.year-bars.*?</svg>", html, re.DOTALL)[0]
    detail = client.get(url("public-agreement", agreement.pk)).content.decode()
    for words in ("3校で行った", "1,200,000円", "効果額の算定方法：単価"):
        assert words in detail


@pytest.mark.parametrize(
    ("typed", "hits"), [("見本商店", 1), ("㈱見本商店", 1), ("2010701019195", 1), ("福岡市", 0), ("ほか", 0)]
)
def test_public_lists_are_narrowed_by_company(client, fukuoka, manager, today, typed, hits):
    shop = CompanyFactory(name="株式会社見本商店", corporate_number="2010701019195")
    for company in (shop, CompanyFactory(name="株式会社別")):
        agreement = AgreementFactory(whole=True, whole__company=company, municipality=fukuoka)
        publish(agreement=agreement, by=manager, version=1, today=TODAY)
    for path in (url("public-municipality", "401307"), url("public-search"), url("public-field", "03")):
        html = client.get(path, {"company": typed}).content.decode()
        assert f"<strong>{hits}</strong>" in html
    page = client.get(url("public-municipality", "401307")).content.decode()
    assert '<option value="株式会社見本商店">' in page


def test_report_of_another_agreement_or_edition_is_not_found(client, published):
    assert client.get(url("public-report", published.pk, 1)).status_code == 404


def test_settings_refuse_results_without_the_actions_they_belong_to(manager_client):
    data = {"fields_shown": ["results"], "licence": "cc-by-4.0"}
    html = manager_client.post(url("public-profile"), data).content.decode()
    assert "と一緒に選んでください" in html
    assert not PublicProfile.objects.exists()


def test_documents_are_chosen_on_the_preview_and_approved_with_it(manager_client, fukuoka, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    paper, chosen, other = (
        DocumentFactory(agreement=agreement, title="紙", paper=True),
        DocumentFactory(agreement=agreement, title="写し"),
        DocumentFactory(agreement=agreement, title="選ばない書類", is_public=True),
    )
    path = url("publication", agreement.pk)
    html = manager_client.get(path).content.decode()
    ticks = re.findall(r'name="documents" value="(\d+)"( checked)?', html)
    assert set(ticks) == {(str(chosen.pk), ""), (str(other.pk), " checked")}
    assert "印影（公印・社印）" in html
    data = {"step": "publish", "version": 1, "checked": "on", "choosing": "on"}
    foreign = manager_client.post(path, {**data, "documents": [paper.pk]}).content.decode()
    assert "公開できないものがあります" in foreign
    unchecked = manager_client.post(path, {**data, "checked": "", "documents": [chosen.pk]})
    assert f'value="{chosen.pk}" checked' in unchecked.content.decode()
    assert not PublicEdition.objects.exists()
    assert manager_client.post(path, {**data, "documents": [chosen.pk]}).status_code == 302
    assert [each["title"] for each in PublicEdition.objects.get().facts["documents"]] == ["写し"]
    assert Client().get(url("public-document", chosen.pk)).status_code == 200
    assert Client().get(url("public-document", other.pk)).status_code == 404


def test_editor_chooses_documents_with_the_preparation(client, fukuoka, today):
    editor = StaffMemberFactory(editor=True, municipality=fukuoka)
    agreement = AgreementFactory(whole=True, municipality=fukuoka, department=editor.department)
    first, second = DocumentFactory.create_batch(2, agreement=agreement)
    client.force_login(editor)
    path = url("publication", agreement.pk)
    client.post(path, {"step": "choose", "version": 1, "choosing": "on", "documents": [first.pk]})
    assert list(AgreementDocument.objects.filter(is_public=True)) == [first]
    client.post(path, {"step": "prepare", "version": 1, "choosing": "on", "documents": [second.pk]})
    assert list(AgreementDocument.objects.filter(is_public=True)) == [second]
    agreement.refresh_from_db()
    assert agreement.publication == "preparing"


def pdf_by(author):
    writer = PdfWriter(clone_from=io.BytesIO(pdf("Kyotei")))
    writer.add_metadata({"/Author": author, "/Title": MARK})
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def test_published_pdf_is_a_copy_without_the_properties_of_the_file(
    manager_client, neighbour_client, fukuoka, today
):
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    document = DocumentFactory(agreement=agreement, title="協定書の写し", content=pdf_by("山田 太郎"))
    path = url("publication", agreement.pk)
    assert "作成者「山田 太郎」" in manager_client.get(path).content.decode()
    data = {"step": "publish", "version": 1, "checked": "on", "choosing": "on", "documents": [document.pk]}
    assert manager_client.post(path, data).status_code == 302
    answer = Client().get(url("public-document", document.pk))
    copy = b"".join(answer.streaming_content)
    words = pdf_words(copy)
    assert "Kyotei" in words
    assert "協定書の写し" in words
    assert "山田" not in words
    assert MARK not in words
    assert PublicEdition.objects.get().facts["documents"][0]["size"] == len(copy)
    with document.file.open("rb") as original:
        assert "山田" in pdf_words(original.read())
    for person, knows in ((manager_client, True), (neighbour_client, False)):
        download = person.get(url("document-download", document.pk))
        assert ("山田" in pdf_words(b"".join(download.streaming_content))) is knows
        assert ("%E8%A6%8B%E6%9C%AC.pdf" in download["Content-Disposition"]) is knows  # 見本.pdf


def test_copy_bears_the_title_that_is_published_with_it(client, fukuoka, manager):
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    document = DocumentFactory(agreement=agreement, title="先の題", is_public=True)
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    before = document.public_copy.file.path
    document.title = "後の題"
    document.save()
    publish(agreement=agreement, by=manager, version=2, today=TODAY, reason="題の誤記")
    words = pdf_words(b"".join(client.get(url("public-document", document.pk)).streaming_content))
    assert "後の題" in words
    assert "先の題" not in words
    assert not Path(before).exists()


def test_published_photo_is_a_copy_without_its_place_and_author(manager_client, fukuoka, today):
    exif = Image.Exif()
    exif[0x013B], exif[0x0112] = "Yamada", 6
    exif.get_ifd(0x8825)[1] = "N"
    content = io.BytesIO()
    Image.new("RGB", (40, 20), "#0017c1").save(content, "JPEG", exif=exif, comment=MARK.encode())
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    photo = DocumentFactory(
        agreement=agreement, title="締結式", content=content.getvalue(), content_type="image/jpeg"
    )
    path = url("publication", agreement.pk)
    html = manager_client.get(path).content.decode()
    for told in ("作成者「Yamada」", "撮影場所「位置情報」", f"コメント「{MARK}」"):
        assert told in html
    data = {"step": "publish", "version": 1, "checked": "on", "choosing": "on", "documents": [photo.pk]}
    assert manager_client.post(path, data).status_code == 302
    answer = Client().get(url("public-document", photo.pk))
    copy = Image.open(io.BytesIO(b"".join(answer.streaming_content)))
    assert (answer["Content-Type"], copy.format, copy.size) == ("image/jpeg", "JPEG", (20, 40))
    assert not copy.getexif()
    assert "comment" not in copy.info


def test_pdf_whose_properties_cannot_be_taken_off_is_not_published(manager_client, fukuoka, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    broken = DocumentFactory(agreement=agreement, title="壊れた書類", content=b"%PDF-1.7 broken %%EOF")
    path = url("publication", agreement.pk)
    assert "情報を読み取れない" in manager_client.get(path).content.decode()
    data = {"step": "publish", "version": 1, "checked": "on", "choosing": "on", "documents": [broken.pk]}
    refused = manager_client.post(path, data)
    assert refused.status_code == 409
    assert "「壊れた書類」から" in refused.content.decode()
    assert not PublicEdition.objects.exists()
    assert not AgreementDocument.objects.filter(is_public=True).exists()


def changes(client, **query):
    data = client.get(url("public-changes-json"), query).json()
    return [(each["id"], each["edition"], each["kind"], each["reason"]) for each in data["changes"]]


def test_changes_are_told_in_order_and_from_a_number_or_a_day_on(client, published, manager):
    other = AgreementFactory(whole=True, municipality=published.municipality)
    publish(agreement=other, by=manager, version=1, today=TODAY)
    Agreement.objects.filter(pk=published.pk).update(title="直した名称")
    publish(agreement=published, by=manager, version=2, today=date(2026, 10, 2), reason="誤記")
    whole = [
        (published.pk, 1, "published", ""),
        (other.pk, 1, "published", ""),
        (published.pk, 2, "corrected", "誤記"),
    ]
    assert changes(client) == whole
    first = client.get(url("public-changes-json")).json()["changes"][0]
    assert first.keys() == {
        *("sequence", "municipality", "id", "edition", "kind", "date", "changed", "changed_keys"),
        *("reason", "url"),
    }
    last = client.get(url("public-changes-json")).json()["changes"][-1]
    assert (last["changed"], last["changed_keys"]) == (["協定名称"], ["title"])
    assert changes(client, after=first["sequence"]) == whole[1:]
    assert changes(client, since="2026-10-02") == whole[2:]
    assert changes(client, after=10**17) == []
    for query in ({"after": "x"}, {"after": "９"}, {"since": "R8"}):
        assert client.get(url("public-changes-csv"), query).status_code == 400
    text = client.get(url("public-municipality-changes-csv", "401307")).content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert head == [name for name, _ in CHANGE_COLUMNS]
    assert rows[2][3:8] == ["2", "corrected", "2026-10-02", "協定名称", "誤記"]


def test_long_list_of_changes_names_the_address_of_the_rest(client, published, manager, monkeypatch):
    monkeypatch.setattr("agreements.views.public_changes.PAGE", 1)
    Agreement.objects.filter(pk=published.pk).update(title="直した名称")
    publish(agreement=published, by=manager, version=2, today=TODAY, reason="誤記")
    page = client.get(url("public-changes-json")).json()
    assert [each["edition"] for each in page["changes"]] == [1]
    rest = client.get(page["next"].removeprefix("http://testserver")).json()
    assert [each["edition"] for each in rest["changes"]] == [2]
    assert rest["next"] is None


def test_changes_of_what_was_withdrawn_tell_only_that_it_was(client, published, manager):
    Agreement.objects.filter(pk=published.pk).update(title="直した名称")
    publish(agreement=published, by=manager, version=2, today=TODAY, reason="秘密の理由")
    published.refresh_from_db()
    withdraw(agreement=published, by=manager, version=published.version, today=TODAY, reason="申出")
    answer = client.get(url("public-changes-json")).json()["changes"]
    told = [(each["kind"], each["changed"], each["reason"]) for each in answer]
    assert told == [("published", [], ""), ("corrected", [], ""), ("withdrawn", [], "申出")]
    Agreement.objects.update(deleted_at="2026-10-02T00:00:00+09:00")
    assert changes(client) == []


def test_actions_are_open_data_as_far_as_they_are_published(client, fukuoka, manager, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    action = ActionItemFactory(
        agreement=agreement, title="=出張健診", due_on=date(2026, 3, 31), state="done", result_text="6回"
    )
    PublicProfile.objects.create(municipality=fukuoka, fields=["actions"])
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    text = client.get(url("public-actions-csv")).content.decode("utf-8-sig")
    head, first, _ = csv.reader(io.StringIO(text))
    assert head == [name for name, _ in ACTION_COLUMNS]
    values = dict(zip(head, first, strict=True))
    assert (values["ID"], values["取組"], values["年度"]) == (str(action.pk), "'=出張健診", "2025")
    assert (values["状態"], values["期限"], values["実施した内容"]) == ("完了", "2026-03-31", "")


def test_searches_are_limited_by_visitor_and_kept_pages_are_not(client, published, settings):
    settings.RENKEI_PUBLIC_SEARCHES_PER_MINUTE = 2
    caches["default"].clear()
    search, visitor = url("public-search"), {"REMOTE_ADDR": "203.0.113.7"}
    with time_machine.travel("2026-10-01T01:00:20Z", tick=False):
        answers = [client.get(search, {"q": "観光"}, **visitor) for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        refused = answers[-1]
        assert refused["Retry-After"] == "40"
        assert refused["Cache-Control"] == "no-store"
        assert "検索の回数が多すぎます" in refused.content.decode()
        assert client.get(search, **visitor).status_code == 200
        etag = {"If-None-Match": answers[0]["ETag"]}
        assert client.get(search, {"q": "観光"}, headers=etag, **visitor).status_code == 304
        assert client.get(search, {"q": "観光"}, REMOTE_ADDR="203.0.113.8").status_code == 200
        for host in ("2001:db8::1", "2001:db8::2", "2001:db8::3"):
            last = client.get(search, {"q": "観光"}, REMOTE_ADDR=host)
        assert last.status_code == 429
    with time_machine.travel("2026-10-01T01:01:00Z", tick=False):
        assert client.get(search, {"q": "観光"}, **visitor).status_code == 200


def test_every_key_of_the_json_is_documented(client, fukuoka, manager, today):
    PublicProfile.objects.create(municipality=fukuoka, fields=PublicField.values)
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    DocumentFactory(agreement=agreement, is_public=True)
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    data = client.get(url("public-agreement-json", agreement.pk)).json()
    documented = " ".join(f"{key} {text}" for key, text in JSON_KEYS)
    parts = [data, data["municipality"]]
    parts += [data[part][0] for part in ("parties", "actions", "items", "documents")] + [data["term"]]
    words = set(re.findall(r"[a-z_]+", documented))
    assert {key for part in parts for key in part} <= words
    page = client.get(url("public-data")).content.decode()
    assert "effect_method" in page


def test_preview_and_page_of_an_agreement_ask_as_often_for_three_as_for_one(
    manager_client, fukuoka, manager, today, assert_same_queries
):
    PublicProfile.objects.create(municipality=fukuoka, fields=PublicField.values)
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    years = iter(range(2020, 2026))

    def add():
        action = ActionItemFactory(agreement=agreement, due_on=TODAY)
        ProgressEntryFactory(action=action)
        DocumentFactory(agreement=agreement, is_public=True)
        report = AnnualReportFactory(agreement=agreement, fiscal_year=next(years), next_policy="方針")
        AnnualReportLineFactory(report=report, is_public=True, evaluation=Evaluation.AS_PLANNED)
        accept_report(report=submit_report(report=report, by=manager, today=TODAY), by=manager, today=TODAY)
        agreement.refresh_from_db()
        publish(agreement=agreement, by=manager, version=agreement.version, today=TODAY, reason="追加")

    paths = [url("publication", agreement.pk), url("public-agreement", agreement.pk)]
    assert_same_queries(add, lambda: [manager_client.get(path) for path in paths])
