"""What the 診断 would say of a registration form as it is typed: hints, not errors; nothing is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.http import QueryDict

from agreements.choices import ActionState, FieldCategory
from agreements.domain import diagnosis as rules

from .action_forms import ItemNumbersField
from .figures import FigureField
from .posted_rows import row_count
from .term_suggestions import typed_date

ITEMS, ACTIONS = "items", "actions"
_MOST_ROWS = 400
_LONGEST = 2_000
# What the form can mend; the rest (施策, targets) is asked for where it can be written down.
_TOLD = ("C01", "C02", "C03", "C04", "C06")
_TOLD_OF_ACTIONS = ("C03", "C04", "C05", "C06", "C07", "E02", "E04")


@dataclass(frozen=True, slots=True)
class Hint:
    """One finding with the number of its row on the page."""

    about: str
    message: str
    quote: str
    is_information: bool


def hints_for(data: QueryDict, *, today: date, settings: rules.Settings) -> list[Hint]:
    """Hints for what is typed into items and actions so far; the dearest first."""
    items = list(_items(data))
    actions = list(_actions(data))
    if not items and not actions:
        return []
    snapshot = rules.Snapshot(items=tuple(items), actions=tuple(actions))
    labels = {item.subject: f"連携事項{item.label}" for item in items} | {
        action.subject: f"取組「{action.text[:30]}」" for action in actions
    }
    return [
        Hint(
            labels.get(found.subject, ""),
            found.message,
            found.quote if found.quote and found.rule in ("C01", "C06", "") else "",
            found.level is rules.Level.INFORMATION,
        )
        for found in rules.diagnose(snapshot, today, settings).findings
        if found.subject in labels and (found.rule in _TOLD or found.level is rules.Level.INFORMATION)
    ]


def action_hints_for(data: QueryDict, *, today: date, settings: rules.Settings) -> list[Hint]:
    """Hints for the form of one 取組 in full, as typed; the dearest first."""
    title = data.get("title", "").strip()[:_LONGEST]
    if not title:
        return []
    description = data.get("description", "").strip()[:_LONGEST]
    action = rules.Action(
        key="action",
        text="\n".join(filter(None, [title, description])),
        items=frozenset(int(each) for each in data.getlist("cooperation_fields") if _is_key(each)),
        has_department=bool(data.get("department")),
        has_partner_contact=bool(data.get("partner_contact") or data.get("partner_in_charge", "").strip()),
        starts_on=typed_date(data.get("starts_on", "")),
        due_on=typed_date(data.get("due_on", "")),
        target_value=_figure(data.get("target_value", "")),
        target_unit=data.get("target_unit", "").strip(),
        has_plan_link=bool(data.get("plan_item") or data.getlist("sub_plan_items")),
        funding=data.get("funding") or None,
        budget_line=data.get("budget_project", "").strip(),
        contract_method=data.get("contract_method", ""),
    )
    found = rules.diagnose(rules.Snapshot(actions=(action,)), today, settings).findings
    return [
        Hint("", each.message, each.quote if each.rule == "C06" else "", _is_information(each))
        for each in found
        if each.subject == action.subject and (each.rule in _TOLD_OF_ACTIONS or _is_information(each))
    ]


def _is_information(found: rules.Finding) -> bool:
    return found.level is rules.Level.INFORMATION


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _figure(text: str) -> Decimal | None:
    """What was typed as a figure; None for nothing and for what the form will refuse."""
    try:
        return FigureField().to_python(text)
    except ValidationError:
        return None


def _rows(data: QueryDict, prefix: str) -> Iterable[tuple[int, str]]:
    """(number, name of the row) of the rows that are not deleted, in the order of the page."""
    places = []
    for index in range(min(row_count(data, prefix), _MOST_ROWS)):
        name = f"{prefix}-{index}"
        if not data.get(f"{name}-DELETE"):
            order = data.get(f"{name}-ORDER", "")
            is_number = order.isascii() and order.isdecimal() and len(order) < 6
            places.append((int(order) if is_number else 10**6, index, name))
    for number, (_order, _index, name) in enumerate(sorted(places), start=1):
        yield number, name


def _items(data: QueryDict) -> Iterable[rules.Item]:
    number = 0
    for _number, name in _rows(data, ITEMS):
        text = data.get(f"{name}-text", "").strip()[:_LONGEST]
        if not text:
            continue
        number += 1
        chosen = [code for code in data.getlist(f"{name}-categories") if code in FieldCategory.values]
        field = "、".join(str(FieldCategory(code).label) for code in chosen)
        yield rules.Item(key=number, text=text, label=f"({number})", field=field)


def _actions(data: QueryDict) -> Iterable[rules.Action]:
    for number, name in _rows(data, ACTIONS):
        title = data.get(f"{name}-title", "").strip()[:_LONGEST]
        if not title:
            continue
        state = data.get(f"{name}-state", "")
        yield rules.Action(
            key=f"action-{number}",
            text=title,
            items=frozenset(_numbers(data.get(f"{name}-items", ""))),
            has_department=bool(data.get(f"{name}-department")),
            has_partner_contact=bool(data.get(f"{name}-partner_in_charge", "").strip()),
            starts_on=typed_date(data.get(f"{name}-starts_on", "")),
            due_on=typed_date(data.get(f"{name}-due_on", "")),
            done=state == ActionState.DONE,
            cancelled=state == ActionState.CANCELLED,
        )


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return ItemNumbersField(required=False).to_python(text)
    except ValidationError:
        return ()
