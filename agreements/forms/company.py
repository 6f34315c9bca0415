"""Forms of the company pages."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime

from agreements.domain import corporate_number
from agreements.models import Company, CompanyContact
from municipalities.form_fields import LineFormField, NoticesMixin, WarekiDateField

from .party_lookup import bodies_called, folded

_FACTS = (
    "corporate_number",
    "name",
    "name_kana",
    "postal_code",
    "address",
    "representative_title",
    "representative_name",
    "website",
)


class CompanyForm(NoticesMixin, forms.ModelForm):
    """A company's facts. Warns of a company that seems to be there already, and keeps names it had.

    `duplicates` are the companies that stand in the way or look the same, for the page to link to.
    """

    corporate_number = LineFormField(
        label="法人番号",
        required=False,
        max_length=40,
        help_text="13桁。全角でもハイフン入りでも構いません。分からないときは空欄にします。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "is-short"}),
    )
    website = forms.URLField(
        label="ウェブサイト",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="例：https://example.jp",
    )
    keep_former_name = forms.BooleanField(
        label="名称を変えたときは、今までの名称を旧名称として残す",
        required=False,
        initial=True,
        help_text="社名変更や合併のとき。入力の誤りを直すだけなら、印を外してください。",
    )
    former_name_until = WarekiDateField(label="旧名称を使っていた最後の日", required=False)
    allow_duplicate = forms.BooleanField(label="別の相手方として登録する", required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Company
        fields = _FACTS
        widgets = {
            "postal_code": forms.TextInput(attrs={"class": "is-short"}),
            "representative_title": forms.TextInput(attrs={"class": "is-short"}),
            "representative_name": forms.TextInput(attrs={"class": "is-short"}),
        }
        help_texts = {"postal_code": "例：141-8643"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duplicates: list[Company] = []
        self.stored_name = self.instance.name
        if self.instance.pk:
            self.initial["seen"] = self.instance.updated_at.isoformat()
        else:
            for name in ("keep_former_name", "former_name_until", "seen"):
                del self.fields[name]

    @property
    def facts(self) -> dict[str, Any]:
        """The cleaned values of the company's own fields."""
        return {name: self.cleaned_data[name] for name in _FACTS}

    @property
    def seen_at(self) -> datetime | None:
        """When the company had last been saved as this form was opened; None when that is unreadable."""
        try:
            return parse_datetime(self.cleaned_data.get("seen", ""))
        except ValueError:
            return None

    @property
    def name_changes(self) -> bool:
        return self.cleaned_data.get("name", self.stored_name) != self.stored_name

    def conflict_with(self, stored: Company) -> list[dict[str, Any]]:
        """Both versions of every fact, theirs as stored and ours as typed (rows of the conflict table)."""
        return [
            {
                "label": self.fields[name].label,
                "theirs": getattr(stored, name) or "",
                "mine": self.cleaned_data[name] or "",
                "changed": (getattr(stored, name) or "") != (self.cleaned_data[name] or ""),
            }
            for name in _FACTS
        ]

    def clean_corporate_number(self) -> str | None:
        text = self.cleaned_data["corporate_number"]
        if not text:
            return None
        try:
            number = corporate_number.normalise(text)
        except ValueError as error:
            raise forms.ValidationError(str(error), code="corporate_number") from error
        holder = Company.objects.filter(corporate_number=number).exclude(pk=self.instance.pk).first()
        if holder is not None:
            self.duplicates.append(holder)
            where = "削除した相手方" if holder.deleted_at else "相手方"
            raise forms.ValidationError(
                f"この法人番号は{where}「{holder}」に登録されています。", code="unique"
            )
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        name = cleaned.get("name")
        if name and self.name_changes and not self.duplicates:
            self.duplicates = self._namesakes(name)
            if self.duplicates and not cleaned.get("allow_duplicate"):
                self.add_error(
                    "name",
                    "同じ名称の相手方がすでに登録されています。下の案内を確かめてください。",
                )
        return cleaned

    def _namesakes(self, name: str) -> list[Company]:
        """Living companies whose name, a former one or the reading is this name, whatever the legal form."""
        others = [body for body in bodies_called(name) if isinstance(body, Company)]
        return [company for company in others if company.pk != self.instance.pk and folded(name)]


class CompanyContactForm(NoticesMixin, forms.ModelForm):
    """相手窓口: as little personal data as the work needs."""

    ended_on = WarekiDateField(
        label="終了日", required=False, help_text="窓口でなくなった最後の日。窓口である間は空欄にします。"
    )
    is_verified = forms.BooleanField(
        label="この内容を今日確認した", required=False, help_text="印を付けると、最終確認日が今日になります。"
    )

    class Meta:
        model = CompanyContact
        fields = ("section", "title", "name", "phone", "email", "ended_on")
        widgets = {"phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})}
