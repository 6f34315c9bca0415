"""Parties and items that are registered already: written over by a row, and kept as JSON to be put back."""

from collections.abc import Mapping, Sequence
from typing import Any

from agreements.actions.drafts import ItemDraft, PartyDraft
from agreements.models import Agreement, Company, CooperationField, Party
from municipalities.models import Municipality


def item_over(
    draft: ItemDraft, ids: Mapping[str, int], free: list[CooperationField], stored: Sequence[CooperationField]
) -> ItemDraft:
    """The stored item that a text replaces: the same text, else the next one whose text is gone."""
    item_id = ids.get(draft.text) or (free.pop(0).pk if free else None)
    item = next((each for each in stored if each.pk == item_id), None)
    codes = draft.categories or tuple(each.category for each in (item.categories.all() if item else ()))
    return ItemDraft(text=draft.text, categories=codes, id=item_id)


def party_draft(party: Party) -> PartyDraft:
    return PartyDraft(
        target=party.target,
        label=party.label,
        role=party.role,
        signatory_title=party.signatory_title,
        signatory_name=party.signatory_name,
        name_as_signed=party.name_as_signed,
    )


_PARTY_FIELDS = (
    "company_id",
    "municipality_id",
    "label",
    "role",
    "signatory_title",
    "signatory_name",
    "name_as_signed",
)


def party_json(party: Party) -> dict[str, Any]:
    return {name: getattr(party, name) for name in _PARTY_FIELDS}


def party_from_json(stored: Mapping[str, Any]) -> PartyDraft:
    values = dict(stored)
    company, municipality = values.pop("company_id"), values.pop("municipality_id")
    target = Company.objects.get(pk=company) if company else Municipality.objects.get(pk=municipality)
    return PartyDraft(target=target, **values)


def items_json(agreement: Agreement) -> list[dict[str, Any]]:
    items = agreement.cooperation_fields.order_by("number").prefetch_related("categories")
    return [
        {"id": item.pk, "text": item.text, "categories": [each.category for each in item.categories.all()]}
        for item in items
    ]


def items_from_json(agreement: Agreement, stored: Sequence[Mapping[str, Any]]) -> tuple[ItemDraft, ...]:
    there = set(agreement.cooperation_fields.values_list("pk", flat=True))
    return tuple(
        ItemDraft(
            text=each["text"],
            categories=tuple(each["categories"]),
            id=each["id"] if each["id"] in there else None,
        )
        for each in stored
    )
