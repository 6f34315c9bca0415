"""Single sign-on: the organisation's account leads to the person registered here, and makes nobody new."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest

from municipalities.choices import Role
from municipalities.models import Municipality, StaffMember


class StaffSignOnAdapter(DefaultSocialAccountAdapter):
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """First time: find the person by the verified e-mail address; from then on by the subject (`sub`)."""
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        member = _registered_as(sociallogin)
        if member is not None:
            sociallogin.connect(request, member)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Only with a municipality named for new people, and never beside someone with that address."""
        addresses = [each.email for each in sociallogin.email_addresses]
        return _home_of_new_people() is not None and not _with_address(addresses).exists()

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> StaffMember:
        member = super().populate_user(request, sociallogin, data)
        names = (data.get("last_name"), data.get("first_name"))
        member.name = data.get("name") or " ".join(filter(None, names)) or member.username
        member.municipality = _home_of_new_people()
        member.role = Role.VIEWER
        return member


def _registered_as(sociallogin: SocialLogin) -> StaffMember | None:
    """The one active person with an address the organisation has verified; a shared one tells nothing."""
    verified = [each.email for each in sociallogin.email_addresses if each.verified]
    found = list(_with_address(verified).filter(is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def _with_address(addresses: list[str]) -> Any:
    """People by address, whatever its case."""
    found = StaffMember.objects.none()
    for address in addresses:
        found |= StaffMember.objects.filter(email__iexact=address)
    return found


def _home_of_new_people() -> Municipality | None:
    return Municipality.objects.filter(code=settings.RENKEI_SIGN_ON_MUNICIPALITY or None).first()
