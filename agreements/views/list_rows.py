"""Rows of a list as its table shows them: cells made at once, not by a template for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from agreements.domain.excerpt import Part
from agreements.exports import Column, Kind
from agreements.lists import ListSpec
from agreements.models import Meeting
from agreements.models.keyset import KeysetPage
from municipalities.templatetags.ui import NOT_RECORDED, or_dash, state_badge, wareki, warning_badge

from .agreement_rows import AgreementRow, agreement_rows, mark_hits

_LONGEST = 80
"""Characters of a long text; the page of the row has the rest."""


@dataclass(frozen=True, slots=True)
class Cell:
    html: Any
    css: str = ""
    is_main: bool = False


def cells_html(cells: Sequence[Cell]) -> SafeString:
    """The cells of a row as one string: 550 turns of a template's loop take a third of the page."""
    return SafeString(
        "".join(
            f'<th scope="row" class="cell-main">{_escaped(cell.html)}</th>'
            if cell.is_main
            else f'<td class="{cell.css}">{_escaped(cell.html)}</td>'
            for cell in cells
        )
    )


def _escaped(value: Any) -> str:
    """What `conditional_escape` makes of text, without asking five hundred times whether it is lazy."""
    return value if isinstance(value, SafeString) else escape(str(value))


@dataclass(slots=True)
class ListRow:
    """One row: what the check box is called, and its cells."""

    pk: int
    label: str
    values: dict[str, Any]
    html: SafeString


@dataclass(frozen=True, slots=True)
class Heading:
    label: str
    sort: str
    is_numeric: bool


def headings(spec: ListSpec, columns: Sequence[Column]) -> list[Heading]:
    return [
        Heading(spec.heading(column), spec.sorts.get(column.key, ""), column.kind is Kind.NUMBER)
        for column in columns
    ]


def list_rows(
    spec: ListSpec,
    page: KeysetPage,
    columns: Sequence[Column],
    *,
    user: Any,
    today: date,
    words: str = "",
) -> list[Any]:
    """The rows of this page in their order; as many queries for one as for fifty.

    `words`: what is searched for; agreements show where it stands.
    """
    if spec.key == "agreements":
        return _agreements(spec, page.object_list, columns, user=user, today=today, words=words)
    pks = page.pks
    keys = [column.key for column in columns]
    loaded = spec.table.load(pks, [*keys, *filter(None, [spec.note])], user, today)
    links = _LINKS[spec.key](pks)
    rows = []
    for pk in pks:
        if pk in loaded:
            values = loaded[pk]
            label = _plain(spec.table.column(spec.main), values[spec.main])
            cells = [
                _main(links[pk], label, values.get(spec.note, ""))
                if column.key == spec.main
                else _cell(column, values[column.key])
                for column in columns
            ]
            rows.append(ListRow(pk, label, values, cells_html(cells)))
    return rows


def _main(url: str, label: str, note: str = "") -> Cell:
    small = format_html("<small>{}</small>", note) if note else ""
    return Cell(format_html('<a href="{}">{}</a>{}', url, label or "（名称未登録）", small), is_main=True)


def _plain(column: Column, value: Any) -> str:
    return str(wareki(value)) if column.kind is Kind.DATE else str(value or "")


def _cell(column: Column, value: Any) -> Cell:
    """A value in the way of its kind."""
    if column.kind is Kind.DATE:
        return Cell(wareki(value), "nowrap")
    if column.kind is Kind.NUMBER:
        return Cell(or_dash(value), "numeric")
    if column.kind is Kind.FLAG:
        return Cell(NOT_RECORDED if value is None else column.plain(value), "nowrap")
    text = str(value or "")
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}…"
    return Cell(or_dash(text), "cell-name is-lines" if column.kind is Kind.LINES else "cell-name")


