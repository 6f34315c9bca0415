"""取組 of a 年度 as pictures: 4–3月 bars, a board by state, coverage of the items, totals of money."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from agreements.choices import ActionState, FieldCategory, Funding
from agreements.domain import progress
from agreements.forms.action_plan_form import ActionPlanForm
from agreements.forms.print_forms import ActionTablePrintForm
from agreements.models import ActionItem, Agreement, CooperationField
from agreements.printing.action_table import print_action_table
from municipalities import access, audit, fiscal_year
from municipalities.choices import AuditKind

from .pdf_answer import printed_answer

MOST = 400
MONTH_WIDTH = 20
_UNGROUPED = "（未定）"


@dataclass(frozen=True, slots=True)
class BarRow:
    """One 取組 with its bar in pixels."""

    action: ActionItem
    bar: progress.Bar | None
    is_late: bool
    owed: progress.Owed | None

    @property
    def x(self) -> int:
        return self.bar.first * MONTH_WIDTH if self.bar else 0

    @property
    def width(self) -> int:
        return self.bar.length * MONTH_WIDTH if self.bar else 0

    @property
    def tone(self) -> str:
        return "late" if self.is_late else self.action.state

    @property
    def words(self) -> str:
        """The same as the picture: 「4月〜翌3月（前年度から）」."""
        if self.bar is None:
            has_dates = self.action.starts_on or self.action.due_on
            return "この年度の外" if has_dates else "日付未定"
        first, last = progress.MONTHS[self.bar.first], progress.MONTHS[self.bar.last]
        text = first if first == last else f"{first}〜{last}"
        notes = ["前年度から"] if self.bar.from_before else []
        notes += ["翌年度へ"] if self.bar.goes_on else []
        return f"{text}（{'、'.join(notes)}）" if notes else text


def bar_rows(actions: Iterable[ActionItem], year: int, today: date) -> list[BarRow]:
    return [
        BarRow(
            action,
            progress.bar(action.starts_on, action.due_on, year),
            action.is_overdue(today),
            action.owed(today),
        )
        for action in actions
    ]


def grouped(rows: Iterable[BarRow], group: str) -> list[tuple[str, list[BarRow]]]:
    """Rows below the name of their 課, agreement or 施策; what has none comes last."""

    def place(row: BarRow) -> tuple[bool, str]:
        of = {
            "department": row.action.department,
            "agreement": row.action.agreement,
            "plan": row.action.plan_item,
        }[group]
        return of is None, str(of) if of is not None else _UNGROUPED

    return [(name, list(part)) for (_last, name), part in groupby(sorted(rows, key=place), key=place)]


class ActionPlanView(TemplateView):
    """What the views share: the conditions in the URL."""

    tab = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.today = timezone.localdate()
        self.form = ActionPlanForm(self.request.GET, user=self.request.user, today=self.today)
        return super().get_context_data(
            **kwargs,
            form=self.form,
            year=self.form.shown_year,
            today=self.today,
            tab=self.tab,
            query=self.request.GET.urlencode(),
            **self.picture(),
        )

    def picture(self) -> dict[str, Any]:
        raise NotImplementedError

    def rows(self) -> tuple[list[BarRow], int]:
        """The first rows in order of time, and how many there are in all."""
        found = self.form.actions()
        listed = found.for_list().order_by("starts_on", "due_on", "pk")[:MOST]
        rows = bar_rows(listed, self.form.shown_year, self.today)
        return rows, found.count() if len(rows) == MOST else len(rows)


class ActionBarsView(ActionPlanView):
    template_name = "agreements/action_bars.html"
    extra_context = {"page_title": "取組の年間計画"}
    tab = "bars"

    def picture(self) -> dict[str, Any]:
        rows, total = self.rows()
        in_year = fiscal_year.fiscal_year_of(self.today) == self.form.shown_year
        return {
            "groups": grouped(rows, self.form.shown_group),
            "total": total,
            "shown": len(rows),
            "months": progress.MONTHS,
            "today_x": _middle(self.today) if in_year else None,
        }


def _middle(day: date) -> int:
    return progress.month_of_year(day) * MONTH_WIDTH + MONTH_WIDTH // 2


class ActionBoardView(ActionPlanView):
    template_name = "agreements/action_board.html"
    extra_context = {"page_title": "取組の状態"}
    tab = "board"

    def picture(self) -> dict[str, Any]:
        rows, total = self.rows()
        columns = {
            "planned": "計画",
            "in_progress": "実施中",
            "late": "遅れ",
            "done": "完了",
            "cancelled": "中止",
        }
        by_tone: dict[str, list[Any]] = {tone: [] for tone in columns}
        for row in rows:
            by_tone[row.tone].append((row, access.may_edit_action(self.request.user, row.action)))
        return {
            "columns": [(tone, label, by_tone[tone]) for tone, label in columns.items()],
            "total": total,
            "shown": len(rows),
        }


class ActionCoverageView(ActionPlanView):
    """連携事項 × 取組 of the agreements in force: what nobody works on is marked."""

    template_name = "agreements/action_coverage.html"
    extra_context = {"page_title": "連携事項と取組の対応"}
    tab = "coverage"

    def picture(self) -> dict[str, Any]:
        agreements = Agreement.objects.internal_to(self.request.user).active().select_related("department")
        agreements = agreements.filter(access.own_municipality(self.request.user))
        if not self.form.is_valid():
            agreements = agreements.none()
        elif chosen := self.form.cleaned_data["department"]:
            agreements = agreements.filter(department=chosen)
        listed = {each.pk: each for each in agreements.order_by("kana_key", "pk")[:MOST]}
        items = list(CooperationField.objects.filter(agreement__in=listed).order_by("agreement", "number"))
        served: dict[int, list[ActionItem]] = {}
        actions = self.form.actions(of_year=True).filter(agreement__in=listed)
        for action in actions.exclude(state=ActionState.CANCELLED).prefetch_related("cooperation_fields"):
            for item in action.cooperation_fields.all():
                served.setdefault(item.pk, []).append(action)
        by_agreement: dict[int, list[Any]] = {key: [] for key in listed}
        for item in items:
            by_agreement[item.agreement_id].append((item, served.get(item.pk, [])))
        return {
            "blocks": [(listed[key], rows) for key, rows in by_agreement.items() if rows],
            "item_total": len(items),
            "covered": sum(item.pk in served for item in items),
        }


class ActionTotalsView(ActionPlanView):
    """Budget, money of others and 効果額; an action counts in the 年度 of its due date."""

    template_name = "agreements/action_totals.html"
    extra_context = {"page_title": "取組の集計"}
    tab = "totals"

    def picture(self) -> dict[str, Any]:
        living = self.form.actions(of_year=False).exclude(state=ActionState.CANCELLED)
        found = living.filter(fiscal_year=self.form.shown_year)
        by_year = [
            {**row, "label": fiscal_year.label(row["fiscal_year"]) if row["fiscal_year"] else _UNGROUPED}
            for row in living.order_by("fiscal_year").values("fiscal_year").annotate(**_sums())
        ]
        return {
            "whole": {**found.aggregate(**_sums()), "list_url": self._list_url()},
            "by_funding": self._listed(_by_funding(found), "funding", "funding", none="none"),
            "by_company": self._listed(_by_company(found), "company", "key"),
            "by_category": self._listed(_by_category(found), "category", "key"),
            "by_year": self._listed(by_year, "fiscal_year", "fiscal_year"),
        }

    def _listed(
        self, rows: list[dict[str, Any]], name: str, key: str, none: str = ""
    ) -> list[dict[str, Any]]:
        """Each with the list of 取組 that makes up its number."""
        return [{**row, "list_url": self._list_url(**{name: row[key] or none})} for row in rows]

    def _list_url(self, **narrower: Any) -> str:
        """The list with these conditions; "" where it has no condition that says the same."""
        chosen = self.form.cleaned_data if self.form.is_valid() else {}
        names = ("department", "funding", "category", "company")
        query = {name: str(getattr(chosen[name], "pk", chosen[name])) for name in names if chosen.get(name)}
        for name, value in narrower.items():
            if value == "" or query.get(name, str(value)) != str(value):
                return ""
            query[name] = str(value)
        query = {"state": "living", "fiscal_year": str(self.form.shown_year), **query}
        return f"{reverse('agreements:action-list')}?{urlencode(query)}"


def _sums() -> dict[str, Any]:
    return {
        "count": Count("pk"),
        "done": Count("pk", filter=Q(state=ActionState.DONE)),
        "budget": Sum("budget_thousands", filter=Q(funding=Funding.MUNICIPAL_BUDGET)),
        "others": Sum("budget_thousands", filter=~Q(funding=Funding.MUNICIPAL_BUDGET)),
        "effect": Sum("effect_yen"),
    }


def _by_funding(found: Any) -> list[dict[str, Any]]:
    rows = found.order_by("funding").values("funding").annotate(**_sums())
    labels = dict(Funding.choices)
    return [{**row, "label": labels.get(row["funding"], "未登録"), "amount": _amount(row)} for row in rows]


def _amount(row: dict[str, Any]) -> int | None:
    parts = [each for each in (row["budget"], row["others"]) if each is not None]
    return sum(parts) if parts else None


def _by_company(found: Any) -> list[dict[str, Any]]:
    company = "agreement__parties__company"
    rows = found.filter(**{f"{company}__isnull": False}).order_by(f"{company}__kana_key", company)
    return list(rows.values(key=F(company), label=F(f"{company}__name")).annotate(**_sums()))


def _by_category(found: Any) -> list[dict[str, Any]]:
    """Each action once in each of its 分野, however many items of that 分野 it serves."""
    category = "cooperation_fields__categories__category"
    pairs = set(found.filter(**{f"{category}__isnull": False}).order_by().values_list("pk", category))
    names = ("pk", "state", "funding", "budget_thousands", "effect_yen")
    facts = {row["pk"]: row for row in found.order_by().values(*names)}
    rows = []
    for code, label in FieldCategory.choices:
        of = [facts[pk] for pk, each in pairs if each == code]
        if of:
            own = [row for row in of if row["funding"] == Funding.MUNICIPAL_BUDGET]
            rest = [row for row in of if row["funding"] != Funding.MUNICIPAL_BUDGET]
            rows.append(
                {
                    "key": code,
                    "label": label,
                    "count": len(of),
                    "done": sum(row["state"] == ActionState.DONE for row in of),
                    "budget": _sum(own, "budget_thousands"),
                    "others": _sum(rest, "budget_thousands"),
                    "effect": _sum(of, "effect_yen"),
                }
            )
    return rows


def _sum(rows: list[dict[str, Any]], name: str) -> int | None:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known) if known else None


class ActionTablePrintView(View):
    """アクションプラン一覧・進捗表: the bars with the same conditions as PDF."""

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        form = ActionPlanForm(request.GET, user=request.user, today=today)
        listed = form.actions().for_list().order_by("starts_on", "due_on", "pk")[:MOST]
        groups = grouped(bar_rows(listed, form.shown_year, today), form.shown_group)
        page = ActionTablePrintForm(request.GET, user=request.user)
        if not page.is_usable():  # the print page says what is wrong
            return redirect(f"{reverse('agreements:action-table-print-page')}?{request.GET.urlencode()}")
        municipality = getattr(request.user, "municipality", None)
        kind = AuditKind.VIEW_INTERNAL if "preview" in request.GET else AuditKind.PRINT
        audit.record(kind, request=request, target=municipality, 書式="アクションプラン一覧")
        return printed_answer(
            request,
            lambda: print_action_table(
                groups, year=form.shown_year, user=request.user, today=today, choices=page.choices
            ),
            f"アクションプラン一覧_{fiscal_year.label(form.shown_year)}.pdf",
        )
