"""Register, change, delete and restore an agreement with its parties, items and actions."""

import re
from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from agreements.models import (
    ActionItem,
    Agreement,
    Company,
    CooperationField,
    CooperationFieldCategory,
    Party,
    SearchDocument,
)
from municipalities.fiscal_year import fiscal_year_of
from municipalities.models import Municipality, PlanItem, StaffMember

from .drafts import ActionDraft, AgreementDraft, ItemDraft, PartyDraft
from .plan_links import link_agreement
from .text_lock import keep_text

# Far above any real item number: rows wait there while they change places.
_OUT_OF_THE_WAY = 10_000
# What a row of the agreement's form says of an action; everything else belongs to the action's own page.
ROW_FIELDS = (
    "title",
    "department",
    "person_in_charge",
    "partner_in_charge",
    "starts_on",
    "due_on",
    "state",
)


class ChangedMeanwhile(Exception):
    """Someone else saved this agreement after the form was opened."""


@transaction.atomic
def register_agreement(
    *,
    municipality: Municipality,
    draft: AgreementDraft,
    by: StaffMember | None,
    today: date,
    plan_item: PlanItem | None = None,
) -> Agreement:
    """Write a new agreement with all its parts, or nothing. `plan_item`: the 施策 it serves as a whole.

    Without a 管理番号 in the draft it gets the next one of the fiscal year ("2026-007").
    """
    # Two clerks registering at once must not draw the same number: the municipality is the lock.
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    agreement = Agreement(municipality=municipality, created_by=by, **draft.values)
    if not agreement.ledger_number:
        agreement.ledger_number = next_ledger_number(municipality, today)
    agreement.set_expiry(today)
    agreement.save()
    _write_parts(agreement, draft)
    if plan_item is not None:
        link_agreement(agreement=agreement, item=plan_item)
    return agreement


@transaction.atomic
def change_agreement(
    *, agreement: Agreement, version: int, draft: AgreementDraft, today: date, reason: str = ""
) -> Agreement:
    """Write the changed agreement with all its parts, or nothing. The history keeps the `reason`.

    `version` is the one the form was opened with. Raises `ChangedMeanwhile` when it is no longer
    the stored one: the conditional update makes the second of two writers lose, on any database.
    Raises `TextLocked` when the draft changes a text that may not be changed.
    """
    claimed = Agreement.objects.alive().filter(pk=agreement.pk, version=version)
    if not claimed.update(version=F("version") + 1):
        raise ChangedMeanwhile
    agreement = Agreement.objects.get(pk=agreement.pk)
    keep_text(agreement, draft, reason)
    for name, value in draft.values.items():
        setattr(agreement, name, value)
    agreement.set_expiry(today)
    agreement._change_reason = reason or None  # type: ignore[attr-defined]
    agreement.save()
    _write_parts(agreement, draft)
    return agreement


@transaction.atomic
def delete_agreement(*, agreement: Agreement) -> None:
    """Put the agreement away; `restore_agreement` brings it back. Deleting twice is harmless."""
    agreement.deleted_at = timezone.now()
    agreement.save(update_fields=["deleted_at", "updated_at"])
    SearchDocument.objects.refresh([agreement.pk])


@transaction.atomic
def restore_agreement(*, agreement: Agreement) -> None:
    agreement.deleted_at = None
    agreement.save(update_fields=["deleted_at", "updated_at"])
    SearchDocument.objects.refresh([agreement.pk])


def next_ledger_number(municipality: Municipality, today: date) -> str:
    """The fiscal year and the next running number in it: "2026-001"."""
    year = fiscal_year_of(today)
    taken = Agreement.objects.filter(municipality=municipality, ledger_number__startswith=f"{year}-")
    numbers = [
        int(match[1])
        for number in taken.values_list("ledger_number", flat=True)
        if (match := re.fullmatch(rf"{year}-(\d{{1,9}})", number))
    ]
    return f"{year}-{max(numbers, default=0) + 1:03d}"


