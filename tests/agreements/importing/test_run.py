"""All or nothing, only the good rows, taking back, our own exports, many rows in the background."""

import io
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from agreements.actions.companies import change_company
from agreements.choices import AgreementState, ImportState, JobKind, JobState
from agreements.exports import TABLES
from agreements.exports.writers import csv_lines, encoded, write_xlsx
from agreements.importing import run, sheets
from agreements.importing.kinds import importable
from agreements.models import (
    ActionItem,
    Agreement,
    BackgroundJob,
    Company,
    ImportMapping,
    LedgerImport,
    SearchDocument,
)
from municipalities.models import AuditEvent, StaffMember
from tests.agreements.importing import ledgers
from tests.agreements.importing.ledgers import csv_of
from tests.factories import AgreementFactory, CompanyFactory, DepartmentFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db
GOOD = [["協定名称", "相手方", "締結日"], ["あ", "㈱見本", "R2.9.23"], ["い", "見本大学", "2020/9/24"]]
BAD = [*GOOD, ["う", "見本", "いつか"]]


# -- All or nothing ------------------------------------------------------------------------------------
def test_bad_rows_keep_everything_out(checked, today):
    ledger = checked(csv_of(BAD), "一覧.csv")
    with pytest.raises(run.NotPossible, match="1件"):
        run.register(ledger=ledger, only_good=False, today=today)
    assert not Agreement.objects.exists()
    assert not Company.objects.exists()


def test_only_the_good_rows_and_the_bad_ones_come_back_with_the_reason(registered, checked, today):
    ledger = registered(csv_of(BAD), "一覧.csv", only_good=True)
    assert Agreement.objects.count() == 2
    returned = sheets.rejected(ledger)
    rows = list(load_workbook(io.BytesIO(returned)).active.iter_rows(values_only=True))
    assert rows[0] == ("元の行", "エラーの内容", "協定名称", "相手方", "締結日")
    assert rows[1][0] == 4
    assert rows[1][1].startswith("【C4 締結日】「いつか」")
    assert rows[1][2:] == ("う", "見本", "いつか")
    assert checked(returned, "直す.xlsx").counts["error"] == 1  # as it is, it can be sent again


def test_a_process_that_dies_leaves_nothing_half_done(checked, today, monkeypatch):
    ledger = checked(csv_of(GOOD), "一覧.csv")
    LedgerImport.objects.filter(pk=ledger.pk).update(state=ImportState.IMPORTING)

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(SearchDocument.objects, "refresh", die)
    with pytest.raises(KeyboardInterrupt):
        run.register(ledger=ledger, only_good=False, today=today)
    assert not Agreement.objects.exists()
    assert not Company.objects.exists()
    ledger.refresh_from_db()
    assert ledger.state == ImportState.CHECKED
    monkeypatch.undo()
    run.register(ledger=ledger, only_good=False, today=today)
    assert Agreement.objects.count() == 2


def test_what_changed_since_the_preview_is_not_overwritten(checked, today, fukuoka):
    ledger = checked(csv_of(GOOD), "一覧.csv")
    AgreementFactory(municipality=fukuoka, title="あ", signed_on=date(2020, 9, 23))
    with pytest.raises(run.NotPossible, match="確認した後に"):
        run.register(ledger=ledger, only_good=False, today=today)


def test_registering_twice_is_refused(registered, today):
    ledger = registered(csv_of(GOOD), "一覧.csv")
    with pytest.raises(run.NotPossible, match="すでに登録"):
        run.register(ledger=ledger, only_good=False, today=today)


def test_import_is_recorded_and_the_file_goes(registered):
    ledger = registered(csv_of(GOOD), "一覧.csv")
    kinds = list(
        AuditEvent.objects.filter(
            object_model="agreements.ledgerimport", object_pk=str(ledger.pk)
        ).values_list("kind", flat=True)
    )
    assert sorted(kinds) == ["import", "upload"]
    assert not ledger.file


def test_mapping_is_remembered_for_files_with_the_same_headers(checked, manager, fukuoka):
    first = checked(csv_of(GOOD), "一覧.csv")
    known = ImportMapping.objects.get()
    known.mapping = {"title": 0, "purpose": 1}
    known.save()
    table = run.table_of(run.open_sheet(first), 1)
    assert run.suggested_mapping(first, table)[0] == {"title": 0, "purpose": 1}
    other = StaffMemberFactory(manager=True)
    ledger = run.stage(kind="agreements", file=ContentFile(csv_of(GOOD)), name="一覧.csv", by=other)
    assert run.suggested_mapping(ledger, table)[0] == {"title": 0, "partners": 1, "signed_on": 2}


