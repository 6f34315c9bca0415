"""Forms of a 総合計画: the plan, a node of its tree, and pasted text."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from . import fiscal_year
from .form_fields import ListedObjectField, ProseFormField
from .models import Department, Plan, PlanItem
from .models.plan import LEVEL_NAMES, MAX_DEPTH
from .plan_text import Problem, Reading, read_plan

_EARLIEST, _LATEST = 1950, 2150


class FiscalYearField(forms.Field):
    """A 年度 as people write it (令和8年度, R8, 2026); `cleaned` is an `int` or None."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": "例：令和8年度、R8、2026", **kwargs})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": "off", "maxlength": 20, "class": "is-short"}

    def prepare_value(self, value: Any) -> Any:
        return fiscal_year.label(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        if value is None or not str(value).strip():
            return None
        if isinstance(value, int):
            return value
        try:
            year = fiscal_year.parse_label(str(value))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error
        if not _EARLIEST <= year <= _LATEST:
            raise ValidationError("年度が正しくありません。", code="out_of_range")
        return year

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class SeenMixin(forms.BaseForm):
    """Knows the version of the row that the page showed."""

    @property
    def seen_at(self) -> datetime | None:
        try:
            return parse_datetime(self.cleaned_data.get("seen") or "")
        except ValueError:
            return None


class PlanForm(SeenMixin, forms.ModelForm):
    """A plan. The municipality is the instance's, never the form's."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    first_year = FiscalYearField(label="開始年度", required=False)
    last_year = FiscalYearField(label="終了年度", required=False, help_text="最後の年度。例：令和12年度")

    class Meta:
        model = Plan
        fields = ("name", "edition", "first_year", "last_year", "state", "predecessor")
        widgets = {"state": forms.RadioSelect}
        help_texts = {
            "name": "例：第六次総合計画",
            "edition": "例：後期基本計画、令和8年度改定",
            "state": "取組や協定の施策は、「計画期間中」の計画から選びます。",
            "predecessor": "この計画が引き継ぐ、前の版や前の計画。"
            "この計画を「計画期間中」にすると、前の計画は「終了」になります。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Plan.objects.alive().filter(municipality=self.instance.municipality_id)
        predecessor: Any = self.fields["predecessor"]
        predecessor.queryset = others.exclude(pk=self.instance.pk) if self.instance.pk else others
        predecessor.empty_label = "（なし）"
        if self.instance.pk:
            self.initial["seen"] = self.instance.updated_at.isoformat()

    def _get_validation_exclusions(self) -> set[str]:
        """Checks that the name is free within the municipality."""
        return super()._get_validation_exclusions() - {"municipality", "deleted_at"}  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_year"), cleaned.get("last_year")
        if first and last and first > last:
            self.add_error("last_year", "終了年度は開始年度以後にしてください。")
        before = cleaned.get("predecessor")
        while before is not None:
            if self.instance.pk and before.predecessor_id == self.instance.pk:
                self.add_error(
                    "predecessor", "この計画を引き継いだ計画は、前の計画にできません（循環します）。"
                )
                break
            before = before.predecessor
        return cleaned


class PlanItemForm(SeenMixin, forms.ModelForm):
    """A node of a plan's tree; the plan is the instance's."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    kpi_year = FiscalYearField(label="目標年度", required=False)

    class Meta:
        model = PlanItem
        fields = (
            "parent",
            "level",
            "code",
            "name",
            "department",
            "kpi_name",
            "kpi_unit",
            "kpi_baseline",
            "kpi_target",
            "kpi_year",
        )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item: PlanItem = self.instance
        nodes = PlanItem.objects.alive().filter(plan=item.plan_id).in_order()
        if item.pk:
            nodes = nodes.exclude(sort_key__startswith=item.sort_key)
            self.initial["seen"] = item.updated_at.isoformat()
        self.fields["parent"] = ListedObjectField(
            label="上の階層", objects=nodes, empty_label="（いちばん上）", required=False
        )
        self.fields["parent"].choices = [  # type: ignore[attr-defined]
            ("", "（いちばん上）"),
            *((str(node.pk), f"{'　' * node.depth}{node}") for node in nodes),
        ]
        departments = Department.objects.filter(municipality=item.plan.municipality_id)
        department: Any = self.fields["department"]
        department.queryset = departments.valid(today) | departments.filter(pk=item.department_id or 0)
        department.empty_label = "（未定）"
        for name in ("kpi_baseline", "kpi_target"):
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "is-number"})
        self.fields["level"].widget.attrs["list"] = "level-names"
        self.level_names = LEVEL_NAMES
        self.order_fields(["parent", "level", "code", "name"])

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"plan", "deleted_at"}  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = [name for name in ("kpi_baseline", "kpi_target") if cleaned.get(name) is not None]
        if given and not cleaned.get("kpi_name") and "kpi_name" in cleaned:
            self.add_error("kpi_name", "基準値・目標値を入れるときは、KPI（指標名）も入力してください。")
        return cleaned


class PlanPasteForm(forms.Form):
    """Pasted text and where it goes. Valid when every line was understood."""

    parent = ListedObjectField(objects=(), label="貼り付ける場所", required=False)
    text = ProseFormField(
        label="貼り付ける内容",
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "is-code", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, plan: Plan, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.nodes = list(plan.items.alive().in_order())  # type: ignore[attr-defined]
        self.fields["parent"] = ListedObjectField(
            label="貼り付ける場所", objects=self.nodes, empty_label="いちばん上の階層", required=False
        )
        self.fields["parent"].choices = [  # type: ignore[attr-defined]
            ("", "いちばん上の階層"),
            *((str(node.pk), f"{'　' * node.depth}{node} の下") for node in self.nodes),
        ]
        departments = Department.objects.filter(municipality=plan.municipality_id).valid(today)
        self.departments = {department.name: department for department in departments}
        self.order_fields(["parent", "text"])
        self.reading = Reading((), ())
        self.problems: list[Problem] = []

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        self.reading = read_plan(text)
        if not self.reading.rows and not self.reading.problems:
            raise ValidationError("貼り付けた内容に、計画の項目がありません。", code="empty")
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "text" in cleaned:
            self.problems = sorted(
                [*self.reading.problems, *self._misplaced(cleaned.get("parent"))], key=lambda each: each.line
            )
        if self.problems:
            first = self.problems[0]
            more = f"（ほか{len(self.problems) - 1}件）" if len(self.problems) > 1 else ""
            self.add_error("text", f"{first.line}行目：{first.message}{more}")
        return cleaned

    def _misplaced(self, parent: PlanItem | None) -> list[Problem]:
        """What is right by itself but not in this plan."""
        taken = {node.code for node in self.nodes if node.parent_id == (parent.pk if parent else None)}
        start = parent.depth + 1 if parent else 0
        found = []
        for row in self.reading.rows:
            if row.department and row.department not in self.departments:
                message = f"主管課「{row.department}」は登録されていません。課の名前を確かめてください。"
                found.append(Problem(row.line, message))
            if row.depth == 0 and row.code and row.code in taken:
                found.append(Problem(row.line, f"コード「{row.code}」の項目は、すでにあります。"))
            if start + row.depth >= MAX_DEPTH:
                found.append(Problem(row.line, f"階層は{MAX_DEPTH}段までです。"))
        return found
