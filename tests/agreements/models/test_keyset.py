import base64
import json
import random
from datetime import date, timedelta

import pytest
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from agreements.models import Agreement
from agreements.models.keyset import BAD_CURSOR, GONE, batches, capped_count, paginate
from agreements.models.keyset_order import Order
from tests.factories.agreements import AgreementFactory
from tests.factories.municipalities import DepartmentFactory

pytestmark = pytest.mark.django_db

ORDERS = [
    ["-pk"],
    ["title"],
    [F("signed_on").desc(nulls_last=True), "-pk"],
    [F("signed_on").asc(nulls_last=True), "pk"],
    [F("signed_on").asc(nulls_first=True), "-expires_on"],
    [F("signed_on").desc(nulls_first=True), F("expires_on").asc(nulls_first=True), "kind"],
    ["-created_at"],
    ["department__order", "signed_on"],
    [Coalesce("signed_on", "expires_on").desc(nulls_last=True), "-title"],
]


@pytest.fixture
def ledger(db):
    """23 agreements with many equal and unknown values."""
    random_ = random.Random(8)
    department = DepartmentFactory()
    days = [None, None, *(date(2024, 4, 1) + timedelta(days=n) for n in range(4))]
    for number in range(23):
        agreement = AgreementFactory(
            municipality=department.municipality,
            department=random_.choice([None, department]),
            title=f"協定{random_.randrange(5)}",
        )
        Agreement.objects.filter(pk=agreement.pk).update(
            signed_on=random_.choice(days),
            expires_on=random_.choice(days),
            kind=random_.choice(["comprehensive", "project"]),
            ledger_number=f"{number:02}",
        )
    return Agreement.objects.all()


def forward(queryset, size):
    page = paginate(queryset, size=size)
    yield page
    while page.next:
        page = paginate(queryset, page.next, size=size)
        yield page


def backward(queryset, size):
    page = paginate(queryset, "last", size=size)
    yield page
    while page.previous:
        page = paginate(queryset, page.previous, size=size)
        yield page


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("size", [1, 4, 23, 50])
def test_pages_are_the_whole_list_in_order_both_ways(ledger, order, size):
    queryset = ledger.order_by(*order)
    expected = [row.pk for row in Order(queryset).apply(queryset)]
    assert len(expected) == 23
    pages = list(forward(queryset, size))
    assert [row.pk for page in pages for row in page] == expected
    assert [page.start_index for page in pages] == list(range(1, 24, size))
    assert pages[-1].end_index == 23
    back = list(backward(queryset, size))
    # The first page is always whole, so the way back may show some rows twice.
    assert list(dict.fromkeys(row.pk for page in reversed(back) for row in page)) == expected
    assert (back[-1].start_index, back[-1].has_previous) == (1, False)
    assert [row.pk for batch in batches(queryset, size) for row in batch] == expected


def test_unknown_values_come_last_whichever_way(ledger):
    for order in ("signed_on", "-signed_on"):
        days = [row.signed_on for page in forward(ledger.order_by(order), 5) for row in page]
        known = [day for day in days if day]
        assert days == sorted(known, reverse=order.startswith("-")) + [None] * (23 - len(known))


def test_a_page_stays_when_rows_come_and_go_in_front_of_it(ledger):
    queryset = ledger.order_by("ledger_number")
    second = paginate(queryset, size=5).next
    before = [row.ledger_number for row in paginate(queryset, second, size=5)]
    AgreementFactory(ledger_number="00a")
    queryset.filter(ledger_number="04").delete()  # the row the cursor was made of
    assert [row.ledger_number for row in paginate(queryset, second, size=5)] == before


def test_a_page_whose_rows_are_gone_shows_the_nearest(ledger):
    queryset = ledger.order_by("ledger_number")
    third = paginate(queryset, paginate(queryset, size=10).next, size=10).next
    queryset.filter(ledger_number__gte="20").delete()
    page = paginate(queryset, third, size=10)
    assert page.notice == GONE
    assert [row.ledger_number for row in page] == [f"{n:02}" for n in range(10, 20)]


