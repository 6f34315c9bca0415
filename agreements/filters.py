"""What a list can be narrowed down by. The whole state of a list is its URL.

Nothing in the URL is ever ignored in silence: a value that makes no sense is an error at its field, a
parameter that nobody knows is reported.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, OrderBy, QuerySet
from django.http import QueryDict
from django.utils import timezone

from agreements.choices import AgreementKind, AgreementState, DiagnosisGrade, FieldCategory, Publication
from agreements.domain import diagnosis, search_text
from agreements.domain.lifecycle import PRE_ACTIVE
from agreements.domain.renewal import add_months
from agreements.models import Agreement, Company, DiagnosisResult
from agreements.models.agreement import IN_FORCE
from agreements.models.folded import Folded
from municipalities import access, fiscal_year
from municipalities.form_fields import SharedFields, WarekiDateField, WholeNumberField
from municipalities.models import Department
from municipalities.municipality_field import MunicipalityField
from municipalities.prefectures import PREFECTURES
from municipalities.widgets import PlainSelect

PAGE_PARAMETER = "page"
COLUMNS_PARAMETER = "columns"
VIEW_PARAMETER = "view"
# What a URL of a list may hold besides conditions and order.
STATE_PARAMETERS = frozenset({PAGE_PARAMETER, COLUMNS_PARAMETER, VIEW_PARAMETER})
_OLDEST_YEAR = 1947  # 地方自治法
_LONGEST_HORIZON = 36_525  # days


class FilterForm(forms.Form):
    """Refuses what the form could not have sent: a choice it does not offer, several values for one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.error_messages["invalid_choice"] = (
                    "指定されたものが見つかりません。選び直してください。"
                )
            elif isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = (
                    "「%(value)s」という選択肢はありません。選び直してください。"
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            several = len(set(filter(None, _values(self.data, self.add_prefix(name))))) > 1
            if several and not getattr(field.widget, "allow_multiple_selected", False):
                self.add_error(name, f"「{field.label}」は1つだけ指定してください。")
        return cleaned


def _values(data: Any, name: str) -> list[str]:
    return data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]


@dataclass(frozen=True, slots=True)
class Widening:
    """One way out of an empty result: what is done, the URL query that does it, what it finds."""

    label: str
    url: str
    count: int


class ListFilterSet(django_filters.FilterSet):
    """A FilterSet bound to the URL (also an empty one), with an order that ends in the primary key."""

    sorts: dict[str, str] = {}
    default_sort = ""

    class Meta:
        form = FilterForm

    def get_form_class(self) -> type[forms.Form]:
        """Its fields are made for this FilterSet alone: the form need not copy them and their choices."""
        form = super().get_form_class()
        form.base_fields = SharedFields(form.base_fields)
        return form

    @property
    def user(self) -> Any:
        return self.request.user  # type: ignore[union-attr]

    @property
    def today(self) -> date:
        return timezone.localdate()

    def leave(self, queryset: Any, name: str, value: Any) -> Any:
        """For what `filter_queryset` does with all values together."""
        return queryset

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        return queryset.order_by(*self.order(self.form.cleaned_data.get("sort") or self.default_sort))

    def order(self, sort: str) -> Iterable[OrderBy | str]:
        """Unknown values last, whichever way; rows that are equal keep one order on every page."""
        expression = F(self.sorts[sort.removeprefix("-")])
        if sort.startswith("-"):
            return [expression.desc(nulls_last=True), "-pk"]
        return [expression.asc(nulls_last=True), "pk"]

    @property
    def unknown_parameters(self) -> list[str]:
        """Names in the URL that this list does not know."""
        return [name for name in self.data if name not in self.filters and name not in STATE_PARAMETERS]

    def applied(self) -> list[str]:
        """Names of the filters with a value in the URL, the order not counted."""
        return [name for name in self.filters if name != "sort" and any(_values(self.data, name))]

    def widenings(self) -> list[Widening]:
        """For an empty result: each filter left out that would find something, the most hits first."""
        found = [self._without(name) for name in self.applied()]
        return sorted((each for each in found if each.count), key=lambda each: -each.count)

    def _without(self, name: str) -> Widening:
        return self._with(f"「{self.filters[name].label}」の条件を外す", **{name: ""})

    def _with(self, label: str, **values: str) -> Widening:
        query = QueryDict(mutable=True)
        for name in self.filters:
            query.setlist(name, [value for value in _values(self.data, name) if value])
        for name, value in values.items():
            query.setlist(name, [value] if value else [])
        other = type(self)(query, queryset=self.queryset, request=self.request)
        return Widening(label, f"?{query.urlencode()}", other.qs.count() if other.is_valid() else 0)


DATES = ("古い順", "新しい順")
DEADLINES = ("早い順", "遅い順")
NAMES = ("五十音順", "五十音の逆順")


def sort_filter(keys: dict[str, tuple[str, tuple[str, str]]], **kwargs: Any) -> django_filters.ChoiceFilter:
    """「並び順」: for each key a label and what its two directions are called.

    `ListFilterSet.filter_queryset` applies it.
    """
    choices = [
        (f"{sign}{key}", f"{label}（{direction}）")
        for key, (label, directions) in keys.items()
        for sign, direction in zip(("", "-"), directions, strict=True)
    ]
    return ChoiceFilter(label="並び順", choices=choices, method="leave", **kwargs)


