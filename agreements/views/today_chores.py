"""Of 「今日の仕事」: what failed or stands half done, agreements to put in order; and the work 課 by 課."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from agreements.choices import ImportState, JobState
from agreements.models import ActionItem, BackgroundJob, LedgerImport, WebhookEndpoint, figures
from agreements.models.agreement import IN_FORCE, AgreementQuerySet
from agreements.models.webhook import WebhookEndpointQuerySet
from municipalities import access
from municipalities.models import Department

from .overview import agreement_list

_SHOWN = 10
_FAILURES_TOLD_FOR = timedelta(days=7)
_WAITING = (ImportState.UPLOADED, ImportState.CHECKED)
_KINDS = ("満了超過", "更新判断", "期限超過の取組", "取組なし", "未整備")


@dataclass(slots=True)
class SectionWork:
    """What one 課 (None: what has no 課) owes: (number, list it leads to) for each kind."""

    department: Department | None
    cells: list[tuple[int, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(count for count, _url in self.cells)


def chore_work(own: AgreementQuerySet, user: Any, today: date) -> dict[str, Any]:
    """`own` are the agreements of the municipality. A fixed number of queries."""
    imports = LedgerImport.objects.visible_to(user).filter(by=user.pk, state__in=_WAITING)
    since = timezone.now() - _FAILURES_TOLD_FOR
    failed = BackgroundJob.objects.visible_to(user).filter(
        by=user.pk, state=JobState.FAILED, finished_at__gte=since
    )
    unprepared = _unprepared(own)
    mine = unprepared.filter(access.editable_agreements(user))
    if not access.is_manager(user):
        mine = mine.filter(
            Q(person_in_charge=user.pk) | Q(department__isnull=False, department=user.department_id)
        )
    shown = list(mine.select_related("department").order_by("signed_on", "pk")[:_SHOWN])
    return {
        "imports_waiting": list(imports.order_by("created_at", "pk")[:_SHOWN]),
        "jobs_failed": list(failed.order_by("-finished_at", "-pk")[:_SHOWN]),
        "webhooks_stopped": list(_stopped_webhooks(user)[:_SHOWN]),
        "unprepared": shown,
        "unprepared_total": len(shown) if len(shown) < _SHOWN else mine.count(),
        "section_kinds": _KINDS,
        "section_work": _sections(own, user, today) if access.is_manager(user) else [],
    }


def _stopped_webhooks(user: Any) -> WebhookEndpointQuerySet:
    """通知先 to which nothing is sent any more: their managers have to look."""
    return WebhookEndpoint.objects.managed_by(user).exclude(disabled_at=None).order_by("disabled_at", "pk")


def _unprepared(own: AgreementQuerySet) -> AgreementQuerySet:
    """Taken over from former times, in force, and nobody has said yet that the entry is in order."""
    return own.filter(backfilled=True, reviewed_on=None, state__in=IN_FORCE)


def _sections(own: AgreementQuerySet, user: Any, today: date) -> Sequence[SectionWork]:
    """What every 課 owes, the most first; one query for each kind."""
    overdue = ActionItem.objects.internal_to(user).overdue(today).filter(agreement__in=own.order_by())
    kinds: list[tuple[dict[Any, int], dict[str, str]]] = [
        (figures.count_by(own.past_expiry(today), "department"), {"term": "past"}),
        (figures.count_by(own.renewal_due(today), "department"), {"term": "due"}),
        (figures.count_by(overdue, "department"), {"due": "overdue"}),
        (figures.count_by(own.without_actions(), "department"), {"actions": "none"}),
        (
            figures.count_by(_unprepared(own), "department"),
            {"grade": "unprepared", "state": "in_force"},
        ),
    ]
    keys = {key for counts, _query in kinds for key in counts}
    departments = Department.objects.in_bulk([key for key in keys if key is not None])
    found = []
    for key in keys:
        work = SectionWork(departments.get(key))
        for counts, query in kinds:
            url = _list(key, query) if key is not None else ""
            work.cells.append((counts.get(key, 0), url))
        found.append(work)
    found.sort(key=lambda each: (-each.total, each.department.pk if each.department else 0))
    return found


def _list(department: int, query: dict[str, str]) -> str:
    """Of 取組 or of agreements: a 取組 may belong to another 課 than its agreement."""
    if "due" in query:
        return f"{reverse('agreements:action-list')}?{urlencode({**query, 'department': str(department)})}"
    return agreement_list(department=department, **query)
