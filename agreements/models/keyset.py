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

import base64
import binascii
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from django.utils import timezone

from .tokens_field import asking_the_index

PAGE_SIZE = 50
COUNT_CAP = 10_000
PROBE_CAP = 1_000  # of a search
LAST = "last"
BAD_CURSOR = "ページの指定が正しくないか、並び順が変わったため、最初のページを表示しています。"
GONE = "このページにあった行は、なくなったか別のページに移りました。近くのページを表示しています。"
_WINDOWS = (500, 1_000, 2_000)  # rows that are looked through before all hits of a search are sorted
_LONGEST_CURSOR = 4_000
_BIGINT = 2**63


class InvalidCursor(ValueError):
    """A cursor that this list did not write, or not in this order."""


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


# -- Order ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Key:
    """One column of the order; `name` is the annotation that holds it."""

    name: str
    expression: Any
    descending: bool
    nullable: bool
    nulls_first: bool
    output: Field

    def reversed(self) -> "_Key":
        return replace(self, descending=not self.descending, nulls_first=not self.nulls_first)

    def order(self, *, fenced: bool = False) -> OrderBy:
        """NULLs are told only where there may be some: else the plain order of an index serves.

        `fenced` hides the column, so that the planner does not walk an index in this order.
        """
        column = Coalesce(self.name, self.name) if fenced else F(self.name)
        nulls = {"nulls_first" if self.nulls_first else "nulls_last": True} if self.nullable else {}
        return OrderBy(column, descending=self.descending, **nulls)

    def is_null(self, answer: bool) -> Q:
        return Q(**{f"{self.name}__isnull": answer})


class Order:
    """The total order of a QuerySet: its columns, and the primary key last."""

    def __init__(self, queryset: QuerySet) -> None:
        if queryset.query.is_sliced or queryset.query.group_by is not None:
            raise TypeError("A sliced or grouped QuerySet has no keyset pages.")
        self.keys: tuple[_Key, ...] = ()
        annotated = queryset.order_by()
        for number, (expression, descending, nulls_first) in enumerate(_columns(queryset)):
            name = f"_key{number}"
            annotated = annotated.annotate(**{name: expression})
            output = annotated.query.annotations[name].output_field
            nullable = _is_nullable(queryset.model, expression)
            self.keys += (_Key(name, expression, descending, nullable, nulls_first, output),)
        described = [(str(key.expression), key.descending, key.nulls_first) for key in self.keys]
        self.fingerprint = zlib.crc32(repr(described).encode())

    def annotate(self, queryset: QuerySet) -> QuerySet:
        return queryset.order_by().annotate(**{key.name: key.expression for key in self.keys})

    def apply(self, queryset: QuerySet) -> QuerySet:
        return self.annotate(queryset).order_by(*(key.order() for key in self.keys))


def _columns(queryset: QuerySet) -> Iterator[tuple[Any, bool, bool]]:
    """(expression, descending, nulls first) of each column, the primary key last and once."""
    model = queryset.model
    wanted = queryset.query.order_by or (queryset.query.get_meta().ordering or ())
    if not queryset.query.standard_ordering:
        raise TypeError("Give the order itself: a reversed QuerySet has no keyset pages.")
    last_descending = False
    for item in wanted:
        order: Any = item
        if isinstance(item, str):
            order = OrderBy(F(item.removeprefix("-")), descending=item.startswith("-"))
        elif not isinstance(item, OrderBy):
            order = OrderBy(order)
        expression, last_descending = order.expression, order.descending
        if _name_of(expression) in {"pk", model._meta.pk.name}:
            yield F("pk"), last_descending, False
            return
        yield expression, last_descending, bool(order.nulls_first)
    yield F("pk"), last_descending, False


def _name_of(expression: Any) -> str:
    """The path of fields that the expression is; empty when it is more than that."""
    return str(expression.name) if isinstance(expression, F) else ""  # type: ignore[attr-defined]


def _is_nullable(model: type[Model], expression: Any) -> bool:
    """Whether a column may hold NULL; what is not a plain path of fields may."""
    path = _name_of(expression)
    if path == "pk":
        return False
    for name in path.split("__"):
        try:
            found = model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if getattr(found, "null", True):
            return True
        model = found.related_model if found.is_relation else model  # type: ignore[assignment]
    return False


