"""What a company types and attaches until it sends it. Nothing of it reaches the record."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.db import transaction

from agreements.domain.uploads import Refused, check_upload, clean_name
from agreements.models import CompanySubmission, ShareDraft, ShareFile, ShareLink
from municipalities.audit import record
from municipalities.choices import AuditKind

from .documents import upload_limits
from .share_access import who

MOST_FILES = 20
"""Files of one link, sent ones included."""


def save_draft(*, link: ShareLink, values: Mapping[str, Any]) -> ShareDraft:
    """Keep what was typed, right or wrong; the last save stands."""
    draft, _ = ShareDraft.objects.update_or_create(link=link, defaults={"values": dict(values)})
    return draft


def draft_of(link: ShareLink) -> dict[str, Any]:
    draft = ShareDraft.objects.filter(link=link).first()
    return draft.values if draft else {}


def attach_file(*, link: ShareLink, file: File, name: str, about: int | None = None) -> ShareFile:
    """Look the file over by its content and keep it. Raises `Refused`; then nothing is kept."""
    name = clean_name(name)
    kind = check_upload(cast(BinaryIO, file), name=name, size=file.size, limits=upload_limits())
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    attached = ShareFile(
        link=link,
        about=about,
        original_name=name,
        size=file.size,
        sha256=digest.hexdigest(),
        content_type=kind.content_type,
    )
    attached.file.save(name, file, save=False)
    try:
        _keep(attached)
    except BaseException:
        attached.file.storage.delete(attached.file.name or "")
        raise
    return attached


@transaction.atomic
def _keep(attached: ShareFile) -> None:
    link = ShareLink.objects.select_for_update().get(pk=attached.link_id)
    if ShareFile.objects.filter(link=link).count() >= MOST_FILES:
        raise Refused(f"添付できるのは{MOST_FILES}個までです。要らないファイルを外してください。")
    attached.save()
    record(AuditKind.UPLOAD, actor_name=who(attached.link), target=attached, SHA256=attached.sha256)


@transaction.atomic
def detach_file(*, link: ShareLink, pk: int) -> None:
    """Take back a file that is not sent yet. Of another link, sent or unknown: nothing happens."""
    attached = ShareFile.objects.unsent().filter(link=link, pk=pk).first()
    if attached is None:
        return
    storage, name = attached.file.storage, attached.file.name
    attached.delete()
    transaction.on_commit(lambda: storage.delete(name or ""))


def mark_sent(*, link: ShareLink, submission: CompanySubmission, now: datetime) -> None:
    """What was typed and attached is on its way: the draft is done. Needs a transaction."""
    ShareLink.objects.filter(pk=link.pk).update(submitted_at=now)
    ShareFile.objects.unsent().filter(link=link).update(submission=submission)
    ShareDraft.objects.filter(link=link).delete()


__all__ = [
    "Refused",
    "attach_file",
    "detach_file",
    "draft_of",
    "mark_sent",
    "save_draft",
]
