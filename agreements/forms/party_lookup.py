"""Which body does a typed name mean? Companies and municipalities alike, for suggestions and for forms.

A body is written as a key in hidden fields: "m:401307" (a municipality by its code) or "c:12" (a company).
"""

from collections.abc import Iterable
from functools import lru_cache

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Concat, Length

from agreements.domain import corporate_number, search_text
from agreements.domain.kana import strip_legal_form
from agreements.models import Company
from municipalities.models import Municipality

Body = Municipality | Company

_MUNICIPALITY, _COMPANY = "m:", "c:"
# A name that fits more bodies than this is no name; the user types more.
_MANY = 50


def key_of(body: Body) -> str:
    """The key of a saved body."""
    return f"{_COMPANY}{body.pk}" if isinstance(body, Company) else f"{_MUNICIPALITY}{body.code}"


def bodies_by_key(keys: Iterable[str]) -> dict[str, Body]:
    """The bodies of these keys, deleted and closed ones too, with two queries; unknown keys are left out."""
    wanted = set(keys)
    codes = [key.removeprefix(_MUNICIPALITY) for key in wanted if key.startswith(_MUNICIPALITY)]
    ids = [
        int(number)
        for key in wanted
        if key.startswith(_COMPANY)
        and (number := key.removeprefix(_COMPANY)).isascii()
        and number.isdecimal()
        and len(number) < 19
    ]
    found: list[Body] = []
    if codes:
        found += Municipality.objects.filter(code__in=codes).prefetch_related("former_names")
    if ids:
        found += Company.objects.filter(pk__in=ids).prefetch_related("former_names")
    return {key_of(body): body for body in found}


@lru_cache(maxsize=5_000)
def folded(name: str) -> str:
    """A name without legal form, width, case, kana and kanji variants, for comparison."""
    return search_text.normalise(strip_legal_form(name)).replace(" ", "")


def is_called(body: Body, name: str) -> bool:
    """Whether the text is a name, a former name, a reading or the number of the body."""
    return folded(name) in {folded(spelling) for spelling in _spellings(body)}


def former_name(body: Body, name: str) -> str:
    """The former name of the body that the text spells; "" when it spells none, or today's name."""
    if folded(name) == folded(body.name):
        return ""
    former = (each.name for each in body.former_names.all())
    return next((each for each in former if folded(each) == folded(name)), "")


def _spellings(body: Body) -> list[str]:
    spellings = [body.name, body.name_kana]
    for former in body.former_names.all():
        spellings += [former.name, former.name_kana]
    if isinstance(body, Company):
        spellings.append(body.corporate_number or "")
    else:
        spellings += [body.full_name, body.prefecture + body.name, body.code, body.code[:5]]
    return [spelling for spelling in spellings if spelling]


def bodies_called(name: str) -> list[Body]:
    """Every body that the typed name, reading or number can mean: 「ローソン」「㈱ローソン」「ろーそん」."""
    if not folded(name):
        return []
    near = [*_municipalities(name)[:_MANY], *_companies(name).order_by(Length("name"), "pk")[:_MANY]]
    return [body for body in near if is_called(body, name)]


def suggestions(text: str, limit: int) -> list[Body]:
    """Bodies to offer for the beginning or a part of a name, municipalities first; two queries."""
    wanted = folded(text)
    if not wanted:
        return []
    municipalities = list(_municipalities(text)[: limit // 2])
    beginning_first = Case(When(search_names__startswith=wanted, then=Value(0)), default=Value(1))
    companies = _companies(text).order_by(beginning_first, "kana_key", "pk")
    return [*municipalities, *companies[: limit - len(municipalities)]]


def _municipalities(text: str):
    """Open bodies whose name (with or without prefecture and 郡), reading, former name or code begins so."""
    wanted = Q()
    for spelling in {text.strip(), search_text.normalise(text)}:
        wanted |= Q(pk__in=Municipality.objects.named(spelling).values("pk"))
        # 「福岡県福」 is on the way to 福岡市; 「福岡」 alone does not mean every body of the prefecture.
        for_all = Q(prefecture__startswith=spelling)
        wanted |= ~for_all & (Q(with_county__startswith=spelling) | Q(with_prefecture__startswith=spelling))
    named = Municipality.objects.open().annotate(
        with_county=Concat("prefecture", "county", "name"), with_prefecture=Concat("prefecture", "name")
    )
    return named.filter(wanted).prefetch_related("former_names").order_by(Length("name"), "code")


def _companies(text: str):
    try:
        text = corporate_number.normalise(text)
    except ValueError:
        text = strip_legal_form(text)
    return Company.objects.alive().matching(text).prefetch_related("former_names")
