"""Tables as files: typed, whole, safe, the same queries for 1 and 3 rows, in little memory."""

import csv
import io
import tracemalloc
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest

from agreements.choices import AgreementState, FieldCategory, PartyRole
from agreements.exports import TABLES, Column, Kind
from agreements.exports.agreements import COLUMNS, IMPORTED, INTERNAL
from agreements.exports.writers import csv_lines, encoded, missing_in_cp932, write_xlsx
from agreements.models import Agreement
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyFactory,
    CooperationFieldFactory,
    DocumentFactory,
    MeetingFactory,
    MeetingTaskFactory,
    PartyFactory,
    PlanItemFactory,
    PlanLinkFactory,
)

pytestmark = pytest.mark.usefixtures("today")
TODAY = date(2026, 10, 1)
TABLE = TABLES["agreements"]


def rows(user, table=TABLE, keys=()):
    found = table.model.objects.order_by("pk")
    return [
        row for portion in table.rows(found, table.chosen(keys), user=user, today=TODAY) for row in portion
    ]


@pytest.fixture
def agreement(fukuoka):
    agreement = AgreementFactory(
        municipality=fukuoka,
        title="=cmd|' /C calc'!A0",
        title_kana="かんこう",
        signed_on=date(2020, 4, 1),
        first_expiry=date(2025, 3, 31),
        expires_on=date(2025, 3, 31),
        auto_renew=True,
        renewal_months=12,
        notice_months=1,
        state=AgreementState.ACTIVE,
    )
    PartyFactory(agreement=agreement, company=CompanyFactory(lawson=True), order=1)
    PartyFactory(agreement=agreement, company__name="見本大学", role=PartyRole.PARTICIPANT, order=2)
    CooperationFieldFactory(
        agreement=agreement,
        number=1,
        text="観光の振興に関すること",
        categories=[FieldCategory.TOURISM, FieldCategory.DISASTER],
    )
    CooperationFieldFactory(agreement=agreement, number=2, text="その他", categories=[])
    ActionItemFactory(agreement=agreement)
    return agreement


def test_agreement_columns_are_named_as_in_the_model():
    headers = [column.header for column in COLUMNS]
    assert len(set(headers)) == len(headers)
    agreed = (
        "管理番号 協定名称 かな 種別 状態 締結日 効力発生日 当初の満了日 自動更新 更新期間（月） 主担当課"
    )
    assert set(f"{agreed} 担当者 相手方 法人番号 連携事項 分野 公開区分".split()) <= set(headers)
    assert set(IMPORTED) | INTERNAL <= {column.key for column in COLUMNS}


def test_agreement_row_holds_typed_values_and_one_line_for_each_part(viewer, agreement):
    (row,) = rows(viewer)
    assert row["signed_on"] == date(2020, 4, 1)
    assert row["expires_on"] == date(2027, 3, 31)  # as of today, whatever is stored
    assert row["state"] == "締結・実施中"
    assert row["partners"] == "株式会社ローソン\n見本大学（参加者）"
    assert row["partner_numbers"].split("\n")[0] == "2010701019195"
    assert row["items"] == "(1) 観光の振興に関すること\n(2) その他"
    assert row["categories"] == "(1) 観光・シティプロモーション・国際、防災・災害時支援"
    assert (row["item_count"], row["action_count"]) == (2, 1)


def test_agreement_rows_of_others_hold_no_internal_value(neighbour, agreement):
    Agreement.objects.update(publication="published", note="内緒")
    (row,) = rows(neighbour)
    assert {key for key in INTERNAL if row[key] not in (None, "")} == set()
    assert row["title"] == agreement.title


def make(key, municipality):
    agreement = AgreementFactory(municipality=municipality, whole=True)
    node = PlanItemFactory(plan__municipality=municipality, kpi_name="率", kpi_target=60)
    action = ActionItemFactory(agreement=agreement, plan_item=node, target_value=3, target_unit="回")
    action.sub_plan_items.add(PlanItemFactory(parent=node))
    action.cooperation_fields.set(agreement.cooperation_fields.all())
    DocumentFactory(agreement=agreement)
    MeetingTaskFactory(meeting=MeetingFactory(agreement=agreement))
    CompanyFactory()
    PlanLinkFactory(agreement=agreement, plan_item=action.plan_item)


