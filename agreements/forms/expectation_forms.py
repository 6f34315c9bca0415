"""すり合わせ: what one side hopes for, what both settle, who confirmed it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from agreements.actions.expectations import Confirmer
from agreements.choices import ExpectationCost, ExpectationKind, Procurement, Side
from agreements.domain.lifecycle import Blocker
from agreements.models import (
    Agreement,
    AgreementDocument,
    ExpectationAnswer,
    ExpectationConfirmation,
    ExpectationRow,
)
from agreements.models.expectation_answer import ANSWER_FIELDS
from agreements.models.expectation_row import SHARED_FIELDS
from agreements.models.expectation_sheet import Sheet, SheetRow
from municipalities.form_fields import NoticesMixin, WarekiDateField, WholeNumberField

from .rows import form_field

_MOST_YEN = 10**12
_OPEN_COST = {ExpectationCost.PAID, ExpectationCost.AT_COST}

_LABELS = {
    Side.OWN: {
        "expects": "②期待すること",
        "offers": "⑤提供するもの",
    },
    Side.PARTNER: {
        "expects": "③期待すること",
        "kinds": "③期待の種類",
        "offers": "④提供するもの",
    },
}
_HINTS = {
    Side.OWN: {
        "expects": "どのような課題を、だれのために、どのくらいの規模で解決したいか。",
        "offers": "例：広報紙での紹介、会場、職員の協力、データ、後援",
    },
    Side.PARTNER: {
        "expects": "この連携で得たいこと。将来の受注を期待するときは、そのまま書いてください。",
        "kinds": "あてはまるものをすべて選んでください。",
        "offers": "人・物・場所・お金・情報・技術のうち、提供できるもの",
    },
}


def cap_field() -> WholeNumberField:
    return WholeNumberField(
        label="上限額（円）",
        required=False,
        min_value=0,
        max_value=_MOST_YEN,
        help_text="「実費」「有償」のとき。決まっていなければ空欄のままにします。",
    )


class CapMixin:
    """A cap without a cost that could exceed it is a slip of the pen."""

    def check_cap(self, cost_name: str, cap_name: str) -> None:
        cleaned = self.cleaned_data  # type: ignore[attr-defined]
        if cleaned.get(cap_name) is not None and cleaned.get(cost_name) not in _OPEN_COST:
            self.add_error(cap_name, "上限額は、費用が「実費」か「有償」のときに入力してください。")  # type: ignore[attr-defined]


class AnswerForm(CapMixin, forms.ModelForm):
    """What one side says of one row; blank fields are allowed as long as it is a draft."""

    cost = forms.ChoiceField(
        label="⑦費用", required=False, choices=ExpectationCost.choices, widget=forms.RadioSelect
    )
    noun = ""  # which row it is, in the summary of errors
    kinds = forms.MultipleChoiceField(
        required=False, choices=ExpectationKind.choices, widget=forms.CheckboxSelectMultiple
    )
    cost_cap = cap_field()

    class Meta:
        model = ExpectationAnswer
        fields = ANSWER_FIELDS
        widgets = {
            "expects": forms.Textarea(attrs={"rows": 4}),
            "offers": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, side: str, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        if side == Side.OWN:
            del self.fields["kinds"]
        for name, label in _LABELS[Side(side)].items():
            self.fields[name].label = label
            self.fields[name].help_text = _HINTS[Side(side)][name]
        self.order_fields(["expects", "kinds", "offers", "cost", "cost_cap", "cost_note"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.check_cap("cost", "cost_cap")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Field values of `ExpectationAnswer`, as a submission holds them too."""
        return {name: self.cleaned_data[name] for name in self.fields}


class AnswersForm:
    """The answers of one side to every row of a sheet: one `AnswerForm` each, and the version seen."""

    def __init__(self, data: Any = None, *, sheet: Sheet, side: str) -> None:
        self.sheet = sheet
        self.is_bound = data is not None
        self.data = data
        self.rows = [
            (
                row,
                AnswerForm(
                    data,
                    side=side,
                    prefix=f"row-{row.row.pk}",
                    instance=self._answer(row, side),
                    auto_id="id_%s",
                ),
            )
            for row in sheet.rows
        ]
        for row, form in self.rows:
            form.noun = row.row.label

    @staticmethod
    def _answer(row: SheetRow, side: str) -> ExpectationAnswer:
        stored = row.own if side == Side.OWN else row.partner
        return stored or ExpectationAnswer(row=row.row, side=side)

    @property
    def forms(self) -> list[AnswerForm]:
        return [form for _row, form in self.rows]

    @property
    def version(self) -> int:
        """The version the page was opened with; 0, which never was, when it is missing."""
        return seen_version(self.data) if self.is_bound else self.sheet.round.version

    def is_valid(self) -> bool:
        errors = [form.errors for form in self.forms]  # each is asked, that all errors are shown at once
        return not any(errors)

    def values(self) -> dict[int, dict[str, Any]]:
        return {row.row.pk: form.values() for row, form in self.rows}

    def conflict_rows(self, stored: Sheet) -> list[dict[str, Any]]:
        """What is stored now beside what was typed (rows of the conflict table)."""
        now = {row.row.pk: row.own for row in stored.rows}
        found = []
        for row, form in self.rows:
            for name, mine in form.values().items():
                theirs = getattr(now.get(row.row.pk), name, "")
                found.append(
                    {
                        "label": f"{row.row.label} {form.fields[name].label}",
                        "theirs": _words(form, name, theirs),
                        "mine": _words(form, name, mine),
                        "changed": (theirs or "") != (mine or ""),
                    }
                )
        return [each for each in found if each["changed"]]


