"""The field-level history of a row in words: which field, what it was, what it became."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone

from .wareki import format_wareki

KINDS = {"+": "登録", "~": "変更", "-": "削除"}
_BLANK: tuple[Any, ...] = ("", None, [])


@dataclass(frozen=True)
class FieldChange:
    """One field: its label and both values as a person reads them, "" for none.

    `name` and `history_id` (of the record that made the change) find the values themselves.
    """

    label: str
    old: str
    new: str
    name: str = ""
    history_id: int | None = None


@dataclass(frozen=True)
class Entry:
    """One historical record and what it changed; the first of a row shows all it began with."""

    record: Any
    kind: str
    changes: list[FieldChange]


def entries(records: models.QuerySet, start: int, end: int) -> list[Entry]:
    """The entries `start` to `end` (from 1, both included) of a row's history, newest first."""
    # One record more: the oldest shown is told by what was before it.
    found = list(records[max(start - 1, 0) : end + 1])
    shown = found[: max(end - max(start - 1, 0), 0)]
    return compare(list(zip(shown, [*found[1:], None], strict=False)))


def compare(pairs: Sequence[tuple[Any, Any | None]]) -> list[Entry]:
    """An entry for each (record, the record before it of the same row or None); models may differ.

    Needs as many queries for many records as for few.
    """
    lists = _lists_of_keys({record for pair in pairs for record in pair if record is not None})
    differences = [list(_differences(record, before, lists)) for record, before in pairs]
    names = _names_of_rows(differences)
    return [
        Entry(
            record,
            KINDS[record.history_type],
            [
                FieldChange(
                    str(field.verbose_name),
                    _words(field, old, names),
                    _words(field, new, names),
                    field.name,
                    record.history_id,
                )
                for field, old, new in changed
            ],
        )
        for (record, _before), changed in zip(pairs, differences, strict=True)
    ]


def spoken(field: Any, value: Any) -> str:
    """One value as a person reads it; of a relation the key, of a many-to-many the list of keys."""
    return _words(field, value, _names_of_rows([[(field, value, None)]]))


def _lists_of_keys(records: Iterable[Any]) -> dict[tuple[Any, Any], list[Any]]:
    """What each record's many-to-many fields held: the keys by (field, record), in order."""
    by_model = defaultdict(list)
    for record in records:
        by_model[type(record)].append(record)
    lists = defaultdict(list)
    for model, of_model in by_model.items():
        for field in model._history_m2m_fields:
            rows = getattr(model, field.name).filter(history__in=of_model)
            key_name = f"{field.m2m_reverse_field_name()}_id"
            for history_id, key in rows.order_by(key_name).values_list("history_id", key_name):
                lists[field, history_id].append(key)
    return lists


def _differences(
    record: Any, before: Any | None, lists: dict[tuple[Any, Any], list[Any]]
) -> Iterator[tuple[Any, Any, Any]]:
    """(field, old value, new value); a relation's value is a key, a many-to-many's a list of keys."""
    m2m_names = {field.name for field in record._history_m2m_fields}
    for field in record.tracked_fields:
        if field.primary_key or field.name in m2m_names:
            continue
        if not (field.editable or field.name == "deleted_at"):
            continue
        old = getattr(before, field.attname) if before else None
        new = getattr(record, field.attname)
        if old != new and not (old in _BLANK and new in _BLANK):
            yield field, old, new
    for field in record._history_m2m_fields:
        old, new = (lists.get((field, side.history_id), []) if side else [] for side in (before, record))
        if old != new:
            yield field, old, new


def _names_of_rows(differences: list[list[tuple[Any, Any, Any]]]) -> dict[type, dict[Any, Any]]:
    """The rows that the keys stand for, by model: one query for each model."""
    keys = defaultdict(set)
    for changed in differences:
        for field, *sides in changed:
            if field.is_relation:
                for side in sides:
                    keys[field.related_model].update(side if isinstance(side, list) else [side])
    return {model: model._base_manager.in_bulk(found - {None}) for model, found in keys.items()}


def _words(field: Any, value: Any, names: dict[type, dict[Any, Any]]) -> str:
    if value in _BLANK:
        return ""
    if field.is_relation:
        rows = names[field.related_model]
        keys = value if isinstance(value, list) else [value]
        return "、".join(str(rows.get(key, f"（削除済み {key}）")) for key in keys)
    if hasattr(field, "words"):
        return field.words(value)
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return f"{format_wareki(local.date())} {local:%H:%M}"
    if isinstance(value, date):
        return format_wareki(value)
    if isinstance(value, list | dict):  # of a JSONField
        return json.dumps(value, ensure_ascii=False)
    return str(dict(field.flatchoices).get(value, value))