@pytest.mark.parametrize("key", TABLES)
def test_every_table_holds_every_column_of_every_row_in_the_same_queries(
    viewer, fukuoka, key, assert_same_queries
):
    table = TABLES[key]
    assert_same_queries(lambda: make(key, fukuoka), lambda: rows(viewer, table))
    found = rows(viewer, table)
    assert len(found) == table.model.objects.count() >= 3
    assert all(row.keys() == {column.key for column in table.columns} for row in found)


def sheet_of(table, columns, portions):
    target = BytesIO()
    written = write_xlsx(target, table.noun, columns, portions)
    return written, openpyxl.load_workbook(BytesIO(target.getvalue())).active


def test_xlsx_is_typed_has_a_frozen_head_and_a_filter_and_no_formula(viewer, agreement):
    columns = TABLE.chosen(["title", "signed_on", "item_count", "auto_renew", "partners", "note"])
    (count, cut), sheet = sheet_of(
        TABLE, columns, TABLE.rows(Agreement.objects.all(), columns, user=viewer, today=TODAY)
    )
    assert (count, cut) == (1, 0)
    assert [cell.value for cell in sheet[1]] == [
        "協定名称",
        "締結日",
        "連携事項の数",
        "自動更新",
        "相手方",
        "備考（内部用）",
    ]
    title, signed_on, count, auto_renew, partners, note = sheet[2]
    assert (title.data_type, title.value) == ("s", agreement.title)
    assert (signed_on.value, signed_on.number_format) == (datetime(2020, 4, 1), "yyyy/mm/dd")  # noqa: DTZ001
    assert (count.value, auto_renew.value, note.value) == (2, "はい", None)
    assert partners.alignment.wrap_text
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:F2"
    assert sheet.column_dimensions["A"].width > 40


def test_xlsx_says_how_many_texts_it_had_to_cut():
    (count, cut), sheet = sheet_of(TABLE, TABLE.chosen(["note"]), [[{"note": "あ" * 40_000}, {"note": "い"}]])
    assert (count, cut) == (2, 1)
    assert len(sheet["A2"].value) == 32_767


def text_of(columns, found, encoding):
    return b"".join(encoded(csv_lines(columns, [found]), encoding))


def test_csv_is_safe_and_reads_back(viewer, agreement):
    columns = TABLE.chosen(["title", "signed_on", "partners"])
    raw = text_of(columns, rows(viewer, keys=["title", "signed_on", "partners"]), "utf-8")
    assert raw.startswith(b"\xef\xbb\xbf")
    head, line = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert head == ["協定名称", "締結日", "相手方"]
    assert line == [f"'{agreement.title}", "2020-04-01", "株式会社ローソン\n見本大学（参加者）"]


def test_cp932_never_loses_a_character_unseen():
    column = (Column("name", "名称", Kind.TEXT),)
    assert missing_in_cp932("髙橋と𠮷野屋、～") == {"𠮷": 1}
    assert text_of(column, [{"name": "𠮷野屋〜髙"}], "cp932").decode("cp932") == "名称\r\n〓野屋～髙\r\n"


def test_export_of_many_rows_needs_no_more_memory_than_of_few():
    columns = TABLE.columns
    row = {column.key: {Kind.DATE: TODAY, Kind.NUMBER: 3}.get(column.kind, "見本" * 20) for column in columns}

    def peak(portions: int) -> int:
        tracemalloc.start()
        with open("/dev/null", "wb") as nothing:
            for chunk in encoded(csv_lines(columns, ([dict(row)] * 100 for _ in range(portions))), "cp932"):
                nothing.write(chunk)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(1)
    assert peak(40) < peak(4) * 1.5