def test_as_many_queries_for_three_rows_as_for_nine(checked, registered, today, planning):
    registered(ledgers.several_companies_csv(3), "零.csv")  # fills what the process keeps
    for n in range(9):
        CompanyFactory(name=f"株式会社見{n}", name_kana="み")
    counts = []
    for count in (3, 9):
        content = csv_of(
            [
                ["協定名称", "相手方", "連携事項"],
                *([f"協{count}-{n}", f"㈱見{count}{n}", "観光"] for n in range(count)),
            ]
        )
        ledger = checked(content, f"{count}.csv")
        with CaptureQueriesContext(connection) as queries:
            run.register(ledger=ledger, only_good=False, today=today)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_as_many_queries_for_three_known_companies_as_for_nine(checked, registered, today, planning):
    registered(csv_of([["協定名称", "相手方"], *([f"協定{n}", f"㈱見{n}"] for n in range(9))]), "元.csv")
    counts = []
    for count in (3, 9):
        rows = [[f"協{count}-{n}", f"㈱見{n}"] for n in range(count)]
        ledger = checked(csv_of([["協定名称", "相手方"], *rows]), f"{count}.csv")
        with CaptureQueriesContext(connection) as queries:
            run.register(ledger=ledger, only_good=False, today=today)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- Taking back ---------------------------------------------------------------------------------------
def test_undo_takes_back_agreements_and_their_new_companies(registered, manager, today):
    ledger = registered(csv_of(GOOD), "一覧.csv")
    assert run.undo(ledger=ledger, by=manager, today=today) == 4
    assert not Agreement.objects.alive().exists()
    assert not Company.objects.alive().exists()
    assert Agreement.history.filter(history_change_reason="一覧.csvの取込みの取消し").count() == 2
    ledger.refresh_from_db()
    assert (ledger.state, ledger.undo_report) == (ImportState.UNDONE, [])


def test_undo_reports_what_was_changed_since_and_leaves_it(registered, manager, today):
    ledger = registered(csv_of(GOOD), "一覧.csv")
    kept = Agreement.objects.get(title="あ")
    kept.version += 1
    kept.note = "後から"
    kept.save()
    company = Company.objects.get(name="見本大学")
    change_company(company=company, seen=company.updated_at, values={"address": "見本町1"})
    run.undo(ledger=ledger, by=manager, today=today)
    ledger.refresh_from_db()
    assert [agreement.title for agreement in Agreement.objects.alive()] == ["あ"]
    told = {(each["number"], each["message"]) for each in ledger.undo_report}
    assert told == {
        (2, "取込みの後に変更されています"),
        (2, "協定で使われています"),
        (3, "取込みの後に変更されています"),
    }


def test_undo_of_an_update_brings_every_value_back(registered, manager, today, fukuoka):
    stored = AgreementFactory(
        municipality=fukuoka, backfilled=True, whole=True, ledger_number="A-1", note="前"
    )
    texts = [item.text for item in stored.cooperation_fields.all()]
    parties = [party.name for party in stored.parties.all()]
    rows = [
        ["管理番号", "満了日", "備考", "連携事項", "相手方"],
        ["A-1", "R9.3.31", "後", "別の事項に関すること", "別の会社"],
    ]
    ledger = registered(csv_of(rows), "一覧.csv")
    changed = Agreement.objects.get(pk=stored.pk)
    assert changed.note == "後"
    assert [item.text for item in changed.cooperation_fields.all()] == ["別の事項に関すること"]
    run.undo(ledger=ledger, by=manager, today=today)
    back = Agreement.objects.get(pk=stored.pk)
    assert (back.note, back.first_expiry) == ("前", stored.first_expiry)
    assert [item.text for item in back.cooperation_fields.all()] == texts
    assert [party.name for party in back.parties.all()] == parties
    assert not Company.objects.alive().filter(name="別の会社").exists()


