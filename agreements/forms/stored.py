"""A stored agreement as a draft and as initial values: what its edit form starts from."""

from typing import Any

from django.db.models import Prefetch

from agreements.actions.drafts import ActionDraft, AgreementDraft, ItemDraft, PartyDraft
from agreements.models import ActionItem, Agreement

from .party_lookup import key_of


def stored_draft(agreement: Agreement) -> AgreementDraft:
    """The parts of an agreement as stored, without the ledger fields; a fixed number of queries."""
    parties = agreement.parties.select_related("municipality", "company")
    items = list(agreement.cooperation_fields.prefetch_related("categories"))
    numbers = {item.pk: item.number for item in items}
    actions = ActionItem.objects.filter(agreement=agreement, deleted_at=None)
    actions = actions.select_related("department", "person_in_charge").prefetch_related(
        Prefetch("cooperation_fields", to_attr="served")
    )
    return AgreementDraft(
        values={},
        parties=tuple(
            PartyDraft(
                target=party.target,
                label=party.label,
                role=party.role,
                signatory_title=party.signatory_title,
                signatory_name=party.signatory_name,
                name_as_signed=party.name,
            )
            for party in parties
        ),
        items=tuple(
            ItemDraft(
                text=item.text, categories=tuple(each.category for each in item.categories.all()), id=item.pk
            )
            for item in items
        ),
        actions=tuple(
            ActionDraft(
                title=action.title,
                items=tuple(sorted(numbers[item.pk] for item in action.served)),
                department=action.department,
                person_in_charge=action.person_in_charge,
                partner_in_charge=action.partner_in_charge,
                starts_on=action.starts_on,
                due_on=action.due_on,
                state=action.state,
                id=action.pk,
            )
            for action in actions
        ),
    )


def party_rows(draft: AgreementDraft) -> list[dict[str, Any]]:
    return [
        {
            "name": party.name_as_signed,
            "target": key_of(party.target),
            "label": party.label,
            "role": party.role,
            "signatory_title": party.signatory_title,
            "signatory_name": party.signatory_name,
            "ORDER": place,
        }
        for place, party in enumerate(draft.parties, start=1)
    ]


def item_rows(draft: AgreementDraft) -> list[dict[str, Any]]:
    return [
        {"id": item.id, "text": item.text, "categories": list(item.categories), "ORDER": place}
        for place, item in enumerate(draft.items, start=1)
    ]


def action_rows(draft: AgreementDraft) -> list[dict[str, Any]]:
    return [
        {
            "id": action.id,
            "title": action.title,
            "items": action.items,
            "department": action.department,
            "person_in_charge": action.person_in_charge,
            "partner_in_charge": action.partner_in_charge,
            "starts_on": action.starts_on,
            "due_on": action.due_on,
            "state": action.state,
        }
        for action in draft.actions
    ]
