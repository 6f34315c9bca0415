"""Where in agreements the words of a search stand: for the rows of a list of results."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from agreements.domain import search_text
from agreements.domain.excerpt import Excerpt, excerpt
from agreements.domain.search_index import Reader

from .agreement_search import reader_of
from .document import AgreementDocument
from .search_document import Source, document_source, sources, with_sources

MOST = 2  # excerpts of one agreement


def wanted_texts(text: str) -> list[str]:
    """The normalised words and phrases that are marked in hits."""
    return [term.text for term in search_text.query_terms(text).required]


def excerpts(titles: dict[int, str], text: str, user: Any) -> dict[int, list[Excerpt]]:
    """Of these agreements (titles by key) the places outside the title where words of the search stand.

    Only places that this person may read. A handful of queries, however many agreements; texts of documents
    are read last, one at a time, for words that stand nowhere else.
    """
    wanted = wanted_texts(text)
    missing = {
        pk: [word for word in wanted if word not in search_text.normalise(title)]
        for pk, title in titles.items()
    }
    missing = {pk: words for pk, words in missing.items() if words}
    found: dict[int, list[Excerpt]] = defaultdict(list)
    if not missing:
        return found
    reader = reader_of(user)
    own = set()
    for agreement in with_sources(missing, document_texts=False):
        if _reads(reader, agreement.municipality_id):
            own.add(agreement.pk)
        texts = sources(agreement, document_texts=False)
        _look(missing, found, agreement.pk, texts, is_internal=agreement.pk in own)
    _look_into_documents({pk for pk, words in missing.items() if words}, missing, found, own)
    return found


def _reads(reader: Reader, municipality: int) -> bool:
    return reader.reads_everything or reader.municipality == municipality


def _look(
    missing: dict[int, list[str]],
    found: dict[int, list[Excerpt]],
    pk: int,
    texts: Iterable[Source],
    *,
    is_internal: bool,
) -> None:
    for source in texts:
        if not missing[pk] or not (source.is_public or is_internal):
            continue
        normal = search_text.normalise(source.text)
        there = [word for word in missing[pk] if word in normal]
        if not there or not source.is_shown:
            continue
        if len(found[pk]) < MOST and (parts := excerpt(source.text, there)):
            found[pk].append(Excerpt(source.label, parts))
        missing[pk] = [word for word in missing[pk] if word not in there]


def _look_into_documents(
    keys: Collection[int],
    missing: dict[int, list[str]],
    found: dict[int, list[Excerpt]],
    own: Collection[int],
) -> None:
    if not keys:
        return
    documents = (
        AgreementDocument.objects.filter(agreement__in=keys, deleted_at=None)
        .exclude(text=None)
        .order_by("agreement", "pk")
        .values_list("agreement_id", "title", "text__text", "is_public")
    )
    for pk, title, text, is_public in documents.iterator(chunk_size=20):
        if missing[pk]:
            source = document_source(title, text, is_public)
            _look(missing, found, pk, [source], is_internal=pk in own)
