"""Which body does a name in a ledger mean: one we know, one of the file, or a new company?"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from agreements.domain import corporate_number, kana
from agreements.domain.kana import strip_legal_form
from agreements.forms.party_lookup import folded as folded_name
from agreements.forms.party_lookup import key_of
from agreements.models import Company
from municipalities.models import Municipality

from .importable import Judgement, Question

NEW = "new"
_PORTION = 500
_TELLING = 4  # characters of a name that tell it from most others
_FORMS = {
    "株": "株式会社",
    "有": "有限会社",
    "同": "合同会社",
    "資": "合資会社",
    "名": "合名会社",
    "一社": "一般社団法人",
    "一財": "一般財団法人",
    "公社": "公益社団法人",
    "公財": "公益財団法人",
    "特非": "特定非営利活動法人",
    "福": "社会福祉法人",
    "学": "学校法人",
    "医": "医療法人",
}
_SHORT = re.compile(rf"^\(({'|'.join(_FORMS)})\)\s*|\s*\((株|有|同|資|名)\)$")


@lru_cache(maxsize=5_000)
def full_name(name: str) -> str:
    """A company's name with its legal form in full: ㈱見本, （株）見本 → 株式会社見本; the rest stays."""
    name = " ".join(name.split())
    for sign in "㈱㈲㈳㈶㈻":
        name = name.replace(sign, unicodedata.normalize("NFKC", sign))
    half = re.sub(r"^（(.{1,2})）|（(.{1,2})）$", lambda match: f"({match[1] or match[2]})", name)
    match = _SHORT.search(half)
    if not match:
        return name
    form = _FORMS[match[1] or match[2]]
    bare = _SHORT.sub("", half)
    return f"{form}{bare}" if match[1] else f"{bare}{form}"


@lru_cache(maxsize=5_000)
def legal_form(name: str) -> str:
    """The legal form of a name in full; "" without one."""
    full = full_name(name)
    return full.replace(strip_legal_form(full), "", 1).strip() if strip_legal_form(full) != full else ""


@dataclass(slots=True)
class NewCompany:
    """A company that the import registers. All rows of the file that mean it share this one."""

    name: str
    name_kana: str = ""
    corporate_number: str | None = None
    saved: Company | None = field(default=None, compare=False)

    @property
    def pk(self) -> int | None:
        return self.saved.pk if self.saved else None


Body = Company | Municipality | NewCompany


def _beginnings(keys: Collection[str]) -> re.Pattern[str]:
    """Finds the beginning of any of these words; what it misses holds none of them."""
    rest: dict[str, set[str]] = {}
    for word in keys:
        rest.setdefault(word[0], set()).add(word[1:_TELLING])
    return re.compile(
        "|".join(
            f"{re.escape(first)}(?:{'|'.join(map(re.escape, sorted(more)))})" for first, more in rest.items()
        )
    )


