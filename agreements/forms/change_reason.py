"""Why something is changed: kept in the history beside the change."""

from django import forms

from municipalities.form_fields import LineFormField

MAX_LENGTH = 100  # of the column of every historical model


class ChangeReasonForm(forms.Form):
    """Part of the edit form."""

    change_reason = LineFormField(
        label="変更の理由",
        max_length=MAX_LENGTH,
        required=False,
        help_text="履歴に残ります。後から見て分からなくなりそうなときに入力します。",
    )


class RestoreValueForm(forms.Form):
    """Why a value is brought back, and what the person has seen when deciding it."""

    reason = LineFormField(
        label="理由",
        max_length=MAX_LENGTH,
        required=False,
        help_text="履歴に残ります（例：誤って上書きしたため）。",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)
