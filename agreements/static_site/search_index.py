"""What the search without a server looks in: a script that holds data, as no page on a disk may read a file.

The texts are folded here by the same rules as everywhere (`domain.search_text`); the browser folds what is
typed, with the tables that come along. Texts that many agreements share (customary 連携事項, names) are kept
once.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from agreements import open_data
from agreements.choices import AgreementKind, FieldCategory
from agreements.domain import search_text
from agreements.models import Company, PublicEdition
from municipalities.wareki import format_wareki

FILE = "search-index.js"
# Where a word stands, for people.
_PLACES = ("名称", "目的", "連携事項", "当事者", "取組", "書類", "そのほか")
_OTHER = len(_PLACES) - 1


class _Table:
    """Values, each once; `number` tells the place of one."""

    def __init__(self) -> None:
        self.values: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        return self.values.setdefault(value, len(self.values))


def search_index(editions: Iterable[PublicEdition], today: Any) -> str:
    """The script. One row for each edition, newest first, as the lists have them."""
    texts, bodies, names = _Table(), _Table(), _Table()
    rows = [_row(edition, today, texts, bodies, names) for edition in editions]
    companies = sorted({company for row in rows for company in row["companies"]})
    data = {
        "fold": fold_tables(),
        "kinds": dict(AgreementKind.choices),
        "categories": dict(FieldCategory.choices),
        "municipalities": list(bodies.values),
        "companies": list(
            Company.objects.filter(pk__in=companies).order_by("name_kana", "name").values_list("pk", "name")
        ),
        "places": _PLACES,
        "partners": list(names.values),
        "texts": list(texts.values),
        "rows": rows,
    }
    return f"globalThis.renkeiSite={json.dumps(data, ensure_ascii=False, separators=(',', ':'))};\n"


def _row(edition: PublicEdition, today: Any, texts: _Table, bodies: _Table, names: _Table) -> dict[str, Any]:
    facts = edition.facts
    spoken = open_data.spoken(facts, today)
    municipality = edition.municipality
    found: dict[int, list[int]] = {}
    for place, text in _placed(facts):
        found.setdefault(place, []).append(texts.number(text))
    return {
        "id": edition.agreement_id,
        "title": edition.title,
        "kind": edition.agreement_kind,
        "signed": format_wareki(spoken["signed_on"]) if spoken["signed_on"] else "",
        "year": edition.fiscal_year,
        "categories": [code for code in edition.categories.split(",") if code],
        "municipality": bodies.number((municipality.code, municipality.full_name)),
        "companies": [int(pk) for pk in edition.companies.split(",") if pk],
        "partners": [
            names.number((party["name"], party["corporate_number"] or ""))
            for party in facts["parties"]
            if party["municipality_code"] != facts["municipality"]["code"]
        ],
        "words": found,
    }


def _placed(facts: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Every text that a search on the server finds, folded, with its place."""
    places = {text: place for place, text in _known_places(facts)}
    said: set[str] = set()
    for text in open_data.words(facts):
        folded = search_text.normalise(text)
        if folded and folded not in said:
            said.add(folded)
            yield places.get(text, _OTHER), folded


def _known_places(facts: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """The last one counts, where one text stands in two places."""
    for place, part, key in ((5, "documents", "title"), (4, "actions", "title"), (2, "items", "text")):
        yield from ((place, each[key]) for each in facts.get(part, ()))
    yield from ((4, each.get("result_text", "")) for each in facts.get("actions", ()))
    yield 1, facts.get("purpose", "")
    yield from ((3, party["name"]) for party in facts["parties"])
    yield from ((3, facts["municipality"][key]) for key in ("prefecture", "name"))
    yield from ((0, facts[key]) for key in ("title", "title_kana"))


@lru_cache(maxsize=1)
def fold_tables() -> dict[str, Any]:
    """The tables of `search_text.normalise` that a browser does not have."""
    one_to_one = {chr(code): each for code, each in search_text.FOLD.items() if each and len(each) == 1}
    return {
        "pairs": "".join(f"{before}{after}" for before, after in one_to_one.items()),
        "dropped": "".join(chr(code) for code, each in search_text.FOLD.items() if not each),
        "cases": {
            character: character.casefold()
            for character in map(chr, range(sys.maxunicode + 1))
            if character.casefold() != character.lower()
        },
        "legal": search_text.LEGAL_FORMS,
    }
