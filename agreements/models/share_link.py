import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from agreements.choices import SharePurpose
from agreements.domain import share_links
from agreements.domain.share_links import Closed, LinkFacts, Progress
from municipalities import access
from municipalities.models.base import Recorded, history

from .agreement import Agreement
from .company import CompanyContact

_SALT = "agreements.share_link"


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def internal_to(self, user) -> "ShareLinkQuerySet":
        return self.filter(access.internal_agreements(user, "agreement__"), agreement__deleted_at=None)

    def with_token(self, token: str) -> "ShareLinkQuerySet":
        return self.filter(token_hash=hash_of(token))

    def alive(self, now: datetime) -> "ShareLinkQuerySet":
        """Links whose sessions go on: the SQL form of `domain.share_links.ends_sessions`."""
        contact_is_current = Q(contact__ended_on=None) | Q(contact__ended_on__gte=timezone.localdate(now))
        return self.filter(
            contact_is_current,
            agreement__deleted_at=None,
            contact__erased_at=None,
            revoked_at=None,
            expires_at__gt=now,
        )

    def open(self, now: datetime) -> "ShareLinkQuerySet":
        """Links with which somebody may begin: the SQL form of `domain.share_links.closed_because`."""
        return self.alive(now).filter(uses__lt=F("max_uses"))


def hash_of(secret: str) -> str:
    """SHA-256 suffices for a random secret, and lets the row be found by it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_seed() -> str:
    return secrets.token_hex(16)


def token_from(seed: str, key: str | None = None) -> str:
    """The secret part of the link: signed, so that the database alone does not give it away."""
    return salted_hmac(_SALT, seed, secret=key, algorithm="sha256").hexdigest()


class ShareLink(Recorded):
    """相手方リンク: lets one contact of a company take part in one agreement, without an account.

    Of the link only the hash is kept. It can be made again for a reminder, with the secret key of the
    installation and the seed: a copy of the database opens nothing.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="share_links", verbose_name="協定")
    contact = models.ForeignKey(
        CompanyContact, models.PROTECT, related_name="share_links", verbose_name="相手窓口"
    )
    purpose = models.CharField("依頼の内容", max_length=16, choices=SharePurpose)
    seed = models.CharField(max_length=32, default=new_seed, editable=False)
    token_hash = models.CharField("リンクのハッシュ", max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField("有効期限")
    max_uses = models.PositiveSmallIntegerField("使える回数", default=20)
    code_by_phone = models.BooleanField("確認コードを電話で伝える", default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="発行した人"
    )
    # Kept by `actions.share_access` with conditional updates.
    uses = models.PositiveSmallIntegerField("使った回数", default=0, editable=False)
    opened_at = models.DateTimeField("最初に開いた日時", null=True, blank=True, editable=False)
    submitted_at = models.DateTimeField("最後に送られた日時", null=True, blank=True, editable=False)
    sent_on = models.DateField("渡した日", editable=False)
    reminded_on = models.DateField("最後に催促した日", null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField("失効日時", null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="失効させた人",
    )

    history = history(excluded_fields=["seed", "token_hash", "uses"])
    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "相手方リンク"
        verbose_name_plural = "相手方リンク"
        ordering = ["agreement", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(max_uses__gte=1), name="share_link_usable"),
            models.CheckConstraint(condition=Q(uses__lte=F("max_uses")), name="share_link_within_uses"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}のリンク"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.token_hash:
            self.token_hash = hash_of(token_from(self.seed))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"{self.agreement.get_absolute_url()}#links"

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def audit_label(self) -> str:
        return f"相手方リンク {self.pk}（{self.get_purpose_display()}）"

    @property
    def token(self) -> str | None:
        """The secret part; None when the key it was signed with is no longer in use."""
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            token = token_from(self.seed, key)
            if hash_of(token) == self.token_hash:
                return token
        return None

    @property
    def progress(self) -> Progress:
        return share_links.progress(
            was_opened=self.opened_at is not None, was_submitted=self.submitted_at is not None
        )

    def closed_because(self, now: datetime) -> Closed | None:
        contact = self.contact
        is_current = contact.erased_at is None and (
            contact.ended_on is None or contact.ended_on >= timezone.localdate(now)
        )
        return share_links.closed_because(
            LinkFacts(
                expires_at=self.expires_at,
                uses=self.uses,
                max_uses=self.max_uses,
                is_revoked=self.revoked_at is not None,
                is_contact_current=is_current,
            ),
            now,
        )
