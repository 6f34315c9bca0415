"""保存した一覧: conditions, order and columns of a list under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from municipalities import access
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField


class SavedViewQuerySet(models.QuerySet):
    def alive(self) -> "SavedViewQuerySet":
        return self.filter(deleted_at=None)

    def visible_to(self, user) -> "SavedViewQuerySet":
        """One's own, and those shared with one's municipality (for a system admin: none but the own)."""
        shared = Q(is_shared=True, municipality=user.municipality_id or 0)
        return self.alive().filter(Q(owner=user.pk) | shared)

    def editable_by(self, user) -> "SavedViewQuerySet":
        """One's own; managers also what is shared in their municipality, deleted ones included."""
        shared = Q(is_shared=True) & access.managed_municipality(user)
        return self.filter(Q(owner=user.pk) | shared)


class SavedView(Recorded):
    """The URL query of a list under a name: conditions, order, columns."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="自治体"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="saved_views", verbose_name="作った人"
    )
    list_key = models.CharField("一覧", max_length=30)
    name = LineField("名前", max_length=60)
    query = models.TextField("条件", blank=True, max_length=4000)
    is_shared = models.BooleanField("自治体で共有", default=False)
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True)
    history = history()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = "保存した一覧"
        verbose_name_plural = "保存した一覧"
        ordering = ["name", "pk"]
        indexes = [
            models.Index("owner", "list_key", name="saved_view_owner"),
            models.Index("municipality", "list_key", condition=Q(is_shared=True), name="saved_view_shared"),
        ]

    def __str__(self) -> str:
        return self.name


class SavedViewUse(Recorded):
    """What one person wants of a view: to begin with it, to be told what newly matches."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="view_uses", verbose_name="職員"
    )
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="uses", verbose_name="保存した一覧")
    list_key = models.CharField("一覧", max_length=30)
    is_default = models.BooleanField("最初に開く", default=False)
    mails = models.BooleanField("新しい該当をメールで受け取る", default=False)
    known = models.JSONField("知らせた行", default=list, blank=True)  # keys; each is told once

    class Meta:
        verbose_name = "一覧の使い方"
        verbose_name_plural = "一覧の使い方"
        ordering = ["person", "view"]
        constraints = [
            models.UniqueConstraint(fields=["person", "view"], name="view_use_once"),
            models.UniqueConstraint(
                fields=["person", "list_key"], condition=Q(is_default=True), name="one_default_view"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}：{self.view}"
