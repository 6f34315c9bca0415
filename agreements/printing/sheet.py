"""協定シート: one agreement on one or two pages A4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from agreements.choices import AgreementState
from agreements.domain import renewal
from agreements.models import Agreement, CompanyContact, Party
from municipalities import access

from .page_choices import SHEET_CHOICES, PageChoices
from .renderer import fill_template, render_html
from .sheet_actions import ItemLine, YearOfActions, item_lines, read_actions, year_of_actions
from .sheet_json import sheet_json
from .sheet_review import Expectations, Review, expectations, review
from .sheet_text import lines, shorten, wareki

#: (key, words, internal) of what may be left out of a sheet: whole blocks, and columns of 連携事項.
PARTS = (
    ("grades", "診断の評価", True),
    ("filing", "文書番号・保存年限など", True),
    ("responsibility", "担当・窓口", True),
    ("categories", "連携事項の分野・SDGs", False),
    ("plan_items", "施策", True),
    ("counts", "連携事項ごとの取組の数", False),
    ("actions", "今年度の取組", False),
    ("expectations", "双方の期待", True),
    ("findings", "診断の指摘と対応", True),
)
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
    is_marked: bool
    issued: str
    hidden: frozenset[str]
    printed: str
    parties: tuple[PartyLine, ...]
    terms: Terms
    filing: Filing | None
    responsibility: Responsibility | None
    purpose: str
    items: tuple[ItemLine, ...]
    actions: YearOfActions | None
    plan_links: str
    review: Review | None
    expectations: Expectations | None
    approval_boxes: tuple[str, ...]

    @property
    def has_plan_items(self) -> bool:
        return any(item.plan_items for item in self.items)

    @property
    def columns(self) -> dict[str, Any]:
        """Which columns 連携事項 has beside number and text, and how many in all."""
        shown = {
            "categories": "categories" not in self.hidden,
            "plan_items": self.has_plan_items,
            "counts": self.actions is not None and "counts" not in self.hidden,
        }
        return {**shown, "all": 2 + sum(shown.values())}

    @property
    def document(self) -> dict[str, str]:
        """The properties of the PDF."""
        return {
            "title": f"協定シート　{self.title}",
            "author": self.municipality,
            "subject": f"管理番号 {self.ledger_number}" if self.ledger_number else "",
        }

    @property
    def running_title(self) -> str:
        """What tells loose pages apart, on one line."""
        return shorten("　".join(filter(None, [self.ledger_number, self.title])), _MAX_RUNNING_TITLE)


def print_sheet(
    agreement: Agreement,
    *,
    user: Any,
    today: date,
    internal: bool,
    choices: PageChoices = SHEET_CHOICES,
) -> bytes:
    """The 協定シート as PDF. Raises `renderer.PrintError`."""
    data = build_sheet(agreement, user=user, today=today, internal=internal, choices=choices)
    files = (
        {"agreement.json": sheet_json(agreement, data, user=user, today=today)} if choices.is_archive else {}
    )
    return render_html(sheet_html(data), variant=choices.variant, attachments=files)


def render_sheet(data: SheetData) -> bytes:
    return render_html(sheet_html(data), attachments={})


def sheet_html(data: SheetData) -> str:
    return fill_template("print/agreement_sheet.html", {"sheet": data}, **data.document)


def build_sheet(
    agreement: Agreement,
    *,
    user: Any,
    today: date,
    internal: bool,
    choices: PageChoices = SHEET_CHOICES,
) -> SheetData:
    """Collect the sheet of one agreement, as this person may see it.

    `internal` asks for the blocks that must not leave the municipality (担当, 窓口, 文書, 備考, 施策, 財源,
    すり合わせ, 診断, 決裁欄) and marks the sheet 「内部用」. Whoever may not see them gets the sheet without
    them, whatever was asked, and without what else the municipality keeps to itself: 管理番号, signatories,
    actions, why it ended.
    """
    is_own = access.may_see_internal(user, agreement)
    internal = internal and is_own
    hidden = choices.hidden
    actions = read_actions(agreement) if is_own else None

    def has(part: str) -> bool:
        return internal and part not in hidden

    judged = review(agreement, today) if has("grades") or has("findings") else None
    return SheetData(
        municipality=agreement.municipality.name,
        ledger_number=agreement.ledger_number if is_own else "",
        title=agreement.title or "（名称未登録）",
        title_kana=agreement.title_kana,
        kind=agreement.get_kind_display(),
        state=agreement.get_state_display(),
        is_internal=internal,
        is_marked=internal or choices.is_marked,
        issued=choices.issued,
        hidden=hidden,
        printed=_printed(user, today),
        parties=tuple(
            _party_line(party, is_own=is_own)
            for party in agreement.parties.select_related("municipality", "company")
        ),
        terms=_terms(agreement, today, internal=internal, is_own=is_own),
        filing=_filing(agreement) if has("filing") else None,
        responsibility=_responsibility(agreement, today) if has("responsibility") else None,
        purpose=agreement.purpose,
        items=tuple(item_lines(agreement, actions, internal=has("plan_items"))),
        actions=None if actions is None else year_of_actions(actions, today, internal=internal),
        plan_links=_plan_links(agreement) if has("plan_items") else "",
        review=judged,
        expectations=expectations(agreement) if has("expectations") else None,
        approval_boxes=choices.boxes if internal else (),
    )


def _printed(user: Any, today: date) -> str:
    where = user.department.name if user.department_id else ""
    parts = [f"印刷 {wareki(today)}", where, user.get_full_name()]
    return shorten("　".join(filter(None, parts)), _MAX_PRINTED)


def _party_line(party: Party, *, is_own: bool) -> PartyLine:
    body = party.target
    number, address, signatory = "", "", ""
    if party.company is not None:
        company = party.company
        number = f"法人番号 {company.corporate_number}" if company.corporate_number else ""
        address = lines(f"〒{company.postal_code}" if company.postal_code else "", company.address)
        signatory = lines(company.representative_title, company.representative_name)
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
        signatory=(lines(party.signatory_title, party.signatory_name) or signatory) if is_own else "",
        role=party.get_role_display(),
    )


def _terms(agreement: Agreement, today: date, *, internal: bool, is_own: bool) -> Terms:
    terms = agreement.terms
    # The terms of an agreement that has ended stopped running on that day.
    as_of = min(today, agreement.ended_on or today)
    current = wareki(renewal.current_expiry(terms, as_of))
    if times := renewal.times_renewed(terms, as_of):
        current += f"（{times}回更新）"
    return Terms(
        signed_on=wareki(agreement.signed_on),
        effective_on=wareki(agreement.effective_on),
        first_expiry=wareki(agreement.first_expiry),
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
    return f"{wareki(renewal.notice_deadline(terms, as_of))}（{clause}）"


def _ended(agreement: Agreement, *, is_own: bool) -> str:
    if agreement.state != AgreementState.ENDED:
        return ""
    reason = agreement.get_ended_reason_display() if is_own else ""
    return "　".join(filter(None, [wareki(agreement.ended_on), reason])) or "終了"


def _filing(agreement: Agreement) -> Filing:
    retention = agreement.get_retention_display() if agreement.retention is not None else ""
    return Filing(
        document_number=agreement.document_number,
        approved_on=wareki(agreement.approved_on),
        council_resolution_on=wareki(agreement.council_resolution_on),
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
                person=lines(contact.section, " ".join(filter(None, [contact.title, contact.name]))),
                reach=lines(contact.phone, contact.email),
                verified_on=wareki(contact.verified_on),
            )
            for contact in contacts
        ),
        note=agreement.note,
    )


def _plan_links(agreement: Agreement) -> str:
    """The 施策 that the agreement as a whole serves."""
    return "、".join(str(link.plan_item) for link in agreement.plan_links.select_related("plan_item"))  # type: ignore[attr-defined]


def _months(months: int | None) -> str:
    years, rest = divmod(months or 0, 12)
    return f"{years}年" if years and not rest else f"{months}か月"
