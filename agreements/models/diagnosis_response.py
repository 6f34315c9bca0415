from django.conf import settings
from django.db import models

from agreements.domain import diagnosis as rules
from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import ProseField

from .agreement import Agreement


class DiagnosisResponseQuerySet(models.QuerySet["DiagnosisResponse"]):
    def standing(self) -> "DiagnosisResponseQuerySet":
        """Responses that were not taken back."""
        return self.filter(withdrawn_at=None)

    def internal_to(self, user) -> "DiagnosisResponseQuerySet":
        mine = self.filter(access.internal_agreements(user, "agreement__"))
        return mine.filter(agreement__deleted_at=None)


class DiagnosisResponse(Recorded):
    """対応しない理由: the answer to one finding. Shown with it, it takes it out of the score for a year.

    The finding is known by its rule and what it is about (`subject`); an item or action that goes away takes
    the answer's effect with it.
    """

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="diagnosis_responses", verbose_name="協定"
    )
    rule = models.CharField("規則", max_length=3)
    subject_kind = models.CharField("対象の種類", max_length=10)
    subject_key = models.CharField("対象", max_length=40, blank=True)
    reason = ProseField(
        "対応しない理由",
        max_length=1000,
        help_text="例：相手方の事業が来年度に始まるため、取組は令和9年度に決めます。",
    )
    given_on = models.DateField("回答日")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="回答者"
    )
    withdrawn_at = models.DateTimeField("取消日時", null=True, blank=True, editable=False)

    history = history()
    objects = DiagnosisResponseQuerySet.as_manager()

    class Meta:
        verbose_name = "診断への回答"
        verbose_name_plural = "診断への回答"
        ordering = ["agreement", "rule", "-given_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.rule}への回答"

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def subject(self) -> rules.Subject:
        key: int | str | None = self.subject_key or None
        if isinstance(key, str) and key.isdigit():
            key = int(key)
        return rules.Subject(self.subject_kind, key)  # type: ignore[arg-type]

    def as_response(self) -> rules.Response:
        by = self.by.name if self.by else ""
        return rules.Response(self.rule, self.subject, self.given_on, self.reason, by)
