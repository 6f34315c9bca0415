"""年度実績報告: what came of an agreement in a 年度, from its 課 to the planning section."""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from agreements.choices import AgreementState, Evaluation, Funding, ReportState
from agreements.domain import annual_report
from agreements.domain.annual_report import LineContent, ReportContent
from municipalities import access, fiscal_year
from municipalities.models import Department, Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField

from .action_item import FIGURE, ActionItem
from .agreement import Agreement

OPEN_STATES = (ReportState.DRAFT, ReportState.SUBMITTED, ReportState.RETURNED)
HANDED_IN = (ReportState.SUBMITTED, ReportState.ACCEPTED)
"""States in which the 課 owes nothing any more."""


class ReportDeadline(Recorded):
    """Until when a municipality's 課 hand in the report of the year before; 5/31 without one."""

    municipality = models.OneToOneField(
        Municipality, models.CASCADE, related_name="report_deadline", verbose_name="自治体"
    )
    month = models.PositiveSmallIntegerField(
        "月", default=5, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    day = models.PositiveSmallIntegerField(
        "日", default=31, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )

    history = history()

    class Meta:
        verbose_name = "年度実績報告の期限"
        verbose_name_plural = "年度実績報告の期限"
        ordering = ["municipality"]
        constraints = [
            models.CheckConstraint(
                condition=Q(month__range=(1, 12), day__range=(1, 31)), name="report_deadline_is_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month}月{self.day}日"

    def clean(self) -> None:
        super().clean()
        try:
            date(2000, self.month, self.day)  # a leap year: 2月29日 is a day
        except (TypeError, ValueError) as error:
            raise ValidationError({"day": "この月にない日です。"}) from error


def deadlines(year: int) -> dict[int, date]:
    """The deadline of each municipality that named its own, by key."""
    rows = ReportDeadline.objects.values_list("municipality", "month", "day")
    return {key: annual_report.deadline(year, month, day) for key, month, day in rows}


def deadline_of(municipality: int, year: int) -> date:
    own = ReportDeadline.objects.filter(municipality=municipality).values_list("month", "day").first()
    return annual_report.deadline(year, *(own or annual_report.USUAL_DEADLINE))


class AnnualReportQuerySet(models.QuerySet["AnnualReport"]):
    def alive(self) -> "AnnualReportQuerySet":
        return self.filter(agreement__deleted_at=None)

    def internal_to(self, user: Any) -> "AnnualReportQuerySet":
        return self.alive().filter(access.internal_agreements(user, "agreement__"))

    def of_year(self, year: int) -> "AnnualReportQuerySet":
        return self.filter(fiscal_year=year)

    def handed_in(self) -> "AnnualReportQuerySet":
        return self.filter(state__in=HANDED_IN)

    def standing(self) -> "AnnualReportQuerySet":
        """The accepted version of each agreement and year."""
        return self.filter(state=ReportState.ACCEPTED)


class AnnualReport(Recorded):
    """One version of the report of one agreement and 年度.

    What it says is frozen in `snapshot` when it is submitted; what is written later changes nothing.
    An accepted report is corrected by a new version, which replaces it when it is accepted itself.
    """

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="annual_reports", verbose_name="協定"
    )
    fiscal_year = models.PositiveSmallIntegerField("年度")
    version = models.PositiveSmallIntegerField("版", default=1)
    state = models.CharField("状態", max_length=10, choices=ReportState, default=ReportState.DRAFT)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出課"
    )
    meetings = ProseField(
        "会議開催",
        max_length=4000,
        blank=True,
        help_text="開催日と形。1行に1回。記録した会議から写しています。",
    )
    issues = ProseField(
        "課題", max_length=4000, blank=True, help_text="内部用。公開する報告書には載りません。"
    )
    next_policy = ProseField("来年度方針", max_length=4000, blank=True)
    partner_comment = ProseField("相手方のコメント", max_length=4000, blank=True)
    partner_confirmed_on = models.DateField("相手方の確認日", null=True, blank=True)
    correction_reason = ProseField("訂正の理由", max_length=1000, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="提出者",
    )
    submitted_on = models.DateField("提出日", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="受理・差戻しをした人",
    )
    decided_on = models.DateField("受理・差戻しの日", null=True, blank=True)
    return_reason = ProseField("差戻しの理由", max_length=2000, blank=True)
    snapshot = models.JSONField("提出時の内容", null=True, blank=True, editable=False)

    history = history()
    objects = AnnualReportQuerySet.as_manager()

    class Meta:
        verbose_name = "年度実績報告"
        verbose_name_plural = "年度実績報告"
        ordering = ["agreement", "-fiscal_year", "-version"]
        indexes = [models.Index("fiscal_year", "state", "agreement", name="annual_report_year")]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "fiscal_year", "version"], name="annual_report_version_once"
            ),
            models.UniqueConstraint(
                fields=["agreement", "fiscal_year"],
                condition=Q(state__in=OPEN_STATES),
                name="annual_report_one_in_work",
            ),
            models.UniqueConstraint(
                fields=["agreement", "fiscal_year"],
                condition=Q(state=ReportState.ACCEPTED),
                name="annual_report_one_accepted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ReportState.SUBMITTED, ReportState.ACCEPTED, ReportState.REPLACED])
                | (Q(snapshot__isnull=False, submitted_on__isnull=False)),
                name="annual_report_submitted_is_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.RETURNED) | ~Q(return_reason=""),
                name="annual_report_returned_with_a_reason",
                violation_error_message="差戻しには理由が必要です。",
            ),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(correction_reason=""),
                name="annual_report_corrected_with_a_reason",
                violation_error_message="訂正には理由が必要です。",
            ),
        ]

    def __str__(self) -> str:
        later = f"（第{self.version}版）" if self.version > 1 else ""
        return f"{fiscal_year.label(self.fiscal_year)}実績報告{later}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:report-detail", args=[self.pk])

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def is_writable(self) -> bool:
        return self.state in (ReportState.DRAFT, ReportState.RETURNED)

    @property
    def content(self) -> ReportContent:
        """What it says: frozen since it was submitted, from its rows before."""
        return annual_report.from_snapshot(self.snapshot) if self.snapshot else self.written()

    def written(self) -> ReportContent:
        """What its rows say now."""
        agreement = self.agreement
        parties = agreement.parties.select_related("municipality", "company")  # type: ignore[attr-defined]
        return ReportContent(
            year=self.fiscal_year,
            version=self.version,
            municipality=agreement.municipality.name,
            ledger_number=agreement.ledger_number,
            agreement=str(agreement),
            partners=tuple(
                party.name for party in parties if party.municipality_id != agreement.municipality_id
            ),
            department=self.department.name if self.department else "",
            submitted_on=self.submitted_on,
            submitted_by=str(self.submitted_by) if self.submitted_by else "",
            meetings=self.meetings,
            issues=self.issues,
            next_policy=self.next_policy,
            partner_comment=self.partner_comment,
            partner_confirmed_on=self.partner_confirmed_on,
            correction_reason=self.correction_reason,
            lines=tuple(line.content for line in self.lines.all()),  # type: ignore[attr-defined]
        )


