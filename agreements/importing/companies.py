"""相手方: one company a row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms

from agreements.choices import ImportOutcome
from agreements.domain import corporate_number
from agreements.forms.party_lookup import folded as folded_name
from agreements.models import Company
from municipalities import access
from municipalities.validators import validate_kana

from .columns import Column
from .importable import Judgement, LedgerRow, ModelImport, Question, Scope
from .parties import NEW, PartyBook, full_name
from .row_form import CellLineField, ImportRowForm


class CompanyRowForm(ImportRowForm):
    corporate_number = CellLineField(max_length=40)
    name = CellLineField(max_length=120)
    name_kana = CellLineField(max_length=160, validators=[validate_kana])
    postal_code = CellLineField(max_length=8)
    address = CellLineField(max_length=200)
    representative_title = CellLineField(max_length=60)
    representative_name = CellLineField(max_length=60)
    website = forms.URLField(required=False, max_length=300, assume_scheme="https")

    def clean_name(self) -> str:
        name = full_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("名称を入力してください。", code="required")
        return name

    def clean_corporate_number(self) -> str:
        text = self.cleaned_data["corporate_number"]
        try:
            return corporate_number.normalise(text) if text else ""
        except ValueError as error:
            raise forms.ValidationError(str(error), code="corporate_number") from error

    def clean_postal_code(self) -> str:
        return self.cleaned_data["postal_code"].lstrip("〒").strip()


def _numbers(rows: Sequence[LedgerRow]) -> Iterator[str]:
    for row in rows:
        try:
            yield corporate_number.normalise(row.cells.get("corporate_number", ""))
        except ValueError:
            continue  # said at the cell


class CompanyImport(ModelImport):
    key = "companies"
    label = "相手方"
    lead = "企業、大学、団体などの相手方を、一覧表からまとめて登録・更新します。"
    list_url = "agreements:company-list"
    model = Company
    form_class = CompanyRowForm
    columns = (
        Column(
            key="name",
            label="名称",
            synonyms=("企業名", "会社名", "法人名", "相手方", "相手方名", "事業者名", "団体名", "商号"),
            example="株式会社見本商店",
            is_identity=True,
        ),
        Column(
            key="name_kana",
            label="かな",
            synonyms=("フリガナ", "ふりがな", "名称カナ", "企業名カナ", "読み", "よみ", "カナ", "名称かな"),
            example="みほんしょうてん",
        ),
        Column(key="corporate_number", label="法人番号", hint="13桁", example="7123456789012"),
        Column(key="postal_code", label="郵便番号", synonyms=("〒",), example="100-0001"),
        Column(
            key="address",
            label="所在地",
            synonyms=("住所", "本社所在地", "本店所在地"),
            example="見本県見本市見本町1-1",
        ),
        Column(
            key="representative_title",
            label="代表者職名",
            synonyms=("役職", "職名", "代表者役職"),
            example="代表取締役",
        ),
        Column(
            key="representative_name", label="代表者氏名", synonyms=("代表者", "代表者名", "代表"), example=""
        ),
        Column(
            key="website",
            label="ウェブサイト",
            synonyms=("URL", "ホームページ", "HP", "サイト"),
            example="https://example.jp",
        ),
    )

    @classmethod
    def may_import(cls, user: Any) -> bool:
        return access.may_import(user) and access.may_edit_companies(user)

    def prepare(self, rows: Sequence[LedgerRow], scope: Scope) -> dict[str, Any]:
        clean = self.form_class.base_fields["name"].to_python
        names = [full_name(clean(row.cells.get("name", ""))) for row in rows]
        book = PartyBook(names, _numbers(rows))
        book.load(names)
        numbers = Company.objects.exclude(corporate_number=None).exclude(deleted_at=None)
        return {"seen": {}, "book": book, "deleted": dict(numbers.values_list("corporate_number", "pk"))}

    def identity(self, form: ImportRowForm) -> Any:
        number = form.cleaned_data.get("corporate_number")
        return number or (folded_name(form.cleaned_data["name"]), form.cleaned_data.get("address"))

    def judge(
        self, judgement: Judgement, form: ImportRowForm, answers: Mapping[str, str], scope: Scope, known: Any
    ) -> None:
        judgement.label = form.cleaned_data["name"]
        known["answers"] = answers
        super().judge(judgement, form, answers, scope, known)

    def find(self, judgement: Judgement, form: ImportRowForm, known: Any) -> Any:
        name, number = form.cleaned_data["name"], form.cleaned_data.get("corporate_number")
        book: PartyBook = known["book"]
        if number and number in known["deleted"]:
            judgement.refuse(
                "corporate_number", "この法人番号は削除した相手方のものです。先に元に戻してください。"
            )
            return None
        if number and number in book.numbers:
            return book.body("c", book.numbers[number])
        found = [pk for kind, pk in book._fitting(name, number or None) if kind == "c"]
        if number:
            found = [pk for pk in found if pk not in book.number_of]
        if not found:
            return None
        options = [(f"c:{pk}", f"「{book.labels['c', pk]}」を更新") for pk in found]
        exact = [pk for pk in found if book.labels["c", pk] == name]
        if len(found) == 1 and exact:
            return book.body("c", exact[0])
        options += [(NEW, "別の相手方として新しく登録"), ("skip", "取り込まない")]
        question = Question(
            "company",
            f"登録済みの「{book.labels['c', found[0]]}」とみられます。",
            options,
            chosen=options[0][0] if len(found) == 1 else "skip",
        )
        chosen = judgement.ask(question, known["answers"])
        judgement.warn("name", question.text)
        if chosen == "skip":
            judgement.outcome = ImportOutcome.SKIP
        return book.body("c", int(chosen[2:])) if chosen.startswith("c:") else None

    def complete(self, instance: Company) -> None:
        former = list(instance.former_names.values_list("name", "name_kana")) if instance.pk else []
        instance.refresh_keys(former)

    def put_away(self, instance: Company) -> None:
        from agreements.actions.companies import delete_company

        delete_company(company=instance)

    def take_away(self, instance: Company) -> str:
        if instance.is_in_use():
            return "協定で使われています"
        return super().take_away(instance)
