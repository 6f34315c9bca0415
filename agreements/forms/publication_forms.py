"""公開: the step of one agreement, and the documents that go out with it."""

from collections.abc import Sequence
from typing import Any

from django import forms

from agreements.models import AgreementDocument
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
