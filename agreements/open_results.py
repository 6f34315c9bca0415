"""What goes out about 取組 and their results: the part of `open_data` that tells plans, figures and years.

No person is named: of who does it, the 課 and the name of the partner are public, where the whitelist says
so. Money of budgets never is; 効果額 is told for what is done, with the way it was worked out.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from agreements.choices import ActionState, Evaluation, PublicField
from agreements.domain.annual_report import LineContent, ReportContent
from agreements.domain.progress import achievement
from agreements.models import ActionItem, Agreement, AnnualReport
from municipalities import fiscal_year

# What each entry of the whitelist adds to a 取組; the plan is there with any of them.
_PLAN = ("id", "title", "state", "starts_on", "due_on", "target_value", "baseline_value", "unit")
_ADDED = {
    PublicField.ACTION_OWNERS.value: ("section", "partner"),
    PublicField.RESULTS.value: ("result_value", "result_text", "completed_on"),
    PublicField.EFFECTS.value: ("effect_yen", "effect_method"),
}
_EFFECT = _ADDED[PublicField.EFFECTS.value]


def actions_of(agreement: Agreement, fields: Collection[str]) -> list[dict[str, Any]]:
    """取組 as plain values, with what the whitelisted `fields` let out of each."""
    actions = agreement.actions.alive().with_progress()  # type: ignore[attr-defined]
    related = actions.select_related("department", "partner_contact__company")
    partner = _only_partner(agreement)
    return [_narrowed(_action(action, partner), fields) for action in related]


def reports_of(agreement: Agreement, fields: Collection[str]) -> list[dict[str, Any]]:
    """年度実績報告書: the accepted ones with lines that are marked as public, the newest year first."""
    standing = AnnualReport.objects.filter(agreement=agreement).standing()  # type: ignore[attr-defined]
    found = [report_facts(report, fields) for report in standing.order_by("-fiscal_year")]
    return [each for each in found if each["lines"]]


def report_facts(report: AnnualReport, fields: Collection[str]) -> dict[str, Any]:
    """What goes out of one report."""
    hidden = _hidden_effect(fields)
    return {
        "id": report.pk,
        "year": report.fiscal_year,
        "version": report.version,
        "lines": [_without(_line(line), hidden) for line in report.content.for_the_public().lines],
    }


def reduced_actions(actions: Iterable[Mapping[str, Any]], fields: Collection[str]) -> list[dict[str, Any]]:
    """The same 取組 without what the whitelist holds no longer."""
    return [_narrowed(action, fields) for action in actions]


def reduced_reports(reports: Iterable[Mapping[str, Any]], fields: Collection[str]) -> list[dict[str, Any]]:
    hidden = _hidden_effect(fields)
    return [{**each, "lines": [_without(line, hidden) for line in each["lines"]]} for each in reports]


def changed_fields(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[str]:
    """The entries of the whitelist in whose part two lists of 取組 differ."""
    before, after = list(before), list(after)
    parts = {PublicField.ACTIONS.value: _PLAN, **_ADDED}
    return [
        field
        for field, names in parts.items()
        if [[each.get(name) for name in names] for each in before]
        != [[each.get(name) for name in names] for each in after]
    ]


def year_of(action: Mapping[str, Any]) -> int | None:
    """年度 of a published 取組: of its due day, else of its first; None for one without days."""
    day = action.get("due_on") or action.get("starts_on")
    return fiscal_year.fiscal_year_of(date.fromisoformat(day)) if day else None


def results_by_year(actions: Iterable[Mapping[str, Any]]) -> list[list[int]]:
    """[年度, 取組, done, with a 効果額, yen] for each year, the oldest first; without what was cancelled."""
    years: dict[int, list[int]] = {}
    for action in actions:
        year = year_of(action)
        if year is None or action["state"] == ActionState.CANCELLED:
            continue
        sums = years.setdefault(year, [0, 0, 0, 0])
        effect = action.get("effect_yen")
        sums[0] += 1
        sums[1] += action["state"] == ActionState.DONE
        sums[2] += effect is not None
        sums[3] += effect or 0
    return [[year, *sums] for year, sums in sorted(years.items())]


def spoken_actions(actions: Iterable[Mapping[str, Any]]) -> list[tuple[int | None, list[dict[str, Any]]]]:
    """取組 in words, by 年度, the newest first; those without days come last."""
    years: dict[int | None, list[dict[str, Any]]] = {}
    for action in actions:
        target, baseline, result = (
            _figure(action.get(name)) for name in ("target_value", "baseline_value", "result_value")
        )
        years.setdefault(year_of(action), []).append(
            {
                **action,
                "state_label": ActionState(action["state"]).label,
                **{name: _day(action.get(name)) for name in ("starts_on", "due_on", "completed_on")},
                "target_value": target,
                "baseline_value": baseline,
                "result_value": result,
                "achievement": achievement(baseline, target, result),
            }
        )
    return sorted(years.items(), key=lambda each: -(each[0] or 0))


def report_content(facts: Mapping[str, Any], report: Mapping[str, Any]) -> ReportContent:
    """A published report (`report_facts`) of the agreement of these facts, as it is printed."""
    own = facts["municipality"]
    return ReportContent(
        year=report["year"],
        version=report["version"],
        municipality=own["name"],
        ledger_number="",
        agreement=facts["title"] or "名称未登録の協定",
        partners=tuple(
            party["name"] for party in facts["parties"] if party["municipality_code"] != own["code"]
        ),
        lines=tuple(_line_content(line) for line in report["lines"]),
    )


def _action(action: ActionItem, partner: str) -> dict[str, Any]:
    done = action.state == ActionState.DONE
    contact = action.partner_contact
    named = contact.company.name if contact else partner if action.partner_in_charge else ""
    return {
        "id": action.pk,
        "title": action.title,
        "state": action.state,
        "starts_on": _iso(action.starts_on),
        "due_on": _iso(action.due_on),
        "target_value": _number(action.target_value),
        "baseline_value": _number(action.baseline_value),
        "unit": action.target_unit,
        "section": action.department.name if action.department else "",
        "partner": named,
        "result_value": _number(action.figure),
        "result_text": action.result_text,
        "completed_on": _iso(action.completed_on),
        # What is not done yet may have been put down as a hope.
        "effect_yen": action.effect_yen if done else None,
        "effect_method": action.effect_method if done and action.effect_yen is not None else "",
    }


def _only_partner(agreement: Agreement) -> str:
    """The partner that a 取組 can only mean; "" where there are several."""
    parties = agreement.parties.exclude(municipality=agreement.municipality)  # type: ignore[attr-defined]
    names = [party.name for party in parties.select_related("municipality", "company")[:2]]
    return names[0] if len(names) == 1 else ""


def _narrowed(action: Mapping[str, Any], fields: Collection[str]) -> dict[str, Any]:
    kept = {*_PLAN, *(name for field, names in _ADDED.items() if field in fields for name in names)}
    return {name: value for name, value in action.items() if name in kept}


def _line(line: LineContent) -> dict[str, Any]:
    return {
        "title": line.title,
        "plan_item": line.plan_item,
        "target_value": _number(line.target_value),
        "baseline_value": _number(line.baseline_value),
        "unit": line.unit,
        "result_value": _number(line.result_value),
        "result_text": line.result_text,
        "evaluation": line.evaluation,
        "effect_yen": line.effect_yen,
        "effect_method": line.effect_method,
    }


def _line_content(line: Mapping[str, Any]) -> LineContent:
    measured = ("target_value", "baseline_value", "result_value")
    figures: dict[str, Any] = {name: _figure(line.get(name)) for name in measured}
    evaluation = line["evaluation"]
    words: dict[str, Any] = {name: line[name] for name in ("title", "plan_item", "unit", "result_text")}
    return LineContent(
        **words,
        **figures,
        evaluation=evaluation,
        evaluation_label=str(Evaluation(evaluation).label) if evaluation else "",
        effect_yen=line.get("effect_yen"),
        effect_method=line.get("effect_method", ""),
        is_public=True,
    )


def _hidden_effect(fields: Collection[str]) -> tuple[str, ...]:
    return () if PublicField.EFFECTS in fields else _EFFECT


def _without(values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _number(value: Decimal | None) -> int | float | None:
    """A figure as JSON has it: 120, 12.5."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _figure(value: int | float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
