"""公開ページの設定 of a municipality: saved, and taken back."""

from datetime import date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from agreements.models import PublicProfile
from municipalities.models import Municipality, StaffMember

from .publication import save_profile
from .register import ChangedMeanwhile

KEPT = ("fields", "display_name", "contact", "website", "licence", "logo", "host_name")
"""What one saving of the page settles, and what taking it back restores."""


class NotRestorable(ValueError):
    """The settings cannot be what they were; the message says why, in Japanese."""


@transaction.atomic
def change_profile(
    *,
    municipality: Municipality,
    values: dict[str, Any],
    logo: bytes | None,
    seen: datetime | None,
    by: StaffMember,
    today: date,
) -> int:
    """Write the settings as the form left them; returns how many agreements lost something on their page.

    `logo`: the bytes of a new one, b"" for none any more, None for the one there is. `seen`: when the
    settings on the page were written. Raises `ChangedMeanwhile`.
    """
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    profile = PublicProfile.of(municipality)
    if profile.updated_at != seen:
        raise ChangedMeanwhile
    for name, value in values.items():
        setattr(profile, name, value)
    if logo:
        profile.logo.save("logo.png", ContentFile(logo), save=False)
    elif logo is not None:
        profile.logo = ""  # the file stays: taking this back needs it
    return save_profile(profile=profile, by=by, today=today)


@transaction.atomic
def restore_profile(
    *, municipality: Municipality, values: dict[str, Any], by: StaffMember, today: date
) -> None:
    """The settings as they were before. Raises `NotRestorable` when another body has the host name by now."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    profile = PublicProfile.of(municipality)
    host = values["host_name"]
    if host and PublicProfile.objects.filter(host_name=host).exclude(pk=profile.pk).exists():
        raise NotRestorable(f"ホスト名「{host}」は、ほかの自治体が使っているため、元に戻せません。")
    for name in KEPT:
        setattr(profile, name, values[name])
    save_profile(profile=profile, by=by, today=today)
