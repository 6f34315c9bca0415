"""The documents of one agreement as its page lists them."""

from dataclasses import dataclass, field
from typing import Any

from agreements.choices import DocumentKind
from agreements.models import Agreement, AgreementDocument, StagedUpload
from municipalities import access

_ORDER = {kind: place for place, kind in enumerate(DocumentKind.values)}


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """The newest version of a document and the ones before it, newest first."""

    newest: AgreementDocument
    older: list[AgreementDocument] = field(default_factory=list)


def document_rows(documents: list[AgreementDocument]) -> list[DocumentRow]:
    """By kind, then title; each document once."""
    rows: dict[tuple[str, str], DocumentRow] = {}
    for document in sorted(documents, key=lambda each: (_ORDER[each.kind], each.title, -each.version)):
        key = (document.kind, document.title)
        if key in rows:
            rows[key].older.append(document)
        else:
            rows[key] = DocumentRow(document)
    return list(rows.values())


def documents_context(agreement: Agreement, user: Any) -> dict[str, Any]:
    """What the section 書類 shows to the own municipality."""
    documents = list(agreement.documents.select_related("uploaded_by"))  # type: ignore[attr-defined]
    may_edit = access.may_edit(user, agreement)
    rows = document_rows([each for each in documents if each.deleted_at is None])
    return {
        "document_rows": rows,
        "deleted_documents": [each for each in documents if each.deleted_at] if may_edit else [],
        "waiting_uploads": StagedUpload.objects.waiting_for(user, agreement).count() if may_edit else 0,
        "has_signed_document": any(row.newest.kind == DocumentKind.SIGNED for row in rows),
    }


def public_documents(agreement: Agreement) -> list[DocumentRow]:
    """What anyone may read of a published agreement."""
    return document_rows(list(AgreementDocument.objects.published().filter(agreement=agreement)))
