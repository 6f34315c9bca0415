"""相手方シート: one company with its agreements as far as the reader may see them; A4, one page or two."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from agreements.domain import renewal
from agreements.models import Agreement, Company, CompanyContact
from municipalities import access
from municipalities.wareki import format_wareki

from .renderer import render_pdf
from .sheet_text import lines, wareki

#: More are a list to print.
MOST_AGREEMENTS = 100


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One agreement. Number and 課 are told in the own municipality only."""

    municipality: str
    ledger_number: str
    title: str
    kind: str
    name_as_signed: str
    signed_on: str
    current_expiry: str
    state: str
    department: str


@dataclass(frozen=True, slots=True)
class CompanySheet:
    company: Company
    former_names: tuple[str, ...]
    agreements: tuple[AgreementLine, ...]
    more: int
    contacts: tuple[dict[str, str], ...]
    """相手窓口, as the person's own municipality keeps them."""

    @property
    def is_internal(self) -> bool:
        """Numbers, 課 and contacts are the municipality's own business."""
        return bool(self.contacts) or any(line.ledger_number for line in self.agreements)


def print_company_sheet(company: Company, *, user: Any, today: date, internal: bool) -> bytes:
    """`internal` False leaves contacts, 管理番号 and 課 out. Raises `renderer.PrintError`."""
    sheet = build_company_sheet(company, user=user, today=today, internal=internal)
    municipality = str(user.municipality or "")
    context = {
        "sheet": sheet,
        "company": company,
        "municipality": municipality,
        "printed": f"印刷 {format_wareki(today)}" + (f"　{user}" if internal else ""),
    }
    return render_pdf(
        "print/company_sheet.html",
        context,
        title=f"相手方シート　{company.name}",
        author=municipality or "Renkei",
        subject=f"法人番号 {company.corporate_number}" if company.corporate_number else "",
    )


def build_company_sheet(company: Company, *, user: Any, today: date, internal: bool) -> CompanySheet:
    """What this person may see of it; a fixed number of queries."""
    found = Agreement.objects.visible_to(user).with_company(company)
    rows = list(
        found.select_related("municipality", "department")
        .prefetch_related("parties__company", "parties__municipality")
        .order_by("municipality__code", "-signed_on", "pk")[: MOST_AGREEMENTS + 1]
    )
    contacts = CompanyContact.objects.visible_to(user).filter(company=company).current(today)
    return CompanySheet(
        company=company,
        former_names=tuple(
            f"{each.name}（{wareki(each.until)}まで）" if each.until else each.name
            for each in company.former_names.all()  # type: ignore[attr-defined]
        ),
        agreements=tuple(
            _line(row, company, today, internal=internal and access.may_see_internal(user, row))
            for row in rows[:MOST_AGREEMENTS]
        ),
        more=found.count() - MOST_AGREEMENTS if len(rows) > MOST_AGREEMENTS else 0,
        contacts=tuple(map(_contact, contacts.select_related("municipality"))) if internal else (),
    )


def _line(agreement: Agreement, company: Company, today: date, *, internal: bool) -> AgreementLine:
    as_of = min(today, agreement.ended_on or today)
    names = [party.name for party in agreement.parties.all() if party.company_id == company.pk]  # type: ignore[attr-defined]
    signed = names[0] if names else company.name
    return AgreementLine(
        municipality=agreement.municipality.name,
        ledger_number=agreement.ledger_number if internal else "",
        title=agreement.title or "（名称未登録）",
        kind=agreement.get_kind_display(),
        name_as_signed=signed if signed != company.name else "",
        signed_on=wareki(agreement.signed_on),
        current_expiry=wareki(renewal.current_expiry(agreement.terms, as_of)),
        state=agreement.get_state_display(),
        department=agreement.department.name if internal and agreement.department else "",
    )


def _contact(contact: CompanyContact) -> dict[str, str]:
    return {
        "person": lines(contact.section, " ".join(filter(None, [contact.title, contact.name]))),
        "reach": lines(contact.phone, contact.email),
        "municipality": contact.municipality.name,
        "verified_on": wareki(contact.verified_on),
    }
