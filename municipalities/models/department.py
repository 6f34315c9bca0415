from datetime import date

from django.core.exceptions import ValidationError
from django.db import models

from municipalities import access
from municipalities.validators import validate_kana

from .base import Recorded, history
from .fields import LineField
from .municipality import Municipality


class DepartmentQuerySet(models.QuerySet["Department"]):
    def valid(self, on: date) -> "DepartmentQuerySet":
        """課 that exist on that day."""
        return self.filter(
            models.Q(valid_from=None) | models.Q(valid_from__lte=on),
            models.Q(valid_to=None) | models.Q(valid_to__gte=on),
        )

    def visible_to(self, user) -> "DepartmentQuerySet":
        return self.filter(access.own_municipality(user))

    def managed_by(self, user) -> "DepartmentQuerySet":
        """課 this person may create, rename, order and abolish."""
        return self.filter(access.managed_municipality(user))

    def assignable_by(self, user) -> "DepartmentQuerySet":
        """課 to which this person may assign an agreement or action."""
        return self.filter(access.assignable_departments(user))


class Department(Recorded):
    """A 課 of a municipality, with the days it exists and what it became (機構改革)."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="departments", verbose_name="自治体"
    )
    name = LineField("課名", max_length=80)
    name_kana = LineField("かな", max_length=120, blank=True, validators=[validate_kana])
    order = models.PositiveIntegerField("並び順", default=0)
    valid_from = models.DateField("設置日", null=True, blank=True)
    valid_to = models.DateField("廃止日（この日まで）", null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="承継課"
    )

    history = history()
    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = "課"
        verbose_name_plural = "課"
        ordering = ["municipality", "order", "name_kana", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name"],
                condition=models.Q(valid_to=None),
                name="department_name_once_while_valid",
                violation_error_message="同じ名前の課がすでにあります。",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from=None)
                | models.Q(valid_to=None)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="department_ends_after_start",
                violation_error_message="廃止日は設置日以後の日にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.successor and self.successor.municipality_id != self.municipality_id:
            raise ValidationError({"successor": "承継課は同じ自治体の課から選んでください。"})
        if self.successor_id and self.successor_id == self.pk:
            raise ValidationError({"successor": "自分自身を承継課にはできません。"})