def packed(*content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_odd_cursors_give_the_first_page_and_a_notice(ledger):
    queryset = ledger.order_by(F("signed_on").desc(nulls_last=True))
    mark = Order(queryset).fingerprint
    odd = [
        "2",
        "-1",
        "あ",
        "\0",
        "A" * 5_000,
        packed("[" * 500),
        base64.urlsafe_b64encode(b"[" * 2_000).decode(),
        packed(),
        packed(0, mark, 0),
        packed(0, mark, 0, "2024-04-01"),
        packed(0, mark, 0, "2024-04-01", 1, 1),
        packed(0, mark + 1, 0, "2024-04-01", 1),
        packed(7, mark, 0, "2024-04-01", 1),
        packed([], mark, 0, "2024-04-01", 1),
        packed(0, mark, -1, "2024-04-01", 1),
        packed(0, mark, 0, "2024-02-31", 1),
        packed(0, mark, 0, "tomorrow", 1),
        packed(0, mark, 0, {"a": 1}, 1),
        packed(0, mark, 0, "2024-04-01", None),
        packed(0, mark, 0, "2024-04-01", 2**70),
        packed(0, mark, 0, "2024-04-01", "1 OR 1=1"),
        packed(0, mark, 0, 1.5, 1),
        packed({"0": mark}, 1),
        # of another order
        paginate(ledger.order_by("title"), size=5).next,
        paginate(ledger.order_by("signed_on"), size=5).next,
    ]
    first = [row.pk for row in paginate(queryset, size=5)]
    for cursor in odd:
        page = paginate(queryset, cursor, size=5)
        assert (page.notice, [row.pk for row in page]) == (BAD_CURSOR, first), cursor


@pytest.mark.parametrize(
    "value", ["2024-04-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 3, "a\0", "\ud800"]
)
def test_moments_outside_every_calendar_and_odd_texts_are_refused(ledger, value):
    for order in ("created_at", "title"):
        queryset = ledger.order_by(order)
        page = paginate(queryset, packed(0, Order(queryset).fingerprint, 0, value, 1), size=5)
        assert len(page) <= 5


def test_first_page_is_named_by_nothing_or_one(ledger):
    assert paginate(ledger, "1", size=5).notice == paginate(ledger, "", size=5).notice == ""


def test_the_last_page_is_numbered_by_an_exact_total(ledger):
    page = paginate(ledger, "last", size=5, total=capped_count(ledger))
    assert (page.start_index, page.end_index, page.has_next) == (19, 23, False)
    assert paginate(ledger, "last", size=5, total=capped_count(ledger, 10)).start_index is None


def test_counts_are_capped(ledger):
    assert str(capped_count(ledger)) == "23"
    assert str(capped_count(ledger, 23)) == "23"
    capped = capped_count(ledger, 22)
    assert (str(capped), capped.is_exact, int(capped)) == ("22以上", False, 22)
    assert not capped_count(ledger.none())


def test_empty_list_is_one_empty_page(ledger):
    page = paginate(ledger.none())
    assert (list(page), page.has_other_pages, page.next, page.previous) == ([], False, "", "")
    assert list(batches(ledger.none())) == []


def test_what_has_no_pages_is_a_mistake(ledger):
    with pytest.raises(TypeError):
        paginate(ledger[:5])
    with pytest.raises(TypeError):
        paginate(ledger.order_by("title").reverse())


def test_the_page_keeps_what_the_queryset_fetches_with_it(ledger, django_assert_num_queries):
    queryset = ledger.select_related("municipality").annotate(one=Value(1)).order_by("title")
    with django_assert_num_queries(2):
        page = paginate(queryset, size=5)
        assert all(row.municipality.name and row.one for row in page)
