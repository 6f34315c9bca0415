"""What a form, an import or the demo data hands to the verbs: plain values, already validated."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agreements.choices import ActionState, PartyRole
from agreements.models import Company
from municipalities.models import Department, Municipality, StaffMember


@dataclass(frozen=True, kw_only=True)
class PartyDraft:
    """One party; its target may be a company that is not saved yet (it is registered along)."""

    target: Municipality | Company
    label: str = ""
    role: str = PartyRole.SIGNATORY
    signatory_title: str = ""
    signatory_name: str = ""
    name_as_signed: str = ""


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """One 連携事項; `id` names the row it replaces. Its number is its place in the list, from 1."""

    text: str
    categories: tuple[str, ...] = ()
    id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ActionDraft:
    """One 取組; `items` are the numbers of the items it serves."""

    title: str
    items: tuple[int, ...] = ()
    department: Department | None = None
    person_in_charge: StaffMember | None = None
    partner_in_charge: str = ""
    starts_on: date | None = None
    due_on: date | None = None
    state: str = ActionState.PLANNED
    id: int | None = None


@dataclass(frozen=True, kw_only=True)
class AgreementDraft:
    """A whole agreement as typed. `values` are field values of `Agreement` by name."""

    values: dict[str, Any]
    parties: tuple[PartyDraft, ...] = ()
    items: tuple[ItemDraft, ...] = ()
    actions: tuple[ActionDraft, ...] = ()
    related_departments: tuple[Department, ...] = field(default=())
