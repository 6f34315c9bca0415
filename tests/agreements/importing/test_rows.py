"""What becomes of one row: every bad cell at its place, doubts as questions, nothing made up."""

from datetime import date

import pytest

from agreements.actions.companies import change_company
from agreements.choices import AgreementState, EndedReason, ImportOutcome, Publication
from agreements.importing import run
from agreements.models import Agreement, Company
from tests.agreements.importing.ledgers import csv_of
from tests.factories import (
    AgreementFactory,
    CompanyFactory,
    DepartmentFactory,
    PartyFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.django_db
HEADERS = [
    "協定名称",
    "相手方",
    "締結日",
    "満了日",
    "担当課",
    "自動更新",
    "更新期間",
    "状態",
    "終了日",
    "備考",
]


def ledger_of(*rows, headers=HEADERS):
    return csv_of([headers, *[[*row, *[""] * (len(headers) - len(row))] for row in rows]])


def errors(ledger) -> list[tuple[str, str]]:
    return [(each["cell"], each["message"]) for row in ledger.rows.all() for each in row.errors]


def warnings(ledger) -> list[str]:
    return [each["message"] for row in ledger.rows.all() for each in row.warnings]


def test_every_bad_cell_of_every_row_is_named_as_excel_names_it(checked, planning):
    ledger = checked(
        ledger_of(
            ["あ", "甲社", "R2.9.23", "令和2年9月1日", "企画課"],
            ["い", "乙社", "令和元年4月30日", "いつか", "企画課"],
            ["", "", "R2.9.23"],
            ["え", "丁社", "R2.9.23", "", "企画課", "たぶん", "", "決裁中"],
            ["お", "戊社", "R2.9.23", "", "企画課", "", "", "", "R1.9.1"],
            ["か", "己社", "2030/1/1"],
        ),
        "一覧.csv",
    )
    cells = {cell for cell, _message in errors(ledger)}
    assert cells == {"D2", "C3", "D3", "A4", "F5", "I6", "C7"}
    assert dict(errors(ledger))["D2"].startswith("満了日が締結日より前です")
    assert ledger.counts["error"] == 6
    assert not Agreement.objects.exists()


def test_formula_errors_are_told_at_the_cell(checked):
    ledger = checked(ledger_of(["あ", "#REF!", "R2.9.23"]), "一覧.csv")
    assert errors(ledger) == [("B2", "Excel の数式のエラー（#REF!）です。値を直してください。")]


def test_unknown_values_stay_empty_and_their_words_are_kept(registered):
    registered(ledger_of(["あ", "不明", "不明", "定めなし", "昔の課", "有"]), "一覧.csv")
    agreement = Agreement.objects.get()
    assert (agreement.signed_on, agreement.first_expiry, agreement.department) == (None, None, None)
    assert not agreement.auto_renew
    assert agreement.note == "主担当課：昔の課\n自動更新：有"
    assert not agreement.parties.exclude(company=None).exists()


def test_ended_agreements_are_entered_as_ended(registered):
    rows = [
        ["あ", "甲社", "H20.4.1", "", "", "", "", "満了", "H21.3.31"],
        ["い", "乙社", "H20.4.1", "", "", "", "", "終了"],
    ]
    registered(ledger_of(*rows), "一覧.csv")
    first, second = Agreement.objects.order_by("pk")
    assert (first.state, first.ended_on) == (AgreementState.ENDED, date(2009, 3, 31))
    assert first.ended_reason == EndedReason.EXPIRED
    assert (second.state, second.ended_on, second.ended_reason) == (AgreementState.ENDED, None, "")


def test_renewal_clause_gives_the_length_with_a_warning(registered):
    ledger = registered(
        csv_of(
            [["協定名称", "自動更新", "更新条件"], ["あ", "有", "異議がないときは自動的に1年間更新する。"]]
        ),
        "一覧.csv",
    )
    assert Agreement.objects.get().renewal_months == 12
    assert any("12か月" in message for message in warnings(ledger))


# -- Companies -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "spelled", ["㈱ローソン", "（株）ローソン", "(株)ローソン", "株式会社　ローソン", "株式会社ﾛｰｿﾝ"]
)
def test_variants_of_a_name_are_the_company_we_know(registered, spelled):
    lawson = CompanyFactory(lawson=True)
    registered(ledger_of(["あ", spelled, "R2.9.23"]), "一覧.csv")
    assert Company.objects.get() == lawson
    assert Agreement.objects.get().parties.filter(company=lawson).exists()


