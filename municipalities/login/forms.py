"""allauth's forms in our words: labels instead of placeholders, full-width input accepted."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.core.exceptions import ValidationError


class CodeField(forms.CharField):
    """A code as people type it from another screen: full-width digits, spaces and hyphens between them."""

    widget = forms.TextInput(
        attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "is-short"}
    )

    def to_python(self, value: Any) -> str:
        text = unicodedata.normalize("NFKC", super().to_python(value) or "")
        return "".join(text.split()).replace("-", "")


class PlainFieldsMixin:
    """A placeholder vanishes when it is needed and is hard to read: the label says the same.

    The link for a forgotten password stands below the form, not between its fields.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
        for name in {"password", "oldpassword"} & self.fields.keys():  # type: ignore[attr-defined]
            self.fields[name].help_text = ""  # type: ignore[attr-defined]


class LoginForm(PlainFieldsMixin, account_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update(autocapitalize="none", spellcheck="false")

    def clean_login(self) -> str:
        return unicodedata.normalize("NFKC", super().clean_login())


class ReauthenticateForm(PlainFieldsMixin, account_forms.ReauthenticateForm):
    pass


class ChangePasswordForm(PlainFieldsMixin, account_forms.ChangePasswordForm):
    pass


class SetPasswordForm(PlainFieldsMixin, account_forms.SetPasswordForm):
    pass


class ResetPasswordForm(PlainFieldsMixin, account_forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(PlainFieldsMixin, account_forms.ResetPasswordKeyForm):
    pass


_CODE_HINT = "認証アプリに表示されている6桁の数字。アプリが使えないときは、リカバリーコード（8桁）。"


class AuthenticateForm(mfa_forms.AuthenticateForm):
    code = CodeField(label="認証コード", help_text=_CODE_HINT)


class MfaReauthenticateForm(mfa_forms.ReauthenticateForm):
    code = CodeField(label="認証コード", help_text=_CODE_HINT)


class ActivateTotpForm(totp_forms.ActivateTOTPForm):
    code = CodeField(label="認証コード", help_text="認証アプリに表示された6桁の数字")


_NAME_HINT = "例：職場のパソコン、セキュリティキー（青）"


class CredentialField(forms.JSONField):
    """What the browser says of a passkey. Nested too deep or with a number too long it is wrong input too."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        with _refusing_malformed():
            return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (RecursionError, ValueError):
            return None


class _AnyCredentialMixin:
    """What comes from the browser can be anything; the library stumbles over what lacks a part."""

    def clean_credential(self) -> Any:
        with _refusing_malformed():
            return super().clean_credential()  # type: ignore[misc]


@contextmanager
def _refusing_malformed() -> Iterator[None]:
    try:
        yield
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ValidationError("パスキーの情報を読み取れませんでした。もう一度お試しください。") from error


class LoginPasskeyForm(_AnyCredentialMixin, webauthn_forms.LoginWebAuthnForm):
    credential = CredentialField()


class AuthenticatePasskeyForm(_AnyCredentialMixin, webauthn_forms.AuthenticateWebAuthnForm):
    credential = CredentialField()


class ReauthenticatePasskeyForm(_AnyCredentialMixin, webauthn_forms.ReauthenticateWebAuthnForm):
    credential = CredentialField()


class AddPasskeyForm(webauthn_forms.AddWebAuthnForm):
    credential = CredentialField()
    name = forms.CharField(label="名前", max_length=60, required=False, help_text=_NAME_HINT)
    passwordless = forms.BooleanField(
        label="パスワードの代わりに使う",
        required=False,
        initial=True,
        help_text=(
            "このパスキーだけでログインできます（顔・指紋・暗証番号などの確認があります）。"
            "外すと、パスワードの入力後の確認だけに使います。"
        ),
    )

    def clean(self) -> dict[str, Any]:
        with _refusing_malformed():
            return super().clean()


class EditPasskeyForm(webauthn_forms.EditWebAuthnForm):
    name = forms.CharField(label="名前", max_length=60, help_text=_NAME_HINT)
