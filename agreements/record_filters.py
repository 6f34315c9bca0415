"""What the lists of 取組, 相手方, 書類 and 会議 can be narrowed down by."""

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from agreements.choices import ActionState, DocumentKind, FieldCategory, Funding, MeetingForm
from agreements.domain import kana, search_text
from agreements.domain.renewal import add_months
from agreements.models import ActionItem, Agreement, AgreementDocument, Company, Meeting
from agreements.models.action_item import OPEN_STATES
from agreements.models.folded import Folded
from municipalities import access
from municipalities.models import Department, PlanItem
from municipalities.widgets import PlainSelect

from .filters import (
    DATES,
    DEADLINES,
    NAMES,
    ChoiceFilter,
    DateFilter,
    ListFilterSet,
    NumberFilter,
    WordsFilter,
    sort_filter,
)

_LONGEST_HORIZON = 36_525  # days
_OLDEST_YEAR, _LATEST_YEAR = 1947, 2200


def words(help_text: str, max_length: int = 120) -> WordsFilter:
    return WordsFilter(
        label="検索語",
        method="filter_words",
        max_length=max_length,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=help_text,
    )


def containing(queryset: Any, text: str, *fields: str) -> Any:
    """Rows that hold every word and phrase of the text and none of its −words, each in one of the fields.

    In whatever spelling, as the search of agreements has it.
    """
    query = search_text.query_terms(text)
    folded = {f"folded_{number}": Folded(field) for number, field in enumerate(fields)}
    queryset = queryset.alias(**folded)

    def holds(term: search_text.Term) -> Q:
        return reduce(or_, (Q(**{f"{name}__contains": term.text}) for name in folded))

    for term in query.required:
        queryset = queryset.filter(holds(term))
    for term in query.forbidden:
        queryset = queryset.exclude(holds(term))
    return queryset


def own_departments(request: Any) -> QuerySet[Department]:
    return Department.objects.visible_to(request.user)


def _own_plan_items(request: Any) -> QuerySet[PlanItem]:
    return PlanItem.objects.visible_to(request.user)


def _own_agreements(request: Any) -> QuerySet[Agreement]:
    return Agreement.objects.internal_to(request.user)


class PartFilterSet(ListFilterSet):
    """Parts of agreements; system admins see every 課 of the country and get no choice of them."""

    own_only: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not access.is_staff_of_a_municipality(self.user):
            for name in self.own_only:
                del self.filters[name]


