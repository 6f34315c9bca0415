"""Pages of a list by the values of their first and last rows (keyset), never by OFFSET.

Page 10,000 costs what page 1 costs, and rows that come or go in front of a page do not shift it.

    page = paginate(queryset, request.GET.get("page", ""), size=50)
    page.object_list        the rows: the same QuerySet, narrowed to this page, in the same order
    page.notice             what was wrong with the cursor, in Japanese ("" if nothing): then the first page
    page.next, .previous    cursors for the URL ("" where there is none); page.last; the first needs none
    capped_count(queryset)  -> Count: number, is_exact, str() 「1,234」 or 「10,000以上」
    batches(queryset)       every row in order, batch by batch, for exports

The order is that of the QuerySet (`order_by` of names or expressions, each ascending or descending), with the
primary key as tie-break; unknown values (NULL) come last unless `nulls_first=True` says otherwise. The
QuerySet must not be sliced, grouped or made of `values()`.

A QuerySet of a search that found many carries `wide` (see `AgreementQuerySet.matching`): then the nearest
rows are looked through first, and only if too few of them are hits all hits are sorted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from .keyset_order import Cursor, InvalidCursor, Key, Order, behind_condition
from .tokens_field import asking_the_index

PAGE_SIZE = 50
COUNT_CAP = 10_000
PROBE_CAP = 1_000  # of a search
LAST = "last"
BAD_CURSOR = "ページの指定が正しくないか、並び順が変わったため、最初のページを表示しています。"
GONE = "このページにあった行は、なくなったか別のページに移りました。近くのページを表示しています。"
_WINDOWS = (500, 1_000, 2_000)  # rows that are looked through before all hits of a search are sorted


# -- Counts -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Count:
    """How many rows; `number` of them at least when it is not exact."""

    number: int
    is_exact: bool = True

    def __bool__(self) -> bool:
        return self.number > 0

    def __int__(self) -> int:
        return self.number

    def __str__(self) -> str:
        return f"{self.number:,}{'' if self.is_exact else '以上'}"


def capped_count(queryset: QuerySet, cap: int | None = None) -> Count:
    """Count up to `cap` rows (by default 10,000, of a search 1,000): the cost has a ceiling, whatever the
    size."""
    wide = getattr(queryset, "wide", None)
    if wide is None:
        return _count(queryset, cap or COUNT_CAP)
    if wide.count is not None and cap is None:
        return wide.count
    with asking_the_index(queryset.db):
        return _count(queryset, cap or PROBE_CAP)


def _count(queryset: QuerySet, cap: int) -> Count:
    number = queryset.order_by()[: cap + 1].count()
    return Count(min(number, cap), number <= cap)


# -- Pages ------------------------------------------------------------------------------------------
@dataclass
class KeysetPage:
    """One page; templates use `components/keyset_pagination.html` with it."""

    queryset: QuerySet
    order: Order
    keys: list[tuple[Any, ...]]  # the values of the order of each row, the primary key last
    has_previous: bool
    has_next: bool
    place: int | None = None  # rows in front of this page
    notice: str = ""
    last: str = field(default=LAST, init=False)

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.object_list)

    @property
    def pks(self) -> list[Any]:
        return [key[-1] for key in self.keys]

    @cached_property
    def object_list(self) -> QuerySet:
        if not self.keys:
            return self.queryset.none()
        wide = getattr(self.queryset, "wide", None)
        # The keys are known to be hits: no second search.
        rows = self.queryset if wide is None else wide.others
        return self.order.apply(rows).filter(pk__in=self.pks)

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def next(self) -> str:
        if not self.has_next:
            return ""
        place = None if self.place is None else self.place + len(self)
        return Cursor(False, self.keys[-1], place).encode(self.order)

    @property
    def previous(self) -> str:
        return Cursor(True, self.keys[0], self.place).encode(self.order) if self.has_previous else ""

    @property
    def start_index(self) -> int | None:
        """The number of the first row, from 1; None when the way here did not tell."""
        return None if self.place is None or not self.keys else self.place + 1

    @property
    def end_index(self) -> int | None:
        return None if self.place is None else self.place + len(self)


def paginate(
    queryset: QuerySet, cursor: str = "", *, size: int = PAGE_SIZE, total: Count | None = None
) -> KeysetPage:
    """The page that the cursor of the URL names; without one the first. Never fails: see `notice`.

    `total` (if exact) numbers the rows of the last page too.
    """
    order = Order(queryset)
    if cursor in ("", "1"):
        return _first(queryset, order, size)
    if cursor == LAST:
        return _last(queryset, order, size, total)
    try:
        position = Cursor.decode(cursor, order)
    except InvalidCursor:
        page = _first(queryset, order, size)
        page.notice = BAD_CURSOR
        return page
    if position.backward:
        return _in_front_of(queryset, order, size, position)
    keys = _fetch(queryset, order.keys, size + 1, position.values)
    if not keys:
        page = _last(queryset, order, size, total)
        page.notice = GONE
        return page
    return KeysetPage(queryset, order, keys[:size], True, len(keys) > size, position.place)


def _first(queryset: QuerySet, order: Order, size: int) -> KeysetPage:
    keys = _fetch(queryset, order.keys, size + 1)
    return KeysetPage(queryset, order, keys[:size], False, len(keys) > size, 0)


def _last(queryset: QuerySet, order: Order, size: int, total: Count | None) -> KeysetPage:
    found = _fetch(queryset, [key.reversed() for key in order.keys], size + 1)
    keys = found[:size][::-1]
    has_previous = len(found) > size
    place = total.number - len(keys) if total and total.is_exact else None
    return KeysetPage(queryset, order, keys, has_previous, False, place if has_previous else 0)


def _in_front_of(queryset: QuerySet, order: Order, size: int, position: Cursor) -> KeysetPage:
    found = _fetch(queryset, [key.reversed() for key in order.keys], size + 1, position.values)
    if len(found) <= size:
        return _first(queryset, order, size)  # a whole page, also when rows in front have gone
    place = None if position.place is None or position.place <= size else position.place - size
    return KeysetPage(queryset, order, found[:size][::-1], True, True, place)


def _fetch(
    queryset: QuerySet, keys: Sequence[Key], limit: int, behind: Sequence[Any] | None = None
) -> list[tuple[Any, ...]]:
    """The keys of the first rows behind the values.

    Rows with an unknown first column are asked for apart: neither database can walk an index for
    `NULLS LAST`. Where there are few at all no index is walked.
    """
    first, *rest = keys
    if not first.nullable or getattr(queryset, "is_short", False):
        return _walk(queryset, keys, Q(), keys, limit, behind)
    found: list[tuple[Any, ...]] = []
    for is_null in (True, False) if first.nulls_first else (False, True):
        inside = None
        if behind is not None:
            if (behind[0] is None) == is_null:
                inside, behind = behind[is_null:], None
            else:
                continue  # this part lies in front
        order = rest if is_null else [replace(first, nullable=False), *rest]
        found += _walk(queryset, keys, first.is_null(is_null), order, limit - len(found), inside)
        if len(found) == limit:
            break
    return found


def _walk(
    queryset: QuerySet,
    columns: Sequence[Key],
    part: Q,
    order: Sequence[Key],
    limit: int,
    behind: Sequence[Any] | None,
) -> list[tuple[Any, ...]]:
    expressions = {key.name: key.expression for key in columns}

    def ordered(rows: QuerySet, place: Sequence[Any] | None, *, fenced: bool = False) -> QuerySet:
        rows = rows.order_by().annotate(**expressions).filter(part)
        if place is not None:
            rows = rows.filter(behind_condition(order, place))
        return rows.order_by(order[0].order(fenced=fenced), *(key.order() for key in order[1:]))

    wide = getattr(queryset, "wide", None)
    if wide is None:
        return list(ordered(queryset, behind).values_list(*expressions)[:limit])
    found: list[tuple[Any, ...]] = []
    for size in _WINDOWS:
        window = list(ordered(wide.others, behind).values_list(*expressions)[:size])
        hits = ordered(wide.nearest([values[-1] for values in window]), None)
        found += hits.values_list(*expressions)[: limit - len(found)]
        if len(found) == limit or len(window) < size:
            return found
        behind = window[-1][len(columns) - len(order) :]
    with asking_the_index(queryset.db):
        return found + list(
            ordered(queryset, behind, fenced=True).values_list(*expressions)[: limit - len(found)]
        )


def batches(queryset: QuerySet, size: int = 1_000) -> Iterator[QuerySet]:
    """Every row in the order of the QuerySet, as QuerySets of up to `size` rows: for exports of any length.

    No transaction stays open between the batches; a row that comes meanwhile may be missed, none comes twice
    unless its place in the order changes.
    """
    order = Order(queryset)
    behind: Sequence[Any] | None = None
    while keys := _fetch(queryset, order.keys, size, behind):
        yield KeysetPage(queryset, order, keys, False, False).object_list
        if len(keys) < size:
            return
        behind = keys[-1]
