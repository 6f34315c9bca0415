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
    """Delete the agreements and everything of theirs. Needs a transaction; files go when it commits."""
    keys = {agreement.pk for agreement in agreements}
    rows = _belongings(keys)
    files = _files(rows)
    # Agreements of the list may hang on each other; the order of deletion must not matter.
    Agreement._base_manager.filter(parent__in=keys, pk__in=keys).update(parent=None)
    Agreement._base_manager.filter(pk__in=keys).delete()
    for model, ids in rows.items():
        _delete_history(model, ids)
        _delete_admin_log(model, ids)
    transaction.on_commit(lambda: _delete_files(files))


def _belongings(keys: set[int]) -> Rows:
    """Keys of everything that cascades from the agreements by model, also of rows deleted long ago."""
    rows: Rows = {Agreement: set(keys)}
    waiting: list[type[models.Model]] = [Agreement]
    while waiting:
        owner = waiting.pop()
        for relation in owner._meta.related_objects:
            if relation.on_delete is not models.CASCADE or relation.many_to_many:
                continue
            model, name = relation.related_model, relation.field.attname
            found = set(
                model._base_manager.filter(**{f"{name}__in": rows[owner]}).values_list("pk", flat=True)
            )
            if history := _history(model):
                found |= set(
                    history.filter(**{f"{name}__in": rows[owner]}).values_list(_key(model), flat=True)
                )
            fresh = found - rows.get(model, set())
            if fresh:
                rows.setdefault(model, set()).update(fresh)
                waiting.append(model)
    return rows


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
