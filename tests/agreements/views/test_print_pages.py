"""Print pages: choices in the URL, the document itself as preview, remembered per person."""

from datetime import date
from io import BytesIO
from urllib.parse import urlencode

import pypdf
import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.models import BackgroundJob, PrintChoice
from agreements.printing import engine
from agreements.printing.press import Limits, PressFailed
from agreements.printing.renderer import print_cache
from municipalities.models import AuditEvent
from tests.factories import ActionItemFactory, AgreementFactory, CooperationFieldFactory

pytestmark = pytest.mark.django_db
CHOSEN = {"p-chosen": "1", "p-form": "internal"}
SHOWN = ["grades", "filing", "responsibility", "categories", "plan_items", "counts", "actions", "findings"]


@pytest.fixture(autouse=True)
def _printing(print_fonts, today):
    print_cache().clear()


@pytest.fixture
def agreement(fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, whole=True, title="見本協定", ledger_number="企-1")
    ActionItemFactory(agreement=agreement, title="清掃の日", due_on=date(2026, 12, 1))
    return agreement


@pytest.fixture
def page(agreement):
    return reverse("agreements:agreement-print-page", args=[agreement.pk])


@pytest.fixture
def sheet(agreement):
    return reverse("agreements:agreement-sheet", args=[agreement.pk])


def text(response) -> str:
    assert response["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(BytesIO(response.content)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "")


def with_choices(url: str, **choices) -> str:
    named = {f"p-{name}": value for name, value in choices.items()}
    return f"{url}?{urlencode({**CHOSEN, **named}, doseq=True)}"


# -- The sheet --------------------------------------------------------------------------------------------
def test_page_shows_the_document_itself_in_a_frame(manager_client, page):
    response = manager_client.get(page)
    assertContains(response, "<iframe")
    assert "frame-src 'self'" in response["Content-Security-Policy"]
    url = response.context["pdf_url"]
    opened = manager_client.get(url)
    preview = manager_client.get(f"{url}&preview=1")
    download = manager_client.get(f"{url}&download=1")
    assert opened.content == preview.content == download.content
    assert opened["X-Frame-Options"] == "DENY"
    assert preview["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in preview["Content-Security-Policy"]
    assert download["Content-Disposition"].startswith("attachment")


def test_preview_counts_as_a_look_and_the_print_as_a_print(manager_client, sheet):
    manager_client.get(f"{sheet}?preview=1")
    manager_client.get(sheet)
    kinds = (
        AuditEvent.objects.filter(kind__in=["print", "view_internal"])
        .order_by("pk")
        .values_list("kind", flat=True)
    )
    assert list(kinds) == ["view_internal", "print"]


def test_choices_shape_the_sheet(manager_client, sheet):
    usual = text(manager_client.get(sheet))
    assert "起案" in usual
    assert "清掃の日" in usual
    assert "発行日" not in usual
    chosen = text(
        manager_client.get(
            with_choices(
                sheet, shown=["grades"], boxes="担当 課長,市長", issued_on="R8.10.5", is_archive="on"
            )
        )
    )
    assert "発行日 令和8年10月5日" in chosen.replace("　", " ")
    assert "市長" in chosen
    for hidden in ("起案", "清掃の日", "文書番号", "主担当課", "分野・SDGs", "診断の指摘"):
        assert hidden not in chosen, hidden
    assert "内部用" in chosen


def test_sheet_for_the_partner_has_nothing_internal_and_the_mark_only_on_demand(manager_client, sheet):
    plain = text(manager_client.get(with_choices(sheet, form="partner", shown=SHOWN, boxes="課長")))
    assert not [word for word in ("内部用", "課長", "主担当課", "文書番号") if word in plain]
    marked = text(manager_client.get(with_choices(sheet, form="partner", is_marked="on")))
    assert "内部用" in marked


def test_archive_carries_what_the_sheet_says(manager_client, sheet):
    response = manager_client.get(with_choices(sheet, shown=SHOWN, is_archive="on"))
    pdf = pypdf.PdfReader(BytesIO(response.content))
    assert list(pdf.attachments) == ["agreement.json"]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"boxes": "、".join("一二三四五六七八九")}, "決裁欄は8つまでです（いまは9つです）。"),
        ({"boxes": "とても長い名前の課長"}, "決裁欄の名前は6文字以内"),
        ({"issued_on": "きのう"}, "日付として読み取れません"),
        ({"shown": "nothing"}, "選べない項目"),
        ({"form": "secret"}, "正しく選択してください"),
    ],
)
def test_wrong_choice_is_an_error_at_its_field_and_prints_nothing(
    manager_client, page, sheet, choice, message
):
    response = manager_client.get(with_choices(page, **choice))
    (name,) = choice
    assert any(message in error for error in response.context["form"].errors[name])
    assertNotContains(response, "<iframe")
    assertContains(response, "error-summary")
    assertRedirects(manager_client.get(with_choices(sheet, **choice)), with_choices(page, **choice))


