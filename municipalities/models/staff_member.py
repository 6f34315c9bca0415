from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models

from municipalities import access
from municipalities.choices import Role
from municipalities.validators import validate_kana

from .base import history
from .department import Department
from .fields import LineField
from .municipality import Municipality


class StaffMemberQuerySet(models.QuerySet):
    def visible_to(self, user) -> "StaffMemberQuerySet":
        """Colleagues of the same municipality."""
        return self.filter(access.own_municipality(user))


class StaffMemberManager(UserManager.from_queryset(StaffMemberQuerySet)):  # type: ignore[misc]
    """Django's user manager with our QuerySet."""


class StaffMember(AbstractUser):
    """A person who logs in: staff of one municipality, or a system admin (superuser) of none."""

    first_name = None
    last_name = None
    name = LineField("氏名", max_length=60)
    name_kana = LineField("かな", max_length=80, blank=True, validators=[validate_kana])
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="staff", verbose_name="自治体"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="staff", verbose_name="課"
    )
    role = models.CharField("役割", max_length=10, choices=Role, default=Role.VIEWER)

    history = history(excluded_fields=["password", "last_login"])
    objects = StaffMemberManager()

    REQUIRED_FIELDS = ["name", "email"]

    class Meta:
        verbose_name = "職員"
        verbose_name_plural = "職員"
        ordering = ["municipality", "name_kana", "username"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(municipality__isnull=False) | models.Q(is_superuser=True),
                name="staff_member_belongs_somewhere",
                violation_error_message="自治体を選んでください（システム管理者だけは無所属にできます）。",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def clean(self) -> None:
        super().clean()
        if self.department and self.department.municipality_id != self.municipality_id:
            raise ValidationError({"department": "課は所属する自治体の課から選んでください。"})

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
