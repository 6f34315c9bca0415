"""年度実績報告書 as PDF: the report itself, internal or for the public, A4 landscape."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from agreements.domain.annual_report import ReportContent
from municipalities import fiscal_year
from municipalities.wareki import format_wareki

from .page_choices import PageChoices
from .renderer import render_pdf

REPORT_CHOICES = PageChoices()


def print_annual_report(
    content: ReportContent,
    *,
    user: Any,
    today: date,
    internal: bool,
    state: str,
    choices: PageChoices = REPORT_CHOICES,
) -> bytes:
    """`internal` False leaves the internal columns and lines out. Raises `renderer.PrintError`."""
    shown = content if internal else content.for_the_public()
    printed = f"印刷 {format_wareki(today)}" + (f"　{user}" if internal else "")
    return _print(shown, state=state, internal=internal, printed=printed, has_effects=True, choices=choices)


def print_public_report(content: ReportContent, *, published_on: date) -> bytes:
    """A report as it went out, the same bytes whenever it is asked for. Raises `renderer.PrintError`."""
    return _print(
        content,
        state="",
        internal=False,
        printed=f"公開 {format_wareki(published_on)}",
        has_effects=any(line.effect_yen is not None for line in content.lines),
    )


def _print(
    shown: ReportContent,
    *,
    state: str,
    internal: bool,
    printed: str,
    has_effects: bool,
    choices: PageChoices = REPORT_CHOICES,
) -> bytes:
    year = fiscal_year.label(shown.year)
    context = {
        "report": shown,
        "year": year,
        "state": state,
        "is_internal": internal,
        "is_marked": internal or choices.is_marked,
        "page": choices,
        "printed": printed,
        "has_effects": has_effects,
    }
    return render_pdf(
        "print/annual_report.html",
        context,
        title=f"{year}実績報告書　{shown.agreement}",
        author=shown.municipality,
        subject=f"管理番号 {shown.ledger_number}" if shown.ledger_number else "",
        variant=choices.variant,
        attachments={"report.json": _json(shown)} if choices.is_archive else None,
    )


def _json(shown: ReportContent) -> bytes:
    facts = {"schema": "renkei.report/1", **asdict(shown)}
    return json.dumps(facts, ensure_ascii=False, indent=1, default=str).encode()
