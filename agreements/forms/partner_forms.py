"""What a company fills in behind a 相手方リンク."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.conf import settings

from agreements.choices import ExpectationCost, ExpectationKind
from agreements.domain import expectations
from agreements.domain.uploads import ACCEPT, KINDS_IN_WORDS
from agreements.models import ActionItem, AnnualReport
from agreements.models.expectation_answer import ANSWER_FIELDS
from agreements.models.expectation_sheet import Sheet, SheetRow
from municipalities.form_fields import (
    LineFormField,
    NoticesMixin,
    ProseFormField,
    WarekiDateField,
    WholeNumberField,
)

from .document_forms import MultipleFileField

_LONGEST = 20_000


class CodeForm(forms.Form):
    code = LineFormField(
        label="確認コード",
        max_length=40,
        help_text="数字8桁。例：1234 5678",
        error_messages={"required": "確認コードを入力してください。"},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "is-number is-code"}
        ),
    )


class PartnerFilesForm(forms.Form):
    """Evidence, attached beside the fields of any page; each file is looked over by its content."""

    files = MultipleFileField(  # type: ignore[assignment]
        label="ファイルを添付する（必要なとき）", required=False
    )

    def __init__(self, *, about: int | None = None) -> None:
        super().__init__(prefix=None if about is None else f"a{about}")
        megabytes = settings.RENKEI_UPLOAD_MAX_BYTES // 1024**2
        field = self.fields["files"]
        field.help_text = (
            f"{KINDS_IN_WORDS}。1つ{megabytes}MBまで。選んでから「下書きを保存」を押すと添付されます。"
        )
        field.widget.attrs["accept"] = ACCEPT


def typed_values(form: forms.Form) -> dict[str, Any]:
    """What was typed into the fields of a bound form, right or wrong, fit to start a form with again."""
    found: dict[str, Any] = {}
    for name, field in form.fields.items():
        if isinstance(field.widget, forms.HiddenInput | forms.FileInput):
            continue
        value = form[name].data
        found[name] = [_kept(each) for each in value] if isinstance(value, list) else _kept(value)
    return found


def _kept(value: Any) -> Any:
    """Text without NUL, bounded: a draft holds what people type, not what programs send."""
    return value.replace("\x00", "")[:_LONGEST] if isinstance(value, str) else value


class YenField(WholeNumberField):
    """「100,000円」 as people write it."""

    default_error_messages = {"invalid": "金額を数字で入力してください（例：100,000）。"}

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").replace("円", "").strip()
        return super().to_python(value)


class SenderForm(NoticesMixin, forms.Form):
    """Who writes. The fields of the rows come before it."""

    sender = LineFormField(
        label="記入した方のお名前",
        max_length=60,
        help_text="部署名も書けます。例：地域連携部　見本 花子",
        error_messages={"required": "記入した方のお名前を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def own_fields(self) -> list[forms.BoundField]:
        """Fields of no row, for the template."""
        return [self["sender"]]


class AnswersForm(SenderForm):
    """③④⑦ of every row: what the company expects, offers and thinks it costs."""

    def __init__(self, data: Any = None, *, sheet: Sheet, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.sheet = sheet
        for row in sheet.rows:
            for name, field in _answer_fields().items():
                field.label = f"{row.row.label}{field.label}"
                self.fields[f"r{row.row.pk}-{name}"] = field
        self.order_fields([name for name in self.fields if name != "sender"])

    def rows(self) -> list[dict[str, Any]]:
        """Each row of the sheet with its fields."""
        return [
            {
                "sheet": row,
                "fields": {name: self[f"r{row.row.pk}-{name}"] for name in ANSWER_FIELDS},
            }
            for row in self.sheet.rows
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for row in self.sheet.rows:
            prefix = f"r{row.row.pk}-"
            if cleaned.get(f"{prefix}cost_cap") is not None and cleaned.get(f"{prefix}cost") not in {
                ExpectationCost.PAID,
                ExpectationCost.AT_COST,
                None,
            }:
                self.add_error(f"{prefix}cost_cap", "上限額は、有償か実費のときだけ入力してください。")
        return cleaned

    def payload(self) -> dict[str, Any]:
        return {
            "rows": {
                str(row.row.pk): {name: self.cleaned_data[f"r{row.row.pk}-{name}"] for name in ANSWER_FIELDS}
                for row in self.sheet.rows
            }
        }


def answers_initial(answers: Iterable[Any]) -> dict[str, Any]:
    """`actions.partner_work.Answered` as initial values of an `AnswersForm`."""
    return {
        f"r{each.row_id}-{name}": each.values[name]
        for each in answers
        for name in ANSWER_FIELDS
        if name in each.values
    }


def _answer_fields() -> dict[str, forms.Field]:
    return {
        "expects": ProseFormField(
            label="③期待すること",
            max_length=2000,
            help_text="この連携で得たいもの。率直に書いてください。ないときは「特になし」と書きます。",
            error_messages={"required": "期待することを入力してください。ないときは「特になし」と書きます。"},
            widget=forms.Textarea(attrs={"rows": 4}),
        ),
        "kinds": forms.MultipleChoiceField(
            label="③期待の種類",
            required=False,
            choices=ExpectationKind.choices,
            widget=forms.CheckboxSelectMultiple,
            help_text="当てはまるものをすべて選びます。将来の受注を期待しているときは、必ず選んでください。",
        ),
        "offers": ProseFormField(
            label="④提供するもの",
            required=False,
            max_length=2000,
            help_text="人、物、場所、お金、情報、技術など。",
            widget=forms.Textarea(attrs={"rows": 3}),
        ),
        "cost": forms.ChoiceField(
            label="⑦費用の考え",
            choices=ExpectationCost.choices,
            widget=forms.RadioSelect,
            error_messages={"required": "費用の考えを選んでください。"},
        ),
        "cost_cap": YenField(
            label="上限額（円）", required=False, min_value=0, max_value=10**12, help_text="例：100,000"
        ),
        "cost_note": LineFormField(label="費用についての補足", required=False, max_length=300),
    }


class ConfirmationForm(SenderForm):
    """⑮: a named person confirms rows as they stand on the page."""

    sender = LineFormField(
        label="確認した方の氏名",
        max_length=60,
        error_messages={"required": "確認した方の氏名を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    title = LineFormField(label="部署・職名", required=False, max_length=100)
    confirmed_on = WarekiDateField(
        label="確認日", error_messages={"required": "確認した日を入力してください。"}
    )
    evidence = LineFormField(
        label="証跡",
        required=False,
        max_length=200,
        help_text="何で確認したか。例：10月1日の役員会の議事録。書類は下で添付できます。",
    )

    def __init__(self, data: Any = None, *, sheet: Sheet, today: date, initial: Any = None) -> None:
        super().__init__(data, initial={"confirmed_on": today, **(initial or {})})
        self.sheet, self.today = sheet, today
        self.blockers = {row.row.pk: _confirmation_blockers(row) for row in sheet.rows}
        for row in sheet.rows:
            if self.blockers[row.row.pk]:
                continue
            key = row.row.pk
            self.fields[f"r{key}-confirm"] = forms.BooleanField(
                label=f"{row.row.label} この内容で合意したことを確認しました", required=False
            )
            self.fields[f"r{key}-seen"] = forms.CharField(
                required=False, initial=row.content_hash, widget=forms.HiddenInput
            )

    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("sender", "title", "confirmed_on", "evidence")]

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "sheet": row,
                "content": {name: words for name, words in row.content.items() if words and name != "①項目"},
                "confirm": self[f"r{row.row.pk}-confirm"]
                if f"r{row.row.pk}-confirm" in self.fields
                else None,
                "seen": self[f"r{row.row.pk}-seen"] if f"r{row.row.pk}-seen" in self.fields else None,
                "blockers": self.blockers[row.row.pk],
            }
            for row in self.sheet.rows
        ]

    def clean_confirmed_on(self) -> date:
        day = self.cleaned_data["confirmed_on"]
        if day > self.today:
            raise forms.ValidationError("今日より後の日付です。確認した日を入力してください。")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = self.chosen()
        if not chosen:
            raise forms.ValidationError("確認した項目に印を付けてください。")
        for row in chosen:
            if cleaned.get(f"r{row.row.pk}-seen") != row.content_hash:
                self.add_error(
                    f"r{row.row.pk}-confirm",
                    "画面を開いた後に内容が変わりました。いまの内容を確かめて、もう一度送ってください。",
                )
        return cleaned

    def chosen(self) -> list[Any]:
        return [row for row in self.sheet.rows if self.cleaned_data.get(f"r{row.row.pk}-confirm")]

    def payload(self) -> dict[str, Any]:
        chosen = self.chosen()
        cleaned = self.cleaned_data
        return {
            "rows": [row.row.pk for row in chosen],
            "hashes": {str(row.row.pk): row.content_hash for row in chosen},
            "name": cleaned["sender"],
            "title": cleaned["title"],
            "confirmed_on": cleaned["confirmed_on"].isoformat(),
            "evidence": cleaned["evidence"],
        }


def _confirmation_blockers(row: SheetRow) -> list[str]:
    """Why the row cannot be confirmed yet, as `actions.expectations.confirm_rows` will see it."""
    found = expectations.confirmation_blockers(
        row.expectation(is_settled=True), label=row.row.label, agreed_wording=row.row.agreed_wording
    )
    return [blocker.message for blocker in found]


class ProgressReportForm(SenderForm):
    """How each 取組 stands: day, figure reached so far, what happened. A 取組 left blank is not spoken of."""

    def __init__(
        self, data: Any = None, *, actions: Iterable[ActionItem], today: date, initial: Any = None
    ) -> None:
        self.actions, self.today = list(actions), today
        days = {f"a{action.pk}-on": today for action in self.actions}
        super().__init__(data, initial={**days, **(initial or {})})
        for action in self.actions:
            self.fields |= {f"a{action.pk}-{name}": field for name, field in _report_fields(action).items()}
        self.order_fields([name for name in self.fields if name != "sender"])

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "action": action,
                "fields": [self[f"a{action.pk}-{name}"] for name in ("on", "value", "text")],
                "files": PartnerFilesForm(about=action.pk)["files"],
            }
            for action in self.actions
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for action in self.actions:
            day = cleaned.get(f"a{action.pk}-on")
            if day and day > self.today:
                self.add_error(f"a{action.pk}-on", "今日より後の日付です。")
        if not self.errors and not self.told():
            raise forms.ValidationError("取組のどれかに、現在値かできごとを入力してください。")
        return cleaned

    def told(self) -> dict[str, dict[str, Any]]:
        """What is said of each 取組 that is spoken of."""
        found = {}
        for action in self.actions:
            values = {name: self.cleaned_data.get(f"a{action.pk}-{name}") for name in ("on", "value", "text")}
            if values["value"] is not None or values["text"]:
                found[str(action.pk)] = {
                    "on": (values["on"] or self.today).isoformat(),
                    "value": None if values["value"] is None else str(values["value"]),
                    "text": values["text"],
                }
        return found

    def payload(self) -> dict[str, Any]:
        return {"actions": self.told()}


def _report_fields(action: ActionItem) -> dict[str, forms.Field]:
    unit = f"（{action.target_unit}）" if action.target_unit else ""
    target = ""
    if action.target_value is not None:
        target = f"目標は{action.target_value.normalize():f}{action.target_unit}です。"
    return {
        "on": WarekiDateField(label="いつの時点か", required=False),
        "value": FigureField(
            label=f"ここまでの実績{unit}",
            required=False,
            help_text=f"始めてからの合計を、数字で。{target}",
        ),
        "text": ProseFormField(
            label="できごと",
            required=False,
            max_length=2000,
            help_text="何をしたか、うまくいったこと、困っていること。",
            widget=forms.Textarea(attrs={"rows": 3}),
        ),
    }


class CommentForm(SenderForm):
    """相手方のコメント of an annual report."""

    comment = ProseFormField(
        label="コメント",
        max_length=4000,
        help_text="よかったこと、課題、来年度に向けた希望など。年度実績報告に載ります。",
        error_messages={"required": "コメントを入力してください。ないときは「特になし」と書きます。"},
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    confirmed_on = WarekiDateField(
        label="内容を確認した日", error_messages={"required": "確認した日を入力してください。"}
    )

    def __init__(self, data: Any = None, *, report: AnnualReport, today: date, initial: Any = None) -> None:
        super().__init__(data, initial={"confirmed_on": today, **(initial or {})})
        self.report, self.today = report, today

    def rows(self) -> list[Any]:
        return []

    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("comment", "confirmed_on", "sender")]

    def clean_confirmed_on(self) -> date:
        day = self.cleaned_data["confirmed_on"]
        if day > self.today:
            raise forms.ValidationError("今日より後の日付です。確認した日を入力してください。")
        return day

    def payload(self) -> dict[str, Any]:
        return {
            "report": self.report.pk,
            "comment": self.cleaned_data["comment"],
            "confirmed_on": self.cleaned_data["confirmed_on"].isoformat(),
        }


class FigureField(forms.DecimalField):
    """A figure with at most two decimals, full-width digits and commas too."""

    widget = forms.TextInput
    default_error_messages = {"invalid": "数字で入力してください（例：120、12.5）。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").strip()
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "class": "is-number"}
