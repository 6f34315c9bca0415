"""連携事項: the items of an agreement, verbatim, each with its 分野."""

from django import forms

from agreements.actions.drafts import ItemDraft
from agreements.choices import FieldCategory
from agreements.models import CooperationField

from .rows import RowForm, RowFormSet, form_field


class ItemRowForm(RowForm):
    """One item with its 分野; `suggested` remembers which of them were only suggested by the words."""

    bookkeeping = RowForm.bookkeeping | {"suggested"}

    text = form_field(
        CooperationField,
        "text",
        required=False,  # a blank row is no item; `clean_text` asks where something else is filled in
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    categories = forms.MultipleChoiceField(
        label="分野", choices=FieldCategory.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    suggested = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if not text:
            raise forms.ValidationError("連携事項を入力するか、この行を削除してください。", code="required")
        return text

    def draft(self) -> ItemDraft:
        cleaned = self.cleaned_data
        return ItemDraft(text=cleaned["text"], categories=tuple(cleaned["categories"]), id=cleaned["id"])

    def chosen_categories(self) -> list[str]:
        """Names of the 分野 chosen so far, for the folded list of check boxes."""
        chosen = set(self["categories"].value() or ())
        return [label for value, label in FieldCategory.choices if value in chosen]


class ItemFormSet(RowFormSet):
    """The page posts `shown` with each row: the number beside it, to which the actions refer."""

    form = ItemRowForm
    noun = "連携事項"
    max_num = 100

    def numbering(self) -> dict[int, int]:
        """Number beside a row on the page -> number under which it will be saved.

        Blank and deleted rows have none. Rows without a number (pasted, not split yet) count on.
        """
        final = {row: number for number, row in enumerate(self.rows(), start=1)}
        shown: dict[int, int] = {}
        last = 0
        for row in self.forms:
            text = self.data.get(row.add_prefix("shown"), "")
            number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
            if not number and self.is_deleted(row):
                continue
            number = number or last + 1
            last = max(last, number)
            if row in final:
                shown[number] = final[row]
        return shown

    def drafts(self) -> tuple[ItemDraft, ...]:
        return tuple(row.draft() for row in self.rows())
