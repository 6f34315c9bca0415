"""Who is logged in, loaded with what every page shows of them."""

from allauth.account.auth_backends import AuthenticationBackend

from .models import StaffMember


class StaffBackend(AuthenticationBackend):
    """allauth's backend; the person comes with 自治体 and 課, which every page header and rule reads."""

    def get_user(self, user_id: int) -> StaffMember | None:
        found = StaffMember.objects.select_related("municipality", "department").filter(pk=user_id).first()
        return found if found and self.user_can_authenticate(found) else None
