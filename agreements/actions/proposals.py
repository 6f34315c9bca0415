"""提案票: receive a proposal with its check against the municipality's criteria; keep the criteria."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction as database
from django.db.models import Max

from agreements.domain.lifecycle import Blocker
from agreements.models import Agreement, IntakeAnswer, IntakeCriterion, Proposal
from agreements.models.department_opinion import ASKING_STATES
from municipalities.models import Municipality

from .register import ChangedMeanwhile
from .transition import NotAllowed

USUAL_CRITERIA = (
    ("営業や販売だけを目的としていない", "提案書の目的と、住民や地域の利益を確かめる"),
    ("反社会的勢力と関わりがない", "誓約書や、警察などへの照会で確かめる"),
    ("特定の事業者だけを有利に扱う内容ではない", "独占や、将来の契約の約束がないことを確かめる"),
    ("総合計画の施策に役立つ", "当てはまる施策を確かめる"),
    ("法令や公序良俗に反しない", ""),
    ("市民の個人情報の提供を求めていない", ""),
)
"""A usual checklist to start from: (基準, 確かめ方)."""


@dataclass(frozen=True, kw_only=True)
class CriterionAnswer:
    criterion: IntakeCriterion
    result: str
    note: str = ""


@database.atomic
def receive_proposal(
    *,
    agreement: Agreement,
    values: dict[str, Any],
    answers: Iterable[CriterionAnswer],
    seen: datetime | None,
) -> Proposal:
    """Write the 提案票 of an agreement to come, or change it, with its checklist.

    `values`: fields of `Proposal`; criteria without an answer are left unchecked. `seen`: `updated_at` of the
    one the form showed, None for none. Raises `ChangedMeanwhile`, `NotAllowed` (決裁 has begun).
    """
    stored = Agreement.objects.alive().select_for_update().get(pk=agreement.pk)
    if stored.state not in ASKING_STATES:
        message = "決裁に回った後は、提案票を変更できません。"
        raise NotAllowed([Blocker("too_late", message, "state")])
    proposal = Proposal.objects.filter(agreement=stored).first()
    if (proposal.updated_at if proposal else None) != seen:
        raise ChangedMeanwhile
    proposal = proposal or Proposal(agreement=stored)
    for name, value in values.items():
        setattr(proposal, name, value)
    proposal.save()
    _write_answers(proposal, list(answers))
    return proposal


def _write_answers(proposal: Proposal, answers: list[CriterionAnswer]) -> None:
    stored = {answer.criterion_id: answer for answer in proposal.answers.all()}
    given = {answer.criterion.pk for answer in answers}
    for criterion_id, answer in stored.items():
        if criterion_id not in given:
            answer.delete()
    for each in answers:
        answer = stored.get(each.criterion.pk) or IntakeAnswer(proposal=proposal, criterion=each.criterion)
        if (answer.result, answer.note) != (each.result, each.note):
            answer.question, answer.result, answer.note = each.criterion.text, each.result, each.note
            answer.save()


@database.atomic
def add_criterion(*, municipality: Municipality, values: dict[str, Any]) -> IntakeCriterion:
    """A new criterion, as the last of the list."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    last = municipality.intake_criteria.aggregate(last=Max("order"))["last"] or 0
    return IntakeCriterion.objects.create(municipality=municipality, order=last + 1, **values)


@database.atomic
def add_usual_criteria(*, municipality: Municipality) -> list[IntakeCriterion]:
    """The usual checklist, for a municipality that has none yet; [] for others."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    if municipality.intake_criteria.exists():
        return []
    return [
        add_criterion(municipality=municipality, values={"text": text, "hint": hint})
        for text, hint in USUAL_CRITERIA
    ]


@database.atomic
def move_criterion(*, criterion: IntakeCriterion, by_places: int, today: date) -> None:
    """Move it up (negative) or down among those still in use; beyond the end it stays."""
    Municipality.objects.select_for_update().get(pk=criterion.municipality_id)
    everyone = list(IntakeCriterion.objects.filter(municipality=criterion.municipality_id))
    shown = [each for each in everyone if not each.is_over(today)]
    rest = [each for each in everyone if each.is_over(today)]
    place = next((place for place, each in enumerate(shown) if each.pk == criterion.pk), None)
    if place is None:
        return
    shown.insert(max(place + by_places, 0), shown.pop(place))
    for order, each in enumerate([*shown, *rest], start=1):
        each.order = order
    IntakeCriterion.objects.bulk_update(everyone, ["order"])


def end_criterion(*, criterion: IntakeCriterion, today: date) -> None:
    """Ask it no more from today; answers given stay. `reopen_criterion` takes that back."""
    criterion.valid_to = today - timedelta(days=1)
    # One that was to begin today or later was never in use: its last day cannot lie before its first.
    if criterion.valid_from and criterion.valid_from > criterion.valid_to:
        criterion.valid_from = criterion.valid_to
    criterion.save()


def reopen_criterion(*, criterion: IntakeCriterion) -> None:
    criterion.valid_to = None
    criterion.save()
