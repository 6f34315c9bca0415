"""Validators of the password policy that Django does not bring (AUTH_PASSWORD_VALIDATORS)."""

from typing import Any

from django.contrib.auth.hashers import check_password, is_password_usable
from django.core.exceptions import ValidationError

from municipalities.models import PasswordHistory, StaffMember

_CLASSES = (str.islower, str.isupper, str.isdigit)
_WORDS = "英小文字・英大文字・数字・記号"


class CharacterClassesValidator:
    """At least so many of: lower case, upper case, digits, others (symbols, Japanese)."""

    def __init__(self, classes: int = 2) -> None:
        self.classes = classes

    def validate(self, password: str, user: Any = None) -> None:
        found = sum(any(belongs(letter) for letter in password) for belongs in _CLASSES)
        found += any(not any(belongs(letter) for belongs in _CLASSES) for letter in password)
        if found < self.classes:
            raise ValidationError(
                f"{_WORDS}のうち、{self.classes}種類以上を組み合わせてください。", code="password_classes"
            )

    def get_help_text(self) -> str:
        return f"{_WORDS}のうち、{self.classes}種類以上を組み合わせてください。"


class ReuseValidator:
    """None of the person's last passwords, the present one included; Django tells it of every new one."""

    def __init__(self, remembered: int = 5) -> None:
        self.remembered = remembered

    def validate(self, password: str, user: Any = None) -> None:
        if not isinstance(user, StaffMember) or user.pk is None:
            return
        # The form validates before it sets: the person still has the present password.
        known = [user.password, *self._former(user)]
        if any(check_password(password, each) for each in known):
            raise ValidationError(self.get_help_text(), code="password_reused")

    def password_changed(self, password: str, user: Any = None) -> None:
        if not isinstance(user, StaffMember):
            return
        if user.replaced_password:
            former, set_at = user.replaced_password
            if former and is_password_usable(former):
                PasswordHistory.objects.create(staff_member=user, password=former, set_at=set_at)
            user.replaced_password = None
        history = PasswordHistory.objects.filter(staff_member=user)
        history.exclude(password__in=self._former(user)).delete()

    def get_help_text(self) -> str:
        return f"最近使った{self.remembered}個のパスワードは使えません。"

    def _former(self, user: StaffMember) -> list[str]:
        """Hashes of the passwords before the present one, which is the first of those remembered."""
        history = PasswordHistory.objects.filter(staff_member=user)
        return list(history.values_list("password", flat=True)[: max(0, self.remembered - 1)])
