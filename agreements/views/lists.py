"""What every list page does alike."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django_filters.views import FilterView

from agreements.exports import Column
from agreements.filters import COLUMNS_PARAMETER, PAGE_PARAMETER, VIEW_PARAMETER, ListFilterSet
from agreements.lists import ListSpec
from agreements.models.keyset import Count, capped_count, paginate

from .bulk_choices import bulk_choices
from .list_rows import headings, list_rows
from .saved_views import views_of
from .undo import take_offer


class FilteredListView(FilterView):
    """A list whose state is its URL: it can be bookmarked and mailed, and nothing sticks to later visits.

    htmx gets the results alone (`results_template_name`); everybody else the page.
    """

    paginate_by = 50
    results_template_name: str
    filterset: ListFilterSet

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.notices: list[str] = []
        clean = self._clean_url()
        if not self.is_partial and not request.GET and (first := self.first_url()):
            return HttpResponseRedirect(first)
        if not self.is_partial and self._is_untidy():
            return HttpResponseRedirect(clean)
        response = super().get(request, *args, **kwargs)
        if self.is_partial:
            # Errors belong beside their fields, which are outside the results: show the whole page.
            response["HX-Push-Url" if self.filterset.is_valid() else "HX-Redirect"] = clean
        patch_vary_headers(response, ["HX-Request"])
        return response

    @property
    def is_partial(self) -> bool:
        htmx = self.request.htmx  # type: ignore[attr-defined]
        return bool(htmx) and not htmx.history_restore_request

    def first_url(self) -> str:
        """Where a visit without any condition leads; empty for the list as it is."""
        return ""

    def _is_untidy(self) -> bool:
        lists = dict(self.request.GET.lists())
        return not all(any(values) for values in lists.values()) or len(lists.get(COLUMNS_PARAMETER, ())) > 1

    def _clean_url(self) -> str:
        """The URL without the empty parameters that a form sends, its columns in one parameter."""
        query = self.request.GET.copy()
        if columns := [each for each in query.getlist(COLUMNS_PARAMETER) if each]:
            query.setlist(COLUMNS_PARAMETER, [",".join(columns)])
        for name, values in list(query.lists()):
            if not any(values):
                del query[name]
        return f"{self.request.path}?{query.urlencode(safe=',')}" if query else self.request.path

    def get_filterset_kwargs(self, filterset_class: type) -> dict[str, Any]:
        return {**super().get_filterset_kwargs(filterset_class), "data": self.request.GET}

    def get_template_names(self) -> list[str]:
        return [self.results_template_name] if self.is_partial else super().get_template_names()

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """By keyset: page 10,000 costs what page 1 costs. A list of one page is counted by looking."""
        page = paginate(queryset, self.request.GET.get(PAGE_PARAMETER, ""), size=page_size)
        if page.notice and self.filterset.is_valid():
            self.notices.append(page.notice)
        self.total = capped_count(queryset) if page.has_other_pages else Count(len(page))
        return None, page, page.object_list, page.has_other_pages

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if unknown := self.filterset.unknown_parameters:
            names = "、".join(f"「{name[:40]}」" for name in unknown[:5])
            self.notices.append(f"この一覧にない条件{names}は使われていません。")
        context = super().get_context_data(**kwargs)
        total = self.total
        is_narrowed = self.filterset.is_valid() and bool(self.filterset.applied())
        return {
            **context,
            "total": total,
            "notices": self.notices,
            "is_narrowed": is_narrowed,
            "widenings": self.filterset.widenings() if self.filterset.is_valid() and not total else [],
        }


class ListPageView(FilteredListView):
    """The page of one `ListSpec`: conditions, columns, saved views, and what can be done with many rows."""

    spec: ListSpec
    template_name = "agreements/list.html"
    results_template_name = "agreements/_list_results.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.filterset_class = self.spec.filterset

    def get_queryset(self) -> QuerySet:
        return self.spec.rows(self.request.user)

    def first_url(self) -> str:
        return str(self.views["first"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        spec, user = self.spec, self.request.user
        if unknown := spec.chosen_columns(self.request.GET)[1]:
            names = "、".join(f"「{name[:40]}」" for name in unknown[:5])
            self.notices.append(f"この一覧にない列{names}は使われていません。")
        context = super().get_context_data(**kwargs)
        columns = spec.columns(self.filterset)
        query = self.state_query()
        applied = set(self.filterset.applied())
        return {
            **context,
            "spec": spec,
            "noun": spec.noun,
            "headings": headings(spec, columns),
            "rows": list_rows(
                spec, context["page_obj"], columns, user=user, today=timezone.localdate(), words=self.words
            ),
            "column_choices": self.column_choices(columns),
            "kept": [(name, value) for name, values in query.lists() for value in values],
            "query": query.urlencode(safe=","),
            "views": self.views,
            "begins_with_view": bool(self.views["first"]),
            "bulk": bulk_choices(spec, user),
            # The further conditions open when one of them is applied.
            "has_details": not {"q", *getattr(self.filterset, "primary", ())}.issuperset(applied),
            "undo": None if self.is_partial else take_offer(self.request),
        }

    @property
    def words(self) -> str:
        """What is searched for, to be marked in the rows."""
        return self.filterset.form.cleaned_data.get("q", "") if self.filterset.is_valid() else ""

    @cached_property
    def views(self) -> dict[str, Any]:
        return views_of(self.spec, self.request.user, self.request.GET.get(VIEW_PARAMETER, ""))

    def state_query(self) -> QueryDict:
        """Conditions, order and columns of this page: what a saved view and an export keep."""
        query = self.request.GET.copy()
        for name in (PAGE_PARAMETER, VIEW_PARAMETER, *self.filterset.unknown_parameters):
            query.pop(name, None)
        return query

    def column_choices(self, columns: Sequence[Column]) -> list[tuple[Column, bool]]:
        """Every other column of the list, and whether it is shown."""
        shown = {column.key for column in columns}
        others = (column for column in self.spec.table.columns if column.key != self.spec.main)
        return [(column, column.key in shown) for column in others]