def test_file_can_be_imported_again_after_the_undo(registered, manager, today):
    rows = [["管理番号", "協定名称"], ["A-1", "あ"]]
    run.undo(ledger=registered(csv_of(rows), "一覧.csv"), by=manager, today=today)
    ledger = registered(csv_of(rows), "一覧.csv")
    assert ledger.counts["update"] == 1
    assert Agreement.objects.alive().get().ledger_number == "A-1"


# -- Our own exports -----------------------------------------------------------------------------------
def exported(key: str, queryset, user, as_csv: bool = False) -> bytes:
    table = TABLES[key]
    portions = table.rows(queryset, table.columns, user=user, today=date(2026, 10, 1))
    if as_csv:
        return b"".join(encoded(csv_lines(table.columns, portions), "utf-8"))
    buffer = io.BytesIO()
    write_xlsx(buffer, table.noun, table.columns, portions)
    return buffer.getvalue()


@pytest.mark.parametrize("as_csv", [False, True])
def test_our_own_export_changes_nothing_and_an_edited_one_updates(
    registered, manager, fukuoka, planning, as_csv
):
    registered(ledgers.titled_xlsx(12), "台帳.xlsx")
    whole = AgreementFactory(
        municipality=fukuoka, whole=True, renewing=True, backfilled=True, note="=SUM(A1)", department=planning
    )
    ours = Agreement.objects.filter(municipality=fukuoka)
    content = exported("agreements", ours.order_by("pk"), manager, as_csv)
    name = "協定.csv" if as_csv else "協定.xlsx"
    before = Agreement.history.count()
    ledger = registered(content, name)
    assert [row.changes for row in ledger.rows.exclude(outcome="unchanged")] == []
    assert ledger.counts["unchanged"] == 13
    assert Agreement.history.count() == before
    if as_csv:
        edited = content.decode("utf-8-sig").replace(whole.title, "名称を直した協定").encode()
        assert registered(edited, name).counts["update"] == 1
        assert Agreement.objects.get(pk=whole.pk).title == "名称を直した協定"


def test_exports_of_companies_and_actions_change_nothing_either(registered, manager, fukuoka):
    AgreementFactory(municipality=fukuoka, whole=True)
    CompanyFactory(lawson=True)
    for key, model in (("companies", Company), ("actions", ActionItem)):
        ledger = registered(exported(key, model.objects.order_by("pk"), manager), f"{key}.xlsx", kind=key)
        assert ledger.counts["unchanged"] == model.objects.count(), ledger.rows.values("errors", "changes")


# -- The other kinds -----------------------------------------------------------------------------------
def test_companies_are_registered_updated_and_taken_back(registered, manager, today):
    CompanyFactory(lawson=True)
    rows = [
        ["企業名", "フリガナ", "法人番号", "住所"],
        ["㈱ローソン", "", "", "東京都品川区"],
        ["株式会社見本", "みほん", "7123456789012", "見本県"],
        ["", "", "", "住所だけ"],
    ]
    ledger = registered(csv_of(rows), "企業.csv", kind="companies", only_good=True)
    assert (ledger.counts["create"], ledger.counts["update"], ledger.counts["error"]) == (1, 1, 1)
    assert Company.objects.get(corporate_number="7123456789012").kana_key
    assert Company.objects.get(name="株式会社ローソン").address == "東京都品川区"
    assert registered(csv_of(rows[:3]), "企業.csv", kind="companies").counts["unchanged"] == 2
    run.undo(ledger=ledger, by=manager, today=today)
    assert Company.objects.alive().get().address == ""


def test_actions_hang_on_agreements_that_are_there(registered, manager, today, fukuoka, planning):
    agreement = AgreementFactory(municipality=fukuoka, whole=True, ledger_number="A-1", title="見本の協定")
    rows = [
        ["管理番号", "協定名", "取組名", "連携事項の番号", "担当課", "期限", "進捗状況"],
        ["A-1", "", "フェアの開催", "1", "企画課", "令和8年12月1日", "実施中"],
        ["", "見本の協定", "講座の開催", "", "", "", ""],
        ["A-9", "", "どこかの取組", "", "", "", ""],
        ["A-1", "", "番号違い", "7", "", "", ""],
    ]
    ledger = registered(csv_of(rows), "取組.csv", kind="actions", only_good=True)
    assert (ledger.counts["create"], ledger.counts["error"]) == (2, 2)
    made = agreement.actions.get(title="フェアの開催")
    assert (made.department, made.due_on, made.state) == (planning, date(2026, 12, 1), "in_progress")
    assert [item.number for item in made.cooperation_fields.all()] == [1]
    assert registered(csv_of(rows[:3]), "取組.csv", kind="actions").counts["unchanged"] == 2
    run.undo(ledger=ledger, by=manager, today=today)
    assert agreement.actions.filter(deleted_at=None).count() == 1


