from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q

from agreements.choices import MeetingForm, Side
from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField
from municipalities.wareki import format_wareki

from .agreement import Agreement
from .document import AgreementDocument


class MeetingQuerySet(models.QuerySet):
    def alive(self) -> "MeetingQuerySet":
        return self.filter(deleted_at=None, agreement__deleted_at=None)

    def internal_to(self, user) -> "MeetingQuerySet":
        return self.alive().filter(access.internal_agreements(user, "agreement__"))

    def editable_by(self, user) -> "MeetingQuerySet":
        return self.alive().filter(access.editable_agreements(user, "agreement__"))

    def restorable_by(self, user) -> "MeetingQuerySet":
        """Deleted meetings this person may bring back."""
        deleted = self.exclude(deleted_at=None).filter(agreement__deleted_at=None)
        return deleted.filter(access.editable_agreements(user, "agreement__"))

    def next_days(self, since: date) -> "MeetingQuerySet":
        """Meetings that named a day for the next one, from `since` on: what a calendar shows."""
        return self.alive().filter(next_on__gte=since)

    def last_days(self, agreement_ids: Collection[int]) -> dict[int, date]:
        """The day of the last meeting of each agreement that had one; one query."""
        rows = self.alive().filter(agreement__in=agreement_ids).order_by().values_list("agreement")
        return dict(rows.annotate(last=Max("held_on")))


class Meeting(Recorded):
    """会議: a talk of both sides that took place; what was said, decided and taken on."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="meetings", verbose_name="協定")
    held_on = models.DateField("開催日")
    form = models.CharField("形", max_length=12, choices=MeetingForm, default=MeetingForm.IN_PERSON)
    own_attendees = ProseField(
        "自治体側の出席者", max_length=1000, blank=True, help_text="1行に1人。例：企画課長 見本太郎"
    )
    partner_attendees = ProseField("相手方の出席者", max_length=1000, blank=True, help_text="1行に1人")
    summary = ProseField("要旨", max_length=8000, blank=True, help_text="何について話したか。")
    decisions = ProseField("決まったこと", max_length=4000, blank=True)
    next_on = models.DateField("次回の予定日", null=True, blank=True)
    is_policy_talk = models.BooleanField(
        "政策形成段階の話し合い",
        default=False,
        help_text="施策や事業の内容が決まる前に、相手方と意見を交わした。後に調達になったときの公平性の記録に使います。",
    )
    documents = models.ManyToManyField(
        AgreementDocument, blank=True, related_name="meetings", verbose_name="関係する書類"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)

    history = history(m2m_fields=[documents])
    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "会議"
        verbose_name_plural = "会議"
        ordering = ["agreement", "-held_on", "-pk"]
        indexes = [
            models.Index("agreement", "held_on", condition=Q(deleted_at=None), name="meeting_agreement_day")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(next_on=None) | Q(next_on__gt=F("held_on")),
                name="meeting_next_is_later",
                violation_error_message="次回の予定日は、開催日より後の日にしてください。",
            ),
            models.CheckConstraint(
                condition=~Q(summary="") | ~Q(decisions=""),
                name="meeting_says_something",
                violation_error_message="要旨か決まったことのどちらかを入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{format_wareki(self.held_on)}の会議（{self.get_form_display()}）"

    def get_absolute_url(self) -> str:
        return f"{self.agreement.get_absolute_url()}#meeting-{self.pk}"

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def audit_label(self) -> str:
        """Without the attendees' names."""
        return str(self)


class MeetingTask(Recorded):
    """宿題: who does what until when, as a meeting left it. It can become a 取組 of the agreement."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="tasks", verbose_name="会議")
    order = models.PositiveSmallIntegerField("順番")
    side = models.CharField("どちらが", max_length=8, choices=Side, default=Side.OWN)
    who = LineField("だれが", max_length=100, blank=True, help_text="課や担当者")
    what = LineField("何を", max_length=200)
    due_on = models.DateField("いつまでに", null=True, blank=True)
    action_item = models.OneToOneField(
        "agreements.ActionItem",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="meeting_task",
        verbose_name="取組",
    )

    history = history()

    class Meta:
        verbose_name = "会議の宿題"
        verbose_name_plural = "会議の宿題"
        ordering = ["meeting", "order", "pk"]

    def __str__(self) -> str:
        return self.what

    @property
    def agreement(self) -> Agreement:
        return self.meeting.agreement

    @property
    def whose(self) -> str:
        """「相手方（地域連携部）」"""
        return f"{self.get_side_display()}（{self.who}）" if self.who else self.get_side_display()
