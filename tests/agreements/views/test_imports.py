"""The pages of the import: what a clerk sees, step by step."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agreements.models import Agreement, LedgerImport
from tests.agreements.importing.ledgers import csv_of, xlsx_of
from tests.factories import CompanyFactory, ImportRowFactory, LedgerImportFactory

pytestmark = pytest.mark.django_db
ROWS = [
    ["表題"],
    ["件名", "連携先", "締結年月日", "内線"],
    ["あ", "ローソン", "R2.9.23", "12"],
    ["い", "甲社", "いつか", ""],
]


def send(client, content: bytes, name: str = "一覧.csv", kind: str = "agreements"):
    return client.post(
        reverse("agreements:import-create", args=[kind]), {"file": SimpleUploadedFile(name, content)}
    )


def settle(client, url: str, **changes: str):
    """Accept the columns as guessed."""
    page = client.get(url)
    columns = {row["name"]: row["chosen"] for row in page.context["form"].column_rows()}
    header = {"header_row": page.context["table"].header_row, "kind": "comprehensive", "keep_others": "on"}
    return client.post(url, {**columns, **header, **changes})


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def preview(manager_client, today):
    """The preview of `ROWS`, with its URL."""
    CompanyFactory(lawson=True)
    return settle(manager_client, send(manager_client, csv_of(ROWS)).url).url


def test_upload_page_refuses_at_the_field(manager_client):
    assert "選んでください" in text(
        manager_client.post(reverse("agreements:import-create", args=["agreements"]))
    )
    page = send(manager_client, b"%PDF-1.7 %%EOF", "協定.pdf")
    assert page.status_code == 200
    assert "取り込めるのは" in text(page)
    assert not LedgerImport.objects.exists()


def test_unknown_kind_is_not_found(manager_client):
    assert manager_client.get(reverse("agreements:import-create", args=["secrets"])).status_code == 404


def test_staff_are_for_managers(editor_client):
    assert editor_client.get(reverse("agreements:import-create", args=["staff"])).status_code == 403
    assert "職員を取り込む" not in text(editor_client.get(reverse("agreements:import-list")))


def test_columns_are_guessed_and_shown_with_samples(manager_client):
    page = manager_client.get(send(manager_client, csv_of(ROWS)).url)
    chosen = {row["header"]: row["chosen"] for row in page.context["form"].column_rows()}
    assert chosen == {"件名": "title", "連携先": "partners", "締結年月日": "signed_on", "内線": ""}
    assert "R2.9.23" in text(page)


def test_another_header_row_is_read_on_request(manager_client):
    url = send(manager_client, csv_of(ROWS)).url
    page = manager_client.get(url, {"header_row": "1"})
    assert page.context["table"].headers[0] == "表題"
    assert manager_client.get(url, {"header_row": "x"}).context["header_form"].errors


def test_one_item_for_two_columns_is_an_error_at_the_column(manager_client):
    url = send(manager_client, csv_of(ROWS)).url
    page = settle(manager_client, url, **{"column-3": "title"})
    assert page.status_code == 200
    assert "A列でも選ばれています" in text(page)
    page = settle(manager_client, url, **{"column-0": "", "column-1": ""})
    assert "の列を選んでください" in text(page)


def test_preview_names_cells_and_asks(manager_client, preview):
    page = text(manager_client.get(preview))
    assert "C4" in page
    assert "いつか" in page
    assert "別の相手方として新しく登録" in page
    assert "正しい1件だけ登録する" in page
    assert "い</th>" not in text(manager_client.get(preview, {"show": "create"}))
    assert not Agreement.objects.exists()


def test_answer_is_applied_before_anything_is_registered(manager_client, preview):
    manager_client.post(preview, {"row": "3", "q-3-0": "new", "step": "good"})
    assert not Agreement.objects.exists()
    manager_client.post(preview, {"row": "3", "q-3-0": "new", "step": "good"})
    assert Agreement.objects.get().parties.filter(company__name="ローソン").exists()


def test_all_is_refused_while_there_are_errors(manager_client, preview):
    response = manager_client.post(preview, {"step": "all"}, follow=True)
    assert "登録していません" in text(response)
    assert not Agreement.objects.exists()


def test_result_page_hands_back_the_bad_rows_and_can_be_undone(manager_client, preview):
    page = text(manager_client.post(preview, {"step": "good"}, follow=True))
    assert "取り込めなかった1行のExcel" in page
    pk = LedgerImport.objects.get().pk
    returned = manager_client.get(reverse("agreements:import-rejected", args=[pk]))
    assert returned["Content-Disposition"].startswith("attachment")
    page = text(manager_client.post(reverse("agreements:import-undo", args=[pk]), follow=True))
    assert "取り消されました" in page
    assert not Agreement.objects.alive().exists()


def test_second_time_says_that_nothing_changes(manager_client, today):
    rows = [ROWS[1], ROWS[2]]
    for _ in range(2):
        url = settle(manager_client, send(manager_client, xlsx_of(rows), "一覧.xlsx").url).url
        page = text(manager_client.get(url))
        manager_client.post(url, {"step": "all"})
    assert "変更なしで終える" in page
    assert "変わった行はありませんでした（変更なし）" in text(manager_client.get(url))


def test_import_can_be_dropped(manager_client, preview, django_capture_on_commit_callbacks):
    ledger = LedgerImport.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        manager_client.post(reverse("agreements:import-discard", args=[ledger.pk]))
    assert not LedgerImport.objects.exists()
    assert not ledger.file.storage.exists(ledger.file.name)


def test_history_of_an_imported_agreement_says_where_it_came_from(manager_client, preview):
    manager_client.post(preview, {"step": "good"})
    page = text(manager_client.get(Agreement.objects.get().get_absolute_url()))
    assert "一覧.csv 3行目から取込み" in page


def test_list_needs_as_many_queries_for_one_as_for_three(manager, manager_client, assert_same_queries):
    assert_same_queries(
        lambda: LedgerImportFactory(municipality=manager.municipality, by=manager),
        lambda: manager_client.get(reverse("agreements:import-list")),
    )


def test_preview_needs_as_many_queries_for_one_row_as_for_three(manager, manager_client, assert_same_queries):
    ledger = LedgerImportFactory(
        municipality=manager.municipality, by=manager, state="checked", counts={"create": 3, "rows": 3}
    )
    assert_same_queries(
        lambda: ImportRowFactory(ledger_import=ledger), lambda: manager_client.get(ledger.get_absolute_url())
    )