class ActionFilterSet(PartFilterSet):
    """取組 of the own municipality."""

    sorts = {"due_on": "due_on", "starts_on": "starts_on", "updated_at": "updated_at", "title": "title"}
    default_sort = "due_on"
    primary = ("state", "department", "due")
    own_only = ("department",)

    q = words("取組・内容・協定名称・相手方の担当から探します。")
    state = ChoiceFilter(
        label="状態",
        choices=[
            ("open", "終わっていない取組（計画・実施中）"),
            ("living", "中止でない取組"),
            *ActionState.choices,
        ],
        empty_label="すべて",
        method="filter_state",
    )
    department = django_filters.ModelChoiceFilter(
        label="担当課", queryset=own_departments, empty_label="すべて", widget=PlainSelect
    )
    due = ChoiceFilter(
        label="期限",
        choices=[("overdue", "期限を過ぎている"), ("none", "期限の登録がない（終わっていない取組）")],
        empty_label="すべて",
        method="filter_due",
    )
    person = WordsFilter(label="担当者（氏名）", method="filter_person", max_length=60)
    due_within = NumberFilter(
        label="期限まで（日以内）", method="filter_due_within", min_value=0, max_value=_LONGEST_HORIZON
    )
    due_from = DateFilter(label="期限（この日以後）", field_name="due_on", lookup_expr="gte")
    due_until = DateFilter(label="期限（この日以前）", field_name="due_on", lookup_expr="lte")
    funding = ChoiceFilter(
        label="財源",
        choices=[*Funding.choices, ("none", "財源の登録がない")],
        empty_label="すべて",
        method="filter_funding",
    )
    fiscal_year = NumberFilter(
        label="年度（西暦）",
        min_value=_OLDEST_YEAR,
        max_value=_LATEST_YEAR,
        help_text="期限（なければ開始日）の属する年度。例：2026",
    )
    plan_item = django_filters.ModelChoiceFilter(
        label="施策", queryset=_own_plan_items, method="filter_plan_item", widget=forms.HiddenInput
    )
    plan = ChoiceFilter(
        label="総合計画",
        choices=[("linked", "主施策がある"), ("none", "主施策の登録がない")],
        empty_label="すべて",
        method="filter_plan",
    )
    category = ChoiceFilter(
        label="分野", choices=FieldCategory.choices, empty_label="すべて", method="filter_category"
    )
    company = django_filters.ModelChoiceFilter(
        label="相手方", queryset=Company.objects.all(), method="filter_company", widget=forms.HiddenInput
    )
    owner = ChoiceFilter(
        label="担当の登録",
        choices=[("none", "担当課も担当者もない")],
        empty_label="すべて",
        method="filter_owner",
    )
    agreement = django_filters.ModelChoiceFilter(
        label="協定", queryset=_own_agreements, widget=forms.HiddenInput
    )
    sort = sort_filter(
        {
            "due_on": ("期限", DEADLINES),
            "starts_on": ("開始日", DATES),
            "updated_at": ("更新日", DATES),
            "title": ("取組", ("文字の順", "文字の逆順")),
        },
        empty_label="標準（期限の早い順）",
    )

    class Meta(ListFilterSet.Meta):
        model = ActionItem
        fields: list[str] = []

    def filter_words(self, queryset: Any, name: str, value: str) -> Any:
        return containing(queryset, value, "title", "description", "agreement__title", "partner_in_charge")

    def filter_person(self, queryset: Any, name: str, value: str) -> Any:
        return containing(queryset.exclude(person_in_charge=None), value, "person_in_charge__name")

    def filter_state(self, queryset: Any, name: str, value: str) -> Any:
        if value == "living":
            return queryset.exclude(state=ActionState.CANCELLED)
        return queryset.filter(state__in=OPEN_STATES if value == "open" else (value,))

    def filter_due(self, queryset: Any, name: str, value: str) -> Any:
        if value == "overdue":
            return queryset.overdue(self.today)
        return queryset.filter(state__in=OPEN_STATES, due_on=None)

    def filter_due_within(self, queryset: Any, name: str, value: int) -> Any:
        last = self.today + timedelta(days=value)
        return queryset.filter(state__in=OPEN_STATES, due_on__range=(self.today, last))

    def filter_owner(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(department=None, person_in_charge=None)

    def filter_funding(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(funding="" if value == "none" else value)

    def filter_plan_item(self, queryset: Any, name: str, value: PlanItem) -> Any:
        """Actions that serve the node or what is below it, as 主施策 or 副施策."""
        nodes = PlanItem.objects.alive().subtree(value).order_by().values("pk")  # type: ignore[attr-defined]
        serving = ActionItem.objects.filter(Q(plan_item__in=nodes) | Q(sub_plan_items__in=nodes))
        return queryset.filter(pk__in=serving.order_by().values("pk"))

    def filter_plan(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(plan_item__isnull=value == "none")

    def filter_category(self, queryset: Any, name: str, value: str) -> Any:
        serving = ActionItem.objects.filter(cooperation_fields__categories__category=value)
        return queryset.filter(pk__in=serving.order_by().values("pk"))

    def filter_company(self, queryset: Any, name: str, value: Company) -> Any:
        with_company = Agreement.objects.with_company(value)
        return queryset.filter(agreement__in=with_company.order_by().values("pk"))


class DocumentFilterSet(PartFilterSet):
    """書類 of the own municipality."""

    sorts = {"created_at": "created_at", "title": "title", "size": "size"}
    default_sort = "-created_at"
    primary = ("kind", "access", "form")

    q = words("書類の名称・ファイル名・保管場所・協定名称から探します。")
    kind = ChoiceFilter(label="種類", choices=DocumentKind.choices, empty_label="すべて")
    access = ChoiceFilter(
        label="公開",
        choices=[("public", "公開する書類"), ("internal", "公開しない書類")],
        empty_label="すべて",
        method="filter_access",
    )
    form = ChoiceFilter(
        label="原本",
        choices=[("file", "ファイルがある"), ("paper", "紙原本のみ")],
        empty_label="すべて",
        method="filter_form",
    )
    created_from = DateFilter(label="登録日（この日以後）", field_name="created_at", lookup_expr="date__gte")
    created_until = DateFilter(label="登録日（この日以前）", field_name="created_at", lookup_expr="date__lte")
    agreement = django_filters.ModelChoiceFilter(
        label="協定", queryset=_own_agreements, widget=forms.HiddenInput
    )
    sort = sort_filter(
        {
            "created_at": ("登録日", DATES),
            "title": ("名称", ("文字の順", "文字の逆順")),
            "size": ("大きさ", ("小さい順", "大きい順")),
        },
        empty_label="標準（登録日の新しい順）",
    )

    class Meta(ListFilterSet.Meta):
        model = AgreementDocument
        fields: list[str] = []

    def filter_words(self, queryset: Any, name: str, value: str) -> Any:
        return containing(queryset, value, "title", "original_name", "shelf_location", "agreement__title")

    def filter_access(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(is_public=value == "public")

    def filter_form(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(is_paper_only=value == "paper")


class MeetingFilterSet(PartFilterSet):
    """会議 of the own municipality."""

    sorts = {"held_on": "held_on", "next_on": "next_on"}
    default_sort = "-held_on"
    primary = ("form", "next", "department")
    own_only = ("department",)

    q = words("要旨・決まったこと・出席者・協定名称から探します。")
    form = ChoiceFilter(label="形", choices=MeetingForm.choices, empty_label="すべて")
    next = ChoiceFilter(
        label="次回",
        choices=[("planned", "次回の予定日がある（今日以後）"), ("none", "次回の予定日の登録がない")],
        empty_label="すべて",
        method="filter_next",
    )
    department = django_filters.ModelChoiceFilter(
        label="主担当課",
        field_name="agreement__department",
        queryset=own_departments,
        empty_label="すべて",
        widget=PlainSelect,
    )
    months = NumberFilter(label="最近（か月以内）", method="filter_months", min_value=0, max_value=1_200)
    held_from = DateFilter(label="開催日（この日以後）", field_name="held_on", lookup_expr="gte")
    held_until = DateFilter(label="開催日（この日以前）", field_name="held_on", lookup_expr="lte")
    agreement = django_filters.ModelChoiceFilter(
        label="協定", queryset=_own_agreements, widget=forms.HiddenInput
    )
    sort = sort_filter(
        {"held_on": ("開催日", DATES), "next_on": ("次回の予定日", DEADLINES)},
        empty_label="標準（開催日の新しい順）",
    )

    class Meta(ListFilterSet.Meta):
        model = Meeting
        fields: list[str] = []

    def filter_words(self, queryset: Any, name: str, value: str) -> Any:
        fields = ("summary", "decisions", "own_attendees", "partner_attendees", "agreement__title")
        return containing(queryset, value, *fields)

    def filter_next(self, queryset: Any, name: str, value: str) -> Any:
        return (
            queryset.filter(next_on__gte=self.today) if value == "planned" else queryset.filter(next_on=None)
        )

    def filter_months(self, queryset: Any, name: str, value: int) -> Any:
        return queryset.filter(held_on__gte=add_months(self.today, -value))


# 五十音 rows by their first kana; what sorts before あ or after ん is 他.
KANA_ROWS = "あかさたなはまやらわ"
_OTHER_ROW = "他"


class CompanyFilterSet(ListFilterSet):
    """Companies in 五十音 order."""

    sorts = {"name": "kana_key", "updated_at": "updated_at"}
    default_sort = "name"

    q = words("名称・かな・旧名称・法人番号から探します。")
    row = ChoiceFilter(
        label="五十音",
        choices=[*((row, f"{row}行") for row in KANA_ROWS), (_OTHER_ROW, "数字・英字・その他")],
        method="filter_row",
        widget=forms.HiddenInput,
    )
    sort = sort_filter({"name": ("名称", NAMES), "updated_at": ("更新日", DATES)}, widget=forms.HiddenInput)

    class Meta(ListFilterSet.Meta):
        model = Company
        fields: list[str] = []

    def filter_words(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)

    def filter_row(self, queryset: Any, name: str, value: str) -> Any:
        first, behind_last = _first_weight("あ"), _first_weight("ん", following=True)
        if value == _OTHER_ROW:
            return queryset.exclude(kana_key__gte=first, kana_key__lt=behind_last)
        place = KANA_ROWS.index(value)
        last_row = place + 1 == len(KANA_ROWS)
        end = behind_last if last_row else _first_weight(KANA_ROWS[place + 1])
        return queryset.filter(kana_key__gte=_first_weight(value), kana_key__lt=end)


def _first_weight(letter: str, *, following: bool = False) -> str:
    """The two digits with which the sort keys of readings in this letter begin, or the two after them."""
    weight = kana.sort_key(letter)[:2]
    return f"{int(weight) + 1:02}" if following else weight