def test_staff_are_registered_without_a_password_and_roles_stay(registered, manager, editor, today, planning):
    rows = [
        ["職員番号", "氏名", "所属", "権限"],
        ["new-1", "見本 花子", "企画課", "編集"],
        [editor.username, editor.name, "", "管理"],
        ["new-2", "", "", ""],
        ["new-3", "見本 三郎", "ない課", ""],
    ]
    ledger = registered(csv_of(rows), "職員.csv", kind="staff", only_good=True)
    assert (ledger.counts["create"], ledger.counts["error"]) == (1, 2)
    made = StaffMember.objects.get(username="new-1")
    assert (made.role, made.department, made.is_invited) == ("editor", planning, True)
    editor.refresh_from_db()
    assert editor.role == "editor"
    run.undo(ledger=ledger, by=manager, today=today)
    made.refresh_from_db()
    assert not made.is_active


def test_template_of_every_kind_can_be_imported_as_it_is(checked, fukuoka, manager):
    DepartmentFactory(municipality=fukuoka, name="企画課")
    AgreementFactory(municipality=fukuoka, whole=True, backfilled=True, ledger_number="2024-001", title="x")
    for key in ("companies", "actions", "staff", "agreements"):
        ledger = checked(sheets.template(importable(key)), f"{key}.xlsx", kind=key)
        assert ledger.counts["error"] == 0, (key, ledger.rows.values("errors"))
        assert ledger.counts["rows"] == 1


# -- Many rows -----------------------------------------------------------------------------------------
def test_many_rows_are_checked_and_written_as_a_job(
    manager_client, manager, today, django_capture_on_commit_callbacks
):
    rows = [
        ["協定名称", "相手方", "締結日"],
        *([f"協定{n}", f"株式会社見本{n}", "R2.9.23"] for n in range(201)),
    ]
    ledger = run.stage(kind="agreements", file=ContentFile(csv_of(rows)), name="多い.csv", by=manager)
    data = {
        "header_row": 1,
        "column-0": "title",
        "column-1": "partners",
        "column-2": "signed_on",
        "kind": "watching",
    }
    with django_capture_on_commit_callbacks(execute=True):
        response = manager_client.post(f"/imports/{ledger.pk}/columns/", data)
    check = BackgroundJob.objects.get()
    assert response.url == check.get_absolute_url()
    assert (check.kind, check.state) == (JobKind.IMPORT_CHECK, JobState.DONE)
    with django_capture_on_commit_callbacks(execute=True):
        manager_client.post(f"/imports/{ledger.pk}/", {"step": "all"})
    job = BackgroundJob.objects.first()
    assert (job.kind, job.state) == (JobKind.IMPORT, JobState.DONE)
    assert job.report["link"]["url"] == ledger.get_absolute_url()
    assert Agreement.objects.filter(kind="watching", state=AgreementState.ACTIVE).count() == 201
    with django_capture_on_commit_callbacks(execute=True):
        manager_client.post(f"/imports/{ledger.pk}/undo/")
    assert not Agreement.objects.alive().exists()


def test_stopped_job_leaves_the_import_where_it_was(checked, manager, manager_client):
    ledger = checked(csv_of(GOOD), "一覧.csv")
    job = BackgroundJob.objects.create(by=manager, kind="import", title="x", state=JobState.CANCELLED)
    LedgerImport.objects.filter(pk=ledger.pk).update(state=ImportState.IMPORTING, job=job)
    assert "2件を登録する" in manager_client.get(ledger.get_absolute_url()).content.decode()


def test_related_departments_are_registered_as_such(registered, fukuoka):
    sections = [DepartmentFactory(municipality=fukuoka, name=name) for name in ("観光課", "福祉課")]
    rows = [["協定名称", "相手方", "締結日", "関係課"], ["あ", "株式会社見本", "R2.9.23", "観光課、福祉課"]]
    registered(csv_of(rows), "一覧.csv")
    agreement = Agreement.objects.get()
    assert set(agreement.related_departments.all()) == set(sections)
    assert agreement.parties.count() == 2
