import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from municipalities import access
from municipalities.choices import AuditKind

from .audit_chain import AuditChain


class AppendOnlyError(Exception):
    """An audit event is written once; it is neither changed nor deleted."""


class AuditEventQuerySet(models.QuerySet):
    def readable_by(self, user: Any) -> "AuditEventQuerySet":
        """Managers read their municipality's, system admins all."""
        return self.filter(access.readable_audit(user, "chain__"))

    def remove_through(self, chain: AuditChain) -> int:
        """Delete what the chain's anchor gives free; returns how many. The triggers refuse anything else."""
        return super().filter(chain=chain, sequence__lte=chain.removed_through)._delete_rows()

    def _delete_rows(self) -> int:
        return super().delete()[0]

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class AuditEvent(models.Model):
    """操作記録: who did what when from where. Written by `audit.record` alone; append-only.

    Every column is part of the hash, which also covers the hash of the event before: changing, removing or
    inserting one breaks the chain. `details` is kept as the very text that was hashed.
    """

    pk = models.CompositePrimaryKey("chain_id", "sequence")
    # The primary key begins with it and serves as its index.
    chain = models.ForeignKey(
        AuditChain, models.PROTECT, db_index=False, related_name="events", verbose_name="系列"
    )
    sequence = models.PositiveBigIntegerField("番号")
    at = models.DateTimeField("日時")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="操作した人",
    )
    actor_name = models.CharField("操作した人の氏名", max_length=200, blank=True)
    ip = models.CharField("接続元", max_length=45, blank=True)
    kind = models.CharField("操作", max_length=20, choices=AuditKind)
    object_model = models.CharField("対象の種類", max_length=80, blank=True)
    object_pk = models.CharField("対象の番号", max_length=40, blank=True)
    object_label = models.CharField("対象", max_length=200, blank=True)
    details_text = models.TextField("詳細（JSON）", blank=True)
    previous_hash = models.CharField("前のハッシュ", max_length=64)
    hash = models.CharField("ハッシュ", max_length=64)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = "操作記録"
        verbose_name_plural = "操作記録"
        ordering = ["chain", "-sequence"]
        indexes = [
            models.Index("chain", "at", name="audit_event_at"),
            models.Index("chain", "kind", "sequence", name="audit_event_kind"),
            models.Index("actor", "chain", "sequence", name="audit_event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    @property
    def details(self) -> dict[str, Any]:
        return json.loads(self.details_text) if self.details_text else {}

    def computed_hash(self) -> str:
        """SHA-256 (hex) of the canonical form of every column but the hash itself."""
        return digest(
            {
                "chain": self.chain_id,
                "sequence": self.sequence,
                "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "actor": self.actor_id,
                "actor_name": self.actor_name,
                "ip": self.ip,
                "kind": str(self.kind),
                "object_model": self.object_model,
                "object_pk": self.object_pk,
                "object_label": self.object_label,
                "details": self.details_text,
                "previous": self.previous_hash,
            }
        )


def canonical(values: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces; what JSON does not know (dates, lazy texts) as text."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(values).encode()).hexdigest()