def test_probable_company_is_a_question_with_a_way_out(checked, registered, today):
    lawson = CompanyFactory(lawson=True)
    ledger = checked(ledger_of(["あ", "ローソン", "R2.9.23"]), "一覧.csv")
    question = ledger.rows.get().questions[0]
    assert question["chosen"] == f"c:{lawson.pk}"
    assert "株式会社ローソン" in warnings(ledger)[0]
    run.choose(ledger=ledger, answers={"2": {question["key"]: "new"}})
    run.check(ledger=ledger, today=today)
    run.register(ledger=ledger, only_good=False, today=today)
    assert set(Company.objects.values_list("name", flat=True)) == {"株式会社ローソン", "ローソン"}


def test_another_legal_form_is_another_company(registered):
    CompanyFactory(name="株式会社見本", name_kana="みほん")
    registered(ledger_of(["あ", "有限会社見本", "R2.9.23"]), "一覧.csv")
    assert Company.objects.filter(name="有限会社見本").exists()


def test_two_companies_of_that_name_need_an_answer(checked):
    CompanyFactory.create_batch(2, name="見本株式会社", name_kana="みほん")
    ledger = checked(ledger_of(["あ", "見本㈱", "R2.9.23"]), "一覧.csv")
    assert errors(ledger)[0][0] == "B2"
    assert len(ledger.rows.get().questions[0]["options"]) == 3


def test_corporate_number_decides_and_a_wrong_one_is_an_error(registered, checked):
    lawson = CompanyFactory(lawson=True)
    headers = ["協定名称", "相手方", "法人番号", "締結日"]
    registered(csv_of([headers, ["あ", "ローソン本社", "2010701019195", "R2.9.23"]]), "一覧.csv")
    assert Agreement.objects.get().parties.filter(company=lawson).exists()
    ledger = checked(csv_of([headers, ["い", "見本", "2010701019190", "R2.9.23"]]), "次.csv")
    assert errors(ledger)[0][0] == "C2"
    assert "検査用数字" in errors(ledger)[0][1]


def test_former_name_finds_the_company_and_is_kept_as_signed(registered):
    company = CompanyFactory(name="株式会社新社名", name_kana="しんしゃめい")
    change_company(
        company=company, seen=company.updated_at, values={"name": "株式会社新新社名"}, keep_former_name=True
    )
    registered(ledger_of(["あ", "株式会社新社名", "R2.9.23"]), "一覧.csv")
    party = Agreement.objects.get().parties.get(company__isnull=False)
    assert (party.company, party.name_as_signed) == (company, "株式会社新社名")


def test_municipalities_are_parties_of_their_own_kind(registered, obuse, fukuoka):
    registered(ledger_of(["あ", "小布施町、福岡市", "R2.9.23"]), "一覧.csv")
    assert {party.municipality for party in Agreement.objects.get().parties.all()} == {obuse, fukuoka}
    assert not Company.objects.exists()


def test_rows_that_mean_one_new_company_share_it(registered):
    rows = [["あ", "㈱見本", "R2.9.23"], ["い", "株式会社見本", "R2.9.24"], ["う", "見本", "R2.9.25"]]
    registered(ledger_of(*rows), "一覧.csv")
    assert Company.objects.get().name == "株式会社見本"


# -- Agreements that are there -------------------------------------------------------------------------
def test_same_rows_twice_are_not_taken_in_twice(checked):
    row = ["あ", "甲社", "R2.9.23"]
    ledger = checked(ledger_of(row, row, [*row, "R5.3.31"]), "一覧.csv")
    assert [each.outcome for each in ledger.rows.all()] == ["create", "skip", "error"]
    assert "2行目" in warnings(ledger)[0]


