"""協定 as a table. `IMPORTED` are the columns an import of the same file reads back."""

from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from agreements.choices import AgreementKind, AgreementState, EndedReason, Publication, Retention
from agreements.domain import renewal
from agreements.models import ActionItem, Agreement, CooperationField
from agreements.models.agreement_terms import IN_FORCE, TERM_FIELDS
from municipalities import access

from . import relations
from .table import Column, Kind, Row, Table


def _of(name: str, kind: Kind = Kind.TEXT, width: int = 14) -> Column:
    """A field of the model under its own name."""
    return Column(name, str(Agreement._meta.get_field(name).verbose_name), kind, width)  # type: ignore[union-attr]


COLUMNS = (
    _of("ledger_number"),
    _of("title", width=50),
    _of("title_kana", width=40),
    _of("municipality", width=16),
    _of("kind", width=18),
    _of("state", width=16),
    _of("signed_on", Kind.DATE),
    Column("fiscal_year", "締結年度", Kind.NUMBER, 10),
    _of("effective_on", Kind.DATE),
    _of("first_expiry", Kind.DATE),
    _of("auto_renew", Kind.FLAG, 10),
    _of("renewal_months", Kind.NUMBER, 12),
    _of("notice_months", Kind.NUMBER, 12),
    _of("notice_days", Kind.NUMBER, 12),
    _of("renewal_text", width=40),
    _of("expires_on", Kind.DATE),
    _of("notice_on", Kind.DATE),
    Column("partners", "相手方", Kind.LINES, 40),
    Column("partner_numbers", "法人番号", Kind.LINES, 16),
    Column("items", "連携事項", Kind.LINES, 60),
    Column("item_count", "連携事項の数", Kind.NUMBER, 10),
    Column("categories", "分野", Kind.LINES, 40),
    Column("action_count", "取組の数", Kind.NUMBER, 10),
    _of("purpose", width=50),
    _of("department", width=20),
    _of("person_in_charge"),
    _of("related_departments", Kind.LINES, 20),
    _of("document_number", width=18),
    _of("approved_on", Kind.DATE),
    _of("council_resolution_on", Kind.DATE),
    _of("paper_original_only", Kind.FLAG, 10),
    _of("retention", width=10),
    _of("parent", width=14),
    _of("ended_on", Kind.DATE),
    _of("ended_reason"),
    _of("publication", width=12),
    _of("published_on", Kind.DATE),
    _of("note", width=40),
    Column("updated_on", "更新日", Kind.DATE),
)
IMPORTED = tuple(
    column.key
    for column in COLUMNS
    if column.key
    not in {
        "municipality",
        "fiscal_year",
        "expires_on",
        "notice_on",
        "item_count",
        "action_count",
        "published_on",
        "updated_on",
    }
)

# Empty in the published agreements of other municipalities: what `agreement_detail_public` does not show.
INTERNAL = frozenset(
    {
        "ledger_number",
        "notice_months",
        "notice_days",
        "notice_on",
        "renewal_text",
        "action_count",
        "department",
        "person_in_charge",
        "related_departments",
        "document_number",
        "approved_on",
        "council_resolution_on",
        "paper_original_only",
        "retention",
        "parent",
        "note",
        "updated_on",
    }
)
_PATHS = {
    "municipality": "municipality__name",
    "department": "department__name",
    "person_in_charge": "person_in_charge__name",
    "parent": "parent__ledger_number",
    "updated_on": "updated_at",
}
_LABELS: dict[str, Callable[[Any], str]] = {
    "kind": relations.labels(AgreementKind),
    "state": relations.labels(AgreementState),
    "ended_reason": relations.labels(EndedReason),
    "retention": relations.labels(Retention),
    "publication": relations.labels(Publication),
}
_PARTS = {
    "partners",
    "partner_numbers",
    "items",
    "item_count",
    "categories",
    "action_count",
    "related_departments",
}


def load(pks: Sequence[int], keys: Sequence[str], user: Any, today: date) -> dict[int, Row]:
    """The rows of these agreements, by key; what the reader may not know is empty."""
    paths = {key: _PATHS.get(key, key) for key in keys if key not in _PARTS}
    needed = {"pk", "municipality_id", "state", *TERM_FIELDS, "expires_on", "notice_on", *paths.values()}
    found = {each["pk"]: each for each in Agreement.objects.filter(pk__in=pks).values(*needed)}
    inside = {pk for pk, values in found.items() if _is_internal(user, values["municipality_id"])}
    for values in found.values():
        _roll(values, today)
    parts = {key: _part(key, found, inside) for key in keys if key in _PARTS}
    return {
        pk: {
            key: None
            if key in INTERNAL and pk not in inside
            else parts[key](pk)
            if key in parts
            else _value(key, values[paths[key]])
            for key in keys
        }
        for pk, values in found.items()
    }


def _is_internal(user: Any, municipality_id: int) -> bool:
    return access.may_see_internal(user, SimpleNamespace(municipality_id=municipality_id))


def _roll(values: dict[str, Any], today: date) -> None:
    """The term as it is today, when it was renewed since it was last written."""
    expires_on = values["expires_on"]
    if values["state"] in IN_FORCE and values["auto_renew"] and expires_on and expires_on < today:
        terms = renewal.Terms(*(values[name] for name in TERM_FIELDS))
        values["expires_on"] = renewal.current_expiry(terms, today)
        values["notice_on"] = renewal.notice_deadline(terms, today)


def _value(key: str, value: Any) -> Any:
    if key in _LABELS:
        return _LABELS[key](value)
    return timezone.localdate(value) if key == "updated_on" else value


def _part(key: str, found: dict[int, Any], inside: set[int]) -> Callable[[int], Any]:
    home = {pk: values["municipality_id"] for pk, values in found.items()}
    if key == "item_count":
        of_items = relations.counts(CooperationField.objects.all(), found)
        return lambda pk: of_items.get(pk, 0)
    if key == "action_count":
        of_actions = relations.counts(ActionItem.objects.alive(), inside)
        return lambda pk: of_actions.get(pk, 0)
    lines = {
        "partners": lambda: relations.partner_names(home),
        "partner_numbers": lambda: relations.partner_numbers(home),
        "items": lambda: relations.item_texts(list(found)),
        "categories": lambda: relations.item_categories(list(found)),
        "related_departments": lambda: relations.related_departments(inside),
    }[key]()
    return lambda pk: relations.in_lines(lines.get(pk, []))


TABLE = Table("agreements", "協定", Agreement, COLUMNS, load)