class WordsField(forms.CharField):
    """Search words; a text without a single letter to look for is an error, not "everything"."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text and not any(character.isalnum() for character in text):
            raise ValidationError("検索できる文字がありません。文字や数字を入力してください。")
        return text


class ChoiceFilter(django_filters.ChoiceFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": PlainSelect, **kwargs})


class WordsFilter(django_filters.CharFilter):
    field_class = WordsField


class NumberFilter(django_filters.Filter):
    field_class = WholeNumberField


class DateFilter(django_filters.Filter):
    """A day in any writing: 令和2年9月23日、R2.9.23、2020/9/23."""

    field_class = WarekiDateField


class MunicipalityFilter(django_filters.Filter):
    field_class = MunicipalityField


def _years() -> list[tuple[int, str]]:
    this_year = fiscal_year.fiscal_year_of(timezone.localdate())
    return [(year, fiscal_year.label(year)) for year in range(this_year + 1, _OLDEST_YEAR - 1, -1)]


def _departments(request: Any) -> QuerySet[Department]:
    return Department.objects.visible_to(request.user)


class AgreementFilterSet(ListFilterSet):
    """The agreements a person may see; without a 範囲 those of the own municipality."""

    sorts = {
        "signed_on": "signed_on",
        "expires_on": "expires_on",
        "notice_on": "notice_on",
        "title": "kana_key",
        "updated_at": "updated_at",
        "grade": "diagnosis__overall_score",
    }
    default_sort = "-signed_on"
    primary = ("scope", "kind", "state", "category", "department")  # in sight beside the search box

    q = WordsFilter(
        label="検索語",
        method="filter_words",
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text="名称・相手方・連携事項・目的から探します。空白で区切ると、すべての語を含む協定に絞ります。",
    )
    scope = ChoiceFilter(
        label="範囲",
        choices=[("others", "他の自治体の公開協定"), ("all", "すべて（公開協定を含む）")],
        empty_label="自分の自治体",
        method="leave",
    )
    municipality = MunicipalityFilter(label="自治体を指定", help_text="例：小布施町、205419")
    kind = ChoiceFilter(label="種別", choices=AgreementKind.choices, empty_label="すべて")
    state = ChoiceFilter(
        label="状態",
        choices=[
            ("in_force", "有効な協定（実施中・休止）"),
            ("before_signing", "締結前の協定"),
            *AgreementState.choices,
        ],
        empty_label="すべて",
        method="filter_state",
    )
    prefecture = ChoiceFilter(
        label="都道府県", field_name="municipality__prefecture_code", choices=[], empty_label="すべて"
    )
    category = ChoiceFilter(
        label="分野", choices=FieldCategory.choices, empty_label="すべて", method="filter_category"
    )
    department = django_filters.ModelChoiceFilter(
        label="主担当課", queryset=_departments, empty_label="すべて", widget=PlainSelect
    )
    fiscal_year = ChoiceFilter(label="締結年度", choices=[], empty_label="すべて")
    expires_within = NumberFilter(
        label="満了まで（日以内）",
        method="filter_expiring",
        min_value=0,
        max_value=_LONGEST_HORIZON,
    )
    notice_within = NumberFilter(
        label="通知期限まで（日以内）",
        method="filter_notice",
        min_value=0,
        max_value=_LONGEST_HORIZON,
    )
    term = ChoiceFilter(
        label="期間",
        choices=[
            ("due", "更新判断期（更新判断がまだの協定）"),
            ("past", "満了超過（満了日を過ぎた有効な協定）"),
            ("open", "満了日の登録がない（有効な協定）"),
        ],
        empty_label="すべて",
        method="filter_term",
    )
    actions = ChoiceFilter(
        label="取組",
        choices=[("none", "取組が1件もない（有効な協定）"), ("overdue", "期限を過ぎた取組がある")],
        empty_label="すべて",
        method="filter_actions",
    )
    person = WordsFilter(label="担当者（氏名）", method="filter_person", max_length=60)
    publication = ChoiceFilter(label="公開区分", choices=Publication.choices, empty_label="すべて")
    renewal = ChoiceFilter(
        label="更新",
        choices=[("auto", "自動更新"), ("none", "自動更新でない")],
        empty_label="すべて",
        method="filter_renewal",
    )
    signed_from = DateFilter(label="締結日（この日以後）", field_name="signed_on", lookup_expr="gte")
    signed_until = DateFilter(label="締結日（この日以前）", field_name="signed_on", lookup_expr="lte")
    expires_from = DateFilter(label="満了日（この日以後）", field_name="expires_on", lookup_expr="gte")
    expires_until = DateFilter(label="満了日（この日以前）", field_name="expires_on", lookup_expr="lte")
    grade = ChoiceFilter(
        label="診断の評価", choices=DiagnosisGrade.choices, empty_label="すべて", method="filter_grade"
    )
    rule = ChoiceFilter(
        label="診断の指摘",
        choices=[(rule.id, f"{rule.id} {rule.title}") for rule in diagnosis.RULES],
        empty_label="すべて",
        method="filter_rule",
    )
    records = ChoiceFilter(
        label="記録",
        choices=[
            ("no_signed", "締結済み協定書が登録されていない（有効な協定）"),
            ("no_meeting", "12か月会議の記録がない（有効な協定）"),
            ("no_category", "分野のない連携事項がある"),
            ("backfilled", "過去の協定として登録した"),
        ],
        empty_label="すべて",
        method="filter_records",
    )
    company = django_filters.ModelChoiceFilter(
        label="相手方", queryset=Company.objects.all(), method="filter_company", widget=forms.HiddenInput
    )
    sort = sort_filter(
        {
            "signed_on": ("締結日", DATES),
            "expires_on": ("満了日", DEADLINES),
            "notice_on": ("通知期限", DEADLINES),
            "title": ("名称", NAMES),
            "updated_at": ("更新日", DATES),
            "grade": ("診断の点", ("低い順", "高い順")),
        },
        empty_label="標準（締結日の新しい順）",
    )

    class Meta(ListFilterSet.Meta):
        model = Agreement
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["fiscal_year"].extra["choices"] = _years()
        self.filters["prefecture"].extra["choices"] = list(PREFECTURES.items())
        if not access.is_staff_of_a_municipality(self.user):
            # A system admin has no own municipality to begin with, and sees every 課 of the country.
            del self.filters["scope"], self.filters["department"]

    @property
    def is_own_only(self) -> bool:
        """Whether every row is of the person's own municipality."""
        chosen = self.form.cleaned_data
        return "scope" in self.filters and not chosen.get("scope") and not chosen.get("municipality")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if self.is_own_only:
            queryset = queryset.filter(access.own_municipality(self.user))
        elif self.form.cleaned_data.get("scope") == "others":
            queryset = queryset.exclude(access.own_municipality(self.user))
        if (self.form.cleaned_data.get("sort") or "").removeprefix("-") == "grade":
            queryset = queryset.filter(
                access.internal_agreements(self.user)
            )  # an order tells the grades as well as words do
        return super().filter_queryset(queryset)

    def search_facets(self) -> list[str]:
        """The conditions that the index of the search knows too (`search_text.facet`)."""
        chosen = self.form.cleaned_data
        body = self.user.municipality if self.is_own_only else chosen.get("municipality")
        known = {
            "municipality": body and body.pk,
            "category": chosen.get("category"),
            "year": chosen.get("fiscal_year"),
            "company": (company := chosen.get("company")) and company.pk,
        }
        return [search_text.facet(name, value) for name, value in known.items() if value]

    def widenings(self) -> list[Widening]:
        found = super().widenings()
        if self.is_own_only:
            other = self._with("他の自治体の公開協定も探す", scope="all")
            found += [other] if other.count else []
        return found

    def filter_words(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value, self.user, self.search_facets())

    def filter_state(self, queryset: Any, name: str, value: str) -> Any:
        groups = {"in_force": IN_FORCE, "before_signing": PRE_ACTIVE}
        return queryset.filter(state__in=groups.get(value, (value,)))

    def filter_category(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.in_category(value)

    def filter_company(self, queryset: Any, name: str, value: Company) -> Any:
        return queryset.with_company(value)

    def filter_expiring(self, queryset: Any, name: str, value: int) -> Any:
        return queryset.expiring_within(value, self.today)

    def filter_notice(self, queryset: Any, name: str, value: int) -> Any:
        return queryset.internal_to(self.user).notice_within(value, self.today)

    def filter_term(self, queryset: Any, name: str, value: str) -> Any:
        if value == "due":
            return queryset.internal_to(self.user).renewal_due(self.today)
        if value == "past":
            return queryset.past_expiry(self.today)
        return queryset.active().filter(first_expiry=None)

    def filter_actions(self, queryset: Any, name: str, value: str) -> Any:
        own = queryset.internal_to(self.user)  # what others do is not for us to know
        return own.without_actions() if value == "none" else own.with_overdue_actions(self.today)

    def filter_person(self, queryset: Any, name: str, value: str) -> Any:
        word = search_text.normalise(value)
        found = queryset.internal_to(self.user).alias(person=Folded("person_in_charge__name"))
        return found.filter(person__contains=word)

    def filter_renewal(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(auto_renew=value == "auto")

    def filter_grade(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.internal_to(self.user).filter(diagnosis__overall_grade=value)

    def filter_rule(self, queryset: Any, name: str, value: str) -> Any:
        broken = DiagnosisResult.objects.breaking(value)
        return queryset.internal_to(self.user).filter(pk__in=broken.values("agreement"))

    def filter_records(self, queryset: Any, name: str, value: str) -> Any:
        if value == "no_category":
            return queryset.with_items_without_category()
        own = queryset.internal_to(self.user)
        if value == "backfilled":
            return own.filter(backfilled=True)
        if value == "no_meeting":
            return own.without_meeting_since(add_months(self.today, -12))
        return own.without_signed_paper()
