"""What a company fills in behind a 相手方リンク."""

from typing import Any

from django import forms
from django.conf import settings

from agreements.domain.uploads import ACCEPT, KINDS_IN_WORDS
from municipalities.form_fields import LineFormField

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

    files = MultipleFileField(label="ファイルを添付する（必要なとき）", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