class PartyBook:
    """The municipalities, and the companies that a file may mean, by their folded names.

    Of 300,000 companies a file names a few hundred: only those are read. Give the names and the 法人番号 of
    the whole file; a name that was not given is looked up when it is asked for.
    """

    def __init__(self, names: Iterable[str] = (), numbers: Iterable[str] = ()) -> None:
        self.names: dict[str, list[tuple[str, int]]] = {}
        self.numbers: dict[str, int] = {}
        self.labels: dict[tuple[str, int], str] = {}
        self.new: dict[tuple[str, str], NewCompany] = {}
        self.new_by_name: dict[str, list[NewCompany]] = {}
        self.number_of: dict[int, str] = {}
        self.new_by_number: dict[str, NewCompany] = {}
        self._bodies: dict[tuple[str, int], Any] = {}
        self._asked: set[str] = set()
        self._codes: dict[str, int] = {}
        self._look_up(names)
        self._read(Company.objects.alive(), "corporate_number", sorted(set(numbers)))
        for body in Municipality.objects.open().only("pk", "name", "prefecture", "county", "kind", "code"):
            self._note("m", body.pk, body.full_name, (body.name, body.full_name))

    def called(self, name: str) -> Sequence[tuple[str, int]]:
        """The bodies of that name, whatever their legal form."""
        self._look_up([name])
        return self.names.get(folded_name(name), ())

    def _look_up(self, names: Iterable[str]) -> None:
        keys = {folded_name(name) for name in names} - self._asked - {""}
        if not keys:
            return
        self._asked |= keys
        companies = Company.objects.alive()
        # The spellings hold every name in its normal form. So the companies worth a closer look are told from
        # the others by one expression, a thousand times faster than by folding the names of all.
        may_mean = _beginnings(keys).search
        rows = companies.order_by().values_list("pk", "search_names").iterator(chunk_size=5_000)
        self._read(companies, "pk", sorted(pk for pk, names in rows if may_mean(names.replace(" ", ""))))

    def _read(self, companies: QuerySet[Company], column: str, values: Sequence[Any]) -> None:
        """Note the companies with these values, in a fixed order."""
        for start in range(0, len(values), _PORTION):
            some = companies.filter(**{f"{column}__in": values[start : start + _PORTION]}).order_by("pk")
            for company in some.prefetch_related("former_names"):
                pk, former = company.pk, (each.name for each in company.former_names.all())
                self._note("c", pk, company.name, (company.name, company.name_kana, *former))
                self._bodies["c", pk] = company
                if company.corporate_number:
                    self.numbers[company.corporate_number] = pk
                    self.number_of[pk] = company.corporate_number

    def _note(self, kind: str, pk: int, label: str, names: Iterable[str]) -> None:
        if label:
            self.labels[kind, pk] = label
        for name in names:
            if key := folded_name(name):
                known = self.names.setdefault(key, [])
                if (kind, pk) not in known:
                    known.append((kind, pk))

    def body(self, kind: str, pk: int) -> Any:
        if (kind, pk) not in self._bodies:
            model: Any = Company if kind == "c" else Municipality
            self._bodies[kind, pk] = model.objects.get(pk=pk)
        return self._bodies[kind, pk]

    def municipality(self, code: str) -> Municipality | None:
        """The body of this 全国地方公共団体コード; None where no body has it."""
        if not self._codes:
            self._codes = dict(Municipality.objects.values_list("code", "pk"))
        return self.body("m", self._codes[code]) if code in self._codes else None

    def load(self, names: Iterable[str]) -> None:
        """Read the municipalities of these names at once; the companies are there."""
        wanted = {each for name in names for each in self.called(name)}
        keys = [pk for kind, pk in wanted if kind == "m"]
        for start in range(0, len(keys), _PORTION):
            for body in Municipality.objects.filter(pk__in=keys[start : start + _PORTION]):
                self._bodies["m", body.pk] = body

    def resolve(
        self,
        name: str,
        judgement: Judgement,
        answers: Mapping[str, str],
        *,
        number: str | None = None,
        reading: str = "",
        column: str = "partners",
    ) -> Body | None:
        """The body that a name of a row means; None when the row cannot say (an error is noted)."""
        if number and number in self.numbers:
            return self._by_number(name, number, judgement, column)
        found = self._fitting(name, number)
        if not found:
            return self.register(name, number, reading)
        options = [(f"{kind}:{pk}", f"「{self.labels[kind, pk]}」として登録") for kind, pk in found]
        exact = [each for each in found if full_name(name) in self._spelled(each)]
        if len(exact) == 1 and len(found) == 1:
            return self.body(*exact[0])
        options.append((NEW, "別の相手方として新しく登録"))
        question = Question(
            f"party:{name}"[:100],
            f"相手方「{name}」は、登録済みの{self._labels(found)}とみられます。",
            options,
            chosen=options[0][0]
            if len(found) == 1
            else (f"{exact[0][0]}:{exact[0][1]}" if len(exact) == 1 else ""),
        )
        chosen = judgement.ask(question, answers)
        if not chosen:
            judgement.refuse(column, f"相手方「{name}」に当たる登録が複数あります。どれかを選んでください。")
            return None
        judgement.warn(column, question.text)
        if chosen == NEW:
            return self.register(name, number, reading)
        kind, _colon, pk = chosen.partition(":")
        return self.body(kind, int(pk))

    def _by_number(self, name: str, number: str, judgement: Judgement, column: str) -> Company:
        company = self.body("c", self.numbers[number])
        if ("c", company.pk) not in self.called(name):
            judgement.warn(
                column, f"法人番号{number}は「{company}」として登録されています（台帳では「{name}」）。"
            )
        return company

    def _fitting(self, name: str, number: str | None) -> list[tuple[str, int]]:
        """Bodies of that name; not those of another legal form, nor companies of another 法人番号."""
        form = legal_form(name)
        return [
            (kind, pk)
            for kind, pk in self.called(name)
            if not (kind == "c" and number and self.number_of.get(pk, number) != number)
            and not (kind == "m" and form)
            and not (
                kind == "c" and form and (theirs := legal_form(self.labels[kind, pk])) and theirs != form
            )
        ]

    def _spelled(self, of: tuple[str, int]) -> set[str]:
        label = self.labels[of]
        return {label, full_name(label)} | ({str(self.body(*of))} if of[0] == "m" else set())

    def _labels(self, found: list[tuple[str, int]]) -> str:
        return "、".join(f"「{self.labels[each]}」" for each in found[:3])

    def register(self, name: str, number: str | None, reading: str) -> NewCompany:
        """The new company of that name; the same one for every row that means it."""
        if number and number in self.new_by_number:
            return self.new_by_number[number]
        key, form = folded_name(name), legal_form(name)
        twins = self.new_by_name.get(key, []) if not form else []
        company = (
            self.new.get((key, form)) or self.new.get((key, "")) or (twins[0] if len(twins) == 1 else None)
        )
        if company is None or (number and company.corporate_number not in (None, number)):
            company = NewCompany(full_name(name), reading or _own_reading(name), number)
            self.new_by_name.setdefault(key, []).append(company)
        elif form and not legal_form(company.name):
            company.name = full_name(name)
        if number:
            company.corporate_number = number
            self.new_by_number[number] = company
        company.name_kana = company.name_kana or reading
        self.new[key, form] = company
        return company


def _own_reading(name: str) -> str:
    """The reading of a name that is written in kana anyway; "" for any other."""
    bare = strip_legal_form(full_name(name))
    return kana.normalise_kana(bare) if kana.is_kana(bare) else ""


def read_numbers(text: str) -> list[str]:
    """The 法人番号 in a cell. Raises `ValueError`."""
    pieces = [piece for piece in re.split(r"[\n、,;；/／]+", text) if piece.strip()]
    return [corporate_number.normalise(piece) for piece in pieces]


def key(body: Body) -> str:
    """The same for the same body, saved or not."""
    if isinstance(body, NewCompany):
        return f"new:{folded_name(body.name)}:{legal_form(body.name)}"
    return key_of(body)
