from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone

from municipalities import access
from municipalities.choices import Role
from municipalities.validators import validate_kana

from .base import history
from .department import Department
from .fields import LineField
from .municipality import Municipality


class StaffMemberQuerySet(models.QuerySet["StaffMember"]):
    def visible_to(self, user) -> "StaffMemberQuerySet":
        """Colleagues of the same municipality."""
        return self.filter(access.own_municipality(user))

    def managed_by(self, user) -> "StaffMemberQuerySet":
        """Staff this person may invite, change and disable: system admins are no municipality's."""
        return self.filter(access.managed_municipality(user), is_superuser=False)


class StaffMemberManager(UserManager.from_queryset(StaffMemberQuerySet)):  # type: ignore[misc]
    """Django's user manager with our QuerySet."""


class StaffMember(AbstractUser):
    """A person who logs in: staff of one municipality, or a system admin (superuser) of none."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = LineField("氏名", max_length=60)
    name_kana = LineField("かな", max_length=80, blank=True, validators=[validate_kana])
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="staff", verbose_name="自治体"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="staff", verbose_name="課"
    )
    role = models.CharField("役割", max_length=10, choices=Role, default=Role.VIEWER)
    must_change_password = models.BooleanField(
        "次のログインでパスワードを変更させる",
        default=False,
        help_text="ほかの人が決めたパスワードは、本人が変更するまで使えません。",
    )
    password_changed_at = models.DateTimeField("パスワード変更日時", null=True, blank=True, editable=False)
    last_login_address = models.GenericIPAddressField("最終ログイン元", null=True, blank=True, editable=False)

    replaced_password: tuple[str, datetime] | None = None  # see `set_password`; not a field

    history = history(excluded_fields=["password", "password_changed_at", "last_login", "last_login_address"])
    objects: ClassVar[StaffMemberManager] = StaffMemberManager()

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
            # Login ignores case; the index also serves that search on PostgreSQL.
            models.UniqueConstraint(
                Upper("username"),
                name="staff_member_username_once_in_any_case",
                violation_error_message="同じユーザー名（大文字と小文字の違いだけを含む）がすでにあります。",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def clean(self) -> None:
        super().clean()
        if self.department and self.department.municipality_id != self.municipality_id:
            raise ValidationError({"department": "課は所属する自治体の課から選んでください。"})

    def set_password(self, raw_password: str | None) -> None:
        """Keeps the replaced one (hash, since when) at hand: the policy remembers it when this is saved."""
        if self.replaced_password is None:
            self.replaced_password = (self.password, self.password_changed_at or self.date_joined)
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    def must_renew_password(self, now: datetime) -> bool:
        """Whether the person has to choose a new password: the present one is someone else's, or too old.

        A password without a date counts from the day the person joined.
        """
        if not self.has_usable_password():
            return False
        if self.must_change_password:
            return True
        max_age = settings.RENKEI_PASSWORD_MAX_AGE
        return max_age is not None and now - (self.password_changed_at or self.date_joined) > max_age

    @property
    def may_import(self) -> bool:
        return access.may_import(self)

    @property
    def may_keep_clauses(self) -> bool:
        return access.may_keep_clauses(self)

    @property
    def is_manager(self) -> bool:
        """For templates, which cannot call `access`."""
        return access.is_manager(self)

    @property
    def is_invited(self) -> bool:
        """Whether the first password is still missing."""
        return self.is_active and not self.has_usable_password()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
