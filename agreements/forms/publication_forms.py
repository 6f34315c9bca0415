"""公開: the step of one agreement, and the settings of a municipality's public pages."""

from collections.abc import Sequence
from typing import Any

from django import forms

from agreements.choices import PublicField
from agreements.models import AgreementDocument, PublicProfile
from municipalities.form_fields import LineFormField

MAX_REASON = 400


class PublicationForm(forms.Form):
    """Which step, from which version of the agreement, and why."""

    STEPS = ("choose", "prepare", "unprepare", "publish", "withdraw")

    step = forms.ChoiceField(choices=[(step, step) for step in STEPS])
    version = forms.IntegerField()
    reason = LineFormField(
        label="理由（公開ページに表示されます）",
        max_length=MAX_REASON,
        required=False,
        help_text="例：満了日の誤りを直したため。個人の名前は書かないでください。",
    )
    checked = forms.BooleanField(
        label="公開する内容を確かめました（印影・署名・個人情報・企業秘密・ファイルの作成者名を含みません）",
        required=False,
    )
    choosing = forms.BooleanField(required=False, widget=forms.HiddenInput)
    documents = forms.TypedMultipleChoiceField(
        label="公開する書類",
        coerce=int,
        required=False,
        error_messages={
            "invalid_choice": "選んだ書類の中に、公開できないものがあります。選び直してください。"
        },
    )

    def __init__(self, *args: Any, documents: Sequence[AgreementDocument], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].choices = [  # type: ignore[attr-defined]
            (document.pk, str(document)) for document in documents
        ]

    @property
    def chosen(self) -> list[int] | None:
        """The documents that were ticked; None when the page offered none to tick."""
        return self.cleaned_data["documents"] if self.cleaned_data["choosing"] else None

    def is_ticked(self, document: AgreementDocument) -> bool:
        """As it was typed, else as it is."""
        if self.is_bound and self["choosing"].value():
            return str(document.pk) in self["documents"].value()
        return document.is_public

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        step = cleaned.get("step")
        if step == "publish" and not cleaned.get("checked"):
            self.add_error("checked", "公開される内容と書類を確かめて、チェックを入れてください。")
        if step == "withdraw" and not cleaned.get("reason"):
            self.add_error("reason", "取り下げる理由を入力してください。")
        return cleaned


class PublicProfileForm(forms.ModelForm):
    fields_shown = forms.MultipleChoiceField(
        label="公開する項目",
        choices=PublicField.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "自治体名・協定名称・種別・状態・締結日・当事者の名称は、公開した協定でいつも表示されます。"
            "外した項目は、すぐに公開ページから消えます。加えた項目は、次に公開を承認したときから表示されます。"
        ),
    )

    website = forms.URLField(
        label="ウェブサイト",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="例：https://www.city.example.lg.jp",
    )

    class Meta:
        model = PublicProfile
        fields = ("display_name", "contact", "website", "licence")
        help_texts = {
            "display_name": "例：福岡市の連携協定。空欄のときは「（自治体名）の連携協定」になります。",
            "contact": "公開ページに表示されます。課の名前と代表の電話番号などを書いてください。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("fields_shown", self.instance.fields)

    def clean_fields_shown(self) -> list[str]:
        """What is told of 取組 needs the 取組; a 効果額 stands in reports as well."""
        chosen = self.cleaned_data["fields_shown"]
        if PublicField.ACTIONS not in chosen:
            alone = {PublicField.ACTION_OWNERS, PublicField.RESULTS} & set(chosen)
            if PublicField.EFFECTS in chosen and PublicField.REPORTS not in chosen:
                alone.add(PublicField.EFFECTS)
            if alone:
                names = "」「".join(each.label for each in PublicField if each in alone)
                raise forms.ValidationError(
                    f"「{names}」は、「{PublicField.ACTIONS.label}」と一緒に選んでください。"
                )
        return chosen

    def save(self, commit: bool = False) -> PublicProfile:
        """Only fills the instance: `actions.publication.save_profile` writes it."""
        self.instance.fields = self.cleaned_data["fields_shown"]
        return self.instance
