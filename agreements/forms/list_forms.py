"""Forms around a list: its export, its bulk changes, its saved views."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from agreements.choices import FieldCategory, Publication
from agreements.exports.export_file import FORMATS
from agreements.forms.print_forms import SheetPrintForm
from municipalities.form_fields import LineFormField
from municipalities.models import Department, StaffMember

MOST_CHOSEN = 1_000  # check boxes of one page


class RowsField(forms.CharField):
    """Keys of chosen rows, comma separated; nothing means all that match."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, max_length=20 * MOST_CHOSEN, **kwargs)

    def clean(self, value: Any) -> list[int]:
        text = super().clean(value)
        keys = [each for each in text.split(",") if each]
        if not all(each.isascii() and each.isdecimal() and len(each) < 19 for each in keys):
            raise forms.ValidationError("選んだ行が正しくありません。一覧に戻って選び直してください。")
        return list(dict.fromkeys(map(int, keys)))


class SelectionForm(forms.Form):
    """Which rows of the list: the URL query it had, and the chosen keys."""

    query = forms.CharField(required=False, widget=forms.HiddenInput, max_length=4000)
    rows = RowsField()


class ExportForm(SelectionForm):
    format = forms.ChoiceField(
        label="書式",
        choices=[(key, each.label) for key, each in FORMATS.items()],
        widget=forms.RadioSelect,
        initial="xlsx",
        help_text="CSVをほかのシステムで使うときは、そのシステムが読める文字コードを選びます。",
    )
    scope = forms.ChoiceField(
        label="列",
        choices=[("shown", "一覧に表示している列"), ("all", "すべての列（もう一度取り込むときはこちら）")],
        widget=forms.RadioSelect,
        initial="shown",
    )
    missing = forms.ChoiceField(
        label="Shift_JIS にない文字",
        choices=[("ask", "先に確かめる"), ("replace", "表に示した字（〓など）に置き換えて書き出す")],
        widget=forms.RadioSelect,
        initial="ask",
        required=False,
        help_text="髙や𠮷のような字のうち、Shift_JIS（CP932）にないものは、書き出す前に一覧で示します。",
    )


class ReasonMixin(forms.Form):
    reason = LineFormField(
        label="変更の理由",
        required=False,
        max_length=200,
        help_text="履歴に残ります。例：令和9年4月の人事異動",
    )


class AssignForm(ReasonMixin, SelectionForm):
    department = forms.ModelChoiceField(
        label="新しい課", queryset=Department.objects.none(), required=False, empty_label="（変えない）"
    )
    person_in_charge = forms.ModelChoiceField(
        label="新しい担当者", queryset=StaffMember.objects.none(), required=False, empty_label="（変えない）"
    )
    field_order = ["department", "person_in_charge", "reason"]

    def __init__(self, *args: Any, user: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = Department.objects.assignable_by(user).valid(today)
        people = StaffMember.objects.filter(is_active=True, municipality=user.municipality_id or 0)
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        self.fields["person_in_charge"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not (cleaned.get("department") or cleaned.get("person_in_charge")):
            self.add_error("department", "新しい課か担当者を選んでください。")
        return cleaned

    def values(self) -> dict[str, Any]:
        chosen = {name: self.cleaned_data.get(name) for name in ("department", "person_in_charge")}
        return {name: row.pk for name, row in chosen.items() if row}

    def summary(self) -> str:
        chosen = (self.cleaned_data.get(name) for name in ("department", "person_in_charge"))
        return f"担当を{'・'.join(str(each) for each in chosen if each)}にする"


class CategoryForm(ReasonMixin, SelectionForm):
    category = forms.ChoiceField(label="分野", choices=FieldCategory.choices)
    mode = forms.ChoiceField(
        label="どうするか",
        choices=[
            ("missing", "分野のない連携事項に付ける"),
            ("all", "すべての連携事項に付ける"),
            ("remove", "連携事項から外す"),
        ],
        widget=forms.RadioSelect,
        initial="missing",
    )
    field_order = ["category", "mode", "reason"]

    def __init__(self, *args: Any, user: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("category", "mode")}

    def summary(self) -> str:
        label = FieldCategory(self.cleaned_data["category"]).label
        verb = "外す" if self.cleaned_data["mode"] == "remove" else "付ける"
        return f"分野「{label}」を{verb}"


class PublishForm(ReasonMixin, SelectionForm):
    publication = forms.ChoiceField(
        label="公開区分",
        choices=Publication.choices,
        widget=forms.RadioSelect,
        help_text="公開できるのは締結した協定だけです。公開中の協定をやめるときは「取下げ」にします。",
    )
    field_order = ["publication", "reason"]

    def __init__(self, *args: Any, user: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        return {"publication": self.cleaned_data["publication"]}

    def summary(self) -> str:
        return f"公開区分を「{Publication(self.cleaned_data['publication']).label}」にする"


class SheetsForm(SheetPrintForm, SelectionForm):
    """The choices of one sheet for all of them, and how they come together."""

    url_prefix = ""

    package = forms.ChoiceField(
        label="まとめ方",
        choices=[
            ("pdf", "1つのPDF（しおりと通しのページ番号を付ける）"),
            ("zip", "協定ごとのPDFを1つのzipに入れる"),
        ],
        widget=forms.RadioSelect,
        initial="pdf",
    )
    duplex = forms.BooleanField(
        label="両面印刷のため、奇数ページで終わる協定の後に白紙を入れる",
        required=False,
        help_text="1つのPDFにまとめるときだけ使います。",
    )
    field_order = ["package", "duplex", *SheetPrintForm.field_order]

    def __init__(self, data: Any = None, *, user: Any, today: date, **kwargs: Any) -> None:
        if data is not None and "chosen" not in data:  # of somebody who chose nothing
            usual = QueryDict(SheetsForm(user=user, today=today).as_query(), mutable=True)
            for name, values in data.lists():
                usual.setlist(name, values)
            data = usual
        super().__init__(data, user=user, **kwargs)

    def values(self) -> dict[str, Any]:
        own = {name: self.cleaned_data[name] for name in ("form", "package", "duplex")}
        return {**self.choices.as_values(), **own}

    def summary(self) -> str:
        return "協定シートの印刷（zip）" if self.cleaned_data["package"] == "zip" else "協定シートの印刷"


BULK_FORMS: dict[str, Any] = {
    "assign": AssignForm,
    "category": CategoryForm,
    "publish": PublishForm,
    "sheets": SheetsForm,
}


class ViewForm(forms.Form):
    """A saved view: its name, and who may use it."""

    name = LineFormField(label="名前", max_length=60, help_text="例：観光の協定、今年度満了")
    is_shared = forms.BooleanField(label="自治体の全員と共有する", required=False)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]


class ViewUseForm(forms.Form):
    """What one person wants of a view."""

    is_default = forms.BooleanField(
        label="この一覧を最初に開く",
        required=False,
        help_text="条件なしで一覧を開いたときに、この条件で表示します。",
    )
    mails = forms.BooleanField(
        label="新しく該当したものをメールで受け取る",
        required=False,
        help_text="毎朝、新しく該当したものを1件につき1回だけ知らせます。",
    )
