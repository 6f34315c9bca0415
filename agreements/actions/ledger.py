"""Write many agreements of a ledger at once, and take one back; what a form does for one, in portions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import F
from simple_history.utils import bulk_create_with_history

from agreements.domain import kana, procedure
from agreements.domain.lifecycle import State
from agreements.domain.procedure import TextLock
from agreements.models import (
    Agreement,
    Company,
    CooperationField,
    CooperationFieldCategory,
    Party,
    SearchDocument,
)
from agreements.models.search_document import with_parts
from municipalities.fiscal_year import fiscal_year_of
from municipalities.models import Municipality, StaffMember

from .drafts import AgreementDraft, ItemDraft, PartyDraft
from .register import ChangedMeanwhile, next_ledger_number, write_items, write_parties

_PORTION = 500


@dataclass(slots=True)
class LedgerEntry:
    """A new agreement of a ledger; `agreement` is filled when it is written."""

    draft: AgreementDraft
    reason: str
    agreement: Agreement | None = None


def register_companies(companies: Sequence[tuple[Company, str]], *, by: StaffMember) -> None:
    """Write new companies, each with the reason in its history."""
    for company, reason in companies:
        company.refresh_keys([])
        company._change_reason = reason  # type: ignore[attr-defined]
    if companies:
        bulk_create_with_history(
            [each for each, _ in companies], Company, batch_size=_PORTION, default_user=by
        )


def register_agreements(
    entries: Sequence[LedgerEntry],
    *,
    municipality: Municipality,
    by: StaffMember,
    today: date,
    tell: Callable[[int], None],
) -> None:
    """Write new agreements with parties and items. Needs a transaction; companies are saved already.

    An agreement without a 管理番号 gets the next ones of the fiscal year, past those of the entries.
    """
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    _number(entries, municipality, today)
    for start in range(0, len(entries), _PORTION):
        portion = entries[start : start + _PORTION]
        _register_portion(portion, municipality, by, today)
        tell(start + len(portion))


def _number(entries: Sequence[LedgerEntry], municipality: Municipality, today: date) -> None:
    year = fiscal_year_of(today)
    running = int(next_ledger_number(municipality, today).rpartition("-")[2])
    taken = {entry.draft.values.get("ledger_number") for entry in entries}
    for entry in entries:
        if not entry.draft.values.get("ledger_number"):
            while (number := f"{year}-{running:03d}") in taken:
                running += 1
            entry.draft.values["ledger_number"] = number
            running += 1


def _register_portion(
    entries: Sequence[LedgerEntry], municipality: Municipality, by: StaffMember, today: date
) -> None:
    for entry in entries:
        agreement = Agreement(municipality=municipality, created_by=by, **entry.draft.values)
        agreement.kana_key = kana.sort_key(agreement.title_kana)
        agreement.set_expiry(today)
        agreement._change_reason = entry.reason  # type: ignore[attr-defined]
        entry.agreement = agreement
    made = [entry.agreement for entry in entries if entry.agreement]
    bulk_create_with_history(made, Agreement, batch_size=_PORTION, default_user=by)
    parties, items, categories = [], [], []
    for entry in entries:
        its_parties = [
            _party(entry, order, draft) for order, draft in enumerate(entry.draft.parties, start=1)
        ]
        its_items = [_item(entry, number, draft) for number, draft in enumerate(entry.draft.items, start=1)]
        parties += its_parties
        items += [item for item, _categories in its_items]
        categories += [each for _item, its_categories in its_items for each in its_categories]
        departments = list(entry.draft.related_departments)
        with_parts(entry.agreement, parties=its_parties, items=its_items, departments=departments)
    if parties:
        bulk_create_with_history(parties, Party, batch_size=_PORTION, default_user=by)
    if items:
        bulk_create_with_history(items, CooperationField, batch_size=_PORTION, default_user=by)
    CooperationFieldCategory.objects.bulk_create(categories, batch_size=2 * _PORTION)
    for entry in entries:
        if entry.draft.related_departments and entry.agreement:
            entry.agreement.related_departments.set(entry.draft.related_departments)
    SearchDocument.objects.write_new(made)


def _party(entry: LedgerEntry, order: int, draft: PartyDraft) -> Party:
    party = Party(
        agreement=entry.agreement,
        label=draft.label,
        role=draft.role,
        order=order,
        signatory_title=draft.signatory_title,
        signatory_name=draft.signatory_name,
        name_as_signed=draft.name_as_signed or draft.target.name,
    )
    setattr(party, "company" if isinstance(draft.target, Company) else "municipality", draft.target)
    party._change_reason = entry.reason  # type: ignore[attr-defined]
    return party


def _item(
    entry: LedgerEntry, number: int, draft: ItemDraft
) -> tuple[CooperationField, list[CooperationFieldCategory]]:
    item = CooperationField(agreement=entry.agreement, number=number, text=draft.text)
    item._change_reason = entry.reason  # type: ignore[attr-defined]
    codes = dict.fromkeys(draft.categories)
    return item, [CooperationFieldCategory(cooperation_field=item, category=code) for code in codes]


def lock_on_text(agreement: Agreement, names: set[str]) -> str:
    """Why a ledger may not change these fields or parts (`parties`, `items`); "" when it may.

    A text in force may be corrected: the import is the reason that its history wants.
    """
    wording = names & {*procedure.TEXT_FIELDS, "parties", "items"}
    if wording and agreement.text_lock is TextLock.LOCKED:
        return procedure.lock_reason(State(agreement.state))
    return ""


def change_from_ledger(
    *,
    agreement: Agreement,
    version: int,
    values: dict[str, Any],
    parties: tuple[PartyDraft, ...] | None = None,
    items: tuple[ItemDraft, ...] | None = None,
    related_departments: tuple[Any, ...] | None = None,
    today: date,
    reason: str,
) -> int:
    """Write what the ledger states, and nothing else; returns the new version. Raises `ChangedMeanwhile`.

    Needs a transaction. The search document is the caller's, for all rows at once.
    """
    claimed = Agreement._base_manager.filter(pk=agreement.pk, version=version)
    if not claimed.update(version=F("version") + 1):
        raise ChangedMeanwhile
    stored = Agreement._base_manager.get(pk=agreement.pk)
    for name, value in values.items():
        setattr(stored, name, value)
    stored.set_expiry(today)
    stored._change_reason = reason  # type: ignore[attr-defined]
    stored.save()
    if parties is not None:
        write_parties(stored, tuple(replace(each) for each in parties))
    if items is not None:
        write_items(stored, items)
    if related_departments is not None:
        stored.related_departments.set(related_departments)
    return stored.version
