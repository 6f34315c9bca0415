"""One Form per row: the cells of a ledger as values, with an error at the cell that cannot be one."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from municipalities.form_fields import LineFormField, ProseFormField, SharedFields
from municipalities.wareki import parse_date

from .reader import FORMULA_ERRORS, UNCALCULATED

# What people write where there is nothing to write.
_NOTHING = frozenset(
    {
        "-",
        "ー",
        "—",
        "–",
        "―",
        "−",
        "なし",
        "無し",
        "無",
        "不明",
        "未定",
        "未記入",
        "未登録",
        "n/a",
        "該当なし",
        "定めなし",
        "〃",
        "?",
    }
)


def folded(text: str) -> str:
    """A word without width, case and blanks, for comparison."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def is_nothing(text: str) -> bool:
    return folded(text) in _NOTHING


class ImportRowForm(forms.Form):
    """The fields are named after the keys of the columns. All may be blank unless a kind says otherwise.

    `warnings`: (field, sentence) for what was accepted although it needs a look. `seen` is shared by all rows
    of one import.
    """

    def __init__(self, cells: Mapping[str, str], *, scope: Any, known: Any) -> None:
        # Ten thousand rows need not copy each field ten thousand times.
        self.base_fields = SharedFields(self.base_fields)  # type: ignore[misc]
        super().__init__(dict(cells), use_required_attribute=False)
        self.scope, self.known = scope, known
        self.warnings: list[tuple[str, str]] = []

    @property
    def seen(self) -> dict[Any, Any]:
        return self.known["seen"]

    def _clean_fields(self) -> None:
        for name, text in self.data.items():
            if text in FORMULA_ERRORS and name in self.fields:
                why = (
                    "計算されていない数式です。Excel で開いて保存し直してください。"
                    if text == UNCALCULATED
                    else f"Excel の数式のエラー（{text}）です。値を直してください。"
                )
                self.add_error(name, why)
        # As Django does it, but without what only a page needs: cells are text, and no widget reads them.
        for name, field in self.fields.items():
            text = self.data.get(name)
            try:
                self.cleaned_data[name] = field.clean(text)
                if clean := getattr(self, f"clean_{name}", None):
                    self.cleaned_data[name] = clean()
            except ValidationError as error:
                self.add_error(name, error)
        for name in list(self.cleaned_data):
            notice = getattr(self.fields[name], "notice_of", None)
            if notice and (words := notice(self.data.get(name, ""))):
                self.warnings.append((name, words))

    def stated(self, name: str) -> str:
        """The text of the cell; "" when it says that there is nothing."""
        text = str(self.data.get(name, "")).strip()
        return "" if is_nothing(text) else text


class CellLineField(LineFormField):
    """One line; a line break inside a cell is only where it was too narrow."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_python(self, value: Any) -> str:
        text = re.sub(r"(?<=[!-~])\s*\n\s*(?=[!-~])", " ", str(value or ""))
        text = re.sub(r"[ \u3000]*\n[ \u3000]*", "", text).replace("\t", " ")
        return super().to_python("" if is_nothing(text) else text) or ""


class CellProseField(ProseFormField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return "" if is_nothing(text) else text


class CellDateField(forms.Field):
    """Every way to write a date that `wareki.parse_date` reads; 「不明」 and the like are no date."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_python(self, value: Any) -> date | None:
        text = str(value or "").strip()
        if not text or is_nothing(text):
            return None
        try:
            return parse_date(text).value
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def notice_of(self, text: str) -> str:
        text = text.strip()
        if not text:
            return ""
        if is_nothing(text):
            return f"「{text}」は空欄として扱います。"
        notice = parse_date(text).notice or ""
        return "" if notice.startswith("Excelの日付番号") else notice


