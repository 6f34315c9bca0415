"""Search among agreements: `AgreementQuerySet.matching`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import Q
from django.utils import timezone

from agreements.choices import Publication
from agreements.domain import search_text
from agreements.domain.search_index import Reader
from municipalities import access
from municipalities.fiscal_year import fiscal_year_of

from .agreement_terms import TermQuerySet
from .keyset import Count

PROBE = 1_000
_EVERY = 100_000_000


def reader_of(user: Any) -> Reader:
    """What a person may find and by which words; the same rule as `access.visible_agreements`."""
    if access.is_system_admin(user):
        return Reader(reads_everything=True)
    if access.is_staff_of_a_municipality(user):
        return Reader(municipality=user.municipality_id)
    return Reader()


def _readable(reader: Reader) -> Q:
    """The rule of `Reader.readable` for agreements at hand."""
    published = Q(publication=Publication.PUBLISHED)
    return published | Q(municipality=reader.municipality) if reader.own else published


@dataclass(frozen=True)
class Wide:
    """What is known of a search that found many: how `keyset` gets a page of it without sorting them all."""

    others: Any  # the QuerySet without the search
    by_text: Q  # the search, by the texts of rows at hand
    count: Count | None = None  # so many at least

    def nearest(self, pks: list[int]) -> Any:
        """Hits among these rows."""
        return self.others.filter(self.by_text, pk__in=pks)


class SearchQuerySet(TermQuerySet):
    wide: Wide | None = None
    is_short = False
    """Known hits, 1,000 at most: `keyset` need not care how they are found in order."""

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        clone.wide, clone.is_short = self.wide, self.is_short
        return clone

    def _filter_or_exclude(self, negate: bool, args: Any, kwargs: Any) -> Self:
        """What narrows the hits down narrows down the rows without the search as well."""
        narrowed = super()._filter_or_exclude(negate, args, kwargs)  # type: ignore[misc]
        if self.wide is not None:
            others = self.wide.others._filter_or_exclude(negate, args, kwargs)
            narrowed.wide = Wide(others, self.wide.by_text)
        return narrowed

    def _annotate(self, args: Any, kwargs: Any, select: bool = True) -> Self:
        annotated = super()._annotate(args, kwargs, select=select)  # type: ignore[misc]
        if self.wide is not None:
            others = self.wide.others._annotate(args, kwargs, select=select)
            annotated.wide = replace(self.wide, others=others)
        return annotated

    def __or__(self, other: Any) -> Self:
        united = super().__or__(other)
        united.wide, united.is_short = None, False
        return united

    def matching(self, text: str, user: Any, within: Iterable[str] = ()) -> Self:
        """Agreements this person may see and that contain every word and phrase and none of the −words.

        Whatever their width, kana or kanji variant. Internal words (actions, 課, numbers) find an agreement
        only for those who may read them. `within` are facet tokens (`search_text.facet`) of other conditions
        of the same list.

        A planner that can choose between this index and walking by date guesses badly. So up to 1,000 hits
        are fetched at once, whatever order is wanted; of more than that there are enough for `keyset` to
        find a page of them among the nearest rows.
        """
        from .search_document import SearchDocument, text_condition

        query = search_text.query_terms(text)
        if not query:
            return self
        reader = reader_of(user)
        documents = SearchDocument.objects.using(self.db)
        this_year = fiscal_year_of(timezone.localdate())
        found = documents.probe(query, reader, within, PROBE + 1, this_year)
        if len(found) <= PROBE:
            few = self.filter(pk__in=found)
            few.is_short = True
            return few
        # The limit keeps the planner from mixing the two tables; nothing has so many rows.
        hits = documents.matching(query, reader, within)
        many = self.filter(pk__in=hits.values("pk")[:_EVERY])
        all_of_them = self.order_by().filter(pk__in=found).count() == len(found)
        others = self if reader.reads_everything else self.filter(_readable(reader), deleted_at=None)
        count = Count(PROBE, is_exact=False) if all_of_them else None
        many.wide = Wide(others, text_condition(query, reader), count)
        return many
