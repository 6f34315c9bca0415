"""One row of a list of 取組."""

from collections.abc import Iterator
from typing import Any

from django import forms

from agreements.choices import ActionState, BudgetRound, BudgetStatus, ContractMethod, Fairness, Funding
from agreements.models import ActionItem, Agreement
from municipalities import access
from municipalities.models import Department, StaffMember

from .plan_names import PlanNames
from .row_form import (
    CellAmountField,
    CellChoiceField,
    CellDateField,
    CellFigureField,
    CellLineField,
    CellProseField,
    CellYesNoField,
    ImportRowForm,
    folded,
)

_STATES = {
    ActionState.PLANNED: ("予定", "未着手", "未実施"),
    ActionState.IN_PROGRESS: ("継続", "継続中", "進行中", "実施"),
    ActionState.DONE: ("済", "済み", "実施済", "実施済み", "終了"),
    ActionState.CANCELLED: ("取りやめ", "中断"),
}
_FUNDING = {
    Funding.MUNICIPAL_BUDGET: ("市予算", "町予算", "村予算", "区予算", "予算", "一般財源", "自治体の予算"),
    Funding.ZERO_BUDGET: ("予算なし", "0予算", "費用なし"),
    Funding.PARTNER_COST: ("企業負担", "相手方", "先方負担"),
    Funding.SHARED: ("双方負担", "折半", "分担金"),
    Funding.GRANT: ("補助金", "国庫補助", "県補助", "国補助", "交付金"),
    Funding.CORP_FURUSATO: ("ふるさと納税（企業版）",),
    Funding.SPONSORSHIP: ("協賛", "物納", "協賛物納"),
}
_ROUNDS = {BudgetRound.INITIAL: ("当初予算",), BudgetRound.SUPPLEMENTARY: ("補正予算",)}
_CONTRACTS = {
    ContractMethod.BID: ("一般競争入札", "指名競争入札", "競争入札"),
    ContractMethod.PROPOSAL: ("公募型プロポーザル", "企画競争"),
    ContractMethod.NEGOTIATED: ("随意", "随契"),
}
_FAIRNESS = {Fairness.FREE: ("無料",), Fairness.DONATION: ("寄付",), Fairness.NEGOTIATED: ("随意", "随契")}