def test_known_agreement_is_updated_where_the_ledger_says_something(registered, fukuoka, planning):
    stored = AgreementFactory(
        municipality=fukuoka,
        backfilled=True,
        title="あ",
        signed_on=date(2020, 9, 23),
        note="残す",
        first_expiry=None,
    )
    PartyFactory(agreement=stored, company=CompanyFactory(name="甲社", name_kana="こうしゃ"))
    ledger = registered(ledger_of(["あ", "甲社", "R2.9.23", "R5.3.31", "企画課"]), "一覧.csv")
    stored.refresh_from_db()
    assert ledger.counts["update"] == 1
    assert (stored.first_expiry, stored.department, stored.note) == (date(2023, 3, 31), planning, "残す")
    assert stored.version == 2
    assert stored.history.first().history_change_reason == "一覧.csv 2行目から取込み"


def test_probable_agreement_is_skipped_unless_the_person_says_otherwise(checked, today, fukuoka):
    stored = AgreementFactory(municipality=fukuoka, backfilled=True, title="あ", signed_on=date(2020, 9, 23))
    for name in ("甲社", "丙社"):
        PartyFactory(agreement=stored, company=CompanyFactory(name=name, name_kana="こうしゃ"))
    ledger = checked(ledger_of(["あ", "甲社、乙社", "R2.9.23"]), "一覧.csv")
    question = ledger.rows.get().questions[0]
    assert ledger.rows.get().outcome == "skip"
    for answer, outcome in (("new", "create"), (f"a:{stored.pk}", "update")):
        run.choose(ledger=ledger, answers={"2": {question["key"]: answer}})
        run.check(ledger=ledger, today=today)
        assert ledger.rows.get().outcome == outcome


def test_publication_and_state_in_progress_are_not_changed_by_a_ledger(registered, fukuoka):
    stored = AgreementFactory(municipality=fukuoka, ledger_number="A-1", title="あ")
    ledger = registered(
        csv_of([["管理番号", "協定名称", "状態", "公開区分"], ["A-1", "あ", "終了", "公開"]]), "一覧.csv"
    )
    stored.refresh_from_db()
    assert ledger.rows.get().outcome == ImportOutcome.UNCHANGED
    assert (stored.state, stored.publication) == (AgreementState.ACTIVE, Publication.PRIVATE)
    assert len(warnings(ledger)) == 2


def test_other_municipality_s_rows_are_refused(checked):
    ledger = checked(csv_of([["協定名称", "自治体"], ["あ", "小布施町"], ["い", "福岡市"]]), "一覧.csv")
    assert [each.outcome for each in ledger.rows.all()] == ["error", "create"]


# -- Who -----------------------------------------------------------------------------------------------
def test_editors_import_rows_of_their_own_section_alone(registered, checked, editor, fukuoka):
    other = DepartmentFactory(municipality=fukuoka, name="ほかの課")
    AgreementFactory(municipality=fukuoka, department=other, ledger_number="他-1", title="他課の協定")
    own = editor.department.name
    ledger = checked(
        csv_of(
            [
                ["管理番号", "協定名称", "担当課"],
                ["", "あ", own],
                ["", "い", ""],
                ["", "う", "ほかの課"],
                ["他-1", "え", ""],
            ]
        ),
        "一覧.csv",
        by=editor,
    )
    assert [each.outcome for each in ledger.rows.all()] == ["create", "create", "error", "error"]
    ledger = registered(csv_of([["協定名称", "担当課"], ["あ", own], ["い", ""]]), "二.csv", by=editor)
    assert {each.department for each in Agreement.objects.filter(created_by=editor)} == {editor.department}


def test_import_in_the_name_of_someone_who_lost_the_right_is_refused(checked, today, fukuoka):
    someone = StaffMemberFactory(editor=True, municipality=fukuoka)
    ledger = checked(ledger_of(["あ", "甲社", "R2.9.23"]), "一覧.csv", by=someone)
    someone.role = "viewer"
    someone.save()
    with pytest.raises(run.NotPossible, match="権限"):
        run.register(ledger=type(ledger).objects.get(pk=ledger.pk), only_good=False, today=today)
