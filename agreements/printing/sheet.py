"""協定シート: one agreement on one or two pages A4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agreements.choices import ActionState, AgreementState, FieldCategory
from agreements.domain import renewal
from agreements.models import ActionItem, Agreement, CompanyContact, CooperationField, Party
from agreements.models.action_item import OPEN_STATES
from municipalities import access, fiscal_year
from municipalities.wareki import format_wareki

from .renderer import render_pdf

#: The usual route of a decision. Municipalities differ: pass their own.
APPROVAL_BOXES = ("起案", "係長", "課長", "部長")
#: The sheet is an overview: this many actions of the year, and the number of the others.
MAX_ACTIONS = 5
# The running lines have one and three lines of room.
_MAX_RUNNING_TITLE = 48
_MAX_PRINTED = 80


@dataclass(frozen=True, slots=True)
class PartyLine:
    """One 当事者 as it stood at the signing; `name_now` only when the body has another name today."""

    label: str
    name: str
    name_now: str
    number: str
    address: str
    signatory: str
    role: str


@dataclass(frozen=True, slots=True)
class Terms:
    """期間・更新. Dates in 和暦."""

    signed_on: str
    effective_on: str
    first_expiry: str
    current_expiry: str
    notice: str
    renewal: str
    renewal_text: str
    ended: str


@dataclass(frozen=True, slots=True)
class Filing:
    """文書: how the municipality keeps it. Internal."""

    document_number: str
    approved_on: str
    council_resolution_on: str
    retention: str
    parent: str
    publication: str


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One 相手窓口. Personal data: internal."""

    company: str
    person: str
    reach: str
    verified_on: str


