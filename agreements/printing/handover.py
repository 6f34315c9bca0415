"""異動引継ぎシート: the agreements, open 取組, deadlines, contacts and talks of one person or 課."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from agreements.domain import renewal
from agreements.domain.lifecycle import PRE_ACTIVE
from agreements.models import ActionItem, Agreement, CompanyContact, Meeting, Party
from agreements.models.agreement_terms import IN_FORCE
from municipalities import access
from municipalities.models import Department, StaffMember
from municipalities.wareki import format_wareki

from .renderer import render_pdf
from .sheet_text import lines, wareki


@dataclass(slots=True)
class HandedAgreement:
    """One agreement with what the next person must know of it."""

    agreement: Agreement
    expiry: str
    notice: str
    last_talk: Meeting | None = None
    contacts: list[str] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)

    @property
    def last_talk_words(self) -> str:
        if self.last_talk is None:
            return ""
        words = " ".join((self.last_talk.decisions or self.last_talk.summary).split())
        return lines(format_wareki(self.last_talk.held_on), words[:80])


@dataclass(frozen=True, slots=True)
class Handover:
    """Everything one `owner` answers for in a municipality, as of a day."""

    owner: StaffMember | Department
    agreements: list[HandedAgreement]
    actions: list[ActionItem]

    @property
    def is_empty(self) -> bool:
        return not self.agreements and not self.actions


def read_handover(owner: StaffMember | Department, *, user: Any, today: date) -> Handover:
    """What the owner answers for, as far as this person may see it; a fixed number of queries."""
    answers = Q(person_in_charge=owner) if isinstance(owner, StaffMember) else Q(department=owner)
    agreements = list(
        Agreement.objects.internal_to(user)
        .filter(access.own_municipality(user), answers, state__in=(*PRE_ACTIVE, *IN_FORCE))
        .select_related("department", "person_in_charge")
        .order_by("notice_on", "kana_key", "pk")
    )
    handed = {each.pk: _handed(each, today) for each in agreements}
    for meeting in Meeting.objects.alive().filter(agreement__in=handed).order_by("held_on", "pk"):
        handed[meeting.agreement_id].last_talk = meeting
    _add_contacts(handed, user, today)
    actions: Any = ActionItem.objects.internal_to(user).filter(answers)
    return Handover(owner, list(handed.values()), list(actions.open().for_list().order_by("due_on", "pk")))


def _handed(agreement: Agreement, today: date) -> HandedAgreement:
    in_force = agreement.state in IN_FORCE
    return HandedAgreement(
        agreement,
        wareki(renewal.current_expiry(agreement.terms, today)) if in_force else "",
        wareki(renewal.notice_deadline(agreement.terms, today)) if in_force else "",
    )


def _add_contacts(handed: dict[int, HandedAgreement], user: Any, today: date) -> None:
    homes = defaultdict(list)
    parties = Party.objects.filter(agreement__in=handed).exclude(company=None).select_related("company")
    for party in parties.order_by("agreement", "order", "pk"):
        handed[party.agreement_id].partners.append(party.name)
        homes[party.company_id].append(party.agreement_id)
    contacts = CompanyContact.objects.visible_to(user).current(today).filter(company__in=homes)
    for contact in contacts.select_related("company").order_by("company", "name"):
        for agreement_id in homes[contact.company_id]:
            reach = "　".join(filter(None, [contact.phone, contact.email]))
            handed[agreement_id].contacts.append(
                lines(f"{contact.company.name} {contact}", reach, _checked(contact))
            )


def _checked(contact: CompanyContact) -> str:
    return f"確認 {format_wareki(contact.verified_on)}" if contact.verified_on else "未確認"


def print_handover(handover: Handover, *, user: Any, municipality: str, today: date) -> bytes:
    """The 異動引継ぎシート as PDF, A4 landscape. Raises `renderer.PrintError`."""
    owner = handover.owner
    section = owner.department.name if isinstance(owner, StaffMember) and owner.department else ""
    context = {
        "handover": handover,
        "owner": "　".join(filter(None, [section, str(owner)])),
        "municipality": municipality,
        "today": today,
        "printed": f"印刷 {format_wareki(today)}　{user.get_full_name()}",
    }
    title = f"異動引継ぎシート　{context['owner']}"
    return render_pdf("print/handover.html", context, title=title, author=municipality)
