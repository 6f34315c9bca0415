"""The journal of a 取組: record how it stands, with a photo; put an entry away and bring it back."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from agreements.choices import ActionState, DocumentKind
from agreements.models import ActionItem, ProgressEntry, StagedUpload
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import StaffMember
from municipalities.wareki import format_wareki

from .action_items import claim, touch
from .documents import DocumentDraft, confirm_uploads, discard_upload, stage_upload
from .transition import give_reason

_LONGEST_TITLE = 200


def record_progress(
    *,
    action: ActionItem,
    by: StaffMember | None,
    on: date,
    value: Decimal | None = None,
    text: str = "",
    files: Sequence[File] = (),
    system: str = "",
    why: str = "",
) -> ProgressEntry:
    """Write an entry; its files become documents of the agreement. A planned action has begun with it.

    Without a person `system` names what wrote it; `why` goes into the history.

    Raises `documents.Refused` for a file that is not sound, and `register.ChangedMeanwhile` when the action
    is gone: then nothing is kept.
    """
    staged: list[StagedUpload] = []
    try:
        for file in files:
            name = file.name or ""
            # Systems send no files.
            staged.append(stage_upload(agreement=action.agreement, file=file, name=name, by=by))  # type: ignore[arg-type]
        figure: Any = value
        entry = ProgressEntry(on=on, value=figure, text=text, by=by, by_system=system)
        return _record(action, entry, staged, why)
    except Exception:
        for each in staged:
            discard_upload(staged=each)
        raise


@transaction.atomic
def _record(
    action: ActionItem, entry: ProgressEntry, staged: Sequence[StagedUpload], why: str
) -> ProgressEntry:
    current = entry.action = claim(action)
    give_reason(entry, why)
    entry.save()
    if staged:
        drafts = [_draft(current, entry.on, each) for each in staged]
        entry.documents.set(confirm_uploads(agreement=current.agreement, by=entry.by, drafts=drafts))  # type: ignore[arg-type]
    if current.state == ActionState.PLANNED:
        current.state = ActionState.IN_PROGRESS
        give_reason(current, why)
        current.save()
        touch(current)
    return entry


def _draft(action: ActionItem, on: date, staged: StagedUpload) -> DocumentDraft:
    kind = DocumentKind.PHOTO if staged.content_type.startswith("image/") else DocumentKind.OTHER
    tail = f"（{format_wareki(on)}）"
    return DocumentDraft(
        upload=staged, kind=kind, title=f"{action.title[: _LONGEST_TITLE - len(tail)]}{tail}"
    )


@transaction.atomic
def delete_progress(*, entry: ProgressEntry, by: StaffMember) -> None:
    """Put the entry away; `restore_progress` brings it back. Its documents stay with the agreement."""
    _set_deleted(entry, timezone.now())
    record(AuditKind.DELETION, actor=by, target=entry)


@transaction.atomic
def restore_progress(*, entry: ProgressEntry, by: StaffMember) -> None:
    _set_deleted(entry, None)
    record(AuditKind.RESTORATION, actor=by, target=entry)


def _set_deleted(entry: Any, at: datetime | None) -> None:
    entry.deleted_at = at
    entry.save(update_fields=["deleted_at", "updated_at"])
