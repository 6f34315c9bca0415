"""The lists people work in: for each its rows, conditions, columns and what many rows can undergo at once.

A list is one line of `LISTS`. The page, the export, the saved views and the bulk changes all read it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.db.models import Model, QuerySet
from django.forms import ModelChoiceField
from django.http import QueryDict
from django.urls import reverse

from agreements.exports import TABLES, Column, Table
from agreements.filters import COLUMNS_PARAMETER, AgreementFilterSet, ListFilterSet
from agreements.models import ActionItem, Agreement, AgreementDocument, Company, Meeting
from agreements.plan_filters import PlanItemFilterSet
from agreements.record_filters import (
    ActionFilterSet,
    CompanyFilterSet,
    DocumentFilterSet,
    MeetingFilterSet,
)
from municipalities.models import PlanItem
from municipalities.wareki import format_wareki


@dataclass(frozen=True, slots=True)
class ListSpec:
    """One list. `main` is the column that names a row and leads to it; `sorts`: the columns with an order."""

    table: Table
    url_name: str
    filterset: type[ListFilterSet]
    rows: Callable[[Any], QuerySet]
    shown: Callable[[ListFilterSet], tuple[str, ...]]
    main: str
    sorts: Mapping[str, str]
    bulk: tuple[str, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    """The column shown in small letters below the row's name."""

    @property
    def key(self) -> str:
        return self.table.key

    @property
    def noun(self) -> str:
        return self.table.noun

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    def select(self, query: QueryDict | str, user: Any) -> ListFilterSet:
        """The conditions of this URL query, bound for this person."""
        data = QueryDict(query) if isinstance(query, str) else query
        return self.filterset(data, queryset=self.rows(user), request=SimpleNamespace(user=user))

    def columns(self, filterset: ListFilterSet) -> tuple[Column, ...]:
        """The columns that the URL chooses, in the order of the table; else the usual ones."""
        chosen, _unknown = self.chosen_columns(filterset.data)
        keys = chosen or (self.shown(filterset) if filterset.is_valid() else ())
        wanted = {self.main, *keys}
        return tuple(column for column in self._ordered(keys) if column.key in wanted)

    def _ordered(self, keys: Sequence[str]) -> list[Column]:
        """The named ones first as they are named, the row's own name at the head of all."""
        order = {
            key: place for place, key in enumerate([self.main, *(key for key in keys if key != self.main)])
        }
        return sorted(self.table.columns, key=lambda column: order.get(column.key, len(order)))

    def chosen_columns(self, data: Any) -> tuple[list[str], list[str]]:
        """Columns named by the URL: those that exist, and those that do not."""
        given = data.getlist(COLUMNS_PARAMETER) if hasattr(data, "getlist") else []
        keys = list(dict.fromkeys(key for each in given for key in each.split(",") if key))
        known = {column.key for column in self.table.columns}
        return [key for key in keys if key in known], [key for key in keys if key not in known]

    def heading(self, column: Column) -> str:
        return self.headings.get(column.key, column.header)

    def conditions(self, filterset: ListFilterSet) -> dict[str, list[str]]:
        """The applied conditions in words, for the audit and for the head of a printout."""
        filterset.form.is_valid()
        return {
            str(filterset.filters[name].label): _in_words(filterset, name) for name in filterset.applied()
        }


def _in_words(filterset: ListFilterSet, name: str) -> list[str]:
    field, cleaned = filterset.form.fields[name], filterset.form.cleaned_data.get(name)
    if isinstance(cleaned, Model | date):
        return [format_wareki(cleaned) if isinstance(cleaned, date) else str(cleaned)]
    choices = () if isinstance(field, ModelChoiceField) else getattr(field, "choices", ())
    words = {str(key): str(label) for key, label in choices}
    return [words.get(value, value) for value in filterset.data.getlist(name) if value]


def _agreement_columns(filterset: ListFilterSet) -> tuple[str, ...]:
    others = () if getattr(filterset, "is_own_only", False) else ("municipality",)
    return (
        "title",
        "partners",
        *others,
        "kind",
        "state",
        "signed_on",
        "expires_on",
        "item_count",
        "action_count",
        "department",
    )


def _always(*keys: str) -> Callable[[ListFilterSet], tuple[str, ...]]:
    return lambda filterset: keys


LISTS: dict[str, ListSpec] = {
    spec.key: spec
    for spec in (
        ListSpec(
            table=TABLES["agreements"],
            url_name="agreements:agreement-list",
            filterset=AgreementFilterSet,
            rows=lambda user: Agreement.objects.visible_to(user),
            shown=_agreement_columns,
            main="title",
            sorts={
                "title": "title",
                "signed_on": "signed_on",
                "expires_on": "expires_on",
                "notice_on": "notice_on",
                "updated_on": "updated_at",
                "grade_score": "grade",
            },
            bulk=("assign", "category", "publish", "export", "sheets"),
            headings={"expires_on": "満了日", "item_count": "連携事項", "action_count": "取組"},
        ),
        ListSpec(
            table=TABLES["actions"],
            url_name="agreements:action-list",
            filterset=ActionFilterSet,
            rows=lambda user: ActionItem.objects.internal_to(user),
            shown=_always(
                "title",
                "agreement",
                "state",
                "due_on",
                "department",
                "person_in_charge",
                "funding",
                "plan_item",
            ),
            main="title",
            sorts={"title": "title", "due_on": "due_on", "starts_on": "starts_on"},
            bulk=("assign", "export"),
        ),
        ListSpec(
            table=TABLES["companies"],
            url_name="agreements:company-list",
            filterset=CompanyFilterSet,
            rows=lambda user: Company.objects.alive(),
            shown=_always("name", "address", "corporate_number", "agreement_count", "updated_on"),
            main="name",
            sorts={"name": "name", "updated_on": "updated_at"},
            bulk=("export",),
            headings={"agreement_count": "協定"},
            note="name_kana",
        ),
        ListSpec(
            table=TABLES["documents"],
            url_name="agreements:document-list",
            filterset=DocumentFilterSet,
            rows=lambda user: AgreementDocument.objects.internal_to(user),
            shown=_always("title", "kind", "agreement", "is_public", "shelf_location", "registered_on"),
            main="title",
            sorts={"title": "title", "registered_on": "created_at", "size": "size"},
            bulk=("export",),
        ),
        ListSpec(
            table=TABLES["meetings"],
            url_name="agreements:meeting-list",
            filterset=MeetingFilterSet,
            rows=lambda user: Meeting.objects.internal_to(user),
            shown=_always("held_on", "agreement", "form", "summary", "next_on"),
            main="held_on",
            sorts={"held_on": "held_on", "next_on": "next_on"},
            bulk=("export",),
        ),
        ListSpec(
            table=TABLES["plan_items"],
            url_name="agreements:plan-item-list",
            filterset=PlanItemFilterSet,
            rows=lambda user: PlanItem.objects.visible_to(user),
            shown=_always(
                "name", "code", "level", "plan", "department", "kpi_name", "agreement_count", "action_count"
            ),
            main="name",
            sorts={"code": "code", "name": "name"},
            bulk=("export",),
            headings={"agreement_count": "協定", "action_count": "取組", "kpi_name": "KPI"},
        ),
    )
}