@dataclass(frozen=True, slots=True)
class Responsibility:
    """担当 on both sides. Internal."""

    department: str
    person: str
    related_departments: str
    contacts: tuple[ContactLine, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One 連携事項: its text verbatim. `action_count` is None when the reader may not know."""

    number: int
    text: str
    categories: str
    sdgs: str
    action_count: int | None


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One 取組."""

    title: str
    items: str
    department: str
    partner: str
    due: str
    state: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class YearOfActions:
    """The first few 取組 of a fiscal year, and how many more there are."""

    label: str
    lines: tuple[ActionLine, ...]
    more: int


@dataclass(frozen=True, slots=True)
class SheetData:
    """What the sheet says, ready to print, line breaks included.

    An empty string means that nothing is recorded; a block that is None is not printed.
    """

    municipality: str
    ledger_number: str
    title: str
    title_kana: str
    kind: str
    state: str
    is_internal: bool
    printed: str
    parties: tuple[PartyLine, ...]
    terms: Terms
    filing: Filing | None
    responsibility: Responsibility | None
    purpose: str
    items: tuple[ItemLine, ...]
    actions: YearOfActions | None
    approval_boxes: tuple[str, ...]

    @property
    def running_title(self) -> str:
        """What tells loose pages apart, on one line."""
        return _shorten("　".join(filter(None, [self.ledger_number, self.title])), _MAX_RUNNING_TITLE)


def print_sheet(
    agreement: Agreement,
    *,
    user: Any,
    today: date,
    internal: bool,
    approval_boxes: Sequence[str] = APPROVAL_BOXES,
) -> bytes:
    """The 協定シート as PDF. Raises `renderer.PrintError`."""
    data = build_sheet(agreement, user=user, today=today, internal=internal, approval_boxes=approval_boxes)
    return render_sheet(data)


def render_sheet(data: SheetData) -> bytes:
    return render_pdf(
        "print/agreement_sheet.html",
        {"sheet": data},
        title=f"協定シート　{data.title}",
        author=data.municipality,
        subject=f"管理番号 {data.ledger_number}" if data.ledger_number else "",
    )


def build_sheet(
    agreement: Agreement,
    *,
    user: Any,
    today: date,
    internal: bool,
    approval_boxes: Sequence[str] = APPROVAL_BOXES,
) -> SheetData:
    """Collect the sheet of one agreement, as this person may see it.

    `internal` asks for the blocks that must not leave the municipality (担当, 窓口, 文書, 備考, 決裁欄) and
    marks the sheet 「内部用」. Whoever may not see them gets the sheet without them, whatever was asked, and
    without what else the municipality keeps to itself: 管理番号, signatories, actions, why it ended.
    """
    is_own = access.may_see_internal(user, agreement)
    internal = internal and is_own
    actions = _actions(agreement) if is_own else None
    return SheetData(
        municipality=agreement.municipality.name,
        ledger_number=agreement.ledger_number if is_own else "",
        title=agreement.title or "（名称未登録）",
        title_kana=agreement.title_kana,
        kind=agreement.get_kind_display(),
        state=agreement.get_state_display(),
        is_internal=internal,
        printed=_printed(user, today),
        parties=tuple(
            _party_line(party, is_own=is_own)
            for party in agreement.parties.select_related("municipality", "company")
        ),
        terms=_terms(agreement, today, internal=internal, is_own=is_own),
        filing=_filing(agreement) if internal else None,
        responsibility=_responsibility(agreement, today) if internal else None,
        purpose=agreement.purpose,
        items=tuple(_item_lines(agreement, actions)),
        actions=_year_of_actions(actions, today) if actions is not None else None,
        approval_boxes=tuple(approval_boxes) if internal else (),
    )


def _printed(user: Any, today: date) -> str:
    where = user.department.name if user.department_id else ""
    parts = [f"印刷 {format_wareki(today)}", where, user.get_full_name()]
    return _shorten("　".join(filter(None, parts)), _MAX_PRINTED)


def _party_line(party: Party, *, is_own: bool) -> PartyLine:
    body = party.target
    number, address, signatory = "", "", ""
    if party.company is not None:
        company = party.company
        number = f"法人番号 {company.corporate_number}" if company.corporate_number else ""
        address = _lines(f"〒{company.postal_code}" if company.postal_code else "", company.address)
        signatory = _lines(company.representative_title, company.representative_name)
    elif party.municipality is not None:
        number = f"団体コード {party.municipality.code}"
        address = party.municipality.full_name
    return PartyLine(
        label=party.label,
        name=party.name,
        name_now=body.name if body.name != party.name else "",
        number=number,
        address=address,
        # Who signed; today's representative where that is not recorded.
        signatory=(_lines(party.signatory_title, party.signatory_name) or signatory) if is_own else "",
        role=party.get_role_display(),
    )


def _terms(agreement: Agreement, today: date, *, internal: bool, is_own: bool) -> Terms:
    terms = agreement.terms
    # The terms of an agreement that has ended stopped running on that day.
    as_of = min(today, agreement.ended_on or today)
    current = _wareki(renewal.current_expiry(terms, as_of))
    if times := renewal.times_renewed(terms, as_of):
        current += f"（{times}回更新）"
    return Terms(
        signed_on=_wareki(agreement.signed_on),
        effective_on=_wareki(agreement.effective_on),
        first_expiry=_wareki(agreement.first_expiry),
        current_expiry=current,
        notice=_notice(agreement, as_of, internal=internal),
        renewal=f"自動更新（{_months(terms.renewal_months)}ごと）" if terms.auto_renew else "",
        renewal_text=agreement.renewal_text,
        ended=_ended(agreement, is_own=is_own),
    )


def _notice(agreement: Agreement, as_of: date, *, internal: bool) -> str:
    terms = agreement.terms
    if agreement.state == AgreementState.ENDED or terms.first_expiry is None:
        return ""
    if terms.notice_months is not None:
        clause = f"満了の{terms.notice_months}か月前"
    elif terms.notice_days is not None:
        clause = f"満了の{terms.notice_days}日前"
    elif internal:
        clause = f"規定なし。内部の目安 {renewal.DEFAULT_NOTICE_DAYS}日前"
    else:
        return "規定なし"
    return f"{_wareki(renewal.notice_deadline(terms, as_of))}（{clause}）"


def _ended(agreement: Agreement, *, is_own: bool) -> str:
    if agreement.state != AgreementState.ENDED:
        return ""
    reason = agreement.get_ended_reason_display() if is_own else ""
    return "　".join(filter(None, [_wareki(agreement.ended_on), reason])) or "終了"


def _filing(agreement: Agreement) -> Filing:
    retention = agreement.get_retention_display() if agreement.retention is not None else ""
    return Filing(
        document_number=agreement.document_number,
        approved_on=_wareki(agreement.approved_on),
        council_resolution_on=_wareki(agreement.council_resolution_on),
        retention=retention + ("（紙原本のみ）" if agreement.paper_original_only else ""),
        parent=str(agreement.parent) if agreement.parent else "",
        publication=agreement.get_publication_display(),
    )


def _responsibility(agreement: Agreement, today: date) -> Responsibility:
    contacts = (
        CompanyContact.objects.filter(
            municipality=agreement.municipality_id, company__parties__agreement=agreement
        )
        .current(today)
        .select_related("company")
        .order_by("company__parties__order", "name")
    )
    return Responsibility(
        department=agreement.department.name if agreement.department else "",
        person=agreement.person_in_charge.get_full_name() if agreement.person_in_charge else "",
        related_departments="、".join(department.name for department in agreement.related_departments.all()),
        contacts=tuple(
            ContactLine(
                company=contact.company.name,
                person=_lines(contact.section, " ".join(filter(None, [contact.title, contact.name]))),
                reach=_lines(contact.phone, contact.email),
                verified_on=_wareki(contact.verified_on),
            )
            for contact in contacts
        ),
        note=agreement.note,
    )


def _actions(agreement: Agreement) -> list[ActionItem]:
    return list(
        agreement.actions.filter(deleted_at=None)
        .select_related("department", "person_in_charge")
        .prefetch_related("cooperation_fields")
    )


def _item_lines(agreement: Agreement, actions: list[ActionItem] | None) -> Iterable[ItemLine]:
    counts: dict[int, int] = {}
    for action in actions or ():
        for field in action.cooperation_fields.all():
            counts[field.pk] = counts.get(field.pk, 0) + 1
    for field in agreement.cooperation_fields.prefetch_related("categories"):
        categories = [FieldCategory(row.category) for row in field.categories.all()]
        goals = sorted({goal for category in categories for goal in category.sdgs})
        yield ItemLine(
            number=field.number,
            text=field.text,
            categories=_lines(*(str(category.label) for category in categories)),
            sdgs="・".join(map(str, goals)),
            action_count=None if actions is None else counts.get(field.pk, 0),
        )


def _year_of_actions(actions: list[ActionItem], today: date) -> YearOfActions:
    """What belongs to today's fiscal year: overlapping it, undated, or left over from the years before."""
    year = fiscal_year.fiscal_year_of(today)
    first, last = fiscal_year.first_day(year), fiscal_year.last_day(year)
    of_this_year = [
        action
        for action in actions
        if (action.starts_on is None or action.starts_on <= last)
        and (action.due_on is None or action.due_on >= first or action.is_overdue(today))
    ]
    of_this_year.sort(
        key=lambda action: (action.state not in OPEN_STATES, action.due_on or date.max, action.pk)
    )
    shown = of_this_year[:MAX_ACTIONS]
    return YearOfActions(
        label=fiscal_year.label(year),
        lines=tuple(_action_line(action, today) for action in shown),
        more=len(of_this_year) - len(shown),
    )


def _action_line(action: ActionItem, today: date) -> ActionLine:
    fields: Iterable[CooperationField] = action.cooperation_fields.all()
    person = action.person_in_charge.get_full_name() if action.person_in_charge else ""
    return ActionLine(
        title=action.title,
        items="".join(f"({field.number})" for field in fields),
        department=_lines(action.department.name if action.department else "", person),
        partner=action.partner_in_charge,
        due=_wareki(action.due_on),
        state=ActionState(action.state).label,
        is_overdue=action.is_overdue(today),
    )


def _wareki(day: date | None) -> str:
    return format_wareki(day) if day else ""


def _months(months: int | None) -> str:
    years, rest = divmod(months or 0, 12)
    return f"{years}年" if years and not rest else f"{months}か月"


def _lines(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
