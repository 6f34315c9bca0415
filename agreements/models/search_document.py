from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from django.db import models

from agreements.domain import search_text

from .action_item import ActionItem
from .agreement import Agreement
from .document import AgreementDocument

CHUNK = 500  # agreements whose texts are in memory at once
LONGEST_DOCUMENT_TEXT = 30_000  # characters of one document: a search needs its beginning, not a book


def batched(values: Collection[int], size: int) -> Iterator[list[int]]:
    """The values in lists of at most `size` (itertools.batched comes with Python 3.12)."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


class SearchDocumentQuerySet(models.QuerySet["SearchDocument"]):
    def refresh(self, agreement_ids: Collection[int]) -> None:
        """Write the documents of these agreements anew, with as many queries for one as for hundreds."""
        for chunk in batched(agreement_ids, CHUNK):
            self._refresh_chunk(chunk)

    def _refresh_chunk(self, agreement_ids: Collection[int]) -> None:
        agreements = Agreement.objects.filter(pk__in=agreement_ids).prefetch_related(
            "parties__municipality__former_names",
            "parties__company",
            "cooperation_fields",
            models.Prefetch("actions", ActionItem.objects.filter(deleted_at=None)),
            models.Prefetch(
                "documents", AgreementDocument.objects.filter(deleted_at=None).select_related("text")
            ),
        )
        documents = [
            self.model(
                agreement_id=agreement.pk,
                public_text=search_text.normalise("\n".join(public_words(agreement))),
                internal_text=search_text.normalise("\n".join(internal_words(agreement))),
            )
            for agreement in agreements
        ]
        self.bulk_create(
            documents,
            update_conflicts=True,
            unique_fields=["agreement"],
            update_fields=["public_text", "internal_text"],
        )


def public_words(agreement: Agreement) -> Iterable[str]:
    """Every text by which anyone may find this agreement once it is published."""
    yield from (agreement.title, agreement.title_kana, agreement.purpose)
    for party in agreement.parties.all():
        yield party.name_as_signed
        if party.company:
            yield party.company.search_names
        if party.municipality:
            yield from (party.municipality.name, party.municipality.name_kana)
            yield from (former.name for former in party.municipality.former_names.all())
    for item in agreement.cooperation_fields.all():
        yield item.text
    yield from document_words(agreement, public=True)


def internal_words(agreement: Agreement) -> Iterable[str]:
    """Further texts by which the own municipality finds it."""
    yield from (agreement.ledger_number, agreement.document_number)
    for party in agreement.parties.all():
        yield party.signatory_name
    for action in agreement.actions.all():
        yield action.title
    yield from document_words(agreement, public=False)


def document_words(agreement: Agreement, *, public: bool) -> Iterable[str]:
    """Titles and texts of the public documents, or of the others."""
    for document in agreement.documents.all():
        if document.is_public == public:
            yield document.title
            text = getattr(document, "text", None)
            if text is not None:
                yield text.text[:LONGEST_DOCUMENT_TEXT]


class SearchDocument(models.Model):
    """The searchable text of one agreement, normalised by `domain.search_text`."""

    agreement = models.OneToOneField(
        Agreement, models.CASCADE, primary_key=True, related_name="search_document", verbose_name="協定"
    )
    public_text = models.TextField("公開できる文", editable=False)
    internal_text = models.TextField("内部の文", editable=False)

    objects = SearchDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "検索文書"
        verbose_name_plural = "検索文書"

    def __str__(self) -> str:
        return f"{self.agreement_id}"
