"""すり合わせワークシート, one page for each item, and the 確認書 of both sides."""

from datetime import date
from typing import Any

from agreements.choices import Side
from agreements.models import ExpectationRound
from agreements.models.expectation_sheet import read_sheet
from municipalities import access
from municipalities.wareki import format_wareki

from .renderer import render_pdf


def print_worksheet(round_: ExpectationRound, *, viewer: Side, user: Any, today: date) -> bytes:
    """The sheet as `viewer` may see it, A4 landscape. Raises `renderer.PrintError`."""
    internal = viewer == Side.OWN
    sheet = read_sheet(round_, viewer=viewer, today=today if internal else None)
    context = {**_context(round_, user, today), "sheet": sheet, "internal": internal}
    title = f"すり合わせワークシート　{round_.agreement}"
    return _print("print/worksheet.html", context, title, round_)


def print_confirmation(round_: ExpectationRound, *, user: Any, today: date) -> bytes:
    """すり合わせ確認書: what both sides confirmed, by whom and when. Raises `renderer.PrintError`.

    It goes to both: nothing in it is for one side alone.
    """
    if not round_.is_confirmed:
        raise ValueError("Only what both sides have confirmed is printed as such.")
    sheet = read_sheet(round_, viewer=Side.PARTNER)
    parties = round_.agreement.parties.select_related("municipality", "company")  # type: ignore[attr-defined]
    context = {
        **_context(round_, user, today),
        "sheet": sheet,
        "parties": [
            {"label": party.label, "name": party.name, "is_own": party.company_id is None}
            for party in parties
        ],
    }
    return _print("print/worksheet_confirmed.html", context, f"すり合わせ確認書　{round_.agreement}", round_)


def _context(round_: ExpectationRound, user: Any, today: date) -> dict[str, Any]:
    if not access.may_see_internal(user, round_.agreement):
        raise PermissionError("Worksheets are for the municipality's own staff.")
    return {
        "round": round_,
        "agreement": round_.agreement,
        "municipality": str(round_.agreement.municipality),
        "printed": f"{format_wareki(today)}　{user}",
        "printed_on": format_wareki(today),
    }


def _print(template: str, context: dict[str, Any], title: str, round_: ExpectationRound) -> bytes:
    return render_pdf(template, context, title=title, author=str(round_.agreement.municipality))
