"""条項ひな形: one clause of the library, and the choice of clauses for a first draft."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms

from agreements.choices import ClauseUse
from agreements.domain.clauses import LedgerFacts, is_usual
from agreements.domain.legal_references import (
    ANNEX_LABELS,
    ARTICLE_REFERENCE,
    is_reference,
    placeholders,
)
from agreements.domain.legal_text import tidy
from agreements.models import Clause, TextVersion
from municipalities.models import Municipality

from .procedure_forms import SeenMixin
from .rows import form_field


class ClauseForm(SeenMixin, forms.ModelForm):
    """One clause. What its text may not say is an error at the text."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Clause
        fields = ("kind", "use", "heading", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": 10})}

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.municipality = municipality
        if self.instance.pk:
            self.initial["seen"] = self.instance.updated_at.isoformat()

    def clean_heading(self) -> str:
        return self.cleaned_data["heading"].strip("（）()")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if text := cleaned.get("text"):
            for message in self._dangling(text, cleaned.get("heading", "")):
                self.add_error("text", message)
        return cleaned

    def _dangling(self, text: str, own: str) -> Iterator[str]:
        """References to articles that no clause in use would make. 別記 come with each 協定書."""
        others = Clause.objects.in_use().filter(municipality=self.municipality).exclude(pk=self.instance.pk)
        headings = {own, *others.values_list("heading", flat=True)}
        for name in filter(is_reference, placeholders(text)):
            kind, _, heading = name.partition(":")
            if kind in ANNEX_LABELS:
                continue
            if kind == ARTICLE_REFERENCE and heading.strip() not in headings:
                yield f"「{{{name}}}」の見出しをもつ条項ひな形がありません。"

    def values(self) -> dict[str, Any]:
        """Field values of `Clause`, the numbers of its text put right."""
        values = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        if self.instance.has_units:
            values["text"] = tidy(values["text"])
        return values


_FOR_WHOM = {ClauseUse.RENEWING: "（自動更新する協定用）", ClauseUse.FIXED: "（自動更新しない協定用）"}


def _called(clause: Clause) -> str:
    """Two clauses may share a heading: one of them is for agreements of another sort."""
    return f"{clause.heading}{_FOR_WHOM.get(ClauseUse(clause.use), '')}"


class ComposeForm(forms.Form):
    """Which clauses go into the draft; what is usual for this agreement is ticked."""

    clauses = forms.MultipleChoiceField(
        label="使う条項ひな形",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "条項を1つ以上選んでください。"},
    )
    note = form_field(TextVersion, "note")
    base = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        library: Iterable[Clause],
        facts: LedgerFacts,
        base: int,
        asks_reason: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.library = list(library)
        chosen: Any = self.fields["clauses"]
        chosen.choices = [(str(each.pk), _called(each)) for each in self.library]
        chosen.initial = [str(each.pk) for each in self.library if is_usual(each.as_text, facts)]
        self.fields["base"].initial = base
        self.fields["note"].required = asks_reason

    def chosen(self) -> list[Clause]:
        """In the order of the library."""
        keys = set(self.cleaned_data["clauses"])
        return [each for each in self.library if str(each.pk) in keys]
