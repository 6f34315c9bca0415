from datetime import date

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agreements.choices import AgreementState
from agreements.domain import lifecycle
from municipalities import access
from municipalities.models.fields import ProseField

from .agreement import Agreement


class TransitionQuerySet(models.QuerySet):
    def internal_to(self, user) -> "TransitionQuerySet":
        return self.filter(access.internal_agreements(user, "agreement__"), agreement__deleted_at=None)

    def standing(self) -> "TransitionQuerySet":
        """Moves that still count: neither taken back nor themselves the taking back of another."""
        return self.filter(undoes=None, undone_by=None)

    def update(self, **kwargs) -> int:
        raise TypeError("A transition is written once.")


class Transition(models.Model):
    """A move of an agreement from one state to another: who, when, why. Written once, never changed.

    Taking a move back is a move of its own, which names the one it `undoes`.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="transitions", verbose_name="協定")
    from_state = models.CharField("前の状態", max_length=12, choices=AgreementState)
    to_state = models.CharField("後の状態", max_length=12, choices=AgreementState)
    on = models.DateField("日付")
    comment = ProseField("コメント", max_length=2000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="記録者"
    )
    at = models.DateTimeField("記録日時", auto_now_add=True)
    undoes = models.OneToOneField(
        "self",
        models.RESTRICT,  # goes only together with the agreement
        null=True,
        blank=True,
        related_name="undone_by",
        verbose_name="取り消した手続き",
    )
    # Field values of the agreement that the move replaced, by name: what taking it back restores.
    replaced = models.JSONField("前の値", default=dict, blank=True, encoder=DjangoJSONEncoder)

    objects = TransitionQuerySet.as_manager()

    class Meta:
        verbose_name = "手続き"
        verbose_name_plural = "手続き"
        ordering = ["agreement", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_state=F("to_state")), name="transition_changes_state"),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise TypeError("A transition is written once.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("A transition is never deleted.")

    @property
    def label(self) -> str:
        """The verb: 「庁内調整を始める」, 「差し戻す」, 「直前の状態に戻す」 …"""
        if self.undoes_id:
            return "直前の状態に戻す"
        move = lifecycle.transition(lifecycle.State(self.from_state), lifecycle.State(self.to_state))
        return move.label if move else f"「{self.get_to_state_display()}」にする"

    @property
    def recorded_on(self) -> date:
        """The day of the record, in local time."""
        return timezone.localtime(self.at).date()
