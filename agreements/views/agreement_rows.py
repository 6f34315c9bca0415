"""Agreements as rows of a table: plain values, one query for each relation, whatever the number of rows."""

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.urls import reverse

from agreements.choices import AgreementKind, AgreementState
from agreements.domain import renewal
from agreements.domain.excerpt import Excerpt, Part, marked
from agreements.domain.period import distance
from agreements.exports import relations
from agreements.models import ActionItem, CooperationField
from agreements.models.agreement import IN_FORCE, TERM_FIELDS
from agreements.models.search_hits import excerpts, wanted_texts
from municipalities import access

UNTITLED = "（名称未登録）"
SOON_DAYS = 90
_SHOWN_PARTIES = 3
_COLUMNS = (
    "pk",
    "title",
    "ledger_number",
    "kind",
    "state",
    "signed_on",
    "expires_on",
    "notice_on",
    "ended_on",
    "municipality_id",
    *TERM_FIELDS,
)


def _count_of(parts: QuerySet) -> Subquery:
    """With the rows themselves: for fifty of them as quick as a query of its own is to send."""
    counted = parts.filter(agreement=OuterRef("pk")).order_by().values("agreement")
    return Subquery(counted.annotate(count=Count("pk")).values("count"), output_field=IntegerField())


@dataclass(slots=True)
class AgreementRow:
    """One agreement as a list shows it. What the reader may not know is empty (counts: None)."""

    pk: int
    url: str
    title: str
    kind: str
    state: str
    signed_on: date | None
    expires_on: date | None
    notice_on: date | None
    municipality: str
    is_internal: bool
    today: date
    ledger_number: str = ""
    department: str = ""
    item_count: int = 0
    action_count: int | None = None
    partners: list[str] = field(default_factory=list)
    cells: list[Any] = field(default_factory=list)
    # Of a search: the title with its hits apart (empty without one), and where else the words stand.
    title_parts: tuple[Part, ...] = ()
    excerpts: list[Excerpt] = field(default_factory=list)

    def get_state_display(self) -> str:
        return str(AgreementState(self.state).label)

    def get_kind_display(self) -> str:
        return str(AgreementKind(self.kind).label)

    @property
    def display_title(self) -> str:
        return self.title or f"{UNTITLED}{self.ledger_number}"

    @property
    def label(self) -> str:
        return self.display_title

    @property
    def subtitle(self) -> str:
        return self.ledger_number if self.title else ""

    @property
    def is_in_force(self) -> bool:
        return self.state in IN_FORCE

    @property
    def days_left(self) -> int | None:
        """Days from today to the expiry; negative when it has passed, None without one or out of force."""
        if not self.is_in_force or self.expires_on is None:
            return None
        return (self.expires_on - self.today).days

    @property
    def is_past_expiry(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def expiry_note(self) -> str:
        """「あと30日」 when the expiry is near."""
        near = self.days_left is not None and 0 <= self.days_left <= SOON_DAYS
        return distance(self.expires_on, self.today) if near else ""

    @property
    def lacks_actions(self) -> bool:
        return self.is_in_force and self.action_count == 0

    @property
    def partner_lines(self) -> str:
        """The partners that have room, one a line."""
        more = [f"ほか{self.more_partners}者"] if self.more_partners else []
        return "\n".join([*self.shown_partners, *more])

    @property
    def shown_partners(self) -> list[str]:
        return self.partners[:_SHOWN_PARTIES]

    @property
    def more_partners(self) -> int:
        return max(len(self.partners) - _SHOWN_PARTIES, 0)


def agreement_rows(agreements: QuerySet, *, user: Any, today: date) -> list[AgreementRow]:
    """The rows of these agreements, in their order. Two queries."""
    found = agreements.values(
        *_COLUMNS,
        municipality_name=F("municipality__name"),
        department_name=F("department__name"),
        number_of_items=_count_of(CooperationField.objects.all()),
        number_of_actions=_count_of(ActionItem.objects.filter(deleted_at=None)),
    )
    # One reverse() for all rows: fifty would take as long as a query.
    before, _zero, behind = reverse("agreements:agreement-detail", args=[0]).rpartition("0")
    rows = {values["pk"]: _row(values, f"{before}{values['pk']}{behind}", user, today) for values in found}
    if not rows:
        return []
    home = {values["pk"]: values["municipality_id"] for values in found}
    for agreement_id, partners in relations.partner_names(home).items():
        rows[agreement_id].partners = partners
    return list(rows.values())


def mark_hits(rows: list[AgreementRow], *, words: str, user: Any) -> None:
    """Show in each row where the words of a search stand."""
    if not words:
        return
    wanted = wanted_texts(words)
    found = excerpts({row.pk: row.title for row in rows}, words, user)
    for row in rows:
        row.title_parts = marked(row.title, wanted)
        row.excerpts = found.get(row.pk, [])


def _row(values: dict[str, Any], url: str, user: Any, today: date) -> AgreementRow:
    is_internal = access.may_see_internal(user, SimpleNamespace(municipality_id=values["municipality_id"]))
    row = AgreementRow(
        pk=values["pk"],
        url=url,
        title=values["title"],
        kind=values["kind"],
        state=values["state"],
        signed_on=values["signed_on"],
        expires_on=values["expires_on"],
        notice_on=values["notice_on"],
        municipality=values["municipality_name"],
        is_internal=is_internal,
        today=today,
        item_count=values["number_of_items"] or 0,
    )
    if is_internal:
        row.ledger_number = values["ledger_number"]
        row.department = values["department_name"] or ""
        row.action_count = values["number_of_actions"] or 0
    if row.is_in_force and values["auto_renew"] and row.expires_on and row.expires_on < today:
        # Renewed since it was last written.
        terms = renewal.Terms(*(values[name] for name in TERM_FIELDS))
        row.expires_on = renewal.current_expiry(terms, today)
        row.notice_on = renewal.notice_deadline(terms, today)
    return row
