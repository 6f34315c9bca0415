from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from municipalities import access

from .municipality import Municipality

NO_HASH = "0" * 64


class AuditChainQuerySet(models.QuerySet["AuditChain"]):
    def readable_by(self, user: Any) -> "AuditChainQuerySet":
        return self.filter(access.readable_audit(user))

    def locked(self, municipality_id: int | None) -> "AuditChain":
        """The chain of a municipality (None: the system's), made when missing, locked until the commit.

        Needs a transaction. SQLite has one writer at a time, which is the lock.
        """
        return self.select_for_update().get_or_create(municipality_id=municipality_id)[0]


class AuditChain(models.Model):
    """The head of one chain of audit events, and the anchor where the retained part begins.

    There is one for each municipality and one for what belongs to none. Writers lock this row, which makes
    the numbers gap-free. The last number and hash kept here betray events cut off at the end; the number and
    hash of the last event that retention removed let the rest be verified without it. Database triggers let
    the head only grow and the anchor only advance.
    """

    municipality = models.OneToOneField(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="audit_chain",
        verbose_name="自治体",
    )
    last_sequence = models.PositiveBigIntegerField("最後の番号", default=0)
    last_hash = models.CharField("最後のハッシュ", max_length=64, default=NO_HASH)
    removed_through = models.PositiveBigIntegerField("削除済みの最後の番号", default=0)
    removed_hash = models.CharField("削除済みの最後のハッシュ", max_length=64, default=NO_HASH)

    objects = AuditChainQuerySet.as_manager()

    class Meta:
        verbose_name = "操作記録の系列"
        verbose_name_plural = "操作記録の系列"
        ordering = ["municipality"]
        constraints = [
            models.UniqueConstraint(Coalesce("municipality", 0), name="audit_chain_one_for_the_system"),
            models.CheckConstraint(
                condition=models.Q(removed_through__lte=models.F("last_sequence")),
                name="audit_chain_anchor_within_head",
            ),
        ]

    def __str__(self) -> str:
        return str(self.municipality) if self.municipality else "システム"

    @property
    def code(self) -> str:
        """How commands and files call it."""
        return self.municipality.code if self.municipality else "system"