class ActionImportRowForm(ImportRowForm):
    ledger_number = CellLineField(max_length=30)
    agreement_title = CellLineField(max_length=200)
    title = CellLineField(max_length=200)
    description = CellProseField(max_length=2000)
    items = CellLineField(max_length=100)
    department = CellLineField(max_length=80)
    person_in_charge = CellLineField(max_length=60)
    partner_in_charge = CellLineField(max_length=100)
    starts_on = CellDateField()
    due_on = CellDateField()
    state = CellChoiceField(choices=ActionState.choices, others=_STATES)
    is_repeated = CellYesNoField()
    baseline_value = CellFigureField()
    target_value = CellFigureField()
    target_unit = CellLineField(max_length=20)
    plan_item = CellLineField(max_length=250)
    sub_plan_items = CellProseField(max_length=4000)
    funding = CellChoiceField(choices=Funding.choices, others=_FUNDING)
    budget_account = CellLineField(max_length=60)
    budget_project = CellLineField(max_length=120)
    budget_line = CellLineField(max_length=60)
    budget_round = CellChoiceField(choices=BudgetRound.choices, others=_ROUNDS)
    budget_thousands = CellAmountField(yen=1_000)
    budget_yen = CellAmountField(yen=1)
    budget_status = CellChoiceField(choices=BudgetStatus.choices)
    contract_method = CellChoiceField(choices=ContractMethod.choices, others=_CONTRACTS)
    contract_reason = CellProseField(max_length=1000)
    fairness = CellChoiceField(choices=Fairness.choices, others=_FAIRNESS)
    fairness_note = CellProseField(max_length=1000)
    result_value = CellFigureField()
    result_text = CellProseField(max_length=4000)
    completed_on = CellDateField()
    cancelled_reason = CellProseField(max_length=1000)
    effect_yen = CellAmountField(yen=1)
    effect_method = CellProseField(max_length=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unsettled: dict[str, tuple[str, str]] = {}

    def clean_title(self) -> str:
        if not self.cleaned_data["title"]:
            raise forms.ValidationError("取組の名称を入力してください。", code="required")
        return self.cleaned_data["title"]

    def clean_department(self) -> Department | None:
        return self._named("department", "departments", "という課は登録されていません。")

    def clean_person_in_charge(self) -> StaffMember | None:
        return self._named("person_in_charge", "staff", "という職員は登録されていません。")

    def _named(self, name: str, known: str, message: str) -> Any:
        """What is not there today may still be what the stored record has: `settle` knows."""
        text = self.cleaned_data[name]
        found = self.known[known].get(folded(text)) if text else None
        if text and found is None:
            self.unsettled[name] = (text, f"「{text}」{message}")
        return found

    def settle(self, target: ActionItem | None) -> Iterator[tuple[str, str]]:
        """Find what is named, the target's own first; yields (column, sentence) for what cannot be found."""
        for name, (text, message) in self.unsettled.items():
            own = getattr(target, name, None)
            if own is None or folded(own.name) != folded(text):
                yield name, message
        names: PlanNames = self.known["plan"]
        main = self.cleaned_data.get("plan_item")
        if main:
            try:
                self.cleaned_data["plan_item"] = names.find(main, before=[getattr(target, "plan_item", None)])
            except ValueError as error:
                yield "plan_item", str(error)
        before = list(target.sub_plan_items.all()) if target else []
        subs = []
        for text in filter(None, (line.strip() for line in self.cleaned_data["sub_plan_items"].split("\n"))):
            try:
                subs.append(names.find(text, before=before))
            except ValueError as error:
                yield "sub_plan_items", str(error)
        self.cleaned_data["sub_plan_items"] = tuple(dict.fromkeys(subs))
        if self.cleaned_data["plan_item"] in subs:
            yield "sub_plan_items", "主施策と同じ施策が副施策にもあります。"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._read_units(cleaned)
        number, title = cleaned.get("ledger_number"), cleaned.get("agreement_title")
        found = self.known["numbers"].get(number) if number else self.known["titles"].get(folded(title or ""))
        column = "ledger_number" if number else "agreement_title"
        if not number and not title:
            self.add_error(column, "どの協定の取組か分かりません。協定の管理番号か名称を入力してください。")
        elif not found:
            self.add_error(
                column, f"「{number or title}」の協定は登録されていません。先に協定を取り込んでください。"
            )
        elif len(found) > 1:
            self.add_error(column, f"「{title}」の協定が{len(found)}件あります。管理番号で指定してください。")
        elif not access.may_edit(self.scope.by, found[0]):
            self.add_error(column, "この協定の取組は、あなたの課では登録できません。")
        else:
            cleaned["agreement"] = found[0]
            self._check_items(cleaned, found[0])
        return cleaned

    def _read_units(self, cleaned: dict[str, Any]) -> None:
        """「120人」 says its unit; a sum in yen is one in 1,000 yen."""
        for name in ("target_value", "baseline_value", "result_value"):
            unit = CellFigureField.unit_of(str(self.data.get(name, "")))
            if cleaned.get(name) is not None and unit and not cleaned.get("target_unit"):
                cleaned["target_unit"] = unit
        yen = cleaned.pop("budget_yen", None)
        if yen is None:
            return
        if cleaned.get("budget_thousands") is not None:
            self.add_error("budget_yen", "額が2つの列にあります。どちらかだけにしてください。")
        elif yen % 1_000:
            self.add_error("budget_yen", "千円未満の端数があります。額は千円単位で登録します。")
        else:
            cleaned["budget_thousands"] = yen // 1_000

    def _check_items(self, cleaned: dict[str, Any], agreement: Agreement) -> None:
        from agreements.forms.action_forms import ItemNumbersField

        if not cleaned.get("items"):
            cleaned["items"] = ()
            return
        try:
            numbers = ItemNumbersField(required=False).clean(cleaned["items"])
        except forms.ValidationError as error:
            self.add_error("items", error)
            return
        items = self.known["items"].get(agreement.pk, {})
        unknown = [number for number in numbers if number not in items]
        if unknown:
            self.add_error("items", f"連携事項{'、'.join(f'({each})' for each in unknown)}はありません。")
        else:
            cleaned["items"] = tuple(items[number] for number in numbers)
