"""仕切り直しパック: what a dormant agreement needs on the table when both sides meet again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from agreements.choices import Side
from agreements.domain import progress, renewal
from agreements.models import ActionItem, Restart
from agreements.models.expectation_sheet import SheetRow, read_sheet
from municipalities import access
from municipalities.wareki import format_wareki

from .renderer import render_pdf
from .sheet_text import wareki

_MEETINGS = 5
_BLANK_ROWS = 6  # lines to fill in by hand at the talk


@dataclass(frozen=True, slots=True)
class PastEvent:
    """One line of the history: a day, and what happened."""

    on: date
    text: str

    @property
    def day(self) -> str:
        return format_wareki(self.on)


@dataclass(frozen=True, slots=True)
class StalledAction:
    title: str
    department: str
    partner: str
    due: str
    told: str
    why: str


def print_restart_pack(restart: Restart, *, user: Any, today: date) -> bytes:
    """The pack as PDF. Raises `renderer.PrintError`."""
    agreement = restart.agreement
    if not access.may_see_internal(user, agreement):
        raise PermissionError("The pack is internal.")
    context = {
        "restart": restart,
        "agreement": agreement,
        "municipality": agreement.municipality.name,
        "printed": f"印刷 {format_wareki(today)}　{user.get_full_name()}",
        "parties": [party.name for party in agreement.parties.select_related("municipality", "company")],
        "expiry": wareki(renewal.current_expiry(agreement.terms, today)),
        "notice": wareki(renewal.notice_deadline(agreement.terms, today)),
        "events": sorted(_events(restart, today), key=lambda event: event.on),
        "expectations": list(_expectations(restart)),
        "actions": list(_stalled(restart, today)),
        "agenda": [line for line in restart.agenda.splitlines() if line.strip()],
        "blank_rows": range(_BLANK_ROWS),
    }
    title = f"仕切り直しパック　{agreement}"
    return render_pdf("print/restart_pack.html", context, title=title, author=agreement.municipality.name)


def _events(restart: Restart, today: date) -> Iterable[PastEvent]:
    agreement = restart.agreement
    if agreement.signed_on:
        yield PastEvent(agreement.signed_on, "締結")
    for day in renewal.renewal_dates(agreement.terms, today):
        yield PastEvent(day, "自動更新")
    decisions = agreement.renewal_decisions.standing()  # type: ignore[attr-defined]
    for each in decisions:
        yield PastEvent(each.decided_on, f"更新判断：{each.get_decision_display()}")
    meetings = agreement.meetings.filter(deleted_at=None).order_by("-held_on")[:_MEETINGS]  # type: ignore[attr-defined]
    for each in meetings:
        words = (each.decisions or each.summary).split()
        yield PastEvent(each.held_on, f"会議：{' '.join(words)[:80]}")
    done = agreement.actions.filter(deleted_at=None, completed_on__isnull=False).order_by("-completed_on")
    for finished in done[:_MEETINGS]:
        if finished.completed_on:
            yield PastEvent(finished.completed_on, f"取組の完了：{finished.title}")
    yield PastEvent(restart.begun_on, "仕切り直しの開始")


def _expectations(restart: Restart) -> Iterable[SheetRow]:
    """What both sides hoped for, by the newest worksheet that both have seen."""
    rounds = restart.agreement.expectation_rounds.seen().order_by("-number")  # type: ignore[attr-defined]
    newest = rounds.first()
    if newest is None:
        return []
    newest.agreement = restart.agreement
    return read_sheet(newest, viewer=Side.OWN).rows


def _stalled(restart: Restart, today: date) -> Iterable[StalledAction]:
    """Open 取組 that are overdue or of which nobody has told anything for months."""
    rows: Any = ActionItem.objects.filter(agreement=restart.agreement_id, deleted_at=None).open()
    for action in rows.for_list().order_by("due_on", "pk"):
        owed = progress.owed(action.facts(), today)
        if owed is None:
            continue
        yield StalledAction(
            title=action.title,
            department=action.department.name if action.department else "",
            partner=action.partner_in_charge or (str(action.partner_contact or "")),
            due=wareki(action.due_on),
            told=wareki(action.told_on),
            why="期限超過" if action.is_overdue(today) else "更新なし",
        )