def _words(form: forms.BaseForm, name: str, value: Any) -> str:
    if isinstance(value, date):
        return str(form.fields[name].prepare_value(value))
    choices = dict(getattr(form.fields[name], "choices", ()))
    if isinstance(value, list):
        return "、".join(str(choices.get(each, each)) for each in value)
    return "" if value in ("", None) else str(choices.get(value, value))


def seen_version(data: Any) -> int:
    text = (data or {}).get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class WordingForm(CapMixin, NoticesMixin, forms.ModelForm):
    """The shared columns of one row: what both sides settle after the opening."""

    agreed_cost = forms.ChoiceField(
        label="⑦費用（合意）",
        required=False,
        choices=[("", "まだ決まっていない"), *ExpectationCost.choices],
        widget=forms.RadioSelect,
    )
    agreed_cost_cap = cap_field()
    procurement = forms.ChoiceField(
        label="⑧調達が要るか",
        required=False,
        choices=[("", "未記入"), *Procurement.choices],
        widget=forms.RadioSelect,
    )
    first_action_due = WarekiDateField(label="⑪期限", required=False)
    agreed_on = WarekiDateField(label="⑬合意日", required=False)

    class Meta:
        model = ExpectationRow
        fields = SHARED_FIELDS
        widgets = {
            name: forms.Textarea(attrs={"rows": 3})
            for name in ("agreed_wording", "roles", "not_to_do", "measure", "stop_conditions")
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_agreed_on(self) -> date | None:
        agreed_on = self.cleaned_data["agreed_on"]
        if agreed_on and agreed_on > self.today:
            raise forms.ValidationError("合意日が今日より後です。日付を確かめてください。", code="to_come")
        return agreed_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.check_cap("agreed_cost", "agreed_cost_cap")
        if cleaned.get("procurement") == Procurement.NEEDED and not cleaned.get("procurement_method"):
            self.add_error("procurement_method", "調達が要るときは、その方法を入力してください。")
        return cleaned

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SHARED_FIELDS}

    def conflict_rows(self, stored: ExpectationRow) -> list[dict[str, Any]]:
        rows = [
            {
                "label": self.fields[name].label,
                "theirs": _words(self, name, getattr(stored, name)),
                "mine": _words(self, name, mine),
                "changed": getattr(stored, name) != mine,
            }
            for name, mine in self.values().items()
        ]
        return [each for each in rows if each["changed"]]


class BlockerMixin:
    def add_blockers(self, blockers: Iterable[Blocker]) -> None:
        """Show each blocker at its field, or above all fields."""
        for blocker in blockers:
            name = blocker.place if blocker.place in self.fields else None  # type: ignore[attr-defined]
            self.add_error(name, blocker.message)  # type: ignore[attr-defined]


class ConfirmForm(BlockerMixin, NoticesMixin, forms.Form):
    """Who of one side confirms which rows, on what day, and what shows it."""

    rows = forms.TypedMultipleChoiceField(
        label="確認する項目",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "確認する項目を選んでください。"},
    )
    title = form_field(ExpectationConfirmation, "title")
    name = form_field(ExpectationConfirmation, "name")
    confirmed_on = WarekiDateField(label="確認日")
    evidence = form_field(ExpectationConfirmation, "evidence")
    document = forms.ModelChoiceField(
        label="証跡の書類", queryset=AgreementDocument.objects.none(), required=False, empty_label="（なし）"
    )

    def __init__(
        self, *args: Any, sheet: Sheet, side: str, agreement: Agreement, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.side = today, side
        self.open_rows = [row for row in sheet.rows if row.confirmed_by(side) is None]
        rows: Any = self.fields["rows"]
        rows.choices = [(row.row.pk, f"{row.row.label} {row.row.item_text}") for row in self.open_rows]
        document: Any = self.fields["document"]
        document.queryset = AgreementDocument.objects.alive().filter(agreement=agreement)
        if side == Side.PARTNER:
            self.fields["evidence"].required = True
        self.initial = {
            "rows": [row.row.pk for row in self.open_rows],
            "confirmed_on": today,
            **self.initial,
        }

    def clean_confirmed_on(self) -> date:
        confirmed_on = self.cleaned_data["confirmed_on"]
        if confirmed_on > self.today:
            raise forms.ValidationError("確認日が今日より後です。日付を確かめてください。", code="to_come")
        return confirmed_on

    def confirmer(self) -> Confirmer:
        names = ("title", "name", "confirmed_on", "evidence", "document")
        return Confirmer(**{name: self.cleaned_data[name] for name in names})


class ReasonForm(BlockerMixin, forms.Form):
    reason = form_field(
        ExpectationRow,
        "stop_conditions",
        label="理由",
        required=True,
        help_text="",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