def _urls(name: str) -> Callable[[Sequence[int]], dict[int, str]]:
    """One reverse() for all rows: fifty would take as long as a query."""

    def links(pks: Sequence[int]) -> dict[int, str]:
        before, _zero, behind = reverse(name, args=[0]).rpartition("0")
        return {pk: f"{before}{pk}{behind}" for pk in pks}

    return links


def _in_agreement(model: Any, anchor: str) -> Callable[[Sequence[int]], dict[int, str]]:
    """Parts stand on the page of their agreement."""

    def links(pks: Sequence[int]) -> dict[int, str]:
        owners = dict(model.objects.filter(pk__in=pks).values_list("pk", "agreement_id"))
        pages = _urls("agreements:agreement-detail")(list(owners.values()))
        return {pk: f"{pages[agreement]}#{anchor}-{pk}" for pk, agreement in owners.items()}

    return links


_LINKS: dict[str, Callable[[Sequence[int]], Mapping[int, str]]] = {
    "actions": _urls("agreements:action-detail"),
    "companies": _urls("agreements:company-detail"),
    "documents": _urls("agreements:document-detail"),
    "plan_items": _urls("agreements:plan-item-detail"),
    "meetings": _in_agreement(Meeting, "meeting"),
}


# -- 協定: the cells that say more than their value ---------------------------------------------------
def _agreements(
    spec: ListSpec, found: QuerySet, columns: Sequence[Column], *, user: Any, today: date, words: str
) -> list[AgreementRow]:
    rows = agreement_rows(found, user=user, today=today)
    mark_hits(rows, words=words, user=user)
    further = [column.key for column in columns if column.key not in _AGREEMENT_CELLS]
    loaded = spec.table.load([row.pk for row in rows], further, user, today) if further else {}
    for row in rows:
        cells = [
            _AGREEMENT_CELLS[column.key](row)
            if column.key in _AGREEMENT_CELLS
            else _cell(column, loaded[row.pk][column.key] if row.pk in loaded else None)
            for column in columns
        ]
        row.html = cells_html(cells)
    return rows


def _title(row: AgreementRow) -> Cell:
    """Of a search with its hits marked, and the words around hits elsewhere."""
    cell = _main(row.url, _with_marks(row.title_parts) or row.display_title, row.subtitle)
    around = format_html_join(
        "", "<small>{}：{}</small>", ((each.label, _with_marks(each.parts)) for each in row.excerpts)
    )
    return Cell(cell.html + around, is_main=True)


def _with_marks(parts: Sequence[Part]) -> SafeString:
    marks = ("<mark>{}</mark>" if part.is_hit else "{}" for part in parts)
    return SafeString("".join(format_html(mark, part.text) for mark, part in zip(marks, parts, strict=True)))


def _expiry(row: AgreementRow) -> Cell:
    if row.is_past_expiry:
        note: Any = format_html("<small>{}</small>", warning_badge("expired"))
    else:
        note = format_html("<small>{}</small>", row.expiry_note) if row.expiry_note else ""
    return Cell(SafeString(f"{wareki(row.expires_on)}{note}"), "nowrap")


def _action_count(row: AgreementRow) -> Cell:
    none = warning_badge("no_actions", "なし")
    return Cell(none if row.lacks_actions else or_dash(row.action_count), "numeric")


_AGREEMENT_CELLS: dict[str, Callable[[AgreementRow], Cell]] = {
    "title": _title,
    "partners": lambda row: Cell(or_dash(row.partner_lines), "cell-name is-lines"),
    "municipality": lambda row: Cell(row.municipality, "nowrap"),
    "kind": lambda row: Cell(row.get_kind_display(), "nowrap"),
    "state": lambda row: Cell(state_badge(row), "nowrap"),
    "signed_on": lambda row: Cell(wareki(row.signed_on), "nowrap"),
    "expires_on": _expiry,
    "item_count": lambda row: Cell(row.item_count, "numeric"),
    "action_count": _action_count,
    "department": lambda row: Cell(or_dash(row.department), "cell-name"),
}
