from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agreements.choices import DiagnosisAxis, DiagnosisGrade
from agreements.domain import diagnosis as rules
from municipalities import access

from .agreement import Agreement
from .diagnosis_settings import DiagnosisSettings
from .diagnosis_snapshot import read_snapshots
from .search_document import batched

CHUNK = 500  # agreements whose records are in memory at once
_AXES = ("clarity", "alignment", "vitality", "overall")


def diagnose_all(agreement_ids: Collection[int], today: date) -> Iterable[tuple[int, rules.Diagnosis]]:
    """The diagnosis of each agreement under the settings of its municipality."""
    tuned = DiagnosisSettings.objects.of_all()
    default = rules.Settings()
    for chunk in batched(agreement_ids, CHUNK):
        homes = dict(Agreement.objects.filter(pk__in=chunk).values_list("pk", "municipality_id"))
        for pk, snapshot in read_snapshots(chunk, today).items():
            yield pk, rules.diagnose(snapshot, today, tuned.get(homes[pk], default))


class GradesQuerySet(models.QuerySet):
    def internal_to(self, user: Any) -> "GradesQuerySet":
        mine = self.filter(access.internal_agreements(user, "agreement__"))
        return mine.filter(agreement__deleted_at=None)


class DiagnosisResultQuerySet(GradesQuerySet):
    def refresh(self, agreement_ids: Collection[int], today: date) -> int:
        """Diagnose these agreements anew and keep what came out; returns how many."""
        count = 0
        results = []
        now = timezone.now()
        for pk, diagnosis in diagnose_all(agreement_ids, today):
            results.append(self.model(agreement_id=pk, **stored_values(diagnosis), on=today, computed_at=now))
            count += 1
            if len(results) == CHUNK:
                self._write(results)
                results = []
        self._write(results)
        return count

    def _write(self, results: list[Any]) -> None:
        fields = [field.name for field in self.model._meta.concrete_fields if not field.primary_key]
        self.bulk_create(results, update_conflicts=True, unique_fields=["agreement"], update_fields=fields)

    def breaking(self, rule: str) -> "DiagnosisResultQuerySet":
        """Results with an unanswered finding of this rule."""
        return self.filter(rules__contains=f",{rule},")


class Grades(models.Model):
    """Grades and scores of the three axes and of the whole, as one diagnosis gave them."""

    overall_grade = models.CharField("総合", max_length=14, choices=DiagnosisGrade)
    overall_score = models.DecimalField("総合点", max_digits=4, decimal_places=1, null=True)
    clarity_grade = models.CharField("明確さ", max_length=14, choices=DiagnosisGrade)
    clarity_score = models.DecimalField("明確さの点", max_digits=4, decimal_places=1, null=True)
    alignment_grade = models.CharField("すり合わせ", max_length=14, choices=DiagnosisGrade)
    alignment_score = models.DecimalField("すり合わせの点", max_digits=4, decimal_places=1, null=True)
    vitality_grade = models.CharField("活動", max_length=14, choices=DiagnosisGrade)
    vitality_score = models.DecimalField("活動の点", max_digits=4, decimal_places=1, null=True)

    class Meta:
        abstract = True


class DiagnosisResult(Grades):
    """診断: the stored answer of `domain.diagnosis` for one agreement, for lists, filters and sums.

    It is written after every change that matters and every night (`actions.diagnosis`); one agreement's own
    page asks the pure function. Grades are internal: never public.
    """

    agreement = models.OneToOneField(
        Agreement, models.CASCADE, primary_key=True, related_name="diagnosis", verbose_name="協定"
    )
    overall_axis = models.CharField("いちばん弱い軸", max_length=10, choices=DiagnosisAxis, blank=True)
    # ",C01,V02,": the rules with findings that nobody has answered.
    rules = models.CharField("指摘のある規則", max_length=100, default=",")
    finding_count = models.PositiveIntegerField("指摘の数", default=0)
    on = models.DateField("基準日")
    computed_at = models.DateTimeField("診断日時")

    objects = DiagnosisResultQuerySet.as_manager()

    class Meta:
        verbose_name = "診断"
        verbose_name_plural = "診断"
        ordering = [F("overall_score").asc(nulls_last=True), "agreement"]
        indexes = [
            models.Index("overall_score", "agreement", name="diagnosis_score"),
            models.Index("overall_grade", "agreement", name="diagnosis_grade"),
        ]

    def __str__(self) -> str:
        return f"{self.get_overall_grade_display()}"

    @property
    def rule_ids(self) -> list[str]:
        return [each for each in self.rules.split(",") if each]


def stored_values(diagnosis: rules.Diagnosis) -> dict[str, Any]:
    """What `DiagnosisResult` keeps of a diagnosis, field by field."""
    values: dict[str, Any] = {}
    for axis in _AXES:
        judged = getattr(diagnosis, axis)
        values[f"{axis}_grade"] = judged.grade.value
        values[f"{axis}_score"] = judged.score
    open_findings = [
        each for each in diagnosis.findings if each.level is rules.Level.VIOLATION and each.response is None
    ]
    broken = {each.rule for each in open_findings}
    return {
        **values,
        "overall_axis": diagnosis.overall.axis.value if diagnosis.overall.axis else "",
        "rules": "".join([",", *(f"{rule.id}," for rule in rules.RULES if rule.id in broken)]),
        "finding_count": len(open_findings),
    }


class DiagnosisMonthQuerySet(GradesQuerySet):
    def record(self, month: date) -> int:
        """Keep the stored results as the grades of this month, once; returns how many were new."""
        taken = self.filter(month=month).values("agreement")
        results = DiagnosisResult.objects.exclude(agreement__in=taken).filter(agreement__deleted_at=None)
        names = [field.name for field in Grades._meta.get_fields()]
        rows = [
            self.model(agreement_id=values.pop("agreement_id"), month=month, **values)
            for values in results.values("agreement_id", *names)
        ]
        self.bulk_create(rows, ignore_conflicts=True, batch_size=CHUNK)
        return len(rows)


class DiagnosisMonth(Grades):
    """The grades of one agreement as they stood at the beginning of a month: the sparkline, and what has
    changed since."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="diagnosis_months", verbose_name="協定"
    )
    month = models.DateField("月（1日）")

    objects = DiagnosisMonthQuerySet.as_manager()

    class Meta:
        verbose_name = "診断の推移"
        verbose_name_plural = "診断の推移"
        ordering = ["agreement", "month"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "month"], name="diagnosis_month_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="diagnosis_month_is_a_first"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
