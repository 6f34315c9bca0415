from django.conf import settings
from django.db import models

from municipalities.models.fields import LineField

from .company import Company


class CompanyMerge(models.Model):
    """相手方の統合: `source` was put away and what hung on it now hangs on `target`.

    A log; `moved` holds what is needed to take it back.
    """

    source = models.ForeignKey(Company, models.PROTECT, related_name="merges", verbose_name="統合した相手方")
    target = models.ForeignKey(Company, models.PROTECT, related_name="absorbed", verbose_name="統合先")
    source_name = LineField("統合前の名称", max_length=120)
    moved = models.JSONField(default=dict, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="統合した人"
    )
    at = models.DateTimeField("統合日時", auto_now_add=True)
    undone_at = models.DateTimeField("取消日時", null=True, blank=True)

    class Meta:
        verbose_name = "相手方の統合"
        verbose_name_plural = "相手方の統合"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"「{self.source_name}」の「{self.target}」への統合"
