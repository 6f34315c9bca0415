"""Which tokens stand for an agreement in the index, and which condition on them a search is.

One condition answers everything: the words, who may see the agreement, and what it is narrowed down to. So
every agreement has the tokens of its public text, those of its internal text behind a mark that only its own
municipality asks for, and facet tokens (visibility, municipality, company, category, year).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Union

from .search_text import FACET, Query, Term, facet, search_tokens

INTERNAL = "\ue001"
"""Begins every token of internal words; like `FACET` no text can hold it."""

EVERY = facet("visibility", "every")
PUBLISHED = facet("visibility", "published")

LONGEST_TEXT = 50_000
"""Characters of a text that are indexed: the tokens of two such texts fit into one `tsvector` (1 MB)."""

MOST_TOKENS = 4
"""Asked for of one word: every list that the index intersects costs, and few words need more."""


@dataclass(frozen=True, slots=True)
class Has:
    """A token is there; with `prefix` one that begins so."""

    token: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Without:
    wanted: "Condition"
    unwanted: "Condition"


Condition = Union[Has, AllOf, AnyOf, Without]  # noqa: UP007  (a forward reference stands in it)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who searches: staff of a municipality, someone who reads everything, or (neither) the public."""

    municipality: Any = None
    reads_everything: bool = False

    @property
    def readable(self) -> Condition:
        """What the reader may see at all."""
        if self.reads_everything:
            return Has(EVERY)
        if self.own:
            return AnyOf((Has(PUBLISHED), self.own))
        return Has(PUBLISHED)

    @property
    def own(self) -> Has | None:
        """Whose internal words the reader may know; None: nobody's, or (`reads_everything`) everybody's."""
        known = self.municipality is not None and not self.reads_everything
        return Has(facet("municipality", self.municipality)) if known else None


def index_tokens(public: str, internal: str, facets: Iterable[str]) -> list[str]:
    """The tokens of an agreement, in order, so that equal agreements have equal lists."""
    tokens = {*facets, *search_tokens(public), *(INTERNAL + token for token in search_tokens(internal))}
    return sorted(tokens)


def facets(
    *,
    municipality: Any,
    is_published: bool,
    is_deleted: bool,
    companies: Iterable[Any],
    categories: Iterable[str],
    year: int | None,
) -> list[str]:
    """Facet tokens of an agreement. A deleted one belongs to nobody any more: only `EVERY` finds it."""
    found = [EVERY, *(facet("company", company) for company in companies)]
    found += (facet("category", category) for category in categories)
    if year is not None:
        found.append(facet("year", year))
    if not is_deleted:
        found.append(facet("municipality", municipality))
        if is_published:
            found.append(PUBLISHED)
    return found


def signed_in(years: Iterable[int]) -> Condition:
    """Agreements of these fiscal years."""
    return AnyOf(tuple(Has(facet("year", year)) for year in years))


def condition(
    query: Query, reader: Reader, within: Iterable[str] = (), among: Condition | None = None
) -> Condition:
    """What the tokens of every hit fulfil; words of three and more characters are then rechecked.

    `within`: facet tokens that all hits have; `among`: a further condition.
    """
    wanted: list[Condition] = [reader.readable, *(Has(token) for token in within)]
    wanted += [among] if among else []
    wanted += (_occurs(term, reader) for term in query.required)
    unwanted = tuple(_occurs(term, reader) for term in query.forbidden if not term.recheck)
    return Without(AllOf(tuple(wanted)), AnyOf(unwanted)) if unwanted else AllOf(tuple(wanted))


def _occurs(term: Term, reader: Reader) -> Condition:
    """The term stands in the public text, or in the internal one for those who may know."""
    public, internal = _tokens(term, ""), _tokens(term, INTERNAL)
    if reader.reads_everything:
        return AnyOf((public, internal))
    return AnyOf((public, AllOf((reader.own, internal)))) if reader.own else public


def _tokens(term: Term, mark: str) -> Condition:
    parts = [Has(mark + token) for token in _telling(term)]
    if term.prefix is not None:
        parts.append(Has(mark + term.prefix, prefix=True))
    return AllOf(tuple(parts))


def _telling(term: Term) -> list[str]:
    """The tokens asked for: of a long word those with the fewest kana; the recheck sees to the rest."""
    tokens = sorted(term.tokens, key=lambda token: (sum("ぁ" <= c <= "ー" for c in token), token))
    return sorted(tokens[:MOST_TOKENS] if term.recheck else tokens)


# --- As the databases write it ---


def tsvector(tokens: Iterable[str]) -> str:
    """The text form of a PostgreSQL `tsvector`."""
    return " ".join(_quoted(token) for token in tokens)


def tsquery(wanted: Condition) -> str:
    """The text form of a PostgreSQL `tsquery`."""
    match wanted:
        case Has(token, prefix):
            return _quoted(token) + (":*" if prefix else "")
        case AllOf(parts):
            return f"({' & '.join(map(tsquery, parts))})"
        case AnyOf(parts):
            return f"({' | '.join(map(tsquery, parts))})"
        case Without(kept, unwanted):
            return f"({tsquery(kept)} & !{tsquery(unwanted)})"


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def hex_tokens(tokens: Iterable[str]) -> str:
    """Tokens as SQLite's tokenizer leaves them alone; it keeps prefixes, as UTF-8 does."""
    return " ".join(token.encode().hex() for token in tokens)


def fts5(wanted: Condition) -> str:
    """The same condition for SQLite's FTS5."""
    match wanted:
        case Has(token, prefix):
            return token.encode().hex() + ("*" if prefix else "")
        case AllOf(parts):
            return f"({' AND '.join(map(fts5, parts))})"
        case AnyOf(parts):
            return f"({' OR '.join(map(fts5, parts))})"
        case Without(kept, unwanted):
            return f"({fts5(kept)} NOT {fts5(unwanted)})"


__all__ = [
    "EVERY",
    "FACET",
    "INTERNAL",
    "LONGEST_TEXT",
    "PUBLISHED",
    "Condition",
    "Reader",
    "condition",
    "facets",
    "fts5",
    "hex_tokens",
    "index_tokens",
    "signed_in",
    "tsquery",
    "tsvector",
]
