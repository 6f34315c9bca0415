from dataclasses import replace
from typing import Any

from django.db import models

from agreements.domain import diagnosis as rules
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history

from .annual_report import ReportDeadline


class DiagnosisSettingsQuerySet(models.QuerySet["DiagnosisSettings"]):
    def of(self, municipality_id: int | None) -> rules.Settings:
        """The settings in force in a municipality: the method's own where it changed nothing."""
        stored = self.filter(municipality=municipality_id).first()
        own = stored.as_settings() if stored else rules.Settings()
        deadline = ReportDeadline.objects.filter(municipality=municipality_id).first()
        return _with_deadline(own, deadline) if deadline else own

    def of_all(self) -> dict[int, rules.Settings]:
        """Of every municipality that changed anything, by its key."""
        found = {each.municipality_id: each.as_settings() for each in self.all()}
        for deadline in ReportDeadline.objects.all():
            own = found.get(deadline.municipality_id, rules.Settings())
            found[deadline.municipality_id] = _with_deadline(own, deadline)
        return found


def _with_deadline(settings: rules.Settings, deadline: ReportDeadline) -> rules.Settings:
    """The deadline of the 年度実績報告 is kept with the reports; V03 asks for it."""
    last = 28 if deadline.month == 2 else 31  # 29 Feb is a day in leap years only
    return replace(settings, report_due=(deadline.month, min(deadline.day, last)))


class DiagnosisSettings(Recorded):
    """診断の設定: what a municipality changed in the method. Only what differs from the defaults is kept, so
    that a better default reaches everyone who did not decide otherwise."""

    municipality = models.OneToOneField(
        Municipality, models.CASCADE, related_name="diagnosis_settings", verbose_name="自治体"
    )
    changes = models.JSONField("変更した値", default=dict, blank=True)

    history = history()
    objects = DiagnosisSettingsQuerySet.as_manager()

    class Meta:
        verbose_name = "診断の設定"
        verbose_name_plural = "診断の設定"
        ordering = ["municipality"]

    def __str__(self) -> str:
        return f"{self.municipality}の診断の設定"

    def as_settings(self) -> rules.Settings:
        return settings_from(self.changes)


_TUPLES = frozenset(
    {"report_due", "catch_all_prefixes", "catch_all_phrases", "vague_endings", "vague_phrases", "units"}
)


def settings_from(changes: dict[str, Any]) -> rules.Settings:
    """Settings with these changes. Raises ValueError with a Japanese message for impossible ones."""
    known = {name: value for name, value in changes.items() if name in rules.Settings.__dataclass_fields__}
    values: dict[str, Any] = {
        name: tuple(value) if name in _TUPLES else value for name, value in known.items()
    }
    return rules.Settings(**values)


def changes_in(settings: rules.Settings) -> dict[str, Any]:
    """What differs from the defaults, fit for JSON."""
    defaults = rules.Settings()
    values = {name: getattr(settings, name) for name in rules.Settings.__dataclass_fields__}
    changed = {name: value for name, value in values.items() if value != getattr(defaults, name)}
    return {name: list(value) if name in _TUPLES else value for name, value in changed.items()}
