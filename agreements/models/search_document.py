"""What an agreement is found by: its texts, normalised, and the tokens the index answers with."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connections, models
from django.db.models import Q

from agreements.choices import Publication
from agreements.domain import search_index, search_text
from agreements.domain.search_index import LONGEST_TEXT, Reader

from .action_item import ActionItem
from .agreement import Agreement
from .document import AgreementDocument
from .tokens_field import TokensField, asking_the_index, create_index, index_is_sound

CHUNK = 500  # agreements whose texts are in memory at once
LONGEST_DOCUMENT_TEXT = 30_000  # characters of one document: a search needs its beginning, not a book


def batched(values: Iterable[int], size: int) -> Iterator[list[int]]:
    """The values in lists of at most `size` (itertools.batched comes with Python 3.12)."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


@dataclass(frozen=True, slots=True)
class Source:
    """A text of an agreement and what it is called where a hit in it is shown."""

    label: str
    text: str
    is_public: bool = True
    is_shown: bool = True  # readings and numbers find, but are not shown as the place of a hit


@dataclass(frozen=True, slots=True)
class Drift:
    """What a check of the index found and repaired."""

    checked: int
    outdated: int
    missing: int
    index_was_sound: bool

    def __bool__(self) -> bool:
        return bool(self.outdated or self.missing) or not self.index_was_sound


class SearchDocumentQuerySet(models.QuerySet["SearchDocument"]):
    def matching(
        self, query: search_text.Query, reader: Reader, within: Iterable[str] = ()
    ) -> "SearchDocumentQuerySet":
        """Documents the reader may find with this query, and only by words the reader may know."""
        return self.filter(hit_condition(query, reader, within))

    def probe(
        self, query: search_text.Query, reader: Reader, within: Iterable[str], limit: int, year: int
    ) -> list[int]:
        """Keys of hits, all of them or any `limit`.

        PostgreSQL reads the lists of all words to their ends, whatever the limit. So it is first asked for
        what everyone may find among the agreements of this fiscal `year` and the last: of a common word these
        are enough, and a tenth of the lists. SQLite stops at the limit anyway.
        """
        # What everyone may find with a −word may hold it in words that this reader knows.
        everyone = reader if query.forbidden else Reader()
        with asking_the_index(self.db):
            if connections[self.db].vendor == "postgresql" and not within:
                newest = hit_condition(query, everyone, among=search_index.signed_in((year, year - 1)))
                found = list(self.filter(newest).values_list("pk", flat=True)[:limit])
                if len(found) == limit:
                    return found
            return list(self.matching(query, reader, within).values_list("pk", flat=True)[:limit])

    def refresh(self, agreement_ids: Collection[int]) -> None:
        """Write the documents of these agreements anew, with as many queries for one as for hundreds."""
        for chunk in batched(agreement_ids, CHUNK):
            self.write(self.build(chunk))

    def write_new(self, agreements: Collection[Any]) -> None:
        """Write the documents of agreements made this moment, which carry what `with_parts` gave them."""
        parties = [party for agreement in agreements for party in agreement.searched_parties]
        for name in ("municipality", "company"):
            bodies = {body for party in parties if (body := getattr(party, name))}
            models.prefetch_related_objects(list(bodies), _listed("former_names"))
        self.write(SearchDocument.of(agreement) for agreement in agreements)

    def write(self, documents: Iterable["SearchDocument"]) -> None:
        self.bulk_create(
            documents,  # type: ignore[arg-type]
            update_conflicts=True,
            unique_fields=["agreement"],
            update_fields=["public_text", "internal_text", "tokens", "digest"],
        )

    def build(self, agreement_ids: Collection[int]) -> list["SearchDocument"]:
        """The documents of these agreements as they ought to be (not saved)."""
        return [SearchDocument.of(agreement) for agreement in with_sources(agreement_ids)]

    def repair(self, progress: Callable[[int], None] | None = None) -> Drift:
        """Compare every document with its agreement and write anew those that differ."""
        sound = index_is_sound()
        if not sound:
            create_index()
        checked = outdated = missing = 0
        for chunk in batched(Agreement.objects.order_by("pk").values_list("pk", flat=True).iterator(), CHUNK):
            stored = dict(self.filter(pk__in=chunk).values_list("pk", "digest"))
            wrong = [document for document in self.build(chunk) if stored.get(document.pk) != document.digest]
            self.write(wrong)
            absent = sum(document.pk not in stored for document in wrong)
            checked, missing, outdated = (
                checked + len(chunk),
                missing + absent,
                outdated + len(wrong) - absent,
            )
            if progress:
                progress(checked)
        return Drift(checked, outdated, missing, sound)


def hit_condition(
    query: search_text.Query,
    reader: Reader,
    within: Iterable[str] = (),
    among: search_index.Condition | None = None,
) -> Q:
    """What hits fulfil, for the index: their tokens, and the text where tokens alone cannot tell."""
    own = reader.own
    found = Q(tokens__has=search_index.condition(query, reader, within, among))
    for term in query.required:
        if term.recheck:
            found &= _contains(term.text, reader, Q(tokens__has=own) if own else Q())
    for term in query.forbidden:
        if term.recheck:
            found &= ~_contains(term.text, reader, Q(tokens__has=own) if own else Q())
    return found


def text_condition(query: search_text.Query, reader: Reader) -> Q:
    """The same for agreements at hand that the reader may see, by their texts alone."""
    own = Q(municipality=reader.municipality) if reader.own else Q()
    found = Q()
    for term in query.required:
        found &= _contains(term.text, reader, own, "search_document__")
    for term in query.forbidden:
        found &= ~_contains(term.text, reader, own, "search_document__")
    return found