def _behind(keys: Sequence[_Key], values: Sequence[Any]) -> Q:
    """The rows behind these values, in a form whose first bound an index can use."""
    (key, *rest), (value, *others) = keys, values
    further = _behind(rest, others) if rest else None
    if value is None:
        same = key.is_null(True)
        found = same & further if further is not None else Q(pk__in=())
        return found | key.is_null(False) if key.nulls_first else found
    beyond = Q(**{f"{key.name}__{'lt' if key.descending else 'gt'}": value})
    if further is None:
        return beyond
    at_or_beyond = Q(**{f"{key.name}__{'lte' if key.descending else 'gte'}": value})
    found = at_or_beyond & (beyond | further)
    return found | key.is_null(True) if key.nullable and not key.nulls_first else found


# -- Cursors ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Cursor:
    """Which page: the rows behind the one with these values, or (`backward`) in front of it.

    `place`: how many rows stand in front of the page, or of that row; None if unknown.
    """

    backward: bool
    values: tuple[Any, ...]
    place: int | None

    def encode(self, order: Order) -> str:
        values = [
            value.isoformat()
            if isinstance(value, date)
            else value
            if value is None or isinstance(value, int | str)
            else str(value)
            for value in self.values
        ]
        content = [int(self.backward), order.fingerprint, self.place, *values]
        packed = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, order: Order) -> Self:
        if len(text) > _LONGEST_CURSOR:
            raise InvalidCursor
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            content = json.loads(packed)
            backward, fingerprint, place, *values = content
        except (ValueError, TypeError, RecursionError, binascii.Error) as error:
            raise InvalidCursor from error
        if (
            fingerprint != order.fingerprint
            or backward not in (0, 1)
            or len(values) != len(order.keys)
            or not (place is None or (type(place) is int and 0 <= place < _BIGINT))
        ):
            raise InvalidCursor
        return cls(bool(backward), tuple(map(_read_value, order.keys, values)), place)


def _read_value(key: _Key, raw: Any) -> Any:
    """A value of a cursor as its column has it; everything that no database could compare is refused."""
    if raw is None:
        if not key.nullable:
            raise InvalidCursor
        return None
    if type(raw) not in (str, int, bool):
        raise InvalidCursor
    try:
        value = key.output.to_python(raw)
        if isinstance(value, str):
            value.encode()
            if "\0" in value:
                raise InvalidCursor
        if isinstance(value, datetime):
            if timezone.is_naive(value):
                raise InvalidCursor
            value = value.astimezone(UTC)
    except (ValidationError, ValueError, OverflowError, TypeError, ArithmeticError) as error:
        raise InvalidCursor from error
    too_big = isinstance(value, int) and not -_BIGINT <= value < _BIGINT
    if value is None or too_big or (isinstance(value, Decimal) and not value.is_finite()):
        raise InvalidCursor
    return value


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
        return _Cursor(False, self.keys[-1], place).encode(self.order)

    @property
    def previous(self) -> str:
        return _Cursor(True, self.keys[0], self.place).encode(self.order) if self.has_previous else ""

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
        position = _Cursor.decode(cursor, order)
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


def _in_front_of(queryset: QuerySet, order: Order, size: int, position: _Cursor) -> KeysetPage:
    found = _fetch(queryset, [key.reversed() for key in order.keys], size + 1, position.values)
    if len(found) <= size:
        return _first(queryset, order, size)  # a whole page, also when rows in front have gone
    place = None if position.place is None or position.place <= size else position.place - size
    return KeysetPage(queryset, order, found[:size][::-1], True, True, place)


def _fetch(
    queryset: QuerySet, keys: Sequence[_Key], limit: int, behind: Sequence[Any] | None = None
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
    columns: Sequence[_Key],
    part: Q,
    order: Sequence[_Key],
    limit: int,
    behind: Sequence[Any] | None,
) -> list[tuple[Any, ...]]:
    expressions = {key.name: key.expression for key in columns}

    def ordered(rows: QuerySet, place: Sequence[Any] | None, *, fenced: bool = False) -> QuerySet:
        rows = rows.order_by().annotate(**expressions).filter(part)
        if place is not None:
            rows = rows.filter(_behind(order, place))
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
