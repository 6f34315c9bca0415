"""What the ledger knows of an agreement and its 協定書 may say, as plain values for `domain.clauses`."""

from agreements.choices import PartyRole
from agreements.domain.clauses import LedgerFacts, PartyFacts

from .agreement import Agreement
from .party import Party

_TERMS = (
    "title",
    "purpose",
    "signed_on",
    "effective_on",
    "first_expiry",
    "auto_renew",
    "renewal_months",
    "notice_months",
    "notice_days",
    "renewal_text",
)


def read_facts(agreement: Agreement) -> LedgerFacts:
    """Those who sign or witness, the items and the terms; two queries."""
    parties = agreement.parties.select_related("municipality", "company")
    signing = parties.filter(role__in=[PartyRole.SIGNATORY, PartyRole.WITNESS])
    return LedgerFacts(
        **{name: getattr(agreement, name) for name in _TERMS},
        parties=tuple(_party(party, agreement) for party in signing),
        items=tuple(agreement.cooperation_fields.values_list("text", flat=True)),
    )


def _party(party: Party, agreement: Agreement) -> PartyFacts:
    company = party.company
    # Nobody signs in two halves: office and name come from one place.
    recorded = bool(party.signatory_title or party.signatory_name)
    return PartyFacts(
        name=party.name,
        label=party.label,
        is_own=party.municipality_id == agreement.municipality_id,
        is_municipality=party.municipality_id is not None,
        is_witness=party.role == PartyRole.WITNESS,
        address=company.address if company else "",
        title=party.signatory_title if recorded else company.representative_title if company else "",
        person=party.signatory_name if recorded else company.representative_name if company else "",
    )
