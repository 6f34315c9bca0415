"""Which companies a file may mean, told from all others without folding every name."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agreements.forms.party_lookup import folded
from agreements.importing.parties import PartyBook, _beginnings
from agreements.models import Company, CompanyFormerName

pytestmark = pytest.mark.django_db


def make_company(name, reading="よみ", number=None, former=()):
    company = Company.objects.create(name=name, name_kana=reading, corporate_number=number)
    for each in former:
        CompanyFormerName.objects.create(company=company, name=each)
    company.save()
    return company


ALPHABET = "㈱（株）株式会社有限会社ローソンろーｿﾝ東 髙﨑・ABａｂ１ー−゛か"
NAMES = st.text(alphabet=ALPHABET, min_size=1, max_size=14)


@given(st.tuples(NAMES, NAMES, NAMES))
@example(("㈱ 東 ローソン", "（株）", "ロ−ソン㈱"))
def test_the_spellings_of_a_company_hold_every_name_it_is_found_by(names):
    name, reading, former = names
    company = Company(name=name, name_kana=reading)
    company.refresh_keys([(former, "")])
    spellings = company.search_names.replace(" ", "")
    for each in filter(folded, names):
        assert folded(each) in spellings
        assert _beginnings({folded(each), "ほか"}).search(spellings)


def test_only_the_companies_of_the_file_are_read(django_assert_max_num_queries):
    lawson = make_company("株式会社ローソン", "ろーそん", former=["大栄コンビニエンス"])
    bank = make_company("東銀行", number="7000012050002")
    make_company("西銀行")
    with django_assert_max_num_queries(6):
        book = PartyBook(["㈱ろ－そん", "大栄コンビニエンス", "北商店"], ["7000012050002"])
    assert book.names[folded("ローソン")] == [("c", lawson.pk)]
    assert book.called("大栄コンビニエンス") == [("c", lawson.pk)]
    assert book.numbers == {"7000012050002": bank.pk}
    assert folded("西銀行") not in book.names
    assert not book.called("北商店")


def test_a_name_that_was_not_announced_is_looked_up():
    bank = make_company("西銀行")
    book = PartyBook()
    assert book.called("西銀行") == [("c", bank.pk)]


def test_a_deleted_company_is_not_meant():
    bank = make_company("西銀行")
    Company.objects.filter(pk=bank.pk).update(deleted_at="2026-01-01T00:00:00Z")
    assert not PartyBook(["西銀行"]).called("西銀行")
