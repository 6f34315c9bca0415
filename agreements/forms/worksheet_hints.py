"""What the 診断 would say of the forms of すり合わせ as they are typed: hints; nothing is refused.

While the answers are closed, only what this side types itself is looked at: a hint must not tell what the
other side wrote.
"""

import re
from datetime import date

from django.http import QueryDict

from agreements.choices import ExpectationCost
from agreements.domain import diagnosis as rules
from agreements.models.expectation_sheet import SheetRow

from .diagnosis_hints import Hint

_COST_NAME = re.compile(r"row-\d{1,18}-cost_note")
_MOST_ROWS = 400
_TOLD_OF_ANSWERS = ("E02",)
_TOLD_OF_WORDING = ("E02", "E03", "E05")


def answer_hints_for(data: QueryDict, *, today: date, settings: rules.Settings) -> list[Hint]:
    """Is the cost of what this side expects open? As if the other side thought the same of it."""
    rows = []
    for name in [each for each in data if _COST_NAME.fullmatch(each)][:_MOST_ROWS]:
        prefix = name.removesuffix("cost_note")
        expects = data.get(f"{prefix}expects", "").strip()
        cost = data.get(f"{prefix}cost", "")
        if expects:
            same = rules.Cost(cost) if cost in ExpectationCost.values else None
            rows.append((expects, same, data.get(name, "")))
    items = tuple(
        rules.Item(key=number, text=expects) for number, (expects, _cost, _note) in enumerate(rows, start=1)
    )
    expectations = tuple(
        rules.Expectation(
            item=number,
            own_expects=expects,
            partner_expects=expects,
            own_cost=cost,
            partner_cost=cost,
            cost_note=note,
            not_to_do="",
        )
        for number, (expects, cost, note) in enumerate(rows, start=1)
    )
    labels = {item.subject: f"「{item.text[:30]}」" for item in items}
    return _hints(items, expectations, labels, _TOLD_OF_ANSWERS, today, settings)


def wording_hints_for(row: SheetRow, *, today: date, settings: rules.Settings) -> list[Hint]:
    """Of an opened row as it would be once both sides confirm what is typed."""
    item = row.item()
    expectation = row.expectation(is_settled=True)
    return _hints((item,), (expectation,), {item.subject: ""}, _TOLD_OF_WORDING, today, settings)


def _hints(items, expectations, labels, told, today: date, settings: rules.Settings) -> list[Hint]:
    if not expectations:
        return []
    snapshot = rules.Snapshot(items=items, expectations=expectations)
    return [
        Hint(labels[found.subject], found.message, "", found.level is rules.Level.INFORMATION)
        for found in rules.diagnose(snapshot, today, settings).findings
        if found.rule in told and found.subject in labels
    ]
