"""The index against its definition, `Query.matches`, on whichever database the tests run."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.domain import search_index, search_text
from agreements.domain.search_index import LONGEST_TEXT, Reader
from agreements.models import Agreement, SearchDocument, agreement_search
from agreements.models.keyset import capped_count, paginate
from agreements.models.search_document import derived
from agreements.models.tokens_field import create_index, index_is_sound
from tests.factories.agreements import (
    ActionItemFactory,
    AgreementFactory,
    CompanyFactory,
    CooperationFieldFactory,
    PartyFactory,
)
from tests.factories.municipalities import DepartmentFactory, MunicipalityFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db

ALPHABET = "観光防災髙高ｶﾞがカDdＸ'\\\"&|!*:()-−~ a１1𠮷吉"
texts = st.text(ALPHABET, max_size=12)
typed = st.one_of(texts, st.lists(texts, max_size=3).map(' "'.join), st.text(max_size=6))


@pytest.fixture
def readers():
    own, other = MunicipalityFactory(), MunicipalityFactory()
    return {
        "own": StaffMemberFactory(municipality=own),
        "other": StaffMemberFactory(municipality=other),
        "admin": StaffMemberFactory(system_admin=True),
    }


def write(agreement: Agreement, public: str, internal: str, *, year: int | None = None) -> None:
    """A document with these texts, whatever the agreement says."""
    facets = search_index.facets(
        municipality=agreement.municipality_id,
        is_published=agreement.publication == "published",
        is_deleted=False,
        companies=[],
        categories=[],
        year=year,
    )
    normal = (search_text.normalise(text) for text in (public, internal))
    SearchDocument.objects.write([SearchDocument(agreement=agreement, **derived(*normal, facets))])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.tuples(texts, texts), min_size=6, max_size=6), query=typed)
def test_the_index_finds_what_the_definition_finds(readers, contents, query):
    """For every reader: public words of what is visible, internal words of the own municipality only."""
    check_definition(readers, contents, query)


def check_definition(readers, contents, query):
    Agreement.objects.all().delete()
    bodies = [readers["own"].municipality, readers["other"].municipality]
    rows = []
    for number, (public, internal) in enumerate(contents):
        agreement = AgreementFactory(
            municipality=bodies[number % 2], department=None, published=number % 3 == 0
        )
        write(agreement, public, internal)
        rows.append((agreement, public, internal))
    parsed = search_text.query_terms(query)
    for name, user in readers.items():
        expected = {
            agreement.pk
            for agreement, public, internal in rows
            if not parsed
            or (
                parsed.matches(public, internal)
                if name == "admin" or agreement.municipality_id == user.municipality_id
                else parsed.matches(public)
            )
        }
        visible = Agreement.objects.visible_to(user)
        expected &= set(visible.values_list("pk", flat=True))
        assert set(visible.matching(query, user).values_list("pk", flat=True)) == expected, (name, query)


@pytest.mark.parametrize(
    "query",
    [
        "観",
        "観光",
        "観光防",
        "-観光",
        "-観光防災",
        '"観光 防災"',
        "観光 -防",
        "DX",
        "dx ろーそん",
        "'",
        "\\",
        '-"a b"',
    ],
)
def test_words_of_every_length_and_kind(readers, query):
    random_ = random.Random(query)
    words = ["観光", "光防", "防災", "観光防災", "DX", "ローソン", "a", "b", "'", "\\", " "]
    contents = [
        ("".join(random_.choices(words, k=4)), " ".join(random_.choices(words, k=2))) for _ in range(12)
    ]
    check_definition(readers, contents, query)


@pytest.mark.parametrize("query", ["観", "観光", "観光防災", "観光 -防災", "観光 -内部"])
@pytest.mark.parametrize("name", ["own", "other", "admin"])
def test_a_probe_gives_hits_only_and_enough_of_them(readers, query, name):
    """Whether the newest years hold enough of them or not; also with a −word that only some may know."""
    for number in range(12):
        agreement = AgreementFactory(
            municipality=readers["own"].municipality, department=None, published=number % 2 == 0
        )
        public, internal = f"観光{'防災' * (number % 3 == 0)}", "内部" * (number % 4 == 0)
        write(agreement, public, internal, year=2020 + number % 6)
    parsed, reader = search_text.query_terms(query), agreement_search.reader_of(readers[name])
    hits = set(SearchDocument.objects.matching(parsed, reader).values_list("pk", flat=True))
    for limit in (1, 2, len(hits), len(hits) + 1):
        found = SearchDocument.objects.probe(parsed, reader, (), limit, year=2025)
        assert len(found) == len(set(found)) == min(limit, len(hits))
        assert hits.issuperset(found)


def test_many_hits_are_paged_counted_and_sorted_like_few(readers, monkeypatch):
    """More hits than the probe holds: the windows and the fenced sort give the same pages as the probe."""
    user = readers["own"]
    for number in range(30):
        agreement = AgreementFactory(
            municipality=user.municipality,
            department=None,
            title="観光" if number % 3 else "防災",
            title_kana=f"{'あいうえお'[number % 5]}",
            signed_on=None if number % 7 == 0 else f"2024-04-{number + 1:02}",
        )
        SearchDocument.objects.refresh([agreement.pk])
    orders = ("-signed_on", "signed_on", "kana_key", "-kana_key", "-pk")
    visible = Agreement.objects.visible_to(user)

    def pages(order):
        queryset = visible.matching("観光", user).order_by(order)
        page = paginate(queryset, size=4)
        while True:
            yield from (row.pk for row in page)
            if not page.next:
                return
            page = paginate(queryset, page.next, size=4)

    few = [list(pages(order)) for order in orders]
    assert [len(found) for found in few] == [20] * len(orders)
    monkeypatch.setattr(agreement_search, "PROBE", 5)
    monkeypatch.setattr("agreements.models.keyset.PROBE_CAP", 5)
    assert [list(pages(order)) for order in orders] == few
    monkeypatch.setattr("agreements.models.keyset._WINDOWS", (3, 2))
    assert [list(pages(order)) for order in orders] == few
    many = visible.matching("観光", user)
    assert many.wide is not None
    assert str(capped_count(many)) == "5以上"
    assert str(capped_count(many.filter(title="観光"))) == "5以上"
    assert str(capped_count(many.filter(signed_on=None))) == "3"
    assert (many.filter(title="x") | many).wide is None
    narrowed = many.filter(signed_on__gte="2024-04-20").order_by("-signed_on")
    assert len(paginate(narrowed, size=50)) == narrowed.count() == 7


def test_facets_narrow_inside_the_index(readers):
    user = readers["own"]
    company = CompanyFactory(name="株式会社ローソン")
    ours = AgreementFactory(
        municipality=user.municipality, department=None, whole=True, whole__company=company
    )
    AgreementFactory(municipality=user.municipality, department=None, whole=True)
    for facet in (
        search_text.facet("company", company.pk),
        search_text.facet("municipality", user.municipality_id),
        search_text.facet("category", "03"),
        search_text.facet("year", 2024),
    ):
        assert ours in Agreement.objects.matching("観光", user, [facet])
    only = Agreement.objects.matching("観光", user, [search_text.facet("company", company.pk)])
    assert list(only) == [ours]
    assert not Agreement.objects.matching("観光", user, [search_text.facet("year", 2023)])


def test_every_field_finds_its_agreement(readers):
    """Title, かな, purpose, items, parties with former names, and for the own municipality 課 and actions."""
    user = readers["own"]
    department = DepartmentFactory(municipality=user.municipality, name="魅力創造課")
    related = DepartmentFactory(municipality=user.municipality, name="秘書室")
    company = CompanyFactory(name="㈱髙﨑商店", name_kana="たかさきしょうてん")
    company.former_names.create(name="𠮷野屋本店")
    agreement = AgreementFactory(
        municipality=user.municipality,
        department=department,
        title="ＤＸ推進協定",
        title_kana="でぃーえっくす",
        purpose="脱炭素の実現",
        document_number="企第123号",
        published=True,
    )
    agreement.related_departments.add(related)
    PartyFactory(agreement=agreement, company=company)
    CooperationFieldFactory(
        agreement=agreement, text="市政の推進や市民サービスの提供に関すること", categories=["08"]
    )
    ActionItemFactory(agreement=agreement, title="銀聯カード端末の導入")
    SearchDocument.objects.refresh([agreement.pk])
    public = [
        "dx",
        "ディーエックス",
        "脱炭素",
        "高崎",
        "タカサキ",
        "株式会社髙﨑",
        "吉野屋",
        "市政の推進や市民サービス",
    ]
    internal = ["企第１２３号", "銀聯", "魅力創造課", "秘書室"]
    for word in public + internal:
        assert agreement in Agreement.objects.matching(word, user), word
        found = Agreement.objects.matching(word, readers["other"])
        assert (agreement in found) is (word in public), word


def test_drift_is_found_and_repaired(readers):
    _kept, changed, lost = (AgreementFactory(whole=True) for _ in range(3))
    Agreement.objects.filter(pk=changed.pk).update(title="黙って変えた名称")
    SearchDocument.objects.filter(pk=lost.pk).delete()
    drift = SearchDocument.objects.repair()
    assert (drift.checked, drift.outdated, drift.missing, drift.index_was_sound) == (3, 1, 1, True)
    assert set(Agreement.objects.matching("黙って変えた", readers["admin"])) == {changed}
    assert lost in Agreement.objects.matching("観光", readers["admin"])
    assert not SearchDocument.objects.repair()


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_a_lost_trigger_or_a_wrong_index_is_noticed(readers):
    agreement = AgreementFactory(whole=True)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER agreements_searchindex_update")
    assert not index_is_sound()
    SearchDocument.objects.filter(pk=agreement.pk).update(tokens=["x"])
    create_index()
    assert index_is_sound()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER agreements_searchindex_delete")
    SearchDocument.objects.repair()
    assert index_is_sound()


def test_refresh_takes_as_many_queries_for_one_as_for_three():
    pks = [AgreementFactory(whole=True).pk for _ in range(3)]
    counts = []
    for some in (pks[:1], pks):
        with CaptureQueriesContext(connection) as captured:
            SearchDocument.objects.refresh(some)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_longest_texts_fit_into_the_index():
    """The worst case: every bigram new, every character of four bytes."""
    agreement = AgreementFactory()
    wide = "".join(chr(0x20000 + number * 7 % 42_000) for number in range(LONGEST_TEXT))
    write(agreement, wide[:LONGEST_TEXT], wide[:LONGEST_TEXT])
    assert SearchDocument.objects.filter(
        tokens__has=search_index.condition(
            search_text.query_terms(wide[300:302]), Reader(reads_everything=True)
        )
    ).exists()


def test_the_longest_query_is_answered(readers):
    word = "".join(chr(0x4E00 + number) for number in range(200))
    assert not Agreement.objects.matching(word, readers["own"]).exists()
    assert not Agreement.objects.matching(" ".join(f"-{c}" for c in word[:100]), readers["own"]).exists()
    assert not Agreement.objects.matching(" ".join(word[:100]), readers["own"]).exists()


def test_deleted_agreements_are_nobodys_but_the_admins(readers):
    user = readers["own"]
    agreement = AgreementFactory(municipality=user.municipality, department=None, whole=True)
    agreement.deleted_at = agreement.created_at
    agreement.save()
    SearchDocument.objects.refresh([agreement.pk])
    assert not Agreement.objects.matching("観光", user).exists()
    assert Agreement.objects.matching("観光", readers["admin"]).exists()
