"""The text of an agreement against a draft: what a change would do to it, and whether it may.

The text is `procedure.TEXT_FIELDS`, the parties and the wording of the items; 分野, 取組 and the rest of the
ledger stay free at any time.
"""

from dataclasses import dataclass
from typing import Any

from agreements.domain import procedure
from agreements.domain.lifecycle import State
from agreements.domain.procedure import TEXT_FIELDS, TextLock
from agreements.models import Agreement, Party

from .drafts import AgreementDraft, PartyDraft

PARTIES, ITEMS = "parties", "items"
REASON_MISSING = "協定の文言を直すときは、理由を入力してください。"


class TextLocked(Exception):
    """The change is refused; the message says why, in Japanese."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """A field or part of the text that a draft changes; `fills_blank`: nothing written is touched."""

    name: str
    fills_blank: bool


def text_changes(agreement: Agreement, draft: AgreementDraft) -> list[TextChange]:
    """What the draft changes in the text of the agreement as it is stored."""
    changes = []
    for name in TEXT_FIELDS:
        stored = getattr(agreement, name)
        if name in draft.values and draft.values[name] != stored:
            changes.append(TextChange(name, fills_blank=stored in (None, "", False)))
    stored_parties = list(agreement.parties.select_related("municipality", "company"))
    names = {party.target: party.name for party in stored_parties}
    parties = [_stored_party(each) for each in stored_parties]
    if parties != (wanted := [_wanted_party(each, names) for each in draft.parties]):
        changes.append(TextChange(PARTIES, fills_blank=_is_part_of(parties, wanted)))
    items = list(agreement.cooperation_fields.values_list("text", flat=True))
    if items != (texts := [item.text for item in draft.items]):
        changes.append(TextChange(ITEMS, fills_blank=_is_part_of(items, texts)))
    return changes


def refusal(agreement: Agreement, changes: list[TextChange], reason: str) -> str:
    """Why these changes may not be written with this reason; "" when they may."""
    lock = agreement.text_lock
    if lock is TextLock.LOCKED and changes:
        return procedure.lock_reason(State(agreement.state))
    if lock is TextLock.CORRECTABLE and not reason and not all(each.fills_blank for each in changes):
        return REASON_MISSING
    return ""


def keep_text(agreement: Agreement, draft: AgreementDraft, reason: str) -> None:
    """Raise `TextLocked` when the draft would change what may not be changed. `agreement` is as stored."""
    if agreement.text_lock is not TextLock.OPEN:
        why = refusal(agreement, text_changes(agreement, draft), reason)
        if why:
            raise TextLocked(why)


def _stored_party(party: Party) -> tuple[Any, ...]:
    wording = (party.label, party.role, party.signatory_title, party.signatory_name)
    return party.target, *wording, party.name


def _wanted_party(draft: PartyDraft, names: dict[Any, str]) -> tuple[Any, ...]:
    """Without a name in the draft the name as signed stays (see `register`)."""
    wording = (draft.label, draft.role, draft.signatory_title, draft.signatory_name)
    stored_name = names.get(draft.target, "") if draft.target.pk else ""
    return draft.target, *wording, draft.name_as_signed or stored_name or draft.target.name


def _is_part_of(stored: list[Any], wanted: list[Any]) -> bool:
    """Whether everything stored is still there, in its order, and something came in addition."""
    rest = iter(wanted)
    return all(any(each == other for other in rest) for each in stored)
