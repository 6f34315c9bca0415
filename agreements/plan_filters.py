"""What the list of 施策 can be narrowed down by."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import OrderBy, Q, QuerySet

from agreements.choices import ActionState
from agreements.models import ActionItem, PlanLink
from municipalities.choices import PlanState
from municipalities.models import Plan, PlanItem
from municipalities.widgets import PlainSelect

from .filters import DATES, ChoiceFilter, ListFilterSet, WordsFilter, sort_filter
from .record_filters import PartFilterSet, containing, own_departments, words


def own_plans(request: Any) -> QuerySet[Plan]:
    return Plan.objects.visible_to(request.user)


class PlanItemFilterSet(PartFilterSet):
    """施策 of the own municipality, in the order of the tree."""

    sorts = {"code": "code", "name": "name", "updated_at": "updated_at"}
    default_sort = "tree"
    primary = ("plan", "department", "support")
    own_only = ("department",)

    q = words("名称・コード・KPIから探します。")
    plan = django_filters.ModelChoiceFilter(
        label="計画", queryset=own_plans, empty_label="計画期間中の計画", method="leave", widget=PlainSelect
    )
    scope = ChoiceFilter(
        label="範囲",
        choices=[("all", "終了・策定中の計画も含む")],
        empty_label="計画期間中の計画",
        method="leave",
    )
    department = django_filters.ModelChoiceFilter(
        label="主管課", queryset=own_departments, empty_label="すべて", widget=PlainSelect
    )
    support = ChoiceFilter(
        label="支え",
        choices=[("none", "協定も取組も結び付いていない"), ("some", "協定か取組が結び付いている")],
        empty_label="すべて",
        method="filter_support",
        help_text="その項目に直接結び付いたものを数えます。",
    )
    kpi = ChoiceFilter(
        label="KPI",
        choices=[("some", "登録がある"), ("none", "登録がない")],
        empty_label="すべて",
        method="filter_kpi",
    )
    level = WordsFilter(label="階層の名前", field_name="level", lookup_expr="icontains", max_length=20)
    sort = sort_filter(
        {
            "code": ("コード", ("文字の順", "文字の逆順")),
            "name": ("名称", ("文字の順", "文字の逆順")),
            "updated_at": ("更新日", DATES),
        },
        empty_label="標準（計画の順）",
    )

    class Meta(ListFilterSet.Meta):
        model = PlanItem
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        chosen = self.form.cleaned_data
        if chosen.get("plan"):
            queryset = queryset.filter(plan=chosen["plan"])
        elif not chosen.get("scope"):
            queryset = queryset.filter(plan__state=PlanState.CURRENT)
        return super().filter_queryset(queryset)

    def order(self, sort: str) -> Iterable[OrderBy | str]:
        """The tree of one plan after the other."""
        return ["plan", "sort_key", "pk"] if sort == "tree" else super().order(sort)

    def filter_words(self, queryset: Any, name: str, value: str) -> Any:
        return containing(queryset, value, "name", "code", "kpi_name")

    def filter_support(self, queryset: Any, name: str, value: str) -> Any:
        actions = ActionItem.objects.internal_to(self.user).exclude(state=ActionState.CANCELLED).order_by()
        links = PlanLink.objects.internal_to(self.user).order_by()
        served = (
            Q(pk__in=actions.exclude(plan_item=None).values("plan_item"))
            | Q(pk__in=actions.exclude(sub_plan_items=None).values("sub_plan_items"))
            | Q(pk__in=links.values("plan_item"))
        )
        return queryset.filter(served) if value == "some" else queryset.exclude(served)

    def filter_kpi(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(kpi_name="") if value == "none" else queryset.exclude(kpi_name="")
