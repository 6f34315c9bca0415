"""One change to many rows of a list: ask for what is needed, order it, take it back for a week."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.generic import View

from agreements.actions.bulk import order_bulk, order_undo
from agreements.actions.jobs import order_job
from agreements.choices import JobKind, RowOutcome
from agreements.forms.list_forms import BULK_FORMS, ExportForm, SelectionForm
from agreements.jobs.export import selected
from agreements.jobs.sheets import SHEETS_AT_ONCE
from agreements.lists import ListSpec
from agreements.models import BackgroundJob

from .bulk_choices import WORDS, may_do
from .list_export import ListExportView, spec_of

MOST_ROWS = 20_000
UNDO_DAYS = 7


class ListBulkView(View):
    """The bulk bar sends the choice of rows; the page asks for the values; `confirmed` orders the job."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        spec = spec_of(key)
        action = request.POST.get("action", "")
        data = request.POST.copy()
        if "everything" not in data and "rows" not in data:
            data["rows"] = ",".join(data.getlist("row"))
        selection = SelectionForm(data)
        if action not in spec.bulk or not selection.is_valid():
            messages.error(request, "行うことと行を選び直してください。")
            return redirect(spec.url)
        if not may_do(action, request.user):
            raise PermissionDenied
        query, rows = selection.cleaned_data["query"], selection.cleaned_data["rows"]
        back = f"{spec.url}?{query}" if query else spec.url
        found = selected(spec, query, rows, request.user)
        if found is None or (not rows and "everything" not in data):
            messages.warning(request, "行を選んでから進んでください。")
            return redirect(back)
        if action == "export":
            form = ExportForm(initial={"query": query, "rows": ",".join(map(str, rows))})
            return ListExportView().show(request, spec, form, query, rows)
        return self.change(request, spec, action, data, found, back)

    def change(
        self, request: HttpRequest, spec: ListSpec, action: str, data: Any, found: Any, back: str
    ) -> HttpResponse:
        today = timezone.localdate()
        form_class = BULK_FORMS[action]
        most = SHEETS_AT_ONCE if action == "sheets" else MOST_ROWS
        count = found.count()
        if not count or count > most:
            messages.warning(
                request,
                f"一度に行えるのは{most:,}件までです（選んだのは{count:,}件）。条件で絞り込んでください。"
                if count
                else "選んだ行はもうありません。一覧を開き直してください。",
            )
            return redirect(back)
        if "confirmed" in data:
            form = form_class(data, user=request.user, today=today)
            if form.is_valid():
                return redirect(
                    self.order(request, spec, action, form, list(found.values_list("pk", flat=True)))
                )
        else:
            chosen = {"query": data.get("query", ""), "rows": data.get("rows", "")}
            form = form_class(initial=chosen, user=request.user, today=today)
        context = {
            "page_title": WORDS[action][0],
            "spec": spec,
            "action": action,
            "form": form,
            "count": count,
            "back": back,
            "everything": "everything" in data,
            "undo_days": UNDO_DAYS,
            "is_print": action == "sheets",
        }
        return TemplateResponse(request, "agreements/list_bulk.html", context)

    def order(self, request: HttpRequest, spec: ListSpec, action: str, form: Any, rows: list[int]) -> Any:
        user: Any = request.user
        title = f"{spec.noun}{len(rows)}件：{form.summary()}"[:200]
        if action == "sheets":
            parameters = {"list": spec.key, "rows": rows, "values": form.values()}
            return order_job(
                kind=JobKind.SHEETS, title=title, by=user, parameters=parameters, total=len(rows)
            )
        reason = form.cleaned_data["reason"] or f"一括変更：{form.summary()}"[:200]
        return order_bulk(
            list_key=spec.key,
            action=action,
            title=title,
            rows=rows,
            values=form.values(),
            reason=reason,
            by=user,
        )


class BulkUndoView(View):
    """Takes a bulk change back, by whoever ordered it, within a week; the rest is the job's."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        jobs = BackgroundJob.objects.visible_to(user).filter(kind=JobKind.BULK)
        job = get_object_or_404(jobs, pk=pk)
        if not is_undoable(job, user):
            messages.error(
                request, f"元に戻せるのは、依頼した人が、終わってから{UNDO_DAYS}日以内に限ります。"
            )
            return redirect(job)
        return redirect(order_undo(job=job, by=user))


def is_undoable(job: BackgroundJob, user: Any) -> bool:
    recent = job.finished_at is not None and job.finished_at > timezone.now() - timedelta(days=UNDO_DAYS)
    if job.kind != JobKind.BULK or job.by_id != user.pk or not job.is_over or not recent:
        return False
    return job.rows.filter(outcome=RowOutcome.DONE).exists()  # type: ignore[attr-defined]
