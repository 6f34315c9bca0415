"""処理: work that takes longer than a page may, with its progress, its files and its result row by row."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from agreements.choices import JobKind, JobState, RowOutcome
from agreements.domain.remaining_time import remaining
from municipalities import access
from municipalities.models import Municipality
from municipalities.models.fields import LineField

JOB_DIR = "jobs"
FILES_KEPT_FOR = timedelta(days=7)
JOBS_KEPT_FOR = timedelta(days=90)
STALLED_AFTER = timedelta(seconds=30)
"""A job that nobody began in this time may be started by hand."""


def random_job_path(instance: models.Model, filename: str) -> str:
    """A name nobody can guess that tells nothing."""
    name = uuid.uuid4().hex
    return f"{JOB_DIR}/{name[:2]}/{name}"


class BackgroundJobQuerySet(models.QuerySet):
    def visible_to(self, user) -> "BackgroundJobQuerySet":
        """One's own (of the municipality one belongs to now); for managers those of the municipality."""
        if access.is_manager(user):
            return self.filter(access.managed_municipality(user))
        return self.filter(access.own_municipality(user), by=user.pk)

    def claimable(self, now: datetime) -> "BackgroundJobQuerySet":
        """Waiting, or begun by a process that was killed since."""
        killed = Q(state=JobState.RUNNING, leased_until__lt=now)
        return self.filter(Q(state=JobState.QUEUED) | killed)

    def running(self, now: datetime) -> "BackgroundJobQuerySet":
        return self.filter(state=JobState.RUNNING, leased_until__gte=now)

    def unfinished(self) -> "BackgroundJobQuerySet":
        return self.filter(state__in=(JobState.QUEUED, JobState.RUNNING))

    def forgotten(self, now: datetime) -> "BackgroundJobQuerySet":
        return self.filter(finished_at__lt=now - JOBS_KEPT_FOR)


class BackgroundJob(models.Model):
    """One order to work in the background. `agreements.jobs` knows what each kind does with `parameters`."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="自治体"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="依頼した人"
    )
    kind = models.CharField("種類", max_length=30)  # of JobKind, which may grow without a migration
    title = LineField("内容", max_length=200)
    parameters = models.JSONField("条件", default=dict, blank=True)
    state = models.CharField("状態", max_length=10, choices=JobState, default=JobState.QUEUED)
    step = LineField("段階", max_length=100, blank=True)
    done = models.PositiveIntegerField("済んだ数", default=0)
    total = models.PositiveIntegerField("全体の数", default=0)
    report = models.JSONField("結果", default=dict, blank=True)
    error = LineField("失敗の理由", max_length=300, blank=True)
    created_at = models.DateTimeField("依頼日時", auto_now_add=True)
    started_at = models.DateTimeField("開始日時", null=True, blank=True)
    finished_at = models.DateTimeField("終了日時", null=True, blank=True)
    cancel_requested_at = models.DateTimeField("中止の依頼日時", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("開始した回数", default=0)
    run_token = models.UUIDField("実行の番号", null=True, blank=True, editable=False)
    leased_until = models.DateTimeField("実行中（この時刻まで）", null=True, blank=True)

    objects = BackgroundJobQuerySet.as_manager()

    class Meta:
        verbose_name = "処理"
        verbose_name_plural = "処理"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["municipality", "-id"], name="job_municipality"),
            models.Index(fields=["by", "-id"], name="job_by"),
            models.Index(
                "id", condition=Q(state__in=(JobState.QUEUED, JobState.RUNNING)), name="job_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("agreements:job-detail", args=[self.pk])

    def get_kind_display(self) -> str:
        return str(JobKind(self.kind).label) if self.kind in JobKind.values else self.kind

    @property
    def is_over(self) -> bool:
        return self.state not in (JobState.QUEUED, JobState.RUNNING)

    @property
    def is_cancellable(self) -> bool:
        return not self.is_over and self.cancel_requested_at is None

    def has_stalled(self, now: datetime) -> bool:
        """Whether nobody works on it although somebody should."""
        if self.state == JobState.RUNNING:
            return self.leased_until is not None and self.leased_until < now
        return self.state == JobState.QUEUED and self.created_at < now - STALLED_AFTER

    def is_restartable(self, now: datetime) -> bool:
        return self.state in (JobState.FAILED, JobState.CANCELLED) or self.has_stalled(now)

    def remaining(self, now: datetime) -> timedelta | None:
        """How long the rest will take at the pace so far; None when nobody can tell."""
        if self.state != JobState.RUNNING or self.started_at is None:
            return None
        return remaining(self.done, self.total, now - self.started_at)

    @property
    def percent(self) -> int:
        return min(self.done * 100 // self.total, 100) if self.total else 0

    def notes(self) -> list[tuple[str, Any]]:
        """What the report says in plain words: (label, value)."""
        return list(self.report.get("notes", {}).items())


class JobFile(models.Model):
    """A file that a job made; it goes after a week (`clean_jobs`)."""

    job = models.ForeignKey(BackgroundJob, models.CASCADE, related_name="files", verbose_name="処理")
    name = models.CharField("ファイル名", max_length=200)
    content_type = models.CharField("内容の形式", max_length=120)
    file = models.FileField("ファイル", upload_to=random_job_path, max_length=120)
    size = models.PositiveBigIntegerField("大きさ（バイト）", default=0)
    expires_at = models.DateTimeField("保存期限", db_index=True)

    class Meta:
        verbose_name = "処理のファイル"
        verbose_name_plural = "処理のファイル"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class JobRow(models.Model):
    """What a job did to one row; with `before` and `after` it can be taken back.

    It goes with its agreement when that is disposed of.
    """

    job = models.ForeignKey(BackgroundJob, models.CASCADE, related_name="rows", verbose_name="処理")
    number = models.PositiveIntegerField("番号")
    agreement = models.ForeignKey(
        "agreements.Agreement", models.CASCADE, null=True, blank=True, related_name="+", verbose_name="協定"
    )
    object_id = models.PositiveBigIntegerField("対象の番号", null=True, blank=True)
    label = models.CharField("対象", max_length=300)
    outcome = models.CharField("結果", max_length=10, choices=RowOutcome)
    message = models.CharField("説明", max_length=300, blank=True)
    before = models.JSONField("変更前", null=True, blank=True)
    after = models.JSONField("変更後", null=True, blank=True)

    class Meta:
        verbose_name = "処理の結果"
        verbose_name_plural = "処理の結果"
        ordering = ["job", "number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="job_row_once")]

    def __str__(self) -> str:
        return self.label
