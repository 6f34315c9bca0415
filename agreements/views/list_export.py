"""Export of exactly what a list shows: small ones at once, large ones as a 処理."""

import io
import tempfile
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from agreements.actions.jobs import order_job
from agreements.choices import JobKind
from agreements.exports.export_file import FORMATS, Missing
from agreements.forms.list_forms import ExportForm
from agreements.forms.print_forms import PREFIX, ListPrintForm
from agreements.jobs.export import Unfit, export_columns, file_name, record_export, selected, write_list
from agreements.lists import LISTS, ListSpec

from .pdf_answer import pdf_answer

AT_ONCE = 1_000
"""So many rows are written while the person waits (about a second)."""
PRINTED_AT_ONCE = 100


def spec_of(key: str) -> ListSpec:
    if key not in LISTS:
        raise Http404
    return LISTS[key]


class ListExportView(View):
    """Choose format and columns (GET), get the file or the page of the job that makes it (POST)."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        spec = spec_of(key)
        form = ExportForm(initial={"query": request.GET.urlencode()})
        return self.show(request, spec, form, request.GET.urlencode(), [])

    def post(self, request: HttpRequest, key: str) -> HttpResponseBase:
        spec = spec_of(key)
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self.show(request, spec, form, request.POST.get("query", ""), [])
        order = form.cleaned_data
        found = selected(spec, order["query"], order["rows"], request.user)
        if found is None:
            return self.show(request, spec, form, order["query"], order["rows"])
        count = found.count()
        if count <= (PRINTED_AT_ONCE if order["format"] == "pdf" else AT_ONCE):
            return self.at_once(request, spec, form, found)
        back = reverse("agreements:list-export", args=[key])
        job = order_job(
            kind=JobKind.EXPORT,
            title=f"{spec.noun}の書き出し（{FORMATS[order['format']].label}、{count}件）",
            by=request.user,  # type: ignore[arg-type]
            parameters={
                "list": key,
                "query": order["query"],
                "rows": order["rows"],
                "format": order["format"],
                "scope": order["scope"],
                "missing": order["missing"],
                "page": self.page(request).choices.as_values(),
                "back": f"{back}?{order['query']}",
            },
            total=count,
        )
        return redirect(job)

    def page(self, request: HttpRequest) -> ListPrintForm:
        """The choices of the print page, if the order comes from there; else the remembered ones."""
        form = ListPrintForm(request.POST, user=request.user)
        return form if form.is_usable() else ListPrintForm(user=request.user)

    def at_once(self, request: HttpRequest, spec: ListSpec, form: ExportForm, found: Any) -> HttpResponseBase:
        order, user, today = form.cleaned_data, request.user, timezone.localdate()
        columns = export_columns(spec, order["query"], order["scope"], user)
        target: Any = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
        try:
            result = write_list(
                target,
                order["format"],
                spec,
                order["query"],
                columns,
                lambda: spec.table.rows(found, columns, user=user, today=today),
                accepts_missing=order["missing"] == "replace",
                user=user,
                today=today,
                page=self.page(request).choices,
            )
        except Missing as missing:
            target.close()
            return self.show(request, spec, form, order["query"], order["rows"], missing)
        except Unfit as unfit:
            target.close()
            form.add_error("format", str(unfit))
            return self.show(request, spec, form, order["query"], order["rows"])
        record_export(spec, order["query"], order["format"], columns, result.rows, user)
        target.seek(0)
        return FileResponse(
            target,
            as_attachment=True,
            filename=file_name(spec, order["format"], today),
            content_type=FORMATS[order["format"]].content_type,
            headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"},
        )

    def show(
        self,
        request: HttpRequest,
        spec: ListSpec,
        form: ExportForm,
        query: str,
        rows: list[int],
        missing: Missing | None = None,
    ) -> HttpResponse:
        found = selected(spec, query, rows, request.user)
        context = {
            "page_title": f"{spec.noun}の書き出し",
            "spec": spec,
            "form": form,
            "query": query,
            "is_wrong": found is None,
            "count": 0 if found is None else found.count(),
            "missing": missing,
            "is_large": found is not None and found.count() > AT_ONCE,
        }
        return TemplateResponse(request, "agreements/list_export.html", context)


class ListPrintView(View):
    """A list of one page of rows or two as PDF, as the print page shows it."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        spec, user, today = spec_of(key), request.user, timezone.localdate()
        form = ListPrintForm(request.GET, user=user)
        query = list_query(request.GET)
        found = selected(spec, query, (), user)
        page = f"{reverse('agreements:list-print-page', args=[key])}?{request.GET.urlencode()}"
        if found is None or not form.is_usable() or found.count() > PRINTED_AT_ONCE:
            return redirect(page)  # which says why
        columns = export_columns(spec, query, "shown", user)
        target = io.BytesIO()
        try:
            result = write_list(
                target,
                "pdf",
                spec,
                query,
                columns,
                lambda: spec.table.rows(found, columns, user=user, today=today),
                accepts_missing=False,
                user=user,
                today=today,
                page=form.choices,
            )
        except Unfit:
            return redirect(page)
        record_export(spec, query, "pdf", columns, result.rows, user)
        return pdf_answer(target.getvalue(), file_name(spec, "pdf", today), request=request)


def list_query(parameters: QueryDict) -> str:
    """The part of the URL that is the list's own: its conditions, order and columns."""
    query = parameters.copy()
    for name in parameters:
        if name.startswith(f"{PREFIX}-") or name in ("preview", "download"):
            del query[name]
    return query.urlencode()
