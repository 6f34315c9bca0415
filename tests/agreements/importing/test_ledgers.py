"""The three messy ledgers, whole: nothing lost, nothing twice."""

from datetime import date

import pytest

from agreements.choices import AgreementKind, AgreementState, ImportOutcome
from agreements.models import Agreement, Company, SearchDocument
from tests.agreements.importing import ledgers
from tests.factories import CompanyFactory

pytestmark = pytest.mark.django_db


def problems(ledger):
    return [(row.number, row.errors) for row in ledger.rows.filter(outcome=ImportOutcome.ERROR)][:5]


def test_ledger_with_titles_merged_cells_and_wareki(registered, planning, fukuoka):
    CompanyFactory(lawson=True)
    ledger = registered(ledgers.titled_xlsx())
    assert not problems(ledger)
    assert ledger.counts[ImportOutcome.CREATE] == 120
    assert Agreement.objects.filter(backfilled=True, state=AgreementState.ACTIVE).count() == 120
    for number, agreement in enumerate(Agreement.objects.order_by("pk"), start=1):
        assert agreement.title == f"見本市と見本企業{number}との連携に関する協定"
        assert agreement.signed_on == agreement.effective_on == ledgers._day(number)
        assert agreement.cooperation_fields.count() == number % 3 + 1
        assert agreement.department == planning
        assert agreement.parties.exclude(municipality=fukuoka).count() == (1 if number % 7 else 2)
        assert agreement.note == ("原本は書庫" if number % 10 == 0 else "")
    names = set(Company.objects.values_list("name", flat=True))
    assert {"株式会社ローソン", "株式会社見本商店", "株式会社見本薬局"} <= names
    assert not {"㈱見本商店", "（株）見本薬局"} & names
    assert ledger.dropped == ["248行目は合計の行として除きました。", "249行目は注記の行として除きました。"]
    drift = SearchDocument.objects.repair()
    assert (drift.checked, bool(drift)) == (120, False), "the index says what the ledger says"
    assert Agreement.objects.first().history.first().history_change_reason.endswith("行目から取込み")


def test_ledger_in_cp932_with_several_companies_in_a_cell(registered, planning, fukuoka):
    ledger = registered(ledgers.several_companies_csv(), "災害協定.csv")
    assert not problems(ledger)
    assert Agreement.objects.count() == 100
    by_number = dict(enumerate(Agreement.objects.order_by("pk"), start=1))
    partners = {
        number: list(agreement.parties.exclude(municipality=fukuoka).values_list("company__name", flat=True))
        for number, agreement in by_number.items()
    }
    assert partners[4] == ["株式会社見本運輸", "株式会社見本倉庫"]
    assert partners[1] == ["株式会社見本石油", "株式会社見本ガス"]
    assert partners[3] == ["エヌ・ティ・ティ見本株式会社"]
    assert Company.objects.count() == 6
    assert by_number[1].signed_on is None
    assert by_number[2].auto_renew
    assert by_number[2].renewal_months == 12
    assert by_number[2].renewal_text == "締結の日から1年間。以後自動更新"
    assert by_number[1].first_expiry == date(2011, 5, 8)
    assert [item.text for item in by_number[1].cooperation_fields.all()] == ["物資の供給", "輸送の協力"]
    assert [item.text for item in by_number[3].cooperation_fields.all()] == ["物資の供給", "避難所への輸送"]
    assert by_number[1].note == "電話：内線123"


def test_ledger_of_tabs_with_serials_and_full_width_dates(registered):
    ledger = registered(ledgers.serials_tsv(), "大学.tsv", kind="agreements")
    assert not problems(ledger)
    assert Agreement.objects.count() == 100
    for number in range(1, 101):
        agreement = Agreement.objects.get(ledger_number=f"大-{number:03}")
        assert agreement.signed_on == ledgers._day(number)
        assert agreement.first_expiry == (None if number % 3 else date(2027, 3, 31))
        assert agreement.state == (AgreementState.ACTIVE if number % 5 else AgreementState.ENDED)
        assert agreement.kind == AgreementKind.COMPREHENSIVE
    assert Company.objects.count() == 100


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (ledgers.titled_xlsx, "協定一覧.xlsx"),
        (ledgers.several_companies_csv, "災害協定.csv"),
        (ledgers.serials_tsv, "大学.tsv"),
    ],
)
def test_second_import_of_the_same_file_changes_nothing(registered, planning, make, name):
    first = registered(make(40), name)
    before = list(Agreement.history.values_list("pk", flat=True))
    second = registered(make(40), name)
    assert not problems(second)
    assert second.counts[ImportOutcome.UNCHANGED] == first.counts[ImportOutcome.CREATE] == 40
    assert list(Agreement.history.values_list("pk", flat=True)) == before
    assert Agreement.objects.count() == 40
