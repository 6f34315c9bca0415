from typing import Any

from django import forms
from django.db.models import QuerySet

from agreements.models import Agreement
from municipalities.form_fields import LineFormField, NoticesMixin, RowsField, WarekiDateField
from municipalities.models import Municipality


class DisposalListForm(forms.Form):
    """Which of the candidates go on a list. A system admin chooses those of one municipality."""

    title = LineFormField(label="件名", max_length=100, help_text="例：令和8年度 協定書類廃棄目録")
    agreements = RowsField(
        label="廃棄する協定",
        queryset=Agreement.objects.none(),
        error_messages={
            "required": "廃棄する協定を選んでください。",
            "invalid_choice": "廃棄できない協定が含まれています。一覧を開き直して、選び直してください。",
        },
    )

    def __init__(self, *args: Any, candidates: QuerySet[Agreement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["agreements"]
        field.queryset = candidates

    def clean_agreements(self) -> QuerySet[Agreement]:
        chosen = self.cleaned_data["agreements"]
        if len({agreement.municipality_id for agreement in chosen}) > 1:
            raise forms.ValidationError("目録は自治体ごとに作成してください。")
        return chosen

    @property
    def municipality(self) -> Municipality:
        return self.cleaned_data["agreements"][0].municipality


class ApprovalForm(NoticesMixin, forms.Form):
    approved_on = WarekiDateField(label="承認日（決裁日）", required=True)
    confirmed = forms.BooleanField(
        label="廃棄すると元に戻せないことを確認しました",
        error_messages={"required": "承認するときは、印を付けてください。"},
    )
