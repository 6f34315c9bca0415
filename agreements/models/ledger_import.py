"""台帳の取込み: a file somebody sent, what each column is, what came of each row; enough to take it back."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from agreements.choices import ImportOutcome, ImportState
from municipalities import access
from municipalities.models import Municipality
from municipalities.models.fields import LineField

from .background_job import BackgroundJob

IMPORT_DIR = "imports"
UNFINISHED_KEPT_FOR = timedelta(days=7)


def random_import_path(instance: models.Model, filename: str) -> str:
    """A name nobody can guess that tells nothing."""
    name = uuid.uuid4().hex
    return f"{IMPORT_DIR}/{name[:2]}/{name}"


class LedgerImportQuerySet(models.QuerySet["LedgerImport"]):
    def visible_to(self, user: Any) -> "LedgerImportQuerySet":
        """One's own; for managers those of the municipality."""
        if access.is_manager(user):
            return self.filter(access.managed_municipality(user))
        return self.filter(access.own_municipality(user), by=user.pk)

    def unfinished(self, now: datetime) -> "LedgerImportQuerySet":
        """Sent, and forgotten before anything was registered."""
        waiting = (ImportState.UPLOADED, ImportState.CHECKED)
        return self.filter(state__in=waiting, created_at__lt=now - UNFINISHED_KEPT_FOR)


class LedgerImport(models.Model):
    """One file on its way into the registry. `agreements.importing` knows what its `kind` needs."""

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name="自治体")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="取り込んだ人"
    )
    kind = models.CharField("対象", max_length=30)
    state = models.CharField("状態", max_length=12, choices=ImportState, default=ImportState.UPLOADED)
    original_name = models.CharField("ファイル名", max_length=200)
    file = models.FileField("ファイル", upload_to=random_import_path, max_length=120, blank=True)
    file_kind = models.CharField("形式", max_length=4)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    sha256 = models.CharField("SHA-256", max_length=64)
    sheet = models.CharField("シート", max_length=100, blank=True)
    header_row = models.PositiveIntegerField("見出しの行", null=True, blank=True)
    headers = models.JSONField("見出し", default=list, blank=True)
    mapping = models.JSONField("列の対応", default=dict, blank=True)
    options = models.JSONField("取込みの条件", default=dict, blank=True)
    choices = models.JSONField("行ごとの選択", default=dict, blank=True)
    only_good = models.BooleanField("正しい行だけ", default=False)
    dropped = models.JSONField("除いた行", default=list, blank=True)
    counts = models.JSONField("件数", default=dict, blank=True)
    undo_report = models.JSONField("取消しの結果", default=list, blank=True)
    job = models.ForeignKey(
        BackgroundJob, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="処理"
    )
    created_at = models.DateTimeField("送信日時", auto_now_add=True)
    done_at = models.DateTimeField("登録日時", null=True, blank=True)
    undone_at = models.DateTimeField("取消し日時", null=True, blank=True)

    objects = LedgerImportQuerySet.as_manager()

    class Meta:
        verbose_name = "台帳の取込み"
        verbose_name_plural = "台帳の取込み"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["municipality", "-id"], name="import_municipality")]

    def __str__(self) -> str:
        return self.original_name

    def get_absolute_url(self) -> str:
        return reverse("agreements:import-detail", args=[self.pk])

    @property
    def is_registered(self) -> bool:
        return self.state in (ImportState.DONE, ImportState.UNDONE)


class ImportRow(models.Model):
    """What one row of the file is, and what was done for it. It goes with its agreement at the disposal.

    `written` lists what the row changed, so that it can be taken back: one object each,
    ``{"model": "agreements.agreement", "pk": 7, "created": true, "before": {…}, "stamp": "3"}``.
    """

    ledger_import = models.ForeignKey(
        LedgerImport, models.CASCADE, related_name="rows", verbose_name="取込み"
    )
    number = models.PositiveIntegerField("行")
    label = models.CharField("内容", max_length=300)
    outcome = models.CharField("結果", max_length=10, choices=ImportOutcome)
    has_warnings = models.BooleanField("注意あり", default=False)
    cells = models.JSONField("読み取った文字", default=dict, blank=True)
    errors = models.JSONField("エラー", default=list, blank=True)
    warnings = models.JSONField("注意", default=list, blank=True)
    questions = models.JSONField("確認", default=list, blank=True)
    changes = models.JSONField("変更点", default=list, blank=True)
    agreement = models.ForeignKey(
        "agreements.Agreement", models.CASCADE, null=True, blank=True, related_name="+", verbose_name="協定"
    )
    written = models.JSONField("書いたもの", default=list, blank=True)

    class Meta:
        verbose_name = "取込みの行"
        verbose_name_plural = "取込みの行"
        ordering = ["ledger_import", "number"]
        constraints = [models.UniqueConstraint(fields=["ledger_import", "number"], name="import_row_once")]

    def __str__(self) -> str:
        return f"{self.number}行目 {self.label}"


class ImportMapping(models.Model):
    """Which column is what in files with these headers: what a person settled last time."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+", verbose_name="自治体")
    kind = models.CharField("対象", max_length=30)
    signature = models.CharField("見出しの印", max_length=64)
    mapping = models.JSONField("列の対応", default=dict, blank=True)
    options = models.JSONField("取込みの条件", default=dict, blank=True)
    by = LineField("決めた人", max_length=60, blank=True)
    updated_at = models.DateTimeField("更新日時", auto_now=True)

    class Meta:
        verbose_name = "列の対応"
        verbose_name_plural = "列の対応"
        ordering = ["municipality", "kind", "-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "kind", "signature"], name="import_mapping_once")
        ]

    def __str__(self) -> str:
        return f"{self.municipality} {self.kind}"
