"""Forms of the manager's pages: staff and 課 of the own municipality."""

import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from .form_fields import NoticesMixin, WarekiDateField
from .models import Department, StaffMember


class StaffMemberForm(forms.ModelForm):
    """A colleague as a manager sees them. The municipality is the instance's, never the form's."""

    class Meta:
        model = StaffMember
        fields: tuple[str, ...] = ("name", "name_kana", "email", "department", "role")
        help_texts = {
            "name_kana": "並び順に使います。",
            "role": "閲覧は見るだけ、編集は自分の課の協定も扱え、管理は自治体全体の協定と職員を扱えます。",
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = Department.objects.filter(municipality=self.instance.municipality_id)
        # The present 課 stays choosable after its abolition: changing the name must not force a move.
        self.fields["department"].queryset = (  # type: ignore[attr-defined]
            departments.valid(today) | departments.filter(pk=self.instance.department_id)
        )
        self.fields["department"].empty_label = "（課に属さない）"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("role") == "editor" and not cleaned.get("department") and "department" in cleaned:
            self.add_error("department", "「編集（自課）」には課が必要です。課を選んでください。")
        return cleaned


class InvitationForm(StaffMemberForm):
    """A new colleague, and how the link reaches them."""

    delivery = forms.ChoiceField(
        label="案内の渡し方",
        choices=[("print", "印刷するか、画面のリンクを渡す"), ("mail", "メールで送る")],
        widget=forms.RadioSelect,
        initial="print",
    )

    class Meta(StaffMemberForm.Meta):
        fields = ("username", *StaffMemberForm.Meta.fields)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "ユーザー名"
        self.fields["username"].help_text = "ログインに使います。半角の英数字と @ . + - _"
        self.fields["email"].required = False

    def clean_username(self) -> str:
        return unicodedata.normalize("NFKC", self.cleaned_data["username"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("delivery") == "mail" and not cleaned.get("email") and "email" in cleaned:
            self.add_error("email", "メールで送るには、メールアドレスが必要です。")
        return cleaned


class FirstPasswordForm(forms.Form):
    """The first password, typed twice, held against the password policy."""

    password = forms.CharField(
        label="パスワード",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="パスワード（もう一度）",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        self.fields["password"].help_text = password_validation.password_validators_help_text_html()

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        password_validation.validate_password(password, self.member)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "password" in cleaned and cleaned.get("again") != cleaned["password"]:
            self.add_error("again", ValidationError("2回のパスワードが一致しません。", code="mismatch"))
        return cleaned


class DepartmentForm(NoticesMixin, forms.ModelForm):
    """A 課. The municipality is the instance's, never the form's."""

    valid_from = WarekiDateField(label="設置日", required=False)

    class Meta:
        model = Department
        fields = ("name", "name_kana", "order", "valid_from")
        help_texts = {"name_kana": "並び順に使います。", "order": "小さい順に並びます。"}

    def _get_validation_exclusions(self) -> set[str]:
        """Checks the constraints that reach beyond the form: a name is taken within the municipality."""
        return super()._get_validation_exclusions() - {"municipality", "valid_to"}  # type: ignore[misc]
