"""Work in the background: order it, run it, show how far it is, stop it.

A job may be killed at any moment and is then run again, so a function of `agreements.jobs` must be able to
begin anew: it either writes everything in one transaction together with `Run.finish`, or notes each row it
has done (`JobRow`) in the transaction that does it and passes over those on the next run.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from simple_history.models import HistoricalRecords

from agreements.choices import JobKind, JobState
from agreements.models import BackgroundJob, JobFile
from agreements.models.background_job import FILES_KEPT_FOR
from municipalities.models import StaffMember

from .job_runner import hand_over

logger = logging.getLogger("renkei.jobs")

LEASE = timedelta(minutes=5)
"""A run that has not told its progress for so long is taken for killed."""
_MOST_ATTEMPTS = 5
_TELL_EVERY = 0.5  # seconds between two updates of the progress


class JobRefused(ValueError):
    """The job cannot be done; the message says why, in Japanese, and is shown to the person."""


class Cancelled(Exception):
    """The person asked to stop; what is done so far stays."""


class Superseded(Exception):
    """Another process has taken the job over, because this one seemed dead."""


def order_job(
    *, kind: JobKind, title: str, by: StaffMember, parameters: dict[str, Any], total: int = 0
) -> BackgroundJob:
    """Write the order down; it is begun when the transaction commits. `parameters`: plain JSON values."""
    with transaction.atomic():
        job = BackgroundJob.objects.create(
            municipality_id=by.municipality_id,
            by=by,
            kind=kind,
            title=title[:200],
            parameters=parameters,
            total=total,
        )
        transaction.on_commit(partial(hand_over, job.pk))
    return job


def cancel_job(*, job: BackgroundJob, now: datetime) -> None:
    """A waiting job is off at once; a running one stops at its next row."""
    jobs = BackgroundJob.objects.filter(pk=job.pk)
    over = {"state": JobState.CANCELLED, "cancel_requested_at": now, "finished_at": now}
    # Also one that nobody runs any more: there is nobody to stop.
    if not jobs.claimable(now).update(**over):
        jobs.filter(state=JobState.RUNNING, cancel_requested_at=None).update(cancel_requested_at=now)


@transaction.atomic
def restart_job(*, job: BackgroundJob, now: datetime) -> bool:
    """Run again what failed, was stopped or was never begun; False when somebody is at it."""
    fresh = {
        "state": JobState.QUEUED,
        "error": "",
        "attempts": 0,
        "cancel_requested_at": None,
        "finished_at": None,
    }
    ended = BackgroundJob.objects.filter(pk=job.pk, state__in=(JobState.FAILED, JobState.CANCELLED))
    if not ended.update(**fresh) and not BackgroundJob.objects.claimable(now).filter(pk=job.pk).exists():
        return False
    transaction.on_commit(partial(hand_over, job.pk))
    return True


def run_job(pk: int, functions: dict[str, Callable[["Run"], None]]) -> None:
    """Claim the job and do it. Does nothing when it is done or somebody else is at it."""
    now = timezone.now()
    token = uuid4()
    claimed = BackgroundJob.objects.claimable(now).filter(pk=pk)
    if not claimed.update(
        state=JobState.RUNNING,
        run_token=token,
        leased_until=now + LEASE,
        attempts=F("attempts") + 1,
        started_at=Coalesce("started_at", now),
    ):
        return
    run = Run(BackgroundJob.objects.select_related("by", "municipality").get(pk=pk))
    try:
        if run.job.attempts > _MOST_ATTEMPTS:
            raise JobRefused("途中で何度も止まったため、やめました。システム管理者に伝えてください。")
        with _in_the_name_of(run.by):
            functions[run.job.kind](run)
        run.finish()
    except Cancelled:
        run.end(JobState.CANCELLED)
    except Superseded:
        logger.warning("job %d was taken over by another process", pk)
    except JobRefused as refusal:
        run.end(JobState.FAILED, error=str(refusal)[:300])
    except Exception:
        logger.exception("job %d (%s) failed", pk, run.job.kind)
        run.end(
            JobState.FAILED,
            error=f"処理の途中で問題が起きました。システム管理者に「処理 {pk}」と伝えてください。",
        )


class Run:
    """One run of a job, as its function sees it."""

    def __init__(self, job: BackgroundJob) -> None:
        self.job = job
        self.report: dict[str, Any] = {}
        """Shown on the page of the job: {"notes": {label: value}, "link": {"url", "label"}}."""
        self._told_at = float("-inf")
        self._is_finished = False

    @property
    def by(self) -> StaffMember:
        return self.job.by

    @property
    def parameters(self) -> dict[str, Any]:
        return self.job.parameters

    def advance(self, done: int, total: int | None = None, *, step: str | None = None) -> None:
        """Tell how far it is; call it for each row or portion. Raises `Cancelled` and `Superseded`.

        Inside a transaction nobody sees the progress before the commit: name the step before it begins, and
        keep it shorter than `LEASE`.
        """
        is_news = (step is not None and step != self.job.step) or (
            total is not None and total != self.job.total
        )
        self.job.done = done
        self.job.total = self.job.total if total is None else total
        self.job.step = self.job.step if step is None else step
        if is_news or monotonic() - self._told_at >= _TELL_EVERY:
            self._tell()

    def _tell(self) -> None:
        """Write the progress, renew the lease, and hear whether to stop."""
        values = {name: getattr(self.job, name) for name in ("done", "total", "step")}
        if not self._ours().update(leased_until=timezone.now() + LEASE, **values):
            raise Superseded
        self._told_at = monotonic()
        if self._ours().exclude(cancel_requested_at=None).exists():
            raise Cancelled

    def keep_file(self, *, name: str, content_type: str, content: File) -> JobFile:
        """Keep a file for the person to download for a week."""
        kept = JobFile(
            job=self.job,
            name=name,
            content_type=content_type,
            size=content.size,
            expires_at=timezone.now() + FILES_KEPT_FOR,
        )
        kept.file.save(name, content, save=False)
        kept.save()
        return kept

    def finish(self, report: dict[str, Any] | None = None) -> None:
        """The job is done. Inside the transaction that writes, it is done exactly once."""
        if self._is_finished:
            return
        self.report = self.report if report is None else report
        self.end(JobState.DONE)
        self._is_finished = True

    def end(self, state: JobState, error: str = "") -> None:
        """Raises `Superseded` in the middle of a transaction that must then not commit."""
        ended = {"state": state, "error": error, "report": self.report, "step": ""}
        progress = {"done": self.job.done, "total": self.job.total}
        if not self._ours().update(finished_at=timezone.now(), leased_until=None, **ended, **progress):
            if transaction.get_connection().in_atomic_block and state == JobState.DONE:
                raise Superseded
            logger.warning("job %d was taken over before its end", self.job.pk)

    def _ours(self) -> Any:
        return BackgroundJob.objects.filter(
            pk=self.job.pk, state=JobState.RUNNING, run_token=self.job.run_token
        )


@contextmanager
def _in_the_name_of(person: StaffMember) -> Iterator[None]:
    """History and audit name the person who ordered the job, as if the request were still open."""
    context: Any = HistoricalRecords.context
    before = getattr(context, "request", None)
    context.request = SimpleNamespace(user=person, META={})
    try:
        yield
    finally:
        if before is None:
            del context.request
        else:
            context.request = before


def next_waiting(now: datetime) -> int | None:
    """The job that has waited longest."""
    return BackgroundJob.objects.claimable(now).order_by("pk").values_list("pk", flat=True).first()


def clean_jobs(*, now: datetime) -> tuple[int, int]:
    """Remove files past their day, and jobs nobody asks for any more; returns how many of each."""
    forgotten = BackgroundJob.objects.forgotten(now)
    files = 0
    for kept in JobFile.objects.filter(Q(expires_at__lt=now) | Q(job__in=forgotten)).iterator():
        kept.file.delete(save=False)
        kept.delete()
        files += 1
    jobs = forgotten.count()
    forgotten.delete()
    return files, jobs
