"""The second factor: secrets encrypted at rest, a QR code that the Content-Security-Policy allows."""

from collections.abc import Iterator

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from cryptography.fernet import InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage

from municipalities import access
from municipalities.encryption import box
from municipalities.models import StaffMember

# Recovery codes alone are no second factor: they come with one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class StaffMfaAdapter(DefaultMFAAdapter):
    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def build_totp_svg(self, url: str) -> SafeString:
        """An inline SVG without declaration and styles; a `data:` image would need a hole in the policy."""
        svg = qrcode.make(url, image_factory=SvgPathImage).to_string(encoding="unicode")
        return mark_safe(svg)  # noqa: S308  (drawn by the library; the text is in the pattern only)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return f"パスキー{number}"

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last factor of a role that has to have one stays."""
        if not is_required_of(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS)
        return others.exclude(pk=authenticator.pk).exists()

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ImproperlyConfigured when the key is neither SECRET_KEY nor one of its fallbacks."""
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A second factor was encrypted with a SECRET_KEY that is not in SECRET_KEY_FALLBACKS."
            ) from error


def is_required_of(member: StaffMember) -> bool:
    return access.role_of(member) in settings.RENKEI_MFA_REQUIRED_ROLES


def is_set_up_by(member: StaffMember) -> bool:
    return Authenticator.objects.filter(user=member, type__in=FACTORS).exists()


def reset(member: StaffMember, request: HttpRequest | None = None) -> int:
    """Take away every factor of someone who lost their device; returns how many."""
    removed = list(Authenticator.objects.filter(user=member))
    with transaction.atomic():
        for authenticator in removed:
            authenticator.delete()
            authenticator_removed.send(
                sender=Authenticator, request=request, user=member, authenticator=authenticator
            )
    return len(removed)


def reencrypt() -> int:
    """Encrypt all secrets with the present SECRET_KEY, so that old keys can go; returns how many."""
    changed = 0
    for authenticator in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).iterator():
        secrets = dict(_rotated(authenticator.data))
        if secrets:
            authenticator.data = {**authenticator.data, **secrets}
            authenticator.save(update_fields=["data"])
            changed += 1
    return changed


def _rotated(data: dict) -> Iterator[tuple[str, str]]:
    for name in ("secret", "seed"):
        if name in data:
            yield name, _fernet().rotate(data[name].encode()).decode()


def _fernet() -> MultiFernet:
    return box("municipalities.login.mfa")
