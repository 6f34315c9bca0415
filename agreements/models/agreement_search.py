"""Search among agreements: `AgreementQuerySet.matching`."""

from collections.abc import Iterable
from typing import Any, Self

from agreements.domain import search_text
from agreements.domain.search_index import Reader
from municipalities import access

from .agreement_terms import TermQuerySet

PROBE = 1_000


def reader_of(user: Any) -> Reader:
    """What a person may find and by which words; the same rule as `access.visible_agreements`."""
    if access.is_system_admin(user):
        return Reader(reads_everything=True)
    if access.is_staff_of_a_municipality(user):
        return Reader(municipality=user.municipality_id)
    return Reader()


class SearchQuerySet(TermQuerySet):
    superset: Self | None = None
    """The rows before the search, when the search found many: see `keyset`."""
    count_cap: int

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        if self.superset is not None:
            clone.superset, clone.count_cap = self.superset, self.count_cap
        return clone

    def __or__(self, other: Any) -> Self:
        united = super().__or__(other)
        united.superset = None  # its rows need not be of the superset any more
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
        from .search_document import SearchDocument, hit_condition

        query = search_text.query_terms(text)
        if not query:
            return self
        reader, within = reader_of(user), tuple(within)
        hits = SearchDocument.objects.matching(query, reader, within)
        found = list(hits.values_list("pk", flat=True)[: PROBE + 1])
        if len(found) <= PROBE:
            return self.filter(pk__in=found)
        many = self.filter(hit_condition(query, reader, within, "search_document__"))
        many.superset, many.count_cap = self, PROBE
        return many
