from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from agreements.choices import SubmissionKind, SubmissionSource, SubmissionState
from municipalities import access
from municipalities.models.fields import LineField, ProseField

from .agreement import Agreement
from .company import CompanyContact
from .expectation_round import ExpectationRound

TAKEN = (SubmissionState.ACCEPTED, SubmissionState.PARTLY)


class CompanySubmissionQuerySet(models.QuerySet["CompanySubmission"]):
    def alive(self) -> "CompanySubmissionQuerySet":
        return self.filter(agreement__deleted_at=None)

    def internal_to(self, user) -> "CompanySubmissionQuerySet":
        return self.alive().filter(access.internal_agreements(user, "agreement__"))

    def pending(self) -> "CompanySubmissionQuerySet":
        return self.filter(state=SubmissionState.PENDING)

    def answers(self) -> "CompanySubmissionQuerySet":
        return self.filter(kind=SubmissionKind.ANSWERS)

    def readable(self) -> "CompanySubmissionQuerySet":
        """Those whose content staff may look at: not answers to a worksheet that is still closed."""
        return self.exclude(kind=SubmissionKind.ANSWERS, round__opened_at=None)


class CompanySubmission(models.Model):
    """What a company sent, by link or as a file, as it came: a proposal, until staff accept it.

    A log, written once: only what became of it is added. `payload` of ANSWERS:
    {"rows": {"<key of the ExpectationRow>": {field of `ANSWER_FIELDS`: value}}}; of a
    CONFIRMATION: {"rows": [keys], "name", "title", "confirmed_on": "YYYY-MM-DD", "evidence",
    "hashes": {key: content_hash}}.
    While its worksheet is closed nobody reads the payload.
    """

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="company_submissions", verbose_name="協定"
    )
    round = models.ForeignKey(
        ExpectationRound,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name="すり合わせ",
    )
    kind = models.CharField("種類", max_length=14, choices=SubmissionKind)
    source = models.CharField("届き方", max_length=8, choices=SubmissionSource)
    payload = models.JSONField("内容", default=dict, editable=False)
    contact = models.ForeignKey(
        CompanyContact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name="相手窓口",
    )
    by_name = LineField("記入者", max_length=120, blank=True)
    file_name = LineField("ファイル名", max_length=200, blank=True)
    received_at = models.DateTimeField("受信日時")
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="受け取った人",
    )
    state = models.CharField("状態", max_length=10, choices=SubmissionState, default=SubmissionState.PENDING)
    decided_at = models.DateTimeField("判断日時", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="判断した人",
    )
    note = ProseField("取り込まない理由", max_length=1000, blank=True)
    # Keys of the rows that were accepted, and what stood there before: for taking it back.
    accepted_rows = models.JSONField(default=list, editable=False)
    replaced = models.JSONField(default=dict, editable=False)

    objects = CompanySubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = "相手方からの送信"
        verbose_name_plural = "相手方からの送信"
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "kind"],
                condition=Q(state=SubmissionState.PENDING, round__isnull=False),
                name="company_submission_one_pending",
            )
        ]

    def __str__(self) -> str:
        return f"相手方からの{self.get_kind_display()}（{self.get_source_display()}）"

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def is_pending(self) -> bool:
        return self.state == SubmissionState.PENDING

    @property
    def is_taken(self) -> bool:
        return self.state in TAKEN

    @property
    def is_sealed(self) -> bool:
        """Whether nobody may look inside yet."""
        return self.kind == SubmissionKind.ANSWERS and (self.round is None or self.round.is_blind)

    def answers_of(self, row_id: int) -> dict[str, Any] | None:
        """What it says about one row of the worksheet."""
        rows = self.payload.get("rows") if self.kind == SubmissionKind.ANSWERS else None
        return rows.get(str(row_id)) if isinstance(rows, dict) else None
