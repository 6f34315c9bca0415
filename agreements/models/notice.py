from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from agreements.choices import NoticeKind

from .agreement import Agreement
from .notice_mail import NoticeMail


class NoticeQuerySet(models.QuerySet["Notice"]):
    def open(self) -> "NoticeQuerySet":
        """What still holds: not settled, not overtaken by a later stage."""
        return self.filter(closed_at=None)

    def unmailed(self, today: date) -> "NoticeQuerySet":
        """What a person was not told by mail yet and did not put off."""
        awake = Q(snoozed_until=None) | Q(snoozed_until__lte=today)
        return self.open().filter(awake, mail=None)


class Notice(models.Model):
    """お知らせ: one thing one person is told once, about one day and stage of an agreement or of its part.

    `object_id` is the key of what `kind` is about: the agreement itself, an opinion, a contact or an action.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices", verbose_name="知らせる職員"
    )
    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="notices", verbose_name="協定")
    kind = models.CharField("種類", max_length=12, choices=NoticeKind)
    object_id = models.PositiveBigIntegerField("対象の番号")
    due_on = models.DateField("対象の日")
    stage = models.SmallIntegerField("段階")
    created_on = models.DateField("作成日")
    closed_at = models.DateTimeField("解消日時", null=True, blank=True)
    snoozed_until = models.DateField("後で（この日から再表示）", null=True, blank=True)
    mail = models.ForeignKey(
        NoticeMail, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="メール"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "お知らせ"
        verbose_name_plural = "お知らせ"
        ordering = ["recipient", "due_on", "pk"]
        indexes = [
            models.Index("recipient", "due_on", condition=Q(closed_at=None), name="notice_recipient_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "object_id", "due_on", "stage"], name="notice_once"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