class AnnualReportLine(Recorded):
    """One 取組 in a report: the plan as it stood, and what came of it."""

    report = models.ForeignKey(
        AnnualReport, models.CASCADE, related_name="lines", verbose_name="年度実績報告"
    )
    action = models.ForeignKey(
        ActionItem,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="取組",
    )
    order = models.PositiveSmallIntegerField("順番")
    title = LineField("取組", max_length=200)
    plan_item = LineField("施策", max_length=260, blank=True)
    department = LineField("担当課", max_length=80, blank=True)
    target_value = models.DecimalField("目標値", **FIGURE)
    baseline_value = models.DecimalField("基準値", **FIGURE)
    unit = LineField("単位", max_length=20, blank=True)
    result_value = models.DecimalField("実績値", **FIGURE)
    result_text = ProseField("実施した内容", max_length=4000, blank=True)
    evaluation = models.CharField("評価", max_length=12, choices=Evaluation, blank=True)
    funding = models.CharField("財源", max_length=20, choices=Funding, blank=True)
    settled_yen = models.PositiveBigIntegerField("決算額（円）", null=True, blank=True)
    effect_yen = models.PositiveBigIntegerField("効果額（円）", null=True, blank=True)
    effect_method = ProseField("効果額の算定方法", max_length=1000, blank=True)
    is_public = models.BooleanField("公開する", default=False)

    history = history()

    class Meta:
        verbose_name = "年度実績報告の取組"
        verbose_name_plural = "年度実績報告の取組"
        ordering = ["report", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effect_yen=None) | ~Q(effect_method=""),
                name="report_line_effect_has_a_method",
                violation_error_message="効果額には、算定方法を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def agreement(self) -> Agreement:
        return self.report.agreement

    @property
    def content(self) -> LineContent:
        return LineContent(
            title=self.title,
            plan_item=self.plan_item,
            department=self.department,
            target_value=self.target_value,
            baseline_value=self.baseline_value,
            unit=self.unit,
            result_value=self.result_value,
            result_text=self.result_text,
            evaluation=self.evaluation,
            evaluation_label=self.get_evaluation_display() if self.evaluation else "",
            funding=self.get_funding_display() if self.funding else "",
            settled_yen=self.settled_yen,
            effect_yen=self.effect_yen,
            effect_method=self.effect_method,
            is_public=self.is_public,
        )


def owing(agreements: Any, year: int) -> Any:
    """Agreements (a QuerySet) that owe the report of the year: in force since then, none handed in."""
    last = fiscal_year.last_day(year)
    handed_in = AnnualReport.objects.of_year(year).handed_in()  # type: ignore[attr-defined]
    # What was taken over into the ledger after the year is asked from the next year on.
    after = timezone.make_aware(datetime.combine(last, time.max))
    return (
        agreements.alive()
        .filter(state=AgreementState.ACTIVE, signed_on__lte=last)
        .exclude(backfilled=True, created_at__gt=after)
        .exclude(pk__in=handed_in.values("agreement"))
    )


def newest_reports(agreements: Collection[int], year: int) -> dict[int, AnnualReport]:
    """The report in work or accepted of each agreement, by its key; what is in work comes before."""
    found = AnnualReport.objects.of_year(year).filter(agreement__in=agreements)  # type: ignore[attr-defined]
    found = found.filter(state__in=[*OPEN_STATES, ReportState.ACCEPTED]).order_by("version")
    return {report.agreement_id: report for report in found}
