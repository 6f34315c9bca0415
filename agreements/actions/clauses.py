"""条項ひな形: keep the clause library of a municipality."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from agreements.domain.clauses import ClauseText
from agreements.domain.usual_clauses import USUAL_CLAUSES
from agreements.models import Clause
from municipalities.models import Municipality

from .register import ChangedMeanwhile


@transaction.atomic
def add_clause(*, municipality: Municipality, values: dict[str, Any]) -> Clause:
    """A new clause, as the last; people move it where it belongs."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    last = Clause.objects.filter(municipality=municipality).aggregate(last=Max("order"))["last"] or 0
    return Clause.objects.create(municipality=municipality, order=last + 1, **values)


@transaction.atomic
def add_usual_clauses(*, municipality: Municipality) -> list[Clause]:
    """Copy those of our own texts that the municipality does not have yet; they come last."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    last = Clause.objects.filter(municipality=municipality).aggregate(last=Max("order"))["last"] or 0
    return [
        Clause.objects.create(
            municipality=municipality,
            kind=each.kind,
            heading=each.heading,
            text=each.text,
            use=each.use,
            order=order,
        )
        for order, each in enumerate(missing_clauses(municipality), start=last + 1)
    ]


def missing_clauses(municipality: Municipality) -> list[ClauseText]:
    """Our own texts of a kind that the municipality has none of, retired ones counted."""
    have = set(Clause.objects.filter(municipality=municipality).values_list("kind", flat=True))
    return [each for each in USUAL_CLAUSES if each.kind not in have]


@transaction.atomic
def change_clause(*, clause: Clause, seen: datetime | None, values: dict[str, Any]) -> Clause:
    """Write it anew. `seen`: `updated_at` as the form showed it. Raises `ChangedMeanwhile`."""
    stored = Clause.objects.select_for_update().get(pk=clause.pk)
    if stored.updated_at != seen:
        raise ChangedMeanwhile
    for name, value in values.items():
        setattr(stored, name, value)
    stored.save()
    return stored


@transaction.atomic
def move_clause(*, clause: Clause, by_places: int) -> None:
    """Move it up (negative) or down among those in use; beyond the end it stays."""
    Municipality.objects.select_for_update().get(pk=clause.municipality_id)
    everyone = list(Clause.objects.filter(municipality=clause.municipality_id))
    shown = [each for each in everyone if each.retired_at is None]
    rest = [each for each in everyone if each.retired_at is not None]
    place = next((place for place, each in enumerate(shown) if each.pk == clause.pk), None)
    if place is None:
        return
    shown.insert(max(place + by_places, 0), shown.pop(place))
    for order, each in enumerate([*shown, *rest], start=1):
        each.order = order
    Clause.objects.bulk_update(everyone, ["order"])


@transaction.atomic
def retire_clause(*, clause: Clause) -> None:
    """No longer offered; drafts made of it stay. `restore_clause` takes that back; twice is harmless."""
    clause.retired_at = clause.retired_at or timezone.now()
    clause.save(update_fields=["retired_at", "updated_at"])


@transaction.atomic
def restore_clause(*, clause: Clause) -> None:
    clause.retired_at = None
    clause.save(update_fields=["retired_at", "updated_at"])
