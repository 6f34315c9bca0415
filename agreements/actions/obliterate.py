"""Remove agreements for good: rows that belong to them, history, files, the admin's log.

What belongs to an agreement follows from the models: whatever cascades from it. So documents, meetings and
what is yet to be invented go along without being named here.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import Storage
from django.db import models, transaction

from agreements.models import Agreement

Rows = dict[type[models.Model], set[Any]]


def obliterate(agreements: Iterable[Agreement]) -> None:
    """Delete the agreements and everything of theirs. Needs a transaction; files go when it commits.

    Rows go past Django's collector: it would write history for them, and refuse rows that protect each other
    although both go. What still refers to a row from outside makes the database refuse the commit.
    """
    keys = {agreement.pk for agreement in agreements}
    rows = _belongings(keys)
    files = _files(rows)
    # An agreement may have passed into one of these, and is kept longer.
    Agreement._base_manager.filter(successor__in=keys).update(successor=None)
    for model, ids in rows.items():
        _let_go(model, ids)
        _delete_history(model, ids)
        _delete_admin_log(model, ids)
    for model, ids in rows.items():
        everything = model._base_manager.filter(pk__in=ids)
        everything._raw_delete(everything.db)
    transaction.on_commit(lambda: _delete_files(files))


def _references(model: Any) -> list[Any]:
    """Every foreign key to the model, also those without a name on this side and those of list tables."""
    relations = model._meta.get_fields(include_hidden=True)
    return [each for each in relations if each.auto_created and (each.one_to_many or each.one_to_one)]


def _belongings(keys: set[int]) -> Rows:
    """Keys of everything that cascades from the agreements by model, also of rows deleted long ago."""
    rows: Rows = {Agreement: set(keys)}
    waiting: list[type[models.Model]] = [Agreement]
    while waiting:
        owner = waiting.pop()
        for relation in _references(owner):
            if relation.on_delete is not models.CASCADE:
                continue
            model, name = relation.related_model, relation.field.attname
            found = set(
                model._base_manager.filter(**{f"{name}__in": rows[owner]}).values_list("pk", flat=True)
            )
            if history := _history(model):
                past = history.filter(**{f"{name}__in": rows[owner]})
                found |= set(past.values_list(_key(model), flat=True))
            fresh = found - rows.get(model, set())
            if fresh:
                rows.setdefault(model, set()).update(fresh)
                waiting.append(model)
    return rows


def _let_go(model: Any, ids: set[Any]) -> None:
    for relation in _references(model):
        if relation.on_delete is models.SET_NULL:
            referring = relation.related_model._base_manager
            referring.filter(**{f"{relation.field.attname}__in": ids}).update(
                **{relation.field.attname: None}
            )


def _history(model: Any) -> models.QuerySet | None:
    name = getattr(model._meta, "simple_history_manager_attribute", None)
    return getattr(model, name).model._base_manager.all() if name else None


def _key(model: Any) -> str:
    return model._meta.pk.attname


def _delete_history(model: Any, ids: set[Any]) -> None:
    history = _history(model)
    if history is None:
        return
    records = history.filter(**{f"{_key(model)}__in": ids})
    for field in history.model._history_m2m_fields:
        lists = getattr(history.model, field.name).model
        lists._base_manager.filter(history__in=records.values("pk")).delete()
    records.delete()


def _delete_admin_log(model: Any, ids: set[Any]) -> None:
    """The admin's own log names rows by their text."""
    of_model = ContentType.objects.get_for_model(model)
    LogEntry.objects.filter(content_type=of_model, object_id__in=[str(each) for each in ids]).delete()


def _files(rows: Rows) -> list[tuple[type[models.Model], str, Storage, set[str]]]:
    """The files of these rows: model, field, storage and the names of the files, former ones too."""
    found = []
    for model, ids in rows.items():
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.FileField):
                continue
            names = set(model._base_manager.filter(pk__in=ids).values_list(field.name, flat=True))
            if history := _history(model):
                past = history.filter(**{f"{_key(model)}__in": ids})
                names |= {str(name) for name in past.values_list(field.name, flat=True)}
            found.append((model, field.name, field.storage, {name for name in names if name}))
    return found


def _delete_files(files: list[tuple[type[models.Model], str, Storage, set[str]]]) -> None:
    for model, field, storage, names in files:
        # The same content may be kept once for several rows.
        used = set(model._base_manager.filter(**{f"{field}__in": names}).values_list(field, flat=True))
        for name in names - used:
            storage.delete(name)
