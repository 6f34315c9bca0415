"""アクションプラン一覧・進捗表: the 取組 of a 年度 with their 4–3月 bars, A4 landscape."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from agreements.domain import progress
from municipalities import fiscal_year
from municipalities.wareki import format_wareki

from .renderer import render_pdf


def print_action_table(
    groups: Sequence[tuple[str, Sequence[Any]]], *, year: int, user: Any, today: date
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
        "months": [month.removesuffix("月") for month in progress.MONTHS],
    }
    title = f"アクションプラン一覧・進捗表　{label}"
    return render_pdf("print/action_table.html", context, title=title, author=place)
