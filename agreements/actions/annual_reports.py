"""年度実績報告: begin one (prefilled), write it, hand it in, accept or send it back, correct it.

A report is frozen when it is handed in; what happens to the actions afterwards does not change it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from agreements.choices import ActionState, Evaluation, ReportState
from agreements.domain import annual_report
from agreements.models import (
    ActionItem,
    Agreement,
    AnnualReport,
    AnnualReportLine,
    Meeting,
    ProgressEntry,
)
from agreements.models.annual_report import OPEN_STATES
from municipalities import fiscal_year
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import StaffMember
from municipalities.wareki import format_wareki

from .register import ChangedMeanwhile

FACTS = ("meetings", "issues", "next_policy", "partner_comment", "partner_confirmed_on")
LINE_FACTS = (
    "title",
    "plan_item",
    "department",
    "target_value",
    "baseline_value",
    "unit",
    "result_value",
    "result_text",
    "evaluation",
    "funding",
    "settled_yen",
    "effect_yen",
    "effect_method",
    "is_public",
)


class ReportNotAllowed(ValueError):
    """Why this step cannot be taken now, in a sentence for the page."""


@transaction.atomic
def begin_report(*, agreement: Agreement, year: int, today: date) -> AnnualReport:
    """The report of the year: the one there is, else a new one out of actions, journal and meetings."""
    if year > annual_report.newest_year(today):
        raise ReportNotAllowed(f"{fiscal_year.label(year)}はまだ終わっていません。")
    if agreement.signed_on is None or agreement.signed_on > fiscal_year.last_day(year):
        raise ReportNotAllowed(f"{fiscal_year.label(year)}には、まだ締結されていませんでした。")
    Agreement.objects.select_for_update().get(pk=agreement.pk)
    reports = AnnualReport.objects.filter(agreement=agreement, fiscal_year=year)
    known = reports.filter(state__in=[*OPEN_STATES, ReportState.ACCEPTED]).order_by("-version").first()
    if known is not None:
        return known
    report = AnnualReport(
        agreement=agreement,
        fiscal_year=year,
        version=1,
        department=agreement.department,
        meetings=_meetings(agreement, year),
    )
    discarded = reports.aggregate(last=Max("version"))["last"] or 0
    if discarded:  # begun and given up before
        report.version, report.correction_reason = discarded + 1, "作り直し"
    report.save()
    _write_lines(report, prefilled_lines(agreement, year))
    return report


def prefilled_lines(agreement: Agreement, year: int) -> list[dict[str, Any]]:
    """A line for each 取組 of the year: its plan, the figure reached by the end, its effect once."""
    last = fiscal_year.last_day(year)
    actions = (
        ActionItem.objects.alive()
        .filter(agreement=agreement)
        .in_fiscal_year(year)
        .select_related("department", "plan_item")
    )
    journal: dict[int, list[ProgressEntry]] = {}
    entries = ProgressEntry.objects.alive().filter(action__agreement=agreement, on__lte=last)  # type: ignore[attr-defined]
    for entry in entries.order_by("on", "pk"):
        journal.setdefault(entry.action_id, []).append(entry)
    return [_line_of(action, journal.get(action.pk, []), year) for action in actions]


def _line_of(action: ActionItem, entries: Sequence[ProgressEntry], year: int) -> dict[str, Any]:
    first, last = fiscal_year.first_day(year), fiscal_year.last_day(year)
    figures = [entry.value for entry in entries if entry.value is not None]
    is_over = action.completed_on is not None and action.completed_on <= last
    result = action.result_value if is_over or action.completed_on is None else None
    if result is None and figures:
        result = figures[-1]
    told = [
        f"{format_wareki(entry.on)}　{entry.text}" for entry in entries if entry.text and entry.on >= first
    ]
    is_of_year = action.fiscal_year == year
    return {
        "action": action,
        "title": action.title,
        "plan_item": str(action.plan_item) if action.plan_item else "",
        "department": action.department.name if action.department else "",
        "target_value": action.target_value,
        "baseline_value": action.baseline_value,
        "unit": action.target_unit,
        "result_value": result,
        "result_text": ((action.result_text if is_over else "") or "\n".join(told))[:4000],
        "evaluation": _evaluation(action, result, bool(told or figures), last),
        "funding": action.funding,
        # An effect counts once, in the year of the action.
        "effect_yen": action.effect_yen if is_of_year else None,
        "effect_method": action.effect_method if is_of_year else "",
        "is_public": False,
    }


def _evaluation(action: ActionItem, result: Any, has_news: bool, last: date) -> str:
    """A proposal; the 課 decides."""
    if action.state == ActionState.CANCELLED:
        return Evaluation.CANCELLED
    if action.state == ActionState.DONE and (action.completed_on is None or action.completed_on <= last):
        return Evaluation.AS_PLANNED
    if not has_news and result is None:
        return Evaluation.NOT_BEGUN
    return (
        Evaluation.DELAYED if action.due_on is not None and action.due_on <= last else Evaluation.AS_PLANNED
    )


def _meetings(agreement: Agreement, year: int) -> str:
    held = Meeting.objects.alive().filter(
        agreement=agreement, held_on__range=(fiscal_year.first_day(year), fiscal_year.last_day(year))
    )
    return "\n".join(
        f"{format_wareki(each.held_on)}（{each.get_form_display()}）" for each in held.order_by("held_on")
    )


def _write_lines(report: AnnualReport, lines: Iterable[dict[str, Any]]) -> None:
    for order, values in enumerate(lines, start=1):
        AnnualReportLine.objects.create(report=report, order=order, **values)


@transaction.atomic
def write_report(
    *, report: AnnualReport, seen: datetime | None, values: dict[str, Any], lines: Sequence[dict[str, Any]]
) -> AnnualReport:
    """Write the report as its form left it. Each line: values and the `id` of the row it replaces, if any.

    Raises `ChangedMeanwhile`, `ReportNotAllowed` (it is handed in).
    """
    current = _locked(report)
    if current.updated_at != seen:
        raise ChangedMeanwhile
    if not current.is_writable:
        raise ReportNotAllowed("提出した報告は、書き換えられません。")
    for name, value in values.items():
        setattr(current, name, value)
    current.save()
    stored = {line.pk: line for line in current.lines.all()}  # type: ignore[attr-defined]
    kept = {line.get("id") for line in lines}
    for pk, row in stored.items():
        if pk not in kept:
            row.delete()
    for order, line in enumerate(lines, start=1):
        row = stored.get(line.get("id") or 0) or AnnualReportLine(report=current)
        row.order = order
        for name in LINE_FACTS:
            if name in line:
                setattr(row, name, line[name])
        row.save()
    return current


@transaction.atomic
def refill_report(*, report: AnnualReport) -> int:
    """Add lines for 取組 of the year that came since; what was written stays. Returns how many came."""
    current = _locked(report)
    if not current.is_writable:
        raise ReportNotAllowed("提出した報告は、書き換えられません。")
    lines = list(current.lines.all())  # type: ignore[attr-defined]
    known = {line.action_id for line in lines}
    fresh = [
        values
        for values in prefilled_lines(current.agreement, current.fiscal_year)
        if values["action"].pk not in known
    ]
    for order, values in enumerate(fresh, start=max((line.order for line in lines), default=0) + 1):
        AnnualReportLine.objects.create(report=current, order=order, **values)
    current.save()
    return len(fresh)


def missing(report: AnnualReport) -> list[str]:
    """What keeps the report from being handed in, in sentences."""
    found = [
        f"取組「{line.title}」の評価を選んでください。"
        for line in report.lines.all()  # type: ignore[attr-defined]
        if not line.evaluation
    ]
    if not report.next_policy.strip():
        found.append("来年度方針を入力してください。")
    return found


@transaction.atomic
def submit_report(*, report: AnnualReport, by: StaffMember, today: date) -> AnnualReport:
    """Hand it in and freeze what it says. Raises `ReportNotAllowed`."""
    current = _locked(report)
    if not current.is_writable:
        raise ReportNotAllowed("この報告は、すでに提出されています。")
    if problems := missing(current):
        raise ReportNotAllowed(" ".join(problems))
    current.state = ReportState.SUBMITTED
    current.submitted_by, current.submitted_on = by, today
    current.snapshot = annual_report.to_snapshot(current.written())
    current.save()
    return current


@transaction.atomic
def accept_report(*, report: AnnualReport, by: StaffMember, today: date) -> AnnualReport:
    """企画課 accepts it; the version it corrects steps back. Raises `ReportNotAllowed`."""
    current = _submitted(report)
    for before in AnnualReport.objects.filter(
        agreement=current.agreement, fiscal_year=current.fiscal_year, state=ReportState.ACCEPTED
    ):
        before.state = ReportState.REPLACED
        before.save()
    current.state = ReportState.ACCEPTED
    current.decided_by, current.decided_on, current.return_reason = by, today, ""
    current.snapshot = {**(current.snapshot or {}), "accepted_on": today.isoformat()}
    current.save()
    return current


@transaction.atomic
def return_report(*, report: AnnualReport, by: StaffMember, today: date, reason: str) -> AnnualReport:
    """企画課 sends it back; it can be written again. Raises `ReportNotAllowed`."""
    if not reason.strip():
        raise ReportNotAllowed("差戻しの理由を入力してください。")
    current = _submitted(report)
    current.state, current.return_reason = ReportState.RETURNED, reason
    current.decided_by, current.decided_on = by, today
    current.snapshot = None
    current.save()
    return current


@transaction.atomic
def take_back(*, report: AnnualReport) -> AnnualReport:
    """Undo of the last step: handed in → in work, accepted → handed in, given up → in work."""
    current = _locked(report)
    others = AnnualReport.objects.filter(
        agreement=current.agreement, fiscal_year=current.fiscal_year
    ).exclude(pk=current.pk)
    if current.state == ReportState.ACCEPTED and not others.filter(version__gt=current.version).exists():
        current.state = ReportState.SUBMITTED
        current.decided_by = current.decided_on = None
        current.snapshot = {**(current.snapshot or {}), "accepted_on": None}
        current.save()
        before = others.filter(state=ReportState.REPLACED).order_by("-version").first()
        if before is not None:
            before.state = ReportState.ACCEPTED
            before.save()
        return current
    if current.state == ReportState.SUBMITTED:
        current.state = ReportState.RETURNED if current.return_reason else ReportState.DRAFT
        current.submitted_by = current.submitted_on = current.snapshot = None
        current.save()
        return current
    if current.state == ReportState.DISCARDED and not others.filter(state__in=OPEN_STATES).exists():
        current.state = ReportState.DRAFT
        current.save()
        return current
    raise ReportNotAllowed("取り消せる手続きがありません。")


@transaction.atomic
def correct_report(*, report: AnnualReport, reason: str) -> AnnualReport:
    """Begin the next version of an accepted report, with the same rows. Raises `ReportNotAllowed`."""
    if not reason.strip():
        raise ReportNotAllowed("訂正の理由を入力してください。")
    current = _locked(report)
    reports = AnnualReport.objects.filter(agreement=current.agreement, fiscal_year=current.fiscal_year)
    if current.state != ReportState.ACCEPTED or reports.filter(state__in=OPEN_STATES).exists():
        raise ReportNotAllowed(
            "訂正できるのは、受理した報告だけです（訂正中の版があるときは、それを使います）。"
        )
    last = reports.aggregate(last=Max("version"))["last"]
    fresh = AnnualReport(
        agreement=current.agreement,
        fiscal_year=current.fiscal_year,
        version=last + 1,
        department=current.department,
        correction_reason=reason,
        **{name: getattr(current, name) for name in FACTS},
    )
    fresh.save()
    rows = current.lines.all()  # type: ignore[attr-defined]
    _write_lines(fresh, [{name: getattr(row, name) for name in ("action", *LINE_FACTS)} for row in rows])
    return fresh


@transaction.atomic
def discard_report(*, report: AnnualReport, by: StaffMember) -> AnnualReport:
    """Give up a report in work; `take_back` brings it back."""
    current = _locked(report)
    if not current.is_writable:
        raise ReportNotAllowed("提出した報告は、取りやめられません。")
    current.state = ReportState.DISCARDED
    current.save()
    record(AuditKind.DELETION, actor=by, target=current)
    return current


def _locked(report: AnnualReport) -> AnnualReport:
    stored = AnnualReport.objects.select_for_update(of=("self",)).select_related(
        "agreement__municipality", "department", "submitted_by"
    )
    return stored.get(pk=report.pk)


def _submitted(report: AnnualReport) -> AnnualReport:
    current = _locked(report)
    if current.state != ReportState.SUBMITTED:
        raise ReportNotAllowed("この報告は、いま提出されていません。")
    return current
