"""年度実績報告: the report with a row for each 取組, the decision about it, its correction, the deadline."""

from typing import Any

from django import forms

from agreements.actions.annual_reports import FACTS, LINE_FACTS
from agreements.choices import Evaluation, Funding
from agreements.models import AnnualReport, AnnualReportLine, ReportDeadline
from municipalities.form_fields import (
    LineFormField,
    NoticesMixin,
    ProseFormField,
    WarekiDateField,
    WholeNumberField,
)

from .figures import AmountField, FigureField
from .procedure_forms import SeenMixin
from .rows import RowForm, RowFormSet, form_field


class ReportLineForm(RowForm):
    """One 取組 of the year."""

    title = form_field(
        AnnualReportLine,
        "title",
        error_messages={"required": "取組の名前を入力するか、この行を削除してください。"},
    )
    plan_item = form_field(AnnualReportLine, "plan_item")
    department = form_field(AnnualReportLine, "department")
    target_value = FigureField(label="目標値")
    baseline_value = FigureField(label="基準値")
    unit = form_field(AnnualReportLine, "unit")
    result_value = FigureField(label="実績値")
    result_text = form_field(AnnualReportLine, "result_text", widget=forms.Textarea(attrs={"rows": 3}))
    evaluation = forms.ChoiceField(
        label="評価", choices=[("", "（選んでください）"), *Evaluation.choices], required=False
    )
    funding = forms.ChoiceField(label="財源", choices=[("", "（未登録）"), *Funding.choices], required=False)
    settled_yen = AmountField(label="決算額（円）")
    effect_yen = AmountField(
        label="効果額（円）", help_text="自治体が自ら行った場合の費用など。換算できないときは空欄"
    )
    effect_method = form_field(AnnualReportLine, "effect_method", widget=forms.Textarea(attrs={"rows": 2}))
    is_public = forms.BooleanField(label="公開する報告書に載せる", required=False)
    id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    bookkeeping = RowForm.bookkeeping | {"id"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("effect_yen") is not None and not cleaned.get("effect_method"):
            self.add_error("effect_method", "効果額の算定方法を入力してください。")
        figures = [cleaned.get(name) for name in ("target_value", "result_value", "baseline_value")]
        if any(each is not None for each in figures) and not cleaned.get("unit") and "unit" in cleaned:
            self.add_error("unit", "数字には単位を入力してください（例：人、回、件、％）。")
        return cleaned

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*LINE_FACTS, "id")}


class ReportLineFormSet(RowFormSet):
    form = ReportLineForm
    noun = "取組"
    max_num = 200


class AnnualReportForm(SeenMixin, NoticesMixin, forms.ModelForm):
    """A report in work with its rows (`rows`, a formset)."""

    partner_confirmed_on = WarekiDateField(label="相手方の確認日", required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = AnnualReport
        fields = FACTS
        widgets = {
            name: forms.Textarea(attrs={"rows": 4}) for name in FACTS if name != "partner_confirmed_on"
        }

    def __init__(
        self,
        data: Any = None,
        *,
        instance: AnnualReport,
        initial: dict[str, Any] | None = None,
        rows: list[dict[str, Any]] | None = None,
    ) -> None:
        start = {"seen": instance.updated_at.isoformat(), **(initial or {})}
        super().__init__(data, instance=instance, initial=start)
        if rows is None:
            rows = [
                {"id": line.pk, **{name: getattr(line, name) for name in LINE_FACTS}}
                for line in instance.lines.all()  # type: ignore[attr-defined]
            ]
        self.rows = ReportLineFormSet(data, initial=None if data is not None else rows, prefix="lines")

    def is_valid(self) -> bool:
        return super().is_valid() & self.rows.is_valid()

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FACTS}

    def lines(self) -> list[dict[str, Any]]:
        return [row.values() for row in self.rows.rows()]

    def typed(self) -> dict[str, Any]:
        """What was typed, unjudged, to start a form from."""
        rows = [
            {name: row[name].value() for name in (*LINE_FACTS, "id")}
            for row in self.rows.in_order()
            if not self.rows.is_deleted(row)
        ]
        return {"initial": {name: self[name].value() for name in self.fields}, "rows": rows}

    def conflict_with(self, stored: AnnualReport) -> list[dict[str, Any]]:
        """Both versions of every fact (rows of the conflict table)."""
        rows = []
        for name, mine in self.values().items():
            theirs = getattr(stored, name)
            words = [str(self.fields[name].prepare_value(value) or "") for value in (theirs, mine)]
            label = self.fields[name].label
            rows.append({"label": label, "theirs": words[0], "mine": words[1], "changed": theirs != mine})
        mine_lines = [(line["title"], line["result_value"]) for line in self.lines()]
        theirs_lines = [(line.title, line.result_value) for line in stored.lines.all()]  # type: ignore[attr-defined]
        rows.append(
            {
                "label": "取組",
                "theirs": "、".join(f"{title} {figure or ''}".strip() for title, figure in theirs_lines),
                "mine": "、".join(f"{title} {figure or ''}".strip() for title, figure in mine_lines),
                "changed": mine_lines != theirs_lines,
            }
        )
        return rows


class ReturnForm(forms.Form):
    reason = ProseFormField(label="差戻しの理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class CorrectionForm(forms.Form):
    reason = LineFormField(label="訂正の理由", max_length=500)


class ReportDeadlineForm(forms.ModelForm):
    """Month and day; the municipality is the instance's."""

    month = WholeNumberField(label="月", min_value=1, max_value=12)
    day = WholeNumberField(label="日", min_value=1, max_value=31)

    class Meta:
        model = ReportDeadline
        fields = ("month", "day")
