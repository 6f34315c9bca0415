"""The facts of a 協定シート as data: attached to its PDF/A-3, so that an archive can read them in decades.

It says what the sheet says and leaves out what the sheet leaves out; besides, it names no person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from agreements.choices import FieldCategory
from agreements.domain import renewal
from agreements.models import Agreement
from municipalities import access

if TYPE_CHECKING:
    from .sheet import SheetData

#: Named in every file, so that a reader knows what it reads. A change of meaning gets a new number.
SCHEMA = "renkei.agreement/1"


def sheet_json(agreement: Agreement, sheet: SheetData, *, user: Any, today: date) -> bytes:
    """UTF-8 JSON with ISO dates and codes beside the words; a fixed number of queries."""
    is_own = access.may_see_internal(user, agreement)
    facts: dict[str, Any] = {
        "schema": SCHEMA,
        "printed_on": today.isoformat(),
        "municipality": {"code": agreement.municipality.code, "name": agreement.municipality.name},
        "title": agreement.title,
        "title_kana": agreement.title_kana,
        "kind": _choice(agreement.kind, sheet.kind),
        "state": _choice(agreement.state, sheet.state),
        "parties": list(_parties(agreement)),
        **_terms(agreement, today),
        "purpose": agreement.purpose,
        "items": list(_items(agreement)),
    }
    if is_own:
        facts["ledger_number"] = agreement.ledger_number
    if is_own and "actions" not in sheet.hidden:
        facts["actions"] = list(_actions(agreement, internal=sheet.is_internal))
    if sheet.filing:
        facts["filing"] = {
            "document_number": agreement.document_number,
            "approved_on": _day(agreement.approved_on),
            "council_resolution_on": _day(agreement.council_resolution_on),
            "retention": sheet.filing.retention,
            "publication": _choice(agreement.publication, sheet.filing.publication),
        }
    if sheet.responsibility:
        facts["department"] = sheet.responsibility.department
    return json.dumps(facts, ensure_ascii=False, indent=1).encode()


def _parties(agreement: Agreement) -> Iterator[dict[str, Any]]:
    for party in agreement.parties.select_related("municipality", "company"):  # type: ignore[attr-defined]
        yield {
            "label": party.label,
            "name": party.name,
            "role": _choice(party.role, party.get_role_display()),
            "municipality_code": party.municipality.code if party.municipality else None,
            "corporate_number": (party.company.corporate_number or None) if party.company else None,
        }


def _terms(agreement: Agreement, today: date) -> dict[str, Any]:
    terms = agreement.terms
    as_of = min(today, agreement.ended_on or today)
    return {
        "signed_on": _day(agreement.signed_on),
        "effective_on": _day(agreement.effective_on),
        "first_expiry": _day(agreement.first_expiry),
        "current_expiry": _day(renewal.current_expiry(terms, as_of)),
        "auto_renew": terms.auto_renew,
        "renewal_months": terms.renewal_months,
        "notice_months": terms.notice_months,
        "notice_days": terms.notice_days,
        "renewal_text": agreement.renewal_text,
        "ended_on": _day(agreement.ended_on),
    }


def _items(agreement: Agreement) -> Iterator[dict[str, Any]]:
    for item in agreement.cooperation_fields.prefetch_related("categories"):  # type: ignore[attr-defined]
        categories = [FieldCategory(row.category) for row in item.categories.all()]
        yield {
            "number": item.number,
            "text": item.text,
            "categories": [_choice(each.value, str(each.label)) for each in categories],
            "sdgs": sorted({goal for each in categories for goal in each.sdgs}),
        }


def _actions(agreement: Agreement, *, internal: bool) -> Iterator[dict[str, Any]]:
    """All that are not deleted: the sheet has room for a few only."""
    actions = agreement.actions.filter(deleted_at=None)  # type: ignore[attr-defined]
    for action in actions.with_progress().select_related("department").prefetch_related("cooperation_fields"):
        facts: dict[str, Any] = {
            "title": action.title,
            "items": [item.number for item in action.cooperation_fields.all()],
            "department": action.department.name if action.department else None,
            "starts_on": _day(action.starts_on),
            "due_on": _day(action.due_on),
            "state": _choice(action.state, action.get_state_display()),
        }
        if internal:
            facts |= {
                "target": _figure(action.target_value),
                "reached": _figure(action.figure),
                "unit": action.target_unit,
                "funding": _choice(action.funding, action.get_funding_display()) if action.funding else None,
                "budget_thousands": action.budget_thousands,
            }
        yield facts


def _choice(code: str, words: str) -> dict[str, str]:
    return {"code": code, "label": str(words)}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _figure(value: Any) -> str | None:
    """As text: binary numbers would make 0.1 something else."""
    return None if value is None else format(value.normalize(), "f")
