"""The published agreements of the domain pack in every form that we print."""

import io
import json
from datetime import date

import pypdf
import pytest
import weasyprint

from agreements.actions.annual_reports import submit_report
from agreements.choices import Side
from agreements.models import ActionItem, Agreement
from agreements.printing import engine
from agreements.printing.action_table import print_action_table
from agreements.printing.annual_report import print_annual_report
from agreements.printing.bulk import BulkOrder, Sheet, print_all
from agreements.printing.handover import print_handover, read_handover
from agreements.printing.list_print import PrintedColumn, print_list
from agreements.printing.page_choices import PageChoices
from agreements.printing.renderer import print_cache
from agreements.printing.restart_pack import print_restart_pack
from agreements.printing.sheet import build_sheet, print_sheet, sheet_html
from agreements.printing.worksheet import print_worksheet
from agreements.views.action_plan import bar_rows
from tests.factories import (
    ActionItemFactory,
    AnnualReportFactory,
    CooperationFieldFactory,
    RestartFactory,
    StaffMemberFactory,
)
from tests.factories.worksheets import filled_round

from .test_sheet import FACTS, real_agreement

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)
ARCHIVE = PageChoices(is_archive=True, is_marked=True, issued_on=TODAY, boxes=("課長", "部長"))


@pytest.fixture
def agreements() -> list[Agreement]:
    return [real_agreement(fact) for fact in FACTS]


@pytest.fixture
def sendai(agreements) -> Agreement:
    return next(each for each in agreements if each.title == "仙台市と山形市との連携に関する協定")


@pytest.fixture
def clerk(sendai):
    return StaffMemberFactory(manager=True, municipality=sendai.municipality)


def pdf_of(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def fonts_of(pdf: pypdf.PdfReader) -> list:
    """The descriptors of all fonts."""
    fonts = (each for page in pdf.pages for each in page["/Resources"]["/Font"].values())
    return [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]


def text(content: bytes) -> str:
    return "".join(page.extract_text() for page in pdf_of(content).pages).replace("\n", "")


def every_form(agreements, agreement, user) -> dict[str, bytes]:
    """One agreement in all forms; the list with all of them."""
    CooperationFieldFactory(agreement=agreement, text="防災に関すること")
    round_ = filled_round(agreement, user)
    ActionItemFactory(
        agreement=agreement, title="共同の防災訓練", person_in_charge=user, due_on=date(2027, 3, 1)
    )
    report = AnnualReportFactory(agreement=agreement, fiscal_year=2025, next_policy="続ける")
    submit_report(report=report, by=user, today=TODAY)
    report = agreement.annual_reports.get()
    restart = RestartFactory(agreement=agreement, begun_by=user)
    listed = agreement.actions.for_list()
    who = {"user": user, "today": TODAY}
    return {
        "sheet": print_sheet(agreement, internal=True, **who),
        "sheet for the partner": print_sheet(agreement, internal=False, **who),
        "archive": print_sheet(agreement, internal=True, choices=ARCHIVE, **who),
        "worksheet": print_worksheet(round_, viewer=Side.OWN, **who),
        "actions": print_action_table([("すべて", bar_rows(listed, 2026, TODAY))], year=2026, **who),
        "report": print_annual_report(report.content, internal=True, state="受理", **who),
        "public report": print_annual_report(
            report.content, internal=False, state="", choices=ARCHIVE, **who
        ),
        "restart": print_restart_pack(restart, **who),
        "handover": print_handover(read_handover(user, **who), user=user, municipality="仙台市", today=TODAY),
        "list": print_list(
            title="協定の一覧",
            conditions={"状態": ["締結・実施中"]},
            columns=[PrintedColumn("名称", "", False), PrintedColumn("締結日", "w-31", False)],
            rows=[[each.title, each.signed_on] for each in agreements],
            choices=ARCHIVE,
            **who,
        ),
    }


def test_every_form_prints_whole_tagged_and_as_the_engine_itself_would(
    agreements, sendai, clerk, monkeypatch
):
    ours = every_form(agreements, sendai, clerk)
    for form, content in ours.items():
        pdf = pdf_of(content)
        root = pdf.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"], form
        assert root["/Lang"] == "ja"
        assert pdf.metadata.title, form
        assert pdf.metadata.author in ("仙台市", str(sendai.municipality)), form
        assert f"1 / {len(pdf.pages)}" in pdf.pages[0].extract_text(), form
        assert all("/FontFile2" in font for font in fonts_of(pdf)), form
    assert all(each.title in text(ours["list"]) for each in agreements if each.title)
    for form in ("sheet", "worksheet", "restart", "report"):
        assert "仙台市と山形市との連携に関する協定" in text(ours[form]), form
    for form in ("sheet", "actions", "handover"):
        assert "共同の防災訓練" in text(ours[form]), form
    blocks = [
        "管理番号",
        "当事者",
        "期間・更新",
        "担当・窓口",
        "連携事項（原文）",
        "年度の取組",
        "診断の指摘",
        "起案",
    ]
    places = [text(ours["sheet"]).index(block) for block in blocks]
    assert places == sorted(places), "read aloud in the order of the paper"
    assert list(pdf_of(ours["public report"]).attachments) == ["report.json"]
    assert json.loads(pdf_of(ours["list"]).attachments["list.json"][0])["columns"] == ["名称", "締結日"]

    # Quicker, and byte for byte the same.
    print_cache().clear()
    monkeypatch.setattr(
        engine, "Document", lambda html, fetcher: weasyprint.HTML(string=html, url_fetcher=fetcher)
    )
    for form, content in again(agreements, sendai, clerk).items():
        assert content == ours[form], form


def again(agreements, agreement, user) -> dict[str, bytes]:
    who = {"user": user, "today": TODAY}
    report = agreement.annual_reports.get()
    listed = agreement.actions.for_list()
    return {
        "sheet": print_sheet(agreement, internal=True, **who),
        "worksheet": print_worksheet(agreement.expectation_rounds.get(), viewer=Side.OWN, **who),
        "actions": print_action_table([("すべて", bar_rows(listed, 2026, TODAY))], year=2026, **who),
        "report": print_annual_report(report.content, internal=True, state="受理", **who),
        "restart": print_restart_pack(agreement.restarts.get(), **who),
        "handover": print_handover(read_handover(user, **who), user=user, municipality="仙台市", today=TODAY),
    }


def test_archive_of_every_agreement_holds_its_facts_and_nothing_that_the_sheet_leaves_out(agreements):
    for agreement, fact in zip(agreements, FACTS, strict=True):
        user = StaffMemberFactory(manager=True, municipality=agreement.municipality)
        pdf = pdf_of(print_sheet(agreement, user=user, today=TODAY, internal=True, choices=ARCHIVE))
        data = json.loads(pdf.attachments["agreement.json"][0])
        assert data["schema"] == "renkei.agreement/1"
        assert data["title"] == (fact["title"] or "")
        assert data["signed_on"] == fact["signed_on"]
        assert [item["text"] for item in data["items"]] == (fact["items"] or [])
        assert [party["name"] for party in data["parties"]] == [
            each["name"] for each in [*fact["municipalities"], *fact["companies"]]
        ]
        assert "filing" in data
        assert b"pdfaid" in pdf.trailer["/Root"]["/Metadata"].get_data()
        stranger = StaffMemberFactory(manager=True)
        foreign = print_sheet(agreement, user=stranger, today=TODAY, internal=True, choices=ARCHIVE)
        left = json.loads(pdf_of(foreign).attachments["agreement.json"][0])
        assert not {"ledger_number", "actions", "filing", "department"} & set(left)


def test_all_of_them_in_one_book(agreements):
    sheets = []
    for number, agreement in enumerate(agreements, start=1):
        user = StaffMemberFactory(manager=True, municipality=agreement.municipality)
        data = build_sheet(agreement, user=user, today=TODAY, internal=True)
        sheets.append(Sheet(number, sheet_html(data), f"{number}.pdf"))
    target = io.BytesIO()
    outcomes = list(print_all(sheets, BulkOrder("すべて"), target, tell=lambda done: None))
    assert not [each for each in outcomes if each.error]
    pdf = pypdf.PdfReader(target, strict=True)
    tops = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    assert len(tops) == len(agreements)
    for top, agreement in zip(tops, agreements, strict=True):
        assert (agreement.title or "（名称未登録）") in top


def test_five_hundred_actions_take_pages_and_no_minute(sendai, clerk, text_of):
    due = {"agreement": sendai, "title": "同じ取組", "due_on": date(2027, 3, 1)}
    ActionItem.objects.bulk_create([ActionItem(**due) for _ in range(500)])
    rows = bar_rows(sendai.actions.for_list(), 2026, TODAY)
    pdf = print_action_table([("すべて", rows)], year=2026, user=clerk, today=TODAY)
    printed = text_of(pdf)
    assert printed.count("同じ取組") == 500
    assert printed.count("最終更新") == len(pdf_of(pdf).pages), "the head of the table on every page"
    sheet = print_sheet(sendai, user=clerk, today=TODAY, internal=True)
    assert "ほか495件" in text_of(sheet)
    assert len(pdf_of(sheet).pages) <= 3
