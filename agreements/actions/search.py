"""Keep agreements findable by what they say, after changes of names that many of them carry and every night.

Verbs that write one agreement refresh its document themselves. Names of 課, municipalities and companies
stand in many; the first two are saved by an app that knows no agreements, so it is listened to here.
"""

import logging
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.signals import post_delete, post_save, pre_save
from django_q.tasks import async_task

from agreements.models import Agreement, SearchDocument
from agreements.models.search_document import Drift
from municipalities.models import Department, Municipality, MunicipalityFormerName

logger = logging.getLogger(__name__)

AT_ONCE = 1_000  # agreements a person waits for (about a second); the queue does more than that


def refresh_found(agreements: QuerySet[Agreement]) -> None:
    """Write the documents of these agreements anew: at once, or by the queue when they are many.

    Without a running queue the nightly check does it.
    """
    keys = list(agreements.order_by().values_list("pk", flat=True).distinct())
    if len(keys) <= AT_ONCE:
        SearchDocument.objects.refresh(keys)
    else:
        transaction.on_commit(lambda: async_task("agreements.tasks.refresh_search", keys))


def repair_index() -> Drift:
    """Compare the whole index with the agreements; what differs is repaired and told in the log."""
    drift = SearchDocument.objects.repair()
    if drift:
        logger.warning(
            "search index had drifted: %d documents outdated, %d missing, index sound: %s",
            drift.outdated,
            drift.missing,
            drift.index_was_sound,
        )
    return drift


# -- Names of 課 and municipalities ---------------------------------------------------------------------
def connect() -> None:
    for model in (Department, Municipality):
        uid = f"agreements.search.{model.__name__}"
        pre_save.connect(_remember_names, model, weak=False, dispatch_uid=f"{uid}.before")
        post_save.connect(_compare_names, model, weak=False, dispatch_uid=f"{uid}.after")
    for number, signal in enumerate((post_save, post_delete)):
        uid = f"agreements.search.former_name.{number}"
        signal.connect(_former_name_changed, MunicipalityFormerName, weak=False, dispatch_uid=uid)


def _remember_names(sender: Any, instance: Any, raw: bool = False, **_: Any) -> None:
    if not raw and not instance._state.adding:
        instance._found_by = sender.objects.filter(pk=instance.pk).values_list("name", "name_kana").first()


def _compare_names(sender: Any, instance: Any, **_: Any) -> None:
    before = instance.__dict__.pop("_found_by", None)
    if before is not None and before != (instance.name, instance.name_kana):
        refresh_found(_named_by(instance))


def _former_name_changed(sender: Any, instance: MunicipalityFormerName, raw: bool = False, **_: Any) -> None:
    if not raw:
        refresh_found(_named_by(instance.municipality))


def _named_by(body: Department | Municipality) -> QuerySet[Agreement]:
    if isinstance(body, Municipality):
        return Agreement.objects.filter(parties__municipality=body)
    return Agreement.objects.filter(Q(department=body) | Q(related_departments=body))
