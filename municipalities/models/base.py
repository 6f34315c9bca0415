"""What every recorded model shares: when it was made and changed, and its field-level history."""

from django.db import models
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record


class HistoryOrigin(models.Model):
    """Where a change came from; a base of every historical model."""

    history_ip = models.GenericIPAddressField("変更元", null=True, blank=True)

    class Meta:
        abstract = True


def history(**kwargs) -> HistoricalRecords:
    """Field-level history of a model: who, when, from where, before and after."""
    return HistoricalRecords(bases=[HistoryOrigin], **kwargs)


def _record_origin(sender, history_instance, **kwargs) -> None:
    request = getattr(HistoricalRecords.context, "request", None)
    if request is not None:
        history_instance.history_ip = request.META.get("REMOTE_ADDR") or None


pre_create_historical_record.connect(_record_origin, dispatch_uid="municipalities.history_origin")


class Recorded(models.Model):
    """Creation and change times of a row."""

    created_at = models.DateTimeField("登録日時", auto_now_add=True)
    updated_at = models.DateTimeField("更新日時", auto_now=True)

    class Meta:
        abstract = True
