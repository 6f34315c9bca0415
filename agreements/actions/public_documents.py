"""Which documents go out, and the copies of them that do: without the file's own properties."""

import time
from collections.abc import Collection, Iterable, Sequence

from django.core.cache import caches
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from agreements.file_properties import SECONDS, FileProperties, clean_copy, is_cleanable, read_properties
from agreements.models import Agreement, AgreementDocument, PublicCopy
from agreements.models.document import AgreementDocumentQuerySet
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import StaffMember

_REMEMBERED = 24 * 3600


def choosable(agreement: Agreement) -> AgreementDocumentQuerySet:
    """Documents of the agreement that can go out: files, the newest version first."""
    alive = AgreementDocument.objects.alive().filter(agreement=agreement, is_paper_only=False)
    return alive.select_related("public_copy")  # type: ignore[return-value]


@transaction.atomic
def choose_documents(*, agreement: Agreement, chosen: Collection[int], by: StaffMember) -> int:
    """These documents are to go out and no others; returns how many of them that changes."""
    Agreement.objects.select_for_update().get(pk=agreement.pk)
    changed = [each for each in choosable(agreement) if each.is_public != (each.pk in chosen)]
    for document in changed:
        document.is_public = not document.is_public
        document.save(update_fields=["is_public", "updated_at"])
        record(
            AuditKind.PUBLICATION,
            actor=by,
            target=document,
            公開="公開" if document.is_public else "非公開",
        )
    return len(changed)


def make_copies(*, documents: Iterable[AgreementDocument]) -> list[AgreementDocument]:
    """A copy of each PDF and picture that has none as new as itself; returns those of which none can be made.

    Not inside a transaction of the publication: a large one takes seconds.
    """
    failed = []
    for document in documents:
        stored = getattr(document, "public_copy", None)
        # The copy bears the title, which may have changed since.
        if not is_cleanable(document.content_type) or (stored and stored.made_at >= document.updated_at):
            continue
        content = _content(document)
        copy = clean_copy(content, document.content_type, title=document.title) if content else None
        if copy is None:
            failed.append(document)
            continue
        made = PublicCopy(document=document)
        made.file.save(document.title, ContentFile(copy), save=False)
        values = {"file": made.file.name, "size": len(copy), "made_at": timezone.now()}
        PublicCopy.objects.update_or_create(document=document, defaults=values)
        if stored:
            stored.file.storage.delete(str(stored.file.name))
    return failed


def properties_of(
    documents: Sequence[AgreementDocument], *, seconds: float
) -> dict[int, FileProperties | None]:
    """What files tell of themselves, by key; of those for which the time is over there is nothing."""
    end = time.monotonic() + seconds
    found: dict[int, FileProperties | None] = {}
    for document in documents:
        if not is_cleanable(document.content_type):
            continue
        key = f"file-properties:{document.sha256}"
        kept = caches["default"].get(key)
        if kept is None:
            left = min(end - time.monotonic(), SECONDS)
            content = _content(document) if left > 0 else b""
            if not content:
                continue
            read = read_properties(content, document.content_type, seconds=left)
            kept = (read.texts, read.comments, read.attachments) if read else ()
            caches["default"].set(key, kept, _REMEMBERED)
        found[document.pk] = FileProperties(*kept) if kept else None
    return found


def _content(document: AgreementDocument) -> bytes:
    """Nothing when the file is not there; the download says so."""
    try:
        with document.file.open("rb") as file:
            return file.read()
    except OSError:
        return b""
