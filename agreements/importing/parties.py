"""Which body does a name in a ledger mean: one we know, one of the file, or a new company?"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agreements.domain import corporate_number, kana
from agreements.domain.kana import strip_legal_form
from agreements.forms.party_lookup import folded as folded_name
from agreements.forms.party_lookup import key_of
from agreements.models import Company, CompanyFormerName
from municipalities.models import Municipality

from .importable import Judgement, Question

NEW = "new"
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


class PartyBook:
    """Every company and municipality by its folded names; read once for a whole file."""

    def __init__(self) -> None:
        self.names: dict[str, list[tuple[str, int]]] = {}
        self.numbers: dict[str, int] = {}
        self.labels: dict[tuple[str, int], str] = {}
        self.new: dict[tuple[str, str], NewCompany] = {}
        self.new_by_name: dict[str, list[NewCompany]] = {}
        self.number_of: dict[int, str] = {}
        self.new_by_number: dict[str, NewCompany] = {}
        self._bodies: dict[tuple[str, int], Any] = {}
        companies = Company.objects.alive().order_by("pk")
        for pk, name, reading, number in companies.values_list("pk", "name", "name_kana", "corporate_number"):
            self._note("c", pk, name, (name, reading))
            if number:
                self.numbers[number] = pk
                self.number_of[pk] = number
        living = CompanyFormerName.objects.filter(company__deleted_at=None)
        for pk, name in living.values_list("company_id", "name"):
            self._note("c", pk, "", (name,))
        for body in Municipality.objects.open().only("pk", "name", "prefecture", "county", "kind", "code"):
            self._note("m", body.pk, body.full_name, (body.name, body.full_name))

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

    def load(self, names: Iterable[str], numbers: Iterable[str] = ()) -> None:
        """Read the bodies of these names and 法人番号 with two queries."""
        wanted = {each for name in names for each in self.names.get(folded_name(name), ())}
        wanted |= {("c", self.numbers[number]) for number in numbers if number in self.numbers}
        for kind, model in (("c", Company), ("m", Municipality)):
            keys = [pk for of, pk in wanted if of == kind]
            for start in range(0, len(keys), 500):
                for body in model.objects.filter(pk__in=keys[start : start + 500]):
                    self._bodies[kind, body.pk] = body

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
        if ("c", company.pk) not in self.names.get(folded_name(name), ()):
            judgement.warn(
                column, f"法人番号{number}は「{company}」として登録されています（台帳では「{name}」）。"
            )
        return company

    def _fitting(self, name: str, number: str | None) -> list[tuple[str, int]]:
        """Bodies of that name; not those of another legal form, nor companies of another 法人番号."""
        form = legal_form(name)
        return [
            (kind, pk)
            for kind, pk in self.names.get(folded_name(name), ())
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


def numbers_in(cells: Iterable[str]) -> Iterator[str]:
    """Every readable 法人番号 of these cells."""
    for text in cells:
        try:
            yield from read_numbers(text)
        except ValueError:
            continue


def key(body: Body) -> str:
    """The same for the same body, saved or not."""
    if isinstance(body, NewCompany):
        return f"new:{folded_name(body.name)}:{legal_form(body.name)}"
    return key_of(body)