def _write_parts(agreement: Agreement, draft: AgreementDraft) -> None:
    agreement.related_departments.set(draft.related_departments)
    write_parties(agreement, draft.parties)
    items = write_items(agreement, draft.items)
    _write_actions(agreement, draft.actions, items)
    SearchDocument.objects.refresh([agreement.pk])


def write_parties(agreement: Agreement, drafts: tuple[PartyDraft, ...]) -> None:
    """A party is known by the body it names, so parties can change places freely."""
    stored = {party.target: party for party in agreement.parties.select_related("municipality", "company")}
    wanted = {draft.target for draft in drafts if draft.target.pk}
    for target, party in stored.items():
        if target not in wanted:
            party.delete()
    for order, draft in enumerate(drafts, start=1):
        if draft.target.pk is None:
            draft.target.save()
        party = stored.get(draft.target) or Party(agreement=agreement)
        if isinstance(draft.target, Company):
            party.company = draft.target
        else:
            party.municipality = draft.target
        party.order = order
        party.label = draft.label
        party.role = draft.role
        party.signatory_title = draft.signatory_title
        party.signatory_name = draft.signatory_name
        party.name_as_signed = draft.name_as_signed or party.name_as_signed or draft.target.name
        party.save()


def write_items(agreement: Agreement, drafts: tuple[ItemDraft, ...]) -> list[CooperationField]:
    stored = {item.pk: item for item in agreement.cooperation_fields.all()}
    kept = {draft.id for draft in drafts}
    for pk, item in stored.items():
        if pk not in kept:
            item.delete()
    agreement.cooperation_fields.update(number=F("number") + _OUT_OF_THE_WAY)
    items = []
    for number, draft in enumerate(drafts, start=1):
        item = stored.get(draft.id or 0) or CooperationField(agreement=agreement)
        item.number = number
        item.text = draft.text
        item.save()
        _write_categories(item, draft.categories)
        items.append(item)
    return items


def _write_categories(item: CooperationField, categories: tuple[str, ...]) -> None:
    item.categories.exclude(category__in=categories).delete()
    known = set(item.categories.values_list("category", flat=True))
    CooperationFieldCategory.objects.bulk_create(
        CooperationFieldCategory(cooperation_field=item, category=category)
        for category in dict.fromkeys(categories)
        if category not in known
    )


def _write_actions(
    agreement: Agreement, drafts: tuple[ActionDraft, ...], items: list[CooperationField]
) -> None:
    """Actions left out are put away, not deleted: their history and figures stay."""
    living = agreement.actions.filter(deleted_at=None).select_for_update(of=("self",))
    stored = {action.pk: action for action in living}
    kept = {draft.id for draft in drafts}
    for pk, action in stored.items():
        if pk not in kept:
            action.deleted_at = timezone.now()
            action.save(update_fields=["deleted_at", "updated_at"])
    for draft in drafts:
        action = stored.get(draft.id or 0) or ActionItem(agreement=agreement)
        before = [getattr(action, name) for name in ROW_FIELDS]
        for name in ROW_FIELDS:
            setattr(action, name, getattr(draft, name))
        # An action that stays as it is keeps its time of writing: who edits it meanwhile is not disturbed.
        if action.pk is None or before != [getattr(action, name) for name in ROW_FIELDS]:
            action.save()
        action.cooperation_fields.set(
            [items[number - 1] for number in draft.items if 1 <= number <= len(items)]
        )


@transaction.atomic
def roll_terms(*, today: date) -> int:
    """Bring the stored expiry of agreements that renewed themselves up to date; returns how many."""
    rolled = 0
    for agreement in Agreement.objects.stale(today).iterator():
        agreement.set_expiry(today)
        # Who changed the terms at this moment has written the right expiry along.
        unchanged = Agreement.objects.filter(pk=agreement.pk, version=agreement.version)
        rolled += unchanged.update(expires_on=agreement.expires_on, notice_on=agreement.notice_on)
    return rolled
