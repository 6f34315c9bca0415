"""The order of a list and the cursors that name a place in it: what `keyset` makes pages of."""

import base64
import binascii
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from django.utils import timezone

_LONGEST_CURSOR = 4_000
_BIGINT = 2**63


class InvalidCursor(ValueError):
    """A cursor that this list did not write, or not in this order."""


# -- Order ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Key:
    """One column of the order; `name` is the annotation that holds it."""

    name: str
    expression: Any
    descending: bool
    nullable: bool
    nulls_first: bool
    output: Field

    def reversed(self) -> "Key":
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
        self.keys: tuple[Key, ...] = ()
        annotated = queryset.order_by()
        for number, (expression, descending, nulls_first) in enumerate(_columns(queryset)):
            name = f"_key{number}"
            annotated = annotated.annotate(**{name: expression})
            output = annotated.query.annotations[name].output_field
            nullable = _is_nullable(queryset.model, expression)
            self.keys += (Key(name, expression, descending, nullable, nulls_first, output),)
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


def behind_condition(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """The rows behind these values, in a form whose first bound an index can use."""
    (key, *rest), (value, *others) = keys, values
    further = behind_condition(rest, others) if rest else None
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
class Cursor:
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


def _read_value(key: Key, raw: Any) -> Any:
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
