"""処理状況: how far the work in the background is, what came of it, its files."""

import logging
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.generic import DetailView, ListView, View

from agreements.actions.jobs import cancel_job, restart_job
from agreements.choices import RowOutcome
from agreements.domain.remaining_time import spoken
from agreements.filters import PAGE_PARAMETER
from agreements.models import BackgroundJob, JobFile
from municipalities import access
from municipalities.audit import record
from municipalities.choices import AuditKind

from .document_files import POLICY
from .list_bulk import is_undoable

logger = logging.getLogger("renkei.jobs")
_ROWS_A_PAGE = 100


class JobListView(ListView):
    template_name = "agreements/job_list.html"
    extra_context = {"page_title": "処理状況"}
    paginate_by = 50

    def get_queryset(self) -> QuerySet[BackgroundJob]:
        return BackgroundJob.objects.visible_to(self.request.user).select_related("by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, shows_others=access.is_manager(self.request.user))


class JobDetailView(DetailView):
    """The whole page; htmx asks for the progress alone until the job is over, then for the page."""

    template_name = "agreements/job_detail.html"
    context_object_name = "job"

    def get_queryset(self) -> QuerySet[BackgroundJob]:
        return BackgroundJob.objects.visible_to(self.request.user).select_related("by")

    def get_template_names(self) -> list[str]:
        return ["agreements/_job_progress.html"] if self._is_partial() else [self.template_name]

    def _is_partial(self) -> bool:
        htmx = self.request.htmx  # type: ignore[attr-defined]
        return bool(htmx) and not htmx.history_restore_request

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        if self._is_partial() and self.object.is_over:
            response["HX-Refresh"] = "true"  # the result has more than the progress
        patch_vary_headers(response, ["HX-Request"])
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        left = self.object.remaining(now)
        context = {
            **super().get_context_data(**kwargs),
            "page_title": f"処理状況：{self.object.title}",
            "remaining": spoken(left) if left is not None else "",
            "has_stalled": self.object.has_stalled(now),
        }
        return context if self._is_partial() else {**context, **self._result(now)}

    def _result(self, now: Any) -> dict[str, Any]:
        rows = self.object.rows.all()
        counts = rows.order_by().aggregate(
            **{outcome.value: Count("pk", filter=Q(outcome=outcome)) for outcome in RowOutcome}
        )
        chosen = self.request.GET.get("outcome", "")
        if chosen in RowOutcome.values:
            rows = rows.filter(outcome=chosen)
        page = Paginator(rows, _ROWS_A_PAGE).get_page(self.request.GET.get(PAGE_PARAMETER))
        return {
            "outcomes": [(outcome, counts[outcome.value]) for outcome in RowOutcome if counts[outcome.value]],
            "chosen": chosen,
            "page_obj": page,
            "files": self.object.files.filter(expires_at__gte=now),
            "is_undoable": is_undoable(self.object, self.request.user),
            "is_restartable": self.object.is_restartable(now),
            "may_steer": self.object.by_id == self.request.user.pk or access.is_manager(self.request.user),
        }


class _JobStepView(View):
    http_method_names = ["post"]

    def job(self, pk: int) -> BackgroundJob:
        return get_object_or_404(BackgroundJob.objects.visible_to(self.request.user), pk=pk)


class JobCancelView(_JobStepView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.job(pk)
        if job.is_over:
            messages.info(request, "この処理はすでに終わっています。")
        else:
            cancel_job(job=job, now=timezone.now())
            messages.success(request, "中止を依頼しました。済んだ分はそのまま残ります。")
        return redirect(job)


class JobRestartView(_JobStepView):
    """What failed, was stopped or was forgotten is run again; what is done already is passed over."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.job(pk)
        if job.by_id != request.user.pk:  # it would act with the rights of somebody else
            messages.error(request, "もう一度実行できるのは、依頼した人だけです。")
        elif restart_job(job=job, now=timezone.now()):
            messages.success(request, "もう一度始めました。済んだ分は繰り返しません。")
        else:
            messages.info(request, "この処理は実行中か、すでに終わっています。")
        return redirect(job)


class JobFileView(View):
    """A file that a job made, for those who see the job."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        kept = get_object_or_404(
            JobFile.objects.select_related("job__municipality").filter(
                job__in=BackgroundJob.objects.visible_to(request.user), expires_at__gte=timezone.now()
            ),
            pk=pk,
        )
        try:
            content = kept.file.open("rb")
        except OSError as error:
            logger.error("file %d of job %d is missing", kept.pk, kept.job_id)
            raise Http404("the file is missing") from error
        record(
            AuditKind.DOWNLOAD,
            request=request,
            municipality=kept.job.municipality,
            内容=f"処理のファイル「{kept.name}」",
            処理=kept.job.title,
        )
        return FileResponse(
            content,
            as_attachment=True,
            filename=kept.name,
            content_type=kept.content_type,
            headers={
                "Content-Security-Policy": POLICY,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )
