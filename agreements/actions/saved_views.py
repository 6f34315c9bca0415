"""Save a view of a list, change it, put it away and bring it back; choose what one wants of it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from agreements.models import SavedView, SavedViewUse
from municipalities.models import StaffMember


@transaction.atomic
def save_view(*, list_key: str, name: str, query: str, is_shared: bool, by: StaffMember) -> SavedView:
    return SavedView.objects.create(
        municipality_id=by.municipality_id,
        owner=by,
        list_key=list_key,
        name=name,
        query=query,
        is_shared=is_shared,
    )


@transaction.atomic
def change_view(*, view: SavedView, name: str, is_shared: bool) -> None:
    view.name, view.is_shared = name, is_shared
    view.save()


@transaction.atomic
def delete_view(*, view: SavedView) -> None:
    """Nobody sees it any more; who began with it begins with the list as it is."""
    view.deleted_at = timezone.now()
    view.save()


@transaction.atomic
def restore_view(*, view: SavedView) -> None:
    view.deleted_at = None
    view.save()


@transaction.atomic
def use_view(
    *, view: SavedView, by: StaffMember, is_default: bool, mails: bool, known: Iterable[int]
) -> SavedViewUse:
    """Remember what the person wants of the view. `known`: what matches now and is no news."""
    if is_default:
        others = SavedViewUse.objects.filter(person=by, list_key=view.list_key).exclude(view=view)
        others.filter(is_default=True).update(is_default=False)
    use, _ = SavedViewUse.objects.select_for_update().get_or_create(
        person=by, view=view, defaults={"list_key": view.list_key}
    )
    if mails and not use.mails:
        use.known = sorted({*use.known, *known})
    use.is_default, use.mails = is_default, mails
    use.save()
    return use