def _contains(text: str, reader: Reader, own: Q, prefix: str = "") -> Q:
    public = Q(**{f"{prefix}public_text__contains": text})
    if not own and not reader.reads_everything:
        return public
    return public | (own & Q(**{f"{prefix}internal_text__contains": text}))


def with_sources(
    agreement_ids: Collection[int], *, document_texts: bool = True
) -> models.QuerySet[Agreement]:
    """Agreements with everything `sources` and `facets` read, in lists: a manager for each relation of each
    agreement takes longer than its rows.
    """
    documents = AgreementDocument.objects.filter(deleted_at=None)
    return (
        Agreement.objects.filter(pk__in=agreement_ids)
        .select_related("department")
        .prefetch_related(
            _listed("parties"),
            _listed("searched_parties__municipality__former_names"),
            _listed("searched_parties__company__former_names"),
            _listed("cooperation_fields"),
            _listed("searched_cooperation_fields__categories"),
            _listed("related_departments"),
            _listed("actions", ActionItem.objects.filter(deleted_at=None)),
            _listed("documents", documents.select_related("text") if document_texts else documents),
        )
    )


def with_parts(
    agreement: Any, *, parties: list[Any], items: list[tuple[Any, list[Any]]], departments: list[Any]
) -> None:
    """Gives a new agreement at hand what `with_sources` would fetch; `items`: each with its categories."""
    agreement.searched_parties = parties
    agreement.searched_cooperation_fields = [item for item, _categories in items]
    for item, categories in items:
        item.searched_categories = categories
    agreement.searched_related_departments = departments
    agreement.searched_actions, agreement.searched_documents = [], []


def _listed(path: str, rows: Any = None) -> models.Prefetch:
    return models.Prefetch(path, rows, to_attr=f"searched_{path.rpartition('__')[2]}")


def sources(agreement: Any, *, document_texts: bool = True) -> Iterator[Source]:
    """Every text by which an agreement is found; the public ones by anyone once it is published."""
    yield Source("名称", agreement.title)
    yield Source("かな", agreement.title_kana, is_shown=False)
    for party in agreement.searched_parties:
        yield Source("相手方", party.name_as_signed)
        if party.company:
            yield Source("相手方", party.company.name)
            for former in party.company.searched_former_names:
                yield Source("相手方の旧名称", former.name)
            yield Source("相手方", party.company.search_names, is_shown=False)
        if party.municipality:
            yield Source("相手方", party.municipality.name)
            yield Source("相手方", party.municipality.name_kana, is_shown=False)
            for known_as in party.municipality.searched_former_names:
                yield Source("相手方の旧名称", known_as.name)
        yield Source("署名者", party.signatory_name, is_public=False)
    for item in agreement.searched_cooperation_fields:
        yield Source(f"連携事項（{item.number}）", item.text)
    yield Source("目的", agreement.purpose)
    yield Source("管理番号", agreement.ledger_number, is_public=False)
    yield Source("文書番号", agreement.document_number, is_public=False)
    if agreement.department:
        yield Source("主担当課", agreement.department.name, is_public=False)
    for department in agreement.searched_related_departments:
        yield Source("関係課", department.name, is_public=False)
    for action in agreement.searched_actions:
        yield Source("取組", action.title, is_public=False)
    for document in agreement.searched_documents:
        yield Source("書類", document.title, document.is_public)
        text = getattr(document, "text", None) if document_texts else None
        if text is not None:
            yield document_source(document.title, text.text, document.is_public)


def document_source(title: str, text: str, is_public: bool) -> Source:
    return Source(f"書類「{title}」", text[:LONGEST_DOCUMENT_TEXT], is_public)


def facets(agreement: Any) -> list[str]:
    categories = {
        each.category for item in agreement.searched_cooperation_fields for each in item.searched_categories
    }
    return search_index.facets(
        municipality=agreement.municipality_id,
        is_published=agreement.publication == Publication.PUBLISHED,
        is_deleted=agreement.deleted_at is not None,
        companies={party.company_id for party in agreement.searched_parties if party.company_id},
        categories=categories,
        year=agreement.fiscal_year,
    )


class SearchDocument(models.Model):
    """The searchable text of one agreement, normalised by `domain.search_text`, and its tokens."""

    agreement = models.OneToOneField(
        Agreement, models.CASCADE, primary_key=True, related_name="search_document", verbose_name="協定"
    )
    public_text = models.TextField("公開できる文", editable=False)
    internal_text = models.TextField("内部の文", editable=False)
    tokens = TokensField("索引語", editable=False, default="")
    # Of texts and facets: tells whether the document still says what the agreement says.
    digest = models.CharField("照合値", max_length=32, editable=False, default="")

    objects = SearchDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "検索文書"
        verbose_name_plural = "検索文書"

    def __str__(self) -> str:
        return f"{self.agreement_id}"

    @classmethod
    def of(cls, agreement: Any) -> "SearchDocument":
        """The document of an agreement that `with_sources` fetched."""
        texts: dict[bool, list[str]] = {True: [], False: []}
        for source in sources(agreement):
            texts[source.is_public].append(source.text)
        public, internal = (
            search_text.normalise("\n".join(texts[is_public]))[:LONGEST_TEXT].rstrip()
            for is_public in (True, False)
        )
        return cls(agreement_id=agreement.pk, **derived(public, internal, facets(agreement)))


def derived(public: str, internal: str, facet_tokens: list[str]) -> dict[str, Any]:
    """The fields of a document, from normalised texts and facets."""
    content = "\0".join([public, internal, *sorted(facet_tokens)])
    return {
        "public_text": public,
        "internal_text": internal,
        "tokens": search_index.index_tokens(public, internal, facet_tokens),
        "digest": hashlib.blake2b(content.encode(), digest_size=16).hexdigest(),
    }
