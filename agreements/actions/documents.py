"""Take in, describe, change and put away the documents of an agreement.

A file is staged first: found sound, kept under a random name, not yet a document. The sender then says what
it is. A process that dies on the way leaves a file or a staged row behind, never a document without its file;
`clean_uploads` takes such leftovers away.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import transaction
from django.utils import timezone

from agreements.domain.uploads import Limits, Refused, check_upload, clean_name
from agreements.models import (
    Agreement,
    AgreementDocument,
    PublicCopy,
    SearchDocument,
    ShareFile,
    StagedUpload,
)
from agreements.models.document import DOCUMENT_DIR
from agreements.models.staged_upload import KEPT_FOR
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import StaffMember

from .register import ChangedMeanwhile


class VersionTaken(Exception):
    """The agreement has that version of the document already; `place` counts the drafts from 0."""

    def __init__(self, place: int = 0) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, kw_only=True)
class DocumentDraft:
    """What a staged file is. Without a version it becomes the next one of its kind and title."""

    upload: StagedUpload
    kind: str
    title: str
    version: int | None = None
    is_public: bool = False


def upload_limits() -> Limits:
    return Limits(size=settings.RENKEI_UPLOAD_MAX_BYTES, pixels=settings.RENKEI_UPLOAD_MAX_PIXELS)


def stage_upload(*, agreement: Agreement, file: File, name: str, by: StaffMember) -> StagedUpload:
    """Look the file over and keep it for its confirmation. Raises `Refused`; then nothing is kept."""
    name = clean_name(name)
    kind = check_upload(cast(BinaryIO, file), name=name, size=file.size, limits=upload_limits())
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    staged = StagedUpload(
        agreement=agreement,
        by=by,
        original_name=name,
        size=file.size,
        sha256=digest.hexdigest(),
        content_type=kind.content_type,
    )
    staged.file.save(name, file, save=False)
    try:
        staged.save()
    except BaseException:
        _delete_file(staged.file.storage, staged.file.name)
        raise
    return staged


@transaction.atomic
def confirm_uploads(
    *,
    agreement: Agreement,
    by: StaffMember,
    drafts: Sequence[DocumentDraft],
    discarded: Iterable[StagedUpload] = (),
) -> list[AgreementDocument]:
    """Make documents of staged files and drop others; all or nothing.

    Raises `VersionTaken`, and `ChangedMeanwhile` when one of them was confirmed or dropped before.
    """
    _lock(agreement)
    made = []
    for place, draft in enumerate(drafts):
        staged = draft.upload
        if StagedUpload.objects.filter(pk=staged.pk).delete()[0] == 0:
            raise ChangedMeanwhile
        document = AgreementDocument(
            agreement=agreement,
            kind=draft.kind,
            title=draft.title,
            version=_version(agreement, draft.kind, draft.title, draft.version, place),
            is_public=draft.is_public,
            file=staged.file.name,
            original_name=staged.original_name,
            size=staged.size,
            sha256=staged.sha256,
            content_type=staged.content_type,
            uploaded_by=by,
        )
        document.save()
        made.append(document)
    for staged in discarded:
        discard_upload(staged=staged)
    SearchDocument.objects.refresh([agreement.pk])
    for document in made:
        record(AuditKind.UPLOAD, actor=by, target=document, SHA256=document.sha256)
        if document.is_public:
            _record_publication(document, by)
    return made


@transaction.atomic
def discard_upload(*, staged: StagedUpload) -> None:
    """Drop a staged file. Doing it twice is harmless."""
    if StagedUpload.objects.filter(pk=staged.pk).delete()[0]:
        storage, name = staged.file.storage, staged.file.name
        transaction.on_commit(lambda: _delete_file(storage, name))


@transaction.atomic
def record_paper(
    *,
    agreement: Agreement,
    by: StaffMember,
    kind: str,
    title: str,
    shelf_location: str,
    version: int | None = None,
) -> AgreementDocument:
    """紙原本のみ: a document that is only on a shelf. Raises `VersionTaken`."""
    _lock(agreement)
    document = AgreementDocument(
        agreement=agreement,
        kind=kind,
        title=title,
        version=_version(agreement, kind, title, version),
        is_paper_only=True,
        shelf_location=shelf_location,
        uploaded_by=by,
    )
    document.save()
    SearchDocument.objects.refresh([agreement.pk])
    return document


@transaction.atomic
def change_document(
    *, document: AgreementDocument, seen: datetime | None, by: StaffMember, values: dict[str, Any]
) -> AgreementDocument:
    """Write what the document is called and whether it is public; the file stays.

    `seen` is the `updated_at` of the page. Raises `ChangedMeanwhile`, `VersionTaken`.
    """
    _lock(document.agreement)
    stored = AgreementDocument.objects.alive().select_related("agreement").filter(pk=document.pk).first()
    if stored is None or stored.updated_at != seen:
        raise ChangedMeanwhile
    was_public = stored.is_public
    for name, value in values.items():
        setattr(stored, name, value)
    others = AgreementDocument.objects.filter(agreement=stored.agreement).exclude(pk=stored.pk)
    if others.filter(kind=stored.kind, title=stored.title, version=stored.version).exists():
        raise VersionTaken
    stored.save()
    SearchDocument.objects.refresh([stored.agreement_id])
    if stored.is_public != was_public:
        _record_publication(stored, by)
    return stored


@transaction.atomic
def delete_document(*, document: AgreementDocument, by: StaffMember) -> None:
    """Put the document away; `restore_document` brings it back. Its file stays."""
    _set_deleted(document, timezone.now())
    record(AuditKind.DELETION, actor=by, target=document)


@transaction.atomic
def restore_document(*, document: AgreementDocument, by: StaffMember) -> None:
    _set_deleted(document, None)
    record(AuditKind.RESTORATION, actor=by, target=document)


def clean_uploads(*, now: datetime) -> tuple[int, int]:
    """Drop files nobody confirmed within a day, and files that belong to nothing; returns how many of each.

    A file younger than a day may belong to a request that is still being answered and stays.
    """
    stale = 0
    for staged in StagedUpload.objects.stale(now).iterator():
        discard_upload(staged=staged)
        stale += 1
    storage = AgreementDocument._meta.get_field("file").storage  # type: ignore[union-attr]
    orphans = 0
    for name in _stored_names(storage):
        is_known = any(
            model.objects.filter(file=name).exists()
            for model in (AgreementDocument, PublicCopy, StagedUpload, ShareFile)
        )
        if not is_known and storage.get_modified_time(name) < now - KEPT_FOR:
            _delete_file(storage, name)
            orphans += 1
    return stale, orphans


def next_version(agreement: Agreement, kind: str, title: str) -> int:
    """The number after the highest there ever was, deleted ones included."""
    same = AgreementDocument.objects.filter(agreement=agreement, kind=kind, title=title)
    return (same.order_by("-version").values_list("version", flat=True).first() or 0) + 1


def _version(agreement: Agreement, kind: str, title: str, wanted: int | None, place: int = 0) -> int:
    if wanted is None:
        return next_version(agreement, kind, title)
    same = AgreementDocument.objects.filter(agreement=agreement, kind=kind, title=title, version=wanted)
    if same.exists():
        raise VersionTaken(place)
    return wanted


def _lock(agreement: Agreement) -> None:
    """Two people must not draw the same version: the agreement is the lock."""
    Agreement.objects.select_for_update().get(pk=agreement.pk)


def _set_deleted(document: AgreementDocument, at: datetime | None) -> None:
    document.deleted_at = at
    document.save(update_fields=["deleted_at", "updated_at"])
    SearchDocument.objects.refresh([document.agreement_id])


def _record_publication(document: AgreementDocument, by: StaffMember) -> None:
    record(AuditKind.PUBLICATION, actor=by, target=document, 公開="公開" if document.is_public else "非公開")


def _stored_names(storage: Storage) -> Iterable[str]:
    if not storage.exists(DOCUMENT_DIR):
        return
    for directory in storage.listdir(DOCUMENT_DIR)[0]:
        for name in storage.listdir(f"{DOCUMENT_DIR}/{directory}")[1]:
            yield f"{DOCUMENT_DIR}/{directory}/{name}"


def _delete_file(storage: Storage, name: str | None) -> None:
    if name:
        storage.delete(name)


__all__ = [
    "DocumentDraft",
    "Refused",
    "VersionTaken",
    "change_document",
    "clean_uploads",
    "confirm_uploads",
    "delete_document",
    "discard_upload",
    "next_version",
    "record_paper",
    "restore_document",
    "stage_upload",
    "upload_limits",
]
