"""診断: the answer to a finding, and the settings of the method."""

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from agreements.domain import diagnosis as rules
from agreements.models import DiagnosisResponse
from municipalities.form_fields import WholeNumberField

from .rows import form_field

_MONTHS = {
    "pending_months": "活動を判定しない期間（締結後）",
    "meeting_months": "会議がないと指摘する期間",
    "confirmation_months": "双方の確認の有効期間",
    "contact_months": "窓口の確認の有効期間",
    "update_months": "取組の更新がないと指摘する期間",
    "response_months": "「対応しない理由」の有効期間",
}
_THRESHOLDS = {"a_from": "A（良好）", "b_from": "B（軽微な補正）", "c_from": "C（要協議）"}
_WORDS = {
    "catch_all_prefixes": "包括項目とみなす書き出し（C01）",
    "catch_all_phrases": "包括項目とみなす語句（C01）",
    "vague_endings": "あいまいとみなす文末（C06）",
    "vague_phrases": "あいまいとみなす語句（C06）",
    "units": "数量とみなす単位（C05）",
}
_LONGEST_WORD = 30
_MOST_WORDS = 300


class ResponseForm(forms.Form):
    reason = form_field(DiagnosisResponse, "reason")


class WordsField(forms.CharField):
    """Words, one a line. `cleaned` is a tuple without repetitions."""

    widget = forms.Textarea(attrs={"rows": 6})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, (tuple, list)) else value

    def clean(self, value: Any) -> tuple[str, ...]:  # type: ignore[override]
        lines = (super().clean(value) or "").splitlines()
        words = tuple(dict.fromkeys(filter(None, (line.strip() for line in lines))))
        if len(words) > _MOST_WORDS:
            raise ValidationError(f"{_MOST_WORDS}語までにしてください。")
        if long := [word for word in words if len(word) > _LONGEST_WORD]:
            raise ValidationError(
                f"「{long[0][:_LONGEST_WORD]}…」は長すぎます。1語は{_LONGEST_WORD}字までです。"
            )
        return words


class SettingsForm(forms.Form):
    """Every number and word of the method, with the default beside each."""

    def __init__(self, *args: Any, settings: rules.Settings, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _initial(settings))
        super().__init__(*args, **kwargs)
        default = rules.Settings()
        for rule in rules.RULES:
            if rule.axis is not None:
                self.fields[f"weight_{rule.id}"] = WholeNumberField(
                    label=f"{rule.id} {rule.title}",
                    min_value=0,
                    max_value=100,
                    help_text=f"標準 {rule.weight}点",
                )
        for name, label in _THRESHOLDS.items():
            standard = f"標準 {getattr(default, name)}点以上"
            self.fields[name] = WholeNumberField(label=label, min_value=1, max_value=100, help_text=standard)
        for name, label in _MONTHS.items():
            standard = f"標準 {getattr(default, name)}か月"
            self.fields[name] = WholeNumberField(label=label, min_value=0, max_value=120, help_text=standard)
        self.fields["tacit_renewals"] = WholeNumberField(
            label="見直しのない自動更新を指摘する回数",
            min_value=1,
            max_value=20,
            help_text=f"標準 {default.tacit_renewals}回",
        )
        for name, label in _WORDS.items():
            standard = "、".join(getattr(default, name))
            self.fields[name] = WordsField(
                label=label, required=False, help_text=f"1行に1語。標準：{standard}"
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                cleaned["settings"] = self._settings(cleaned)
            except ValueError as error:
                raise ValidationError(str(error)) from error
        return cleaned

    def _settings(self, cleaned: dict[str, Any]) -> rules.Settings:
        weights = {
            rule.id: cleaned[f"weight_{rule.id}"]
            for rule in rules.RULES
            if rule.axis is not None and cleaned[f"weight_{rule.id}"] != rule.weight
        }
        names = (*_THRESHOLDS, *_MONTHS, "tacit_renewals", *_WORDS)
        return replace(rules.Settings(), weights=weights, **{name: cleaned[name] for name in names})

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Heading, explanation and fields of each part, for the template."""
        weights = [
            (
                f"重み：{axis.label}",
                "指摘1種類あたりの減点です。0にすると、指摘は表示しますが減点しません。",
                [self[f"weight_{rule.id}"] for rule in rules.RULES if rule.axis is axis],
            )
            for axis in rules.Axis
        ]
        return [
            *weights,
            ("評価の境目", "これより低い点はD（要仕切り直し）です。", [self[name] for name in _THRESHOLDS]),
            ("期間と回数", "", [self[name] for name in (*_MONTHS, "tacit_renewals")]),
            ("語句", "", [self[name] for name in _WORDS]),
        ]


def _initial(settings: rules.Settings) -> dict[str, Any]:
    names = (*_THRESHOLDS, *_MONTHS, "tacit_renewals", *_WORDS)
    weights = {f"weight_{rule.id}": rule.weight_in(settings) for rule in rules.RULES if rule.axis is not None}
    return {**weights, **{name: getattr(settings, name) for name in names}}
