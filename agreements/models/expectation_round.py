import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from agreements.choices import ExpectationOccasion, ExpectationRoundState
from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import ProseField

from .agreement import Agreement

OPEN_STATES = (ExpectationRoundState.FILLING, ExpectationRoundState.OPENED)
"""A round that is being worked on; of each agreement at most one."""

SEEN_STATES = (ExpectationRoundState.OPENED, ExpectationRoundState.CONFIRMED)
"""Both sides know what the other wrote."""

# Without the letters and digits that are mistaken for each other on paper.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_sheet_id() -> str:
    """「WS-7K3M-Q9TX」: tells sheets apart on paper and in files; it is no secret."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"WS-{letters[:4]}-{letters[4:]}"


class ExpectationRoundQuerySet(models.QuerySet["ExpectationRound"]):
    def alive(self) -> "ExpectationRoundQuerySet":
        return self.filter(agreement__deleted_at=None)

    def internal_to(self, user) -> "ExpectationRoundQuerySet":
        return self.alive().filter(access.internal_agreements(user, "agreement__"))

    def editable_by(self, user) -> "ExpectationRoundQuerySet":
        return self.alive().filter(access.editable_agreements(user, "agreement__"))

    def running(self) -> "ExpectationRoundQuerySet":
        """Rounds that are being worked on."""
        return self.filter(state__in=OPEN_STATES)

    def seen(self) -> "ExpectationRoundQuerySet":
        """Rounds whose answers both sides know: all that the diagnosis and the 決裁 may look at."""
        return self.filter(state__in=SEEN_STATES)

    def confirmed(self) -> "ExpectationRoundQuerySet":
        return self.filter(state=ExpectationRoundState.CONFIRMED)


class ExpectationRound(Recorded):
    """すり合わせ: one version of the worksheet, before the signing or at a review.

    While it is 記入中 each side writes without seeing the other: the city's answers are rows of
    `ExpectationAnswer`, the company's lie unopened in a `CompanySubmission`. Opening makes both readable.
    """

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="expectation_rounds", verbose_name="協定"
    )
    number = models.PositiveSmallIntegerField("回", editable=False)
    occasion = models.CharField("時期", max_length=16, choices=ExpectationOccasion)
    state = models.CharField(
        "状態",
        max_length=12,
        choices=ExpectationRoundState,
        default=ExpectationRoundState.FILLING,
    )
    sheet_id = models.CharField(
        "シート番号", max_length=16, unique=True, default=new_sheet_id, editable=False
    )
    version = models.PositiveIntegerField("版", default=1, editable=False)
    own_submitted_at = models.DateTimeField("自治体側の提出日時", null=True, blank=True)
    own_submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="自治体側の提出者",
    )
    opened_at = models.DateTimeField("開示日時", null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="開示した人",
    )
    confirmed_at = models.DateTimeField("双方の確認が揃った日時", null=True, blank=True)
    cancelled_at = models.DateTimeField("取りやめた日時", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="取りやめた人",
    )
    cancelled_reason = ProseField("取りやめの理由", max_length=1000, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    history = history()
    objects = ExpectationRoundQuerySet.as_manager()

    class Meta:
        verbose_name = "すり合わせ"
        verbose_name_plural = "すり合わせ"
        ordering = ["agreement", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="expectation_round_number_once"),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(state__in=OPEN_STATES),
                name="expectation_round_one_running",
                violation_error_message="進行中のすり合わせがあります。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(ExpectationRoundState.FILLING, ExpectationRoundState.CANCELLED))
                | Q(opened_at__isnull=False),
                name="expectation_round_opening_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}回すり合わせ（{self.get_occasion_display()}）"

    def get_absolute_url(self) -> str:
        return reverse("agreements:worksheet", args=[self.pk])

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def is_blind(self) -> bool:
        """Whether the sides may not see each other yet; a round cancelled unopened stays closed for ever."""
        return self.opened_at is None

    @property
    def is_filling(self) -> bool:
        return self.state == ExpectationRoundState.FILLING

    @property
    def is_opened(self) -> bool:
        return self.state == ExpectationRoundState.OPENED

    @property
    def is_confirmed(self) -> bool:
        return self.state == ExpectationRoundState.CONFIRMED

    @property
    def is_cancelled(self) -> bool:
        return self.state == ExpectationRoundState.CANCELLED
