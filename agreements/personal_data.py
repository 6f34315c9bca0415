"""What is held of one person, gathered for that person (開示): plain words for a page, HTML or JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from agreements.models import (
    ActionItem,
    Agreement,
    CompanyContact,
    CompanySubmission,
    ExpectationConfirmation,
    Party,
)
from municipalities import change_log
from municipalities.models import AuditEvent, Municipality, StaffMember
from municipalities.wareki import format_wareki

FILE_REGISTER_THRESHOLD = 1_000
"""個人情報ファイル簿 (個人情報保護法 第75条) lists files of this many persons (domain pack, source 38b)."""
_MOST_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the dossier: its heading, column headings and rows of text."""

    heading: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything held of one person. `number` tells namesakes apart in file names."""

    kind: str
    number: int
    name: str
    municipality: str
    as_of: str
    sections: list[Section]

    def as_json(self) -> dict[str, Any]:
        return {
            "種類": self.kind,
            "氏名": self.name,
            "自治体": self.municipality,
            "作成日": self.as_of,
            "内容": [
                {
                    "見出し": each.heading,
                    "項目": [dict(zip(each.columns, row, strict=True)) for row in each.rows],
                }
                for each in self.sections
            ],
        }


@dataclass(frozen=True, slots=True)
class Mention:
    """A free text in which a person's name stands; erasing a contact does not reach it."""

    agreement: Agreement
    place: str


def contact_dossier(contact: CompanyContact, today: date) -> Dossier:
    facts = [
        ("相手方", contact.company.name),
        *_facts(contact, ("section", "title", "name", "email", "phone", "verified_on", "ended_on")),
        ("最終確認者", str(contact.verified_by or "")),
        ("登録日時", _moment(contact.created_at)),
        ("更新日時", _moment(contact.updated_at)),
    ]
    return Dossier(
        kind="相手窓口",
        number=contact.pk,
        name=contact.name,
        municipality=str(contact.municipality),
        as_of=format_wareki(today),
        sections=[Section("登録内容", ("項目", "内容"), facts), _history(contact), _links(contact)],
    )


def staff_dossier(member: StaffMember, today: date) -> Dossier:
    names = ("username", "name", "name_kana", "email", "municipality", "department", "role", "is_active")
    facts = [
        *_facts(member, names),
        ("登録日時", _moment(member.date_joined)),
        ("最終ログイン", _moment(member.last_login)),
    ]
    events = AuditEvent.objects.filter(actor=member).order_by("-at")[:_MOST_EVENTS]
    rows = [(_moment(event.at), event.get_kind_display(), event.object_label, event.ip) for event in events]
    return Dossier(
        kind="職員",
        number=member.pk,
        name=member.name,
        municipality=str(member.municipality or ""),
        as_of=format_wareki(today),
        sections=[
            Section("登録内容", ("項目", "内容"), facts),
            _history(member),
            Section("操作の記録", ("日時", "操作", "対象", "接続元"), rows),
        ],
    )


def mentions(name: str, municipality: Municipality) -> list[Mention]:
    """Free texts of the municipality's agreements in which this name stands (with or without its space)."""
    spellings = {name, "".join(name.split())} - {""}
    found: list[Mention] = []
    for spelling in sorted(spellings):
        own = Agreement.objects.alive().filter(municipality=municipality)
        found += [Mention(each, "備考") for each in own.filter(note__contains=spelling)[:20]]
        actions = ActionItem.objects.alive().filter(agreement__municipality=municipality)
        for action in actions.filter(partner_in_charge__contains=spelling).select_related("agreement")[:20]:
            found.append(Mention(action.agreement, f"取組「{action}」の相手方の担当"))
        parties = Party.objects.filter(agreement__in=own, signatory_name__contains=spelling)
        found += [
            Mention(party.agreement, "締結者の氏名") for party in parties.select_related("agreement")[:20]
        ]
    return [*found, *_worksheet_mentions(spellings, municipality)]


def _worksheet_mentions(spellings: set[str], municipality: Municipality) -> list[Mention]:
    """Who confirmed a worksheet, and who filled in what a company sent."""
    found: list[Mention] = []
    for spelling in sorted(spellings):
        confirmed = ExpectationConfirmation.objects.filter(
            row__round__agreement__municipality=municipality,
            row__round__agreement__deleted_at=None,
            name__contains=spelling,
        ).select_related("row__round__agreement")
        found += [Mention(each.agreement, f"{each.row.round}の確認者") for each in confirmed[:20]]
        sent = CompanySubmission.objects.alive().filter(
            agreement__municipality=municipality, by_name__contains=spelling
        )
        found += [
            Mention(each.agreement, f"{each}の記入者") for each in sent.select_related("agreement")[:20]
        ]
    return found


def _facts(row: Any, names: Iterable[str]) -> list[tuple[str, str]]:
    fields = [row._meta.get_field(name) for name in names]
    return [
        (str(field.verbose_name), change_log.spoken(field, getattr(row, field.attname))) for field in fields
    ]


def _history(row: Any) -> Section:
    records = row.history.select_related("history_user")
    rows = [
        (
            _moment(entry.record.history_date),
            str(entry.record.history_user or "システム"),
            entry.kind,
            change.label,
            change.old,
            change.new,
        )
        for entry in change_log.entries(records, 1, records.count())
        for change in entry.changes
    ]
    return Section("変更の履歴", ("日時", "変更した人", "操作", "項目", "変更前", "変更後"), rows)


def _links(contact: CompanyContact) -> Section:
    """What the person was sent, and when it was used; what a company sent belongs to the agreement."""
    columns = (
        "協定",
        "依頼の内容",
        "発行",
        "発行した人",
        "有効期限",
        "最初に開いた",
        "最後に送られた",
        "失効",
    )
    rows = [
        (
            str(link.agreement),
            link.get_purpose_display(),
            _moment(link.created_at),
            str(link.created_by),
            _moment(link.expires_at),
            _moment(link.opened_at),
            _moment(link.submitted_at),
            _moment(link.revoked_at),
        )
        for link in contact.share_links.select_related("agreement", "created_by")  # type: ignore[attr-defined]
    ]
    return Section("相手方リンク", columns, rows)


def _moment(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
