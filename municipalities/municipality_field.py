"""A municipality, typed as people know it."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Concat

from .models import Municipality
from .validators import validate_plain_line

_MOST_NAMESAKES = 5


class MunicipalityField(forms.ModelChoiceField):
    """The one body that a name (also a former one), a reading or a code means; closed bodies too.

    `cleaned` is a `Municipality` or None. Namesakes (府中市) ask for the prefecture: 東京都府中市.
    """

    widget = forms.TextInput
    default_error_messages = {
        "unknown": "「%(text)s」という自治体は見つかりません。"
        "正式な名称か全国地方公共団体コード（6桁）で入力してください。",
        "namesakes": "「%(text)s」は%(names)sがあります。都道府県名から入力してください。",
    }

    def __init__(self, queryset: Any = None, **kwargs: Any) -> None:
        super().__init__(Municipality.objects.all(), **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": "off", "maxlength": 60}

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Municipality) else value

    def label_from_instance(self, obj: Any) -> str:
        return obj.full_name

    def to_python(self, value: Any) -> Municipality | None:
        if value in self.empty_values:
            return None
        text = str(value).strip()
        validate_plain_line(text)
        code = unicodedata.normalize("NFKC", text)
        named = Municipality.objects.annotate(
            in_prefecture=Concat("prefecture", "name"), in_county=Concat("prefecture", "county", "name")
        )
        spellings = Q(name=text) | Q(name_kana=text) | Q(in_prefecture=text) | Q(in_county=text)
        former = Q(pk__in=Municipality.objects.filter(former_names__name=text).values("pk"))
        found = list(named.filter(Q(code=code) | spellings | former)[:_MOST_NAMESAKES])
        if not found:
            raise ValidationError(self.error_messages["unknown"], code="unknown", params={"text": text})
        if len(found) > 1:
            names = "、".join(each.full_name for each in found)
            params = {"text": text, "names": names}
            raise ValidationError(self.error_messages["namesakes"], code="namesakes", params=params)
        return found[0]
