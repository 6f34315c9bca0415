"""操作記録 for managers (their municipality) and system admins (all)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.generic import View
from django_filters.views import FilterView

from municipalities import access, audit
from municipalities.audit.writers import csv_lines
from municipalities.choices import AuditKind
from municipalities.filters import AuditFilterSet
from municipalities.models import AuditEvent

from .managers import ManagerMixin


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One event as the list shows it: `notes` are (name, text), `changes` (field, before, after)."""

    event: AuditEvent
    notes: list[tuple[str, str]]
    changes: list[tuple[str, str, str]]

    @classmethod
    def of(cls, event: AuditEvent) -> "AuditRow":
        details = event.details
        changes = [(name, before, after) for name, (before, after) in details.pop("変更", {}).items()]
        return cls(event, [(name, _spoken(value)) for name, value in details.items()], changes)


def _spoken(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(str(each) for each in value)
    if isinstance(value, dict):
        return "、".join(f"{name}：{_spoken(each)}" for name, each in value.items())
    return str(value)


class AuditReaderMixin(ManagerMixin):
    """Managers read the audit of their municipality, system admins all."""

    def events(self) -> QuerySet[AuditEvent]:
        events = AuditEvent.objects.readable_by(self.request.user).select_related("chain__municipality")
        return events.order_by("-at", "chain", "-sequence")


class AuditEventListView(AuditReaderMixin, FilterView):
    filterset_class = AuditFilterSet
    template_name = "municipalities/audit_event_list.html"
    extra_context = {"page_title": "操作記録"}
    paginate_by = 50

    def get_queryset(self) -> QuerySet[AuditEvent]:
        return self.events()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "rows": [AuditRow.of(event) for event in context["page_obj"].object_list],
            "total": context["paginator"].count,
            "shows_municipality": access.is_system_admin(self.request.user),
        }


class AuditExportView(AuditReaderMixin, View):
    """Exactly what the list shows, as CSV; taking it out is itself recorded."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        filterset = AuditFilterSet(request.GET, queryset=self.events(), request=request)
        if not filterset.is_valid():
            return HttpResponse(
                "条件が正しくありません。", status=400, content_type="text/plain; charset=utf-8"
            )
        conditions = {
            str(filterset.filters[name].label): request.GET.getlist(name)
            for name in filterset.filters
            if request.GET.get(name)
        }
        audit.record(AuditKind.EXPORT, request=request, 内容="操作記録", 書式="csv", 条件=conditions)
        now = timezone.localtime()
        return StreamingHttpResponse(
            csv_lines(_in_portions(filterset.qs)),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": content_disposition_header(True, f"操作記録_{now:%Y%m%d_%H%M}.csv"),
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )


def _in_portions(events: QuerySet[AuditEvent]) -> Iterator[AuditEvent]:
    return events.iterator(chunk_size=2_000)