def test_another_municipality_is_offered_no_internal_choices(neighbour_client, fukuoka):
    published = AgreementFactory(municipality=fukuoka, whole=True, published=True)
    client = neighbour_client
    response = client.get(reverse("agreements:agreement-print-page", args=[published.pk]))
    assert not {"form", "boxes", "is_marked"} & set(response.context["form"].fields)
    assert not response.context["may_remember"]
    sheet = reverse("agreements:agreement-sheet", args=[published.pk])
    assert "内部用" not in text(client.get(with_choices(sheet, shown=["actions"], is_marked="on")))


# -- Remembered -------------------------------------------------------------------------------------------
def test_what_is_remembered_holds_for_this_person_until_reset_and_both_can_be_undone(
    manager_client, editor_client, manager, page, sheet
):
    client, other = manager_client, editor_client
    remember = reverse("agreements:print-choices", args=["sheet"])
    undo = reverse("agreements:print-choices-undo", args=["sheet"])
    shown = client.get(with_choices(page, boxes="市長", issued_on="R8.10.1", shown=["actions"]))
    client.post(remember, dict_of(shown.context["chosen"], back=page))
    kept = PrintChoice.objects.get()
    assert kept.person == manager
    assert kept.values["boxes"] == ["市長"]
    assert "issued_on" not in kept.values
    assert "市長" in text(client.get(sheet))
    assert "起案" in text(other.get(sheet))
    assertContains(client.get(page), undo)  # the offer to take it back

    assertRedirects(client.post(remember, {"reset": "1", "back": page}), page)
    assert "起案" in text(client.get(sheet))
    client.post(undo)
    assert "市長" in text(client.get(sheet))


def dict_of(pairs, **more):
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {**found, **more}


def test_wrong_choices_are_not_remembered_and_nobody_is_led_astray(manager_client):
    remember = reverse("agreements:print-choices", args=["sheet"])
    response = manager_client.post(remember, {**CHOSEN, "p-boxes": "a、" * 9, "back": "https://example.jp/"})
    assert response.url == reverse("agreements:today")
    assert not PrintChoice.objects.exists()
    assert manager_client.post(reverse("agreements:print-choices", args=["nothing"])).status_code == 404


# -- Lists, 取組, failures ---------------------------------------------------------------------------------
def test_list_is_printed_as_it_stands_with_the_choices(manager_client, agreement, fukuoka):
    AgreementFactory(municipality=fukuoka, title="別の協定")
    page = manager_client.get(
        reverse("agreements:list-print-page", args=["agreements"]) + "?q=見本&columns=title,kind"
    )
    response = manager_client.get(page.context["pdf_url"])
    printed = text(response)
    assert "見本協定" in printed
    assert "別の協定" not in printed
    assert "内部用" in printed
    bare = manager_client.get(
        with_choices(reverse("agreements:list-print-pdf", args=["agreements"]), boxes="課長")
    )
    assert "内部用" not in text(bare)
    assert "課長" in text(bare)


def test_long_list_is_made_as_a_job_with_the_same_choices(manager_client, fukuoka, monkeypatch):
    monkeypatch.setattr("agreements.views.print_pages.PRINTED_AT_ONCE", 1)
    monkeypatch.setattr("agreements.views.list_export.PRINTED_AT_ONCE", 1)
    AgreementFactory.create_batch(2, municipality=fukuoka)
    page = manager_client.get(
        reverse("agreements:list-print-page", args=["agreements"]) + "?p-chosen=1&p-boxes=課長"
    )
    assertNotContains(page, "<iframe")
    order = dict_of(page.context["chosen"], query="", format="pdf", scope="shown")
    response = manager_client.post(page.context["export"], order)
    assert response.status_code == 302
    assert BackgroundJob.objects.get().parameters["page"]["boxes"] == ["課長"]


def test_columns_of_the_action_table_can_be_left_out(manager_client, agreement):
    url = reverse("agreements:action-table")
    assert "最終更新" in text(manager_client.get(url))
    chosen = text(manager_client.get(with_choices(url, shown=["period"])))
    assert "最終更新" not in chosen
    assert "期間" in chosen


def test_printout_that_fails_says_so_on_a_page(manager_client, sheet, monkeypatch):
    def fail(*args, **kwargs):
        raise PressFailed("time", Limits(60, 0), is_fresh=True)

    monkeypatch.setattr(engine, "write_pdf", fail)
    response = manager_client.get(f"{sheet}?preview=1")
    assert response.status_code == 503
    assertContains(response, "PDFを作れませんでした", status_code=503)
    assert response["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("url", ["agreement-print-page", "agreement-sheet"])
def test_number_of_queries_does_not_grow(manager_client, agreement, url, assert_same_queries):
    address = with_choices(reverse(f"agreements:{url}", args=[agreement.pk]), shown=SHOWN, is_archive="on")

    def add_row() -> None:
        number = agreement.cooperation_fields.count() + 1
        item = CooperationFieldFactory(agreement=agreement, number=number)
        ActionItemFactory(agreement=agreement, cooperation_fields=[item])

    assert_same_queries(add_row, lambda: manager_client.get(address))
