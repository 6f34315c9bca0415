"""What the 診断 would say of a registration form as it is typed: hints, not errors; nothing is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.http import QueryDict

from agreements.choices import ActionState, FieldCategory
from agreements.domain import diagnosis as rules

from .action_forms import ItemNumbersField
from .posted_rows import row_count
from .term_suggestions import typed_date

ITEMS, ACTIONS = "items", "actions"
_MOST_ROWS = 400
_LONGEST = 2_000
# What the form can mend; the rest (施策, targets) is asked for where it can be written down.
_TOLD = ("C01", "C02", "C03", "C04", "C06")


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
