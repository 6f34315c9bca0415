"""The parties of a row of open data as bodies of ours: by their codes and numbers, else by their names."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from agreements.actions.drafts import PartyDraft
from municipalities.models import Municipality

from .importable import Judgement
from .open_data_rows import OpenParty, OpenRow
from .parties import Body, NewCompany, PartyBook, key
from .row_form import folded


def open_parties(
    opened: OpenRow, judgement: Judgement, answers: Mapping[str, str], own: Municipality, book: PartyBook
) -> list[tuple[Body, OpenParty]]:
    """Each body once, in the order of the row; one that the row cannot tell is noted as an error.

    Where another body published the agreement and the importing one is no party of it, this one takes its
    place: so a body takes over the agreements of those it was merged from, or of an earlier installation.
    """
    is_party = any(party.code == own.code for party in opened.parties)
    if opened.code != own.code:
        place = "" if is_party else f"当事者の{opened.body}は、{own}に置き換えます。"
        told = f"{opened.body or opened.code}が公開した協定を、{own}の協定として取り込みます。"
        judgement.warn("partners", told + place)
    found: dict[str, tuple[Body, OpenParty]] = {}
    for party in opened.parties:
        body: Body | None
        if party.code == own.code or (not party.code and not party.number and _is_called(party, own)):
            body = own
        elif not is_party and _is_publisher(party, opened):
            body, party = own, replace(party, name="")
        else:
            body = book.municipality(party.code) or book.resolve(
                party.name, judgement, answers, number=party.number
            )
        if body is not None:
            found.setdefault(key(body), (body, party))
    return list(found.values())


def drafts_of(whole: Iterable[tuple[Body, OpenParty]], own: Municipality) -> tuple[PartyDraft, ...]:
    """The parties as they are written; the importing body is one in any case."""
    drafts = []
    for body, party in whole:
        target: Any = body.saved if isinstance(body, NewCompany) else body
        drafts.append(
            PartyDraft(
                target=target,
                label=party.label,
                role=party.role,
                signatory_title=party.signatory_title,
                signatory_name=party.signatory_name,
                name_as_signed=party.name,
            )
        )
    if all(draft.target != own for draft in drafts):
        drafts.insert(0, PartyDraft(target=own))
    return tuple(drafts)


def _is_publisher(party: OpenParty, opened: OpenRow) -> bool:
    """Files of the first version tell no codes of parties."""
    if party.code:
        return party.code == opened.code
    return not party.number and bool(opened.body) and folded(party.name) == folded(opened.body)


def _is_called(party: OpenParty, own: Municipality) -> bool:
    return folded(party.name) in {folded(own.name), folded(own.full_name)}
