"""協定シート: the 連携事項 and this year's 取組."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agreements.choices import ActionState, FieldCategory
from agreements.domain.figures import spell
from agreements.models import ActionItem, Agreement, CooperationField
from agreements.models.action_item import OPEN_STATES
from municipalities import fiscal_year

from .sheet_text import lines, wareki

#: The sheet is an overview: this many actions of the year, and the number of the others.
MAX_ACTIONS = 5


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One 連携事項: its text verbatim. `action_count` is None when the reader may not know.

    `plan_items` are the 施策 that its actions serve: internal.
    """

    number: int
    text: str
    categories: str
    sdgs: str
    action_count: int | None
    plan_items: str


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One 取組. What it aims at and who pays are internal: empty for everybody else."""

    title: str
    items: str
    department: str
    partner: str
    due: str
    state: str
    is_overdue: bool
    target: str
    figure: str
    funding: str


@dataclass(frozen=True, slots=True)
class YearOfActions:
    """The first few 取組 of a fiscal year, and how many more there are."""

    label: str
    lines: tuple[ActionLine, ...]
    more: int


def read_actions(agreement: Agreement) -> list[ActionItem]:
    """All its 取組, with what the lines below need; a fixed number of queries."""
    actions = agreement.actions.filter(deleted_at=None)  # type: ignore[attr-defined]
    return list(
        actions.with_progress()
        .select_related("department", "person_in_charge", "plan_item")
        .prefetch_related("cooperation_fields", "sub_plan_items")
    )


def item_lines(
    agreement: Agreement, actions: list[ActionItem] | None, *, internal: bool
) -> Iterable[ItemLine]:
    by_item: dict[int, list[ActionItem]] = {}
    for action in actions or ():
        for field in action.cooperation_fields.all():
            by_item.setdefault(field.pk, []).append(action)
    fields = agreement.cooperation_fields.prefetch_related("categories")  # type: ignore[attr-defined]
    for field in fields:
        categories = [FieldCategory(row.category) for row in field.categories.all()]
        goals = sorted({goal for category in categories for goal in category.sdgs})
        served = by_item.get(field.pk, [])
        yield ItemLine(
            number=field.number,
            text=field.text,
            categories=lines(*(str(category.label) for category in categories)),
            sdgs="・".join(map(str, goals)),
            action_count=None if actions is None else len(served),
            plan_items=_plan_items(served) if internal else "",
        )


def _plan_items(actions: Iterable[ActionItem]) -> str:
    """The 施策 of these actions, each once, main ones before the others."""
    main = [action.plan_item for action in actions if action.plan_item is not None]
    also = [item for action in actions for item in action.sub_plan_items.all()]
    return lines(*dict.fromkeys(str(item) for item in [*main, *also]))


def year_of_actions(actions: list[ActionItem], today: date, *, internal: bool) -> YearOfActions:
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
        lines=tuple(_action_line(action, today, internal=internal) for action in shown),
        more=len(of_this_year) - len(shown),
    )


def _action_line(action: ActionItem, today: date, *, internal: bool) -> ActionLine:
    fields: Iterable[CooperationField] = action.cooperation_fields.all()
    person = action.person_in_charge.get_full_name() if action.person_in_charge else ""
    return ActionLine(
        title=action.title,
        items="".join(f"({field.number})" for field in fields),
        department=lines(action.department.name if action.department else "", person),
        partner=action.partner_in_charge,
        due=wareki(action.due_on),
        state=ActionState(action.state).label,
        is_overdue=action.is_overdue(today),
        target=_with_unit(action.target_value, action) if internal else "",
        figure=_reached(action) if internal else "",
        funding=_funding(action) if internal else "",
    )


def _with_unit(value: object, action: ActionItem) -> str:
    return "" if value is None else f"{spell(value)}{action.target_unit}"  # type: ignore[arg-type]


def _reached(action: ActionItem) -> str:
    """「100人（83.3％）」"""
    reached = _with_unit(action.figure, action)
    rate = action.achievement
    return reached if rate is None or not reached else f"{reached}（{spell(round(rate, 1))}％）"


def _funding(action: ActionItem) -> str:
    amount = action.budget_thousands
    return lines(
        action.get_funding_display() if action.funding else "",
        "" if amount is None else f"{amount:,}千円",
    )
