from django import forms

from municipalities.form_fields import LineFormField


class PersonSearchForm(forms.Form):
    q = LineFormField(
        label="氏名・メール・電話の一部",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class EraseForm(forms.Form):
    """Two steps: the page that shows what goes, and on it a deliberate tick."""

    reason = LineFormField(
        label="消去の理由",
        max_length=100,
        help_text="操作記録に残ります。本人の氏名や連絡先は書かないでください（例：本人からの請求、令和8年10月1日受付）。",
    )
    confirmed = forms.BooleanField(
        label="元に戻せないことを確認しました",
        error_messages={"required": "消去するときは、印を付けてください。"},
    )
