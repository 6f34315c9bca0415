"""What happens at a login and with a changed address. Connected in `MunicipalitiesConfig.ready`."""

import time
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from django.contrib.auth.signals import user_logged_in
from django.core.management import call_command
from django.db.models.signals import post_migrate, post_save
from django.http import HttpRequest
from django.utils import timezone

from municipalities.models import StaffMember

from . import lockout
from .middleware import SEEN, STARTED

# {"at": ISO 8601 or None, "address": str or None}: the login before this one.
PREVIOUS_LOGIN = "previous_login"


def connect(app_config: Any) -> None:
    # Django's own receiver saves the person, which would write a history row for every login.
    user_logged_in.disconnect(dispatch_uid="update_last_login")
    user_logged_in.connect(begin_session, dispatch_uid="municipalities.login.begin_session")
    password_reset.connect(unlock_after_reset, dispatch_uid="municipalities.login.unlock")
    post_save.connect(
        forget_former_addresses, sender=StaffMember, dispatch_uid="municipalities.login.addresses"
    )
    post_migrate.connect(
        create_cache_table, sender=app_config, dispatch_uid="municipalities.login.create_cache_table"
    )


def begin_session(sender: Any, request: HttpRequest, user: StaffMember, **kwargs: Any) -> None:
    """Start the clocks of the session and remember the login before this one, to show it."""
    request.session[STARTED] = request.session[SEEN] = time.time()
    if user.last_login:
        request.session[PREVIOUS_LOGIN] = {
            "at": user.last_login.isoformat(),
            "address": user.last_login_address,
        }
    user.last_login = timezone.now()
    user.last_login_address = request.META.get("REMOTE_ADDR") or None
    StaffMember.objects.filter(pk=user.pk).update(
        last_login=user.last_login, last_login_address=user.last_login_address
    )


def unlock_after_reset(sender: Any, user: StaffMember, **kwargs: Any) -> None:
    """Whoever reads the person's mail has proved more than a password."""
    lockout.unlock(user)


def forget_former_addresses(sender: Any, instance: StaffMember, raw: bool = False, **kwargs: Any) -> None:
    """The staff record holds the address. A former one that allauth has kept must not reset the password."""
    if not raw:
        EmailAddress.objects.filter(user=instance).exclude(email__iexact=instance.email).delete()


def create_cache_table(sender: Any, using: str, **kwargs: Any) -> None:
    """The table of the shared cache comes with `migrate`; nothing happens when it is there or not needed."""
    call_command("createcachetable", database=using, verbosity=0)
