"""The records of a municipality as its own systems get them: named one by one, nothing by itself."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from agreements.actions.progress_by_system import versions_of
from agreements.models import ActionItem, Agreement, CooperationField, ProgressEntry
from municipalities.models import PlanItem

from .answers import plain_number

Address = Callable[[Any], str]


def agreement_row(agreement: Agreement, address: Address) -> dict[str, Any]:
    return {
        "id": agreement.pk,
        "ledger_number": agreement.ledger_number,
        "title": agreement.title,
        "title_kana": agreement.title_kana,
        "kind": agreement.kind,
        "state": agreement.state,
        "publication": agreement.publication,
        "department": _named(agreement.department),
        "signed_on": agreement.signed_on,
        "effective_on": agreement.effective_on,
        "first_expiry": agreement.first_expiry,
        "auto_renew": agreement.auto_renew,
        "renewal_months": agreement.renewal_months,
        "current_expiry": agreement.expires_on,
        "notice_deadline": agreement.notice_on,
        "ended_on": agreement.ended_on,
        "ended_reason": agreement.ended_reason,
        "parties": [_party(party) for party in agreement.parties.all()],  # type: ignore[attr-defined]
        "created_at": timezone.localtime(agreement.created_at).isoformat(),
        "updated_at": timezone.localtime(agreement.updated_at).isoformat(),
        "url": address(agreement.get_absolute_url()),
    }


def agreement_detail(agreement: Agreement, address: Address) -> dict[str, Any]:
    links = agreement.plan_links.order_by("pk")  # type: ignore[attr-defined]
    return {
        **agreement_row(agreement, address),
        "purpose": agreement.purpose,
        "renewal_text": agreement.renewal_text,
        "items": item_rows(agreement),
        "plan_items": list(links.values_list("plan_item", flat=True)),
    }


def item_rows(agreement: Agreement) -> list[dict[str, Any]]:
    items = CooperationField.objects.filter(agreement=agreement).prefetch_related("categories", "actions")
    return [
        {
            "id": item.pk,
            "number": item.number,
            "text": item.text,
            "categories": [row.category for row in item.categories.all()],  # type: ignore[attr-defined]
            "actions": [
                action.pk
                for action in item.actions.all()  # type: ignore[attr-defined]
                if action.deleted_at is None
            ],
        }
        for item in items
    ]


def action_rows(actions: list[ActionItem], address: Address) -> list[dict[str, Any]]:
    """Of actions read `with_progress()`, their 課 and items at hand."""
    versions = versions_of(actions)
    return [
        {
            "id": action.pk,
            "agreement": action.agreement_id,
            "title": action.title,
            "description": action.description,
            "items": [item.pk for item in action.cooperation_fields.all()],
            "department": _named(action.department),
            "state": action.state,
            "starts_on": action.starts_on,
            "due_on": action.due_on,
            "fiscal_year": action.fiscal_year,
            "target_value": plain_number(action.target_value),
            "target_unit": action.target_unit,
            "baseline_value": plain_number(action.baseline_value),
            "current_value": plain_number(getattr(action, "current_value", None)),
            "told_on": getattr(action, "told_on", None),
            "result_value": plain_number(action.result_value),
            "result_text": action.result_text,
            "completed_on": action.completed_on,
            "cancelled_reason": action.cancelled_reason,
            "plan_item": action.plan_item_id,
            "version": versions[action.pk],
            "updated_at": timezone.localtime(action.updated_at).isoformat(),
            "url": address(action.get_absolute_url()),
        }
        for action in actions
    ]


def progress_row(entry: ProgressEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "on": entry.on,
        "value": plain_number(entry.value),
        "note": entry.text,
        "recorded_by": "system" if entry.by_system else "person",
        "system": entry.by_system,
    }


def plan_item_row(item: PlanItem) -> dict[str, Any]:
    return {
        "id": item.pk,
        "plan": {"id": item.plan_id, "name": str(item.plan)},
        "parent": item.parent_id,
        "level": item.level_name,
        "code": item.code,
        "name": item.name,
        "kpi_name": item.kpi_name,
        "kpi_unit": item.kpi_unit,
        "kpi_baseline": plain_number(item.kpi_baseline),
        "kpi_target": plain_number(item.kpi_target),
        "kpi_year": item.kpi_year,
        "department": _named(item.department),
    }


def _party(party: Any) -> dict[str, Any]:
    return {
        "name": party.name,
        "label": party.label,
        "role": party.role,
        "company": party.company_id,
        "corporate_number": party.company.corporate_number if party.company else None,
        "municipality_code": party.municipality.code if party.municipality else None,
    }


def _named(row: Any) -> dict[str, Any] | None:
    return {"id": row.pk, "name": row.name} if row is not None else None
