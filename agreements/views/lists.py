"""What every list page does alike."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django_filters.views import FilterView

from agreements.filters import PAGE_PARAMETER, ListFilterSet


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
        if not self.is_partial and not all(any(values) for _name, values in request.GET.lists()):
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

    def _clean_url(self) -> str:
        """The URL without the empty parameters that a form sends."""
        query = self.request.GET.copy()
        for name, values in list(query.lists()):
            if not any(values):
                del query[name]
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    def get_filterset_kwargs(self, filterset_class: type) -> dict[str, Any]:
        return {**super().get_filterset_kwargs(filterset_class), "data": self.request.GET}

    def get_template_names(self) -> list[str]:
        return [self.results_template_name] if self.is_partial else super().get_template_names()

    def paginate_queryset(
        self, queryset: Any, page_size: int
    ) -> tuple[Paginator, Page, Sequence[Any] | QuerySet, bool]:
        paginator = self.get_paginator(queryset, page_size)
        number = self.request.GET.get(PAGE_PARAMETER, "1")
        try:
            page = paginator.page(number)
        except InvalidPage:
            page = paginator.get_page(number)
            if self.filterset.is_valid():
                self.notices.append(
                    f"{number[:20]}ページ目はありません。{page.number}ページ目を表示しています。"
                )
        return paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if unknown := self.filterset.unknown_parameters:
            names = "、".join(f"「{name[:40]}」" for name in unknown[:5])
            self.notices.append(f"この一覧にない条件{names}は使われていません。")
        context = super().get_context_data(**kwargs)
        total = context["paginator"].count
        is_narrowed = self.filterset.is_valid() and bool(self.filterset.applied())
        return {
            **context,
            "total": total,
            "notices": self.notices,
            "is_narrowed": is_narrowed,
            "widenings": self.filterset.widenings() if self.filterset.is_valid() and not total else [],
        }
