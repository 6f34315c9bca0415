"""協定書案 as a form: 前文, articles, 後書き, signatories and 別記, checked together as one text."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from agreements.choices import AnnexLabel, ClauseKind
from agreements.domain.legal_references import Problem, check
from agreements.domain.legal_text import Annex, Article, LegalText, Signatory, tidy
from agreements.models import TextVersion
from municipalities.form_fields import LineFormField, ProseFormField

from .posted_rows import typed
from .rows import RowForm, RowFormSet, form_field

_MOST_CHARACTERS = 100_000  # some 60 pages; the layout of more takes too long


class TextForm(forms.Form):
    """What stands once in a 協定書."""

    title = LineFormField(label="協定書の名称", max_length=220)
    preamble = ProseFormField(
        label="前文", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    closing = ProseFormField(
        label="後書き", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    note = form_field(TextVersion, "note")
    base = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ArticleRowForm(RowForm):
    bookkeeping = RowForm.bookkeeping | {"kind"}

    heading = LineFormField(label="見出し", max_length=40, required=False)
    text = ProseFormField(
        label="本文",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    kind = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def clean_heading(self) -> str:
        return self.cleaned_data["heading"].strip("（）()")

    def article(self) -> Article:
        cleaned = self.cleaned_data
        kind = cleaned["kind"] if cleaned["kind"] in ClauseKind.values else ""
        return Article(cleaned["heading"], tidy(cleaned["text"]), kind)


class ArticleFormSet(RowFormSet):
    form = ArticleRowForm
    noun = "条"
    max_num = 100


class SignatoryRowForm(RowForm):
    label = LineFormField(label="呼称", max_length=20, required=False)
    name = LineFormField(label="名称", max_length=120, required=False)
    address = LineFormField(label="住所", max_length=200, required=False)
    title = LineFormField(label="職", max_length=60, required=False)
    person = LineFormField(label="氏名", max_length=60, required=False)

    def signatory(self) -> Signatory:
        return Signatory(**{name: self.cleaned_data[name] for name in asdict(Signatory())})


class SignatoryFormSet(RowFormSet):
    form = SignatoryRowForm
    noun = "署名する者"
    max_num = 100


class AnnexRowForm(RowForm):
    bookkeeping = RowForm.bookkeeping | {"label"}

    label = forms.ChoiceField(
        label="種類", choices=AnnexLabel.choices, initial=AnnexLabel.APPENDIX, required=False
    )
    heading = LineFormField(label="見出し", max_length=80, required=False)
    text = ProseFormField(
        label="内容", max_length=40_000, required=False, widget=forms.Textarea(attrs={"rows": 8})
    )

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if not text:
            raise ValidationError("内容を入力するか、この行を削除してください。", code="required")
        return text

    def annex(self) -> Annex:
        cleaned = self.cleaned_data
        return Annex(cleaned["label"] or AnnexLabel.APPENDIX.value, cleaned["heading"], cleaned["text"])


class AnnexFormSet(RowFormSet):
    form = AnnexRowForm
    noun = "別記"
    max_num = 20


class LegalTextForm:
    """The form and its rows, checked in one go. Unbound it starts from a text."""

    def __init__(
        self,
        text: LegalText,
        *,
        base: int,
        asks_reason: bool = False,
        data: QueryDict | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.start, self.base, self.asks_reason = text, base, asks_reason
        stored: dict[str, Any] = {
            "form": {**{n: getattr(text, n) for n in ("title", "preamble", "closing")}, "base": base},
            "articles": _rows(text.articles),
            "signatories": _rows(text.signatories),
            "annexes": _rows(text.annexes),
        }
        shown = initial or stored
        self.form = TextForm(data, initial=shown["form"])
        self.form.fields["note"].required = asks_reason
        if asks_reason:
            self.form.fields["note"].label = "直した理由"
        bound = data is not None
        self.articles = ArticleFormSet(data, prefix="articles", initial=None if bound else shown["articles"])
        self.signatories = SignatoryFormSet(
            data, prefix="signatories", initial=None if bound else shown["signatories"]
        )
        self.annexes = AnnexFormSet(data, prefix="annexes", initial=None if bound else shown["annexes"])

    @property
    def formsets(self) -> tuple[RowFormSet, ...]:
        return self.articles, self.signatories, self.annexes

    def shown_again(self, *, add_row: str = "", part: Article | Annex | None = None) -> "LegalTextForm":
        """Everything typed so far, unvalidated, with one more row: blank, or with this article or 別記."""
        home = {Article: "articles", Annex: "annexes"}.get(type(part))
        initial: dict[str, Any] = {"form": typed(self.form)}
        for formset in self.formsets:
            name = str(formset.prefix)
            rows = [typed(row) for row in formset.in_order()]
            more = {"ORDER": len(rows) + 1}
            if part is not None and name == home:
                rows.append({**asdict(part), **more})
            elif name == add_row and len(rows) < formset.max_num:
                rows.append(more)
            initial[name] = rows
        return LegalTextForm(self.start, base=self.base, asks_reason=self.asks_reason, initial=initial)

    def is_valid(self) -> bool:
        results = [self.form.is_valid(), *(formset.is_valid() for formset in self.formsets)]
        if any(formset.has_errors() for formset in self.formsets) or not all(results):
            return False
        if not self.articles.rows():
            self.form.add_error(None, "条を1つ以上入力してください。")
        elif len("".join(map(str, self.text().as_json().values()))) > _MOST_CHARACTERS:
            self.form.add_error(None, f"協定書全体で{_MOST_CHARACTERS:,}文字以内にしてください。")
        else:
            for problem in check(self.text()):
                self._show(problem)
        return not self.form.errors and not any(formset.has_errors() for formset in self.formsets)

    def _show(self, problem: Problem) -> None:
        if problem.part == "articles":
            self.articles.rows()[problem.place].add_error("text", problem.message)
        elif problem.part == "annexes":
            self.annexes.rows()[problem.place].add_error("text", problem.message)
        else:
            self.form.add_error(problem.part, problem.message)

    def text(self) -> LegalText:
        cleaned = self.form.cleaned_data
        return LegalText(
            title=cleaned["title"],
            preamble=cleaned["preamble"],
            articles=tuple(row.article() for row in self.articles.rows()),
            closing=cleaned["closing"],
            signatories=tuple(row.signatory() for row in self.signatories.rows()),
            annexes=tuple(row.annex() for row in self.annexes.rows()),
        )


def _rows(parts: Sequence[Any]) -> list[dict[str, Any]]:
    return [{**asdict(part), "ORDER": place} for place, part in enumerate(parts, start=1)]