class CellNumberField(forms.Field):
    """A whole number with or without its unit: 「12」「12か月」「１２」."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})
        self.limits = least, most

    def to_python(self, value: Any) -> int | None:
        text = folded(str(value or "")).replace(",", "")
        if not text or is_nothing(text):
            return None
        match = re.fullmatch(r"(\d{1,9})(?:\.0+)?([^\d]{0,6})", text)
        if not match:
            raise ValidationError("数字で入力してください（例：12）。", code="invalid")
        number = self.counted(int(match[1]), match[2])
        if not self.limits[0] <= number <= self.limits[1]:
            raise ValidationError(f"{self.limits[0]}から{self.limits[1]}までの数字を入力してください。")
        return number

    def counted(self, number: int, unit: str) -> int:
        return number


class CellFigureField(forms.DecimalField):
    """A figure as people write it: 「1,200」「12.5」「85％」; `unit_of` tells what stands behind it."""

    default_error_messages = {
        "invalid": "数字で入力してください（例：120、12.5）。",
        "max_decimal_places": "小数は%(max)s桁までで入力してください。",
        "max_digits": "数字が大きすぎます。",
        "max_whole_digits": "数字が大きすぎます。",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_digits": 14, "decimal_places": 2, **kwargs})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = str(value or "")
        if is_nothing(text):
            return None
        return super().to_python(_figure_and_unit(text)[0])

    @staticmethod
    def unit_of(text: str) -> str:
        """As it is written: 「％」 stays wide."""
        unit = "" if is_nothing(text) else _figure_and_unit(text)[1]
        return text.strip()[-len(unit) :] if unit else ""


def _figure_and_unit(text: str) -> tuple[str, str]:
    plain = folded(text).replace(",", "")
    match = re.fullmatch(r"([-+]?\d+(?:\.\d+)?)([^\d.]{1,10})", plain)
    return (match[1], match[2]) if match else (plain, "")


class CellAmountField(CellFigureField):
    """Money in whole units of so many yen: 「1,200」, or with its unit 「120万円」「1,200千円」."""

    _UNITS = {"": None, "円": 1, "千円": 1_000, "万円": 10_000, "百万円": 1_000_000, "億円": 100_000_000}

    def __init__(self, *, yen: int, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 16, "decimal_places": 4, "min_value": 0, **kwargs})
        self.yen = yen

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        number = super().clean(value)
        if number is None:
            return None
        unit = self.unit_of(str(value))
        if unit not in self._UNITS:
            raise ValidationError("金額を数字で入力してください（例：1,200）。", code="invalid")
        amount = number * (self._UNITS[unit] or self.yen) / self.yen
        if amount != amount.to_integral_value():
            word = "千円" if self.yen == 1_000 else "円"
            raise ValidationError(
                f"{word}未満の端数があります。{word}単位で入力してください。", code="invalid"
            )
        if amount > 10**13:
            raise ValidationError("数字が大きすぎます。", code="max_digits")
        return int(amount)


class CellMonthsField(CellNumberField):
    """Months: 「1年」 is 12."""

    def counted(self, number: int, unit: str) -> int:
        if unit in {"", "月", "か月", "ヶ月", "ヵ月", "カ月", "ケ月", "箇月", "ヶ月前", "か月前", "月前"}:
            return number
        if unit in {"年", "年間", "か年", "ヶ年", "カ年", "年前"}:
            return number * 12
        raise ValidationError("月数を入力してください（例：12、1年）。", code="invalid")


class CellChoiceField(forms.Field):
    """One of some choices by its label, its code or another name. `cleaned` is the code; "" for a blank."""

    def __init__(
        self, *, choices: Any, others: Mapping[Any, Iterable[str]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**{"required": False, **kwargs})
        self.by_word: dict[str, Any] = {}
        self.labels = [str(label) for _value, label in choices]
        for value, label in choices:
            for word in (str(value), str(label), *(others or {}).get(value, ())):
                self.by_word.setdefault(folded(word), value)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return ""
        if folded(text) in self.by_word:
            return self.by_word[folded(text)]
        if is_nothing(text):
            return ""
        raise ValidationError(
            f"「{text[:20]}」は選べません。{'、'.join(self.labels)}のどれかにしてください。",
            code="invalid_choice",
        )


_YES = frozenset(
    folded(word)
    for word in (
        "有",
        "あり",
        "有り",
        "○",
        "〇",
        "◯",
        "はい",
        "する",
        "true",
        "1",
        "yes",
        "y",
        "自動更新",
        "自動更新あり",
        "✓",
        "レ",
        "●",
    )
)
_NO = frozenset(
    folded(word)
    for word in (
        "無",
        "なし",
        "無し",
        "×",
        "✕",
        "いいえ",
        "しない",
        "false",
        "0",
        "no",
        "n",
        "自動更新なし",
        "自動更新しない",
    )
)


class CellYesNoField(forms.Field):
    """○, 有, はい … → True; ×, 無, いいえ … → False; a blank cell → None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_python(self, value: Any) -> bool | None:
        text = folded(str(value or ""))
        if text in _YES:
            return True
        if text in _NO:
            return False
        if not text or is_nothing(text):
            return None
        raise ValidationError(
            f"「{str(value)[:20]}」は読み取れません。「有」か「無」で入力してください。", code="invalid"
        )

    def validate(self, value: Any) -> None:
        """False is a value."""
