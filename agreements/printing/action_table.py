"""アクションプラン一覧・進捗表: the 取組 of a 年度 with their 4–3月 bars, A4 landscape."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from agreements.domain import progress
from municipalities import fiscal_year
from municipalities.wareki import format_wareki

from .page_choices import PageChoices
from .renderer import render_pdf

#: What may be left out of the table.
COLUMNS = (
    ("in_charge", "担当"),
    ("partner", "相手方"),
    ("period", "期間"),
    ("figures", "現在値／目標"),
    ("bar", "4月〜3月"),
    ("funding", "財源"),
    ("told", "最終更新"),
)
TABLE_CHOICES = PageChoices(is_marked=True)


def print_action_table(
    groups: Sequence[tuple[str, Sequence[Any]]],
    *,
    year: int,
    user: Any,
    today: date,
    choices: PageChoices = TABLE_CHOICES,
) -> bytes:
    """`groups`: a heading and its rows, each with `action` (read `for_list()`), `bar`, `words`, `is_late`.

    Raises `renderer.PrintError`.
    """
    place = str(getattr(user, "municipality", None) or "全自治体")
    label = fiscal_year.label(year)
    context = {
        "groups": groups,
        "label": label,
        "municipality": place,
        "total": sum(len(rows) for _name, rows in groups),
        "printed": f"印刷 {format_wareki(today)}　{user}",
        "page": choices,
        "months": [month.removesuffix("月") for month in progress.MONTHS],
    }
    files = {"actions.json": _json(groups, year, today)} if choices.is_archive else None
    title = f"アクションプラン一覧・進捗表　{label}"
    return render_pdf(
        "print/action_table.html",
        context,
        title=title,
        author=place,
        variant=choices.variant,
        attachments=files,
    )


def _json(groups: Sequence[tuple[str, Sequence[Any]]], year: int, today: date) -> bytes:
    facts = {
        "schema": "renkei.actions/1",
        "printed_on": today,
        "fiscal_year": year,
        "groups": [
            {"name": str(name), "actions": [_facts(row.action) for row in rows]} for name, rows in groups
        ],
    }
    return json.dumps(facts, ensure_ascii=False, indent=1, default=str).encode()


def _facts(action: Any) -> dict[str, Any]:
    return {
        "title": action.title,
        "items": [item.number for item in action.cooperation_fields.all()],
        "department": action.department.name if action.department else None,
        "starts_on": action.starts_on,
        "due_on": action.due_on,
        "state": {"code": action.state, "label": action.get_state_display()},
        "target": action.target_value,
        "reached": action.figure,
        "unit": action.target_unit,
        "funding": action.get_funding_display() if action.funding else None,
    }
