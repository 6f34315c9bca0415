"""協定書案: compose the first version from the clause library, write further ones, bring an older one back.

A version is never overwritten: whoever saves writes the next one, and only upon the newest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from agreements.choices import TextOrigin
from agreements.domain import procedure
from agreements.domain.clauses import LedgerFacts, PartyFacts, compose, departures, refill
from agreements.domain.legal_references import check
from agreements.domain.legal_text import LegalText
from agreements.domain.legal_typeset import plain_text, typeset
from agreements.domain.lifecycle import State
from agreements.domain.procedure import TextLock
from agreements.models import Agreement, Clause, TextVersion
from agreements.models.ledger_facts import read_facts
from municipalities.models import StaffMember

from .register import ChangedMeanwhile
from .text_lock import REASON_MISSING, TextLocked

_LOOKED_BACK = 20  # versions


@transaction.atomic
def compose_text(
    *, agreement: Agreement, clauses: Sequence[Clause], by: StaffMember | None, base: int, note: str = ""
) -> TextVersion:
    """A version made of these clauses with what the ledger knows.

    `base` is the number of the newest version the person has seen, 0 for none. Raises `ChangedMeanwhile`,
    `TextLocked`.
    """
    stored = _claim(agreement, base, note)
    facts = with_own_address(read_facts(stored), stored)
    text = compose([each.as_text for each in clauses], facts)
    return _write(stored, base, text, TextOrigin.COMPOSED, by, note)


@transaction.atomic
def change_text(
    *, agreement: Agreement, text: LegalText, by: StaffMember, base: int, note: str = ""
) -> TextVersion:
    """The text as typed, its blanks filled where the ledger knows by now. The same text writes no version.

    Raises `ChangedMeanwhile`, `TextLocked`.
    """
    stored = _claim(agreement, base, note)
    text = refill(text, read_facts(stored))
    newest = TextVersion.objects.filter(agreement=stored).newest()
    if newest is not None and newest.text == text:
        return newest
    return _write(stored, base, text, TextOrigin.EDITED, by, note)


@transaction.atomic
def restore_text(*, version: TextVersion, by: StaffMember, base: int, note: str = "") -> TextVersion:
    """The text of an older version as the next one. Raises `ChangedMeanwhile`, `TextLocked`."""
    stored = _claim(version.agreement, base, note)
    return _write(stored, base, version.text, TextOrigin.RESTORED, by, note, restored_from=version)


def with_own_address(facts: LedgerFacts, agreement: Agreement) -> LedgerFacts:
    """The ledger keeps no address of a municipality: its own is the one it signed with last time."""
    if not any(party.is_own and not party.address for party in facts.parties):
        return facts
    written = TextVersion.objects.filter(agreement__municipality=agreement.municipality_id)
    latest = [version.text for version in written.order_by("-pk")[:_LOOKED_BACK]]

    def address(party: PartyFacts) -> str:
        found = (each.address for text in latest for each in text.signatories if each.name == party.name)
        return next(filter(None, found), "")

    parties = (
        replace(party, address=party.address or address(party)) if party.is_own else party
        for party in facts.parties
    )
    return replace(facts, parties=tuple(parties))


@dataclass(frozen=True, slots=True)
class TextState:
    """How far the newest version is: what is blank, and what is wrong or departs from the ledger."""

    exists: bool = False
    gaps: int = 0
    faults: int = 0


def text_state(agreement: Agreement) -> TextState:
    newest = TextVersion.objects.filter(agreement=agreement).newest()
    if newest is None:
        return TextState()
    text = newest.text
    paper = typeset(text)
    departed = departures(plain_text(paper, day=""), text, read_facts(agreement))
    return TextState(True, len(paper.gaps), len(check(text)) + len(list(departed)))


def why_locked(agreement: Agreement) -> str:
    """Why the text cannot be written now; "" when it can."""
    lock = agreement.text_lock
    return procedure.lock_reason(State(agreement.state)) if lock is TextLock.LOCKED else ""


def _claim(agreement: Agreement, base: int, note: str) -> Agreement:
    """The stored agreement, ours until the transaction ends, if its text may be written upon `base`."""
    stored = Agreement.objects.alive().select_for_update(of=("self",)).get(pk=agreement.pk)
    if why := why_locked(stored):
        raise TextLocked(why)
    newest = TextVersion.objects.filter(agreement=stored).newest()
    if (newest.number if newest else 0) != base:
        raise ChangedMeanwhile
    # A transcript of paper is corrected with a reason, as the ledger's text is.
    if newest is not None and stored.text_lock is TextLock.CORRECTABLE and not note.strip():
        raise TextLocked(REASON_MISSING)
    return stored


def _write(
    agreement: Agreement,
    base: int,
    text: LegalText,
    origin: TextOrigin,
    by: StaffMember | None,
    note: str,
    restored_from: TextVersion | None = None,
) -> TextVersion:
    return TextVersion.objects.create(
        agreement=agreement,
        number=base + 1,
        origin=origin,
        restored_from=restored_from,
        body=text.as_json(),
        note=note,
        created_by=by,
    )
