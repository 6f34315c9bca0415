from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agreements.choices import AgreementState, OpinionAnswer
from municipalities import access
from municipalities.models import Department
from municipalities.models.base import Recorded, history
from municipalities.models.fields import ProseField

from .agreement import Agreement

ASKING_STATES = (AgreementState.PROPOSED, AgreementState.REVIEWING, AgreementState.NEGOTIATING)
"""States in which opinions can still change something: later the text is locked."""


class DepartmentOpinionQuerySet(models.QuerySet):
    def internal_to(self, user) -> "DepartmentOpinionQuerySet":
        return self.filter(access.internal_agreements(user, "agreement__"), agreement__deleted_at=None)

    def answerable_by(self, user) -> "DepartmentOpinionQuerySet":
        """Opinions this person may answer (also change the answer), as long as it can matter."""
        return self.internal_to(user).open().filter(access.answerable_opinions(user))

    def open(self) -> "DepartmentOpinionQuerySet":
        """Not withdrawn, of an agreement that is still being prepared."""
        return self.filter(withdrawn_at=None, agreement__state__in=ASKING_STATES, agreement__deleted_at=None)

    def unanswered(self) -> "DepartmentOpinionQuerySet":
        """What the asked 課 owe."""
        return self.open().filter(answer="")

    def due(self, today: date) -> "DepartmentOpinionQuerySet":
        """Unanswered, and the day of the answer is here or past."""
        return self.unanswered().filter(due_on__lte=today)


class DepartmentOpinion(Recorded):
    """庁内意見照会: what one asked 課 says about an agreement to come, and until when it was asked to."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="opinions", verbose_name="協定")
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="opinions", verbose_name="照会先の課"
    )
    question = ProseField("照会する内容", max_length=2000)
    asked_on = models.DateField("照会日")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="照会者"
    )
    due_on = models.DateField("回答期限")
    answer = models.CharField("回答", max_length=12, choices=OpinionAnswer, blank=True)
    text = ProseField("意見", max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="回答者",
    )
    answered_at = models.DateTimeField("回答日時", null=True, blank=True)
    withdrawn_at = models.DateTimeField("取下げ日時", null=True, blank=True, editable=False)

    history = history()
    objects = DepartmentOpinionQuerySet.as_manager()

    class Meta:
        verbose_name = "庁内意見"
        verbose_name_plural = "庁内意見"
        ordering = ["agreement", "due_on", "department__order", "pk"]
        indexes = [
            models.Index(
                "due_on", "id", condition=Q(answer="", withdrawn_at=None), name="opinion_unanswered_due"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "department"],
                condition=Q(answer="", withdrawn_at=None),
                name="opinion_department_asked_once",
                violation_error_message="この課にはすでに照会していて、回答を待っています。",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("asked_on")),
                name="opinion_due_after_asking",
                violation_error_message="回答期限は照会日以後の日にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="opinion_answer_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["", OpinionAnswer.AGREED]) | ~Q(text=""),
                name="opinion_doubts_are_explained",
                violation_error_message="「条件付」「不可」のときは、意見を入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department}の意見"

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def is_overdue(self, today: date) -> bool:
        return not self.answer and not self.is_withdrawn and self.due_on < today

    @property
    def answered_on(self) -> date | None:
        """The day of the answer, in local time."""
        return timezone.localtime(self.answered_at).date() if self.answered_at else None
