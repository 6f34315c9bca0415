"""Figures as people write them: 「１，２００」「1,200」「12.5」."""

import unicodedata
from decimal import Decimal
from typing import Any

from django import forms

from agreements.domain.figures import spell


def _plain(value: Any) -> Any:
    """Half-width, without the commas between thousands."""
    if not isinstance(value, str):
        return value
    return unicodedata.normalize("NFKC", value).replace(",", "").replace("、", "").strip()


class FigureField(forms.DecimalField):
    """A figure with at most 2 decimals."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": "数字で入力してください（例：120、12.5）。",
        "max_decimal_places": "小数は2桁までで入力してください。",
        "max_digits": "数字が大きすぎます。",
        "max_whole_digits": "数字が大きすぎます。",
        "min_value": "0以上の数字を入力してください。",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 14, "decimal_places": 2, "required": False, **kwargs})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        return super().to_python(_plain(value))

    def prepare_value(self, value: Any) -> Any:
        return spell(value) if isinstance(value, Decimal | int) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "class": "is-number"}


class AmountField(forms.IntegerField):
    """A sum of money: whole, not negative; 「円」 behind it is as good as nothing."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": "数字だけで入力してください（例：1,200）。",
        "min_value": "0以上の数字を入力してください。",
        "max_value": "数字が大きすぎます。",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 10**13, "required": False, **kwargs})

    def to_python(self, value: Any) -> int | None:
        plain = _plain(value)
        return super().to_python(plain.removesuffix("円").strip() if isinstance(plain, str) else plain)

    def prepare_value(self, value: Any) -> Any:
        return spell(value) if isinstance(value, int) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "numeric", "autocomplete": "off", "class": "is-number"}
