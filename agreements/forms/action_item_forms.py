"""One 取組 in full, and what its completion and its cancelling ask for."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from agreements.actions.action_items import circle
from agreements.choices import ContractMethod, Funding
from agreements.domain.figures import spell
from agreements.models import ActionItem, Agreement, CompanyContact
from agreements.models.action_item import WITH_BUDGET_LINE
from municipalities.form_fields import NoticesMixin, RowsField, WarekiDateField
from municipalities.models import Department, PlanItem, StaffMember
from municipalities.widgets import PlainSelect

from .figures import AmountField, FigureField
from .procedure_forms import SeenMixin
from .rows import form_field

_TEXT = {"rows": 3}
_BUDGET = (
    "budget_account",
    "budget_project",
    "budget_line",
    "budget_round",
    "budget_thousands",
    "budget_status",
)
_BUDGET_LINE = tuple(name for name in _BUDGET if name != "budget_thousands")
_CHOOSERS = ("department", "person_in_charge", "partner_contact", "plan_item")
_LISTS = ("cooperation_fields", "sub_plan_items", "depends_on")


class PlanItemChoices:
    """Nodes of the plan with what tells namesakes apart: the depth in the tree."""

    @staticmethod
    def label_from_instance(node: Any) -> str:
        return f"{'　' * node.depth}{node}"


class PlanItemField(PlanItemChoices, forms.ModelChoiceField):
    pass


class PlanItemsField(PlanItemChoices, RowsField):
    pass


class ConflictMixin:
    """Both versions of every field, for the conflict table."""

    def conflict_with(self, stored: Any) -> list[dict[str, Any]]:
        form: Any = self
        theirs: Any = type(self)(**form.kwargs_for(stored))
        rows = []
        for name in form.fields:
            if name == "seen":
                continue
            words = [spoken(theirs[name]), spoken(form[name])]
            rows.append(
                {
                    "label": form.fields[name].label,
                    "theirs": words[0],
                    "mine": words[1],
                    "changed": words[0] != words[1],
                }
            )
        return rows


def spoken(bound: forms.BoundField) -> str:
    """A value in words: the label of a choice, はい/いいえ, else as typed."""
    value: Any = bound.value()
    if isinstance(bound.field, forms.BooleanField):
        return "はい" if value else "いいえ"
    choices = getattr(bound.field, "choices", None)
    if choices is not None:
        several = value if isinstance(value, list | tuple | QuerySet) else [value]
        chosen = {str(getattr(each, "pk", each)) for each in several}
        return "、".join(str(label).strip() for key, label in choices if str(key) and str(key) in chosen)
    return "" if value is None else str(value)


class ActionItemForm(ConflictMixin, SeenMixin, NoticesMixin, forms.ModelForm):
    """A 取組 of this agreement."""

    starts_on = WarekiDateField(label="開始日", required=False)
    due_on = WarekiDateField(label="期限", required=False)
    target_value = FigureField(label="目標値")
    baseline_value = FigureField(label="基準値", help_text="始める前の値。分からなければ空欄のまま")
    budget_thousands = AmountField(label="額（千円）")
    effect_yen = AmountField(
        label="効果額（円）", help_text="自治体だけで行った場合にかかる費用の見積り（任意）"
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ActionItem
        fields = (
            "title",
            "description",
            "cooperation_fields",
            "department",
            "person_in_charge",
            "partner_in_charge",
            "partner_contact",
            "starts_on",
            "due_on",
            "is_repeated",
            "target_value",
            "target_unit",
            "baseline_value",
            "funding",
            *_BUDGET,
            "contract_method",
            "contract_reason",
            "fairness",
            "fairness_note",
            "plan_item",
            "sub_plan_items",
            "depends_on",
            "effect_yen",
            "effect_method",
        )
        field_classes = {
            "cooperation_fields": RowsField,
            "depends_on": RowsField,
            "plan_item": PlanItemField,
            "sub_plan_items": PlanItemsField,
        }
        widgets = {
            "description": forms.Textarea(attrs=_TEXT),
            "contract_reason": forms.Textarea(attrs={"rows": 2}),
            "fairness_note": forms.Textarea(attrs={"rows": 2}),
            "effect_method": forms.Textarea(attrs={"rows": 2}),
            **dict.fromkeys(_CHOOSERS, PlainSelect),
            **dict.fromkeys(_LISTS, forms.CheckboxSelectMultiple),
        }

    def __init__(
        self,
        data: Any = None,
        *,
        agreement: Agreement,
        today: date,
        instance: ActionItem | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        action = instance or ActionItem(agreement=agreement)
        seen = action.updated_at.isoformat() if action.pk else ""
        super().__init__(data, instance=action, initial={"seen": seen, **(initial or {})})
        self.agreement, self.today = agreement, today
        self._offer(action)

    def kwargs_for(self, stored: ActionItem) -> dict[str, Any]:
        return {"agreement": self.agreement, "today": self.today, "instance": stored}

    def _offer(self, action: ActionItem) -> None:
        """What can be chosen: what is valid today, and what is chosen already."""
        own = self.agreement.municipality_id
        departments = Department.objects.filter(municipality=own)
        valid = departments.valid(self.today).values("pk")
        contacts = CompanyContact.objects.known().filter(municipality=own)
        current = contacts.current(self.today).filter(company__parties__agreement=self.agreement)
        staff = StaffMember.objects.filter(municipality=own)
        nodes = PlanItem.objects.filter(plan__municipality=own).select_related("plan").in_order()
        open_nodes = PlanItem.objects.choosable(own).order_by().values("pk")
        subs = action.sub_plan_items.values("pk") if action.pk else PlanItem.objects.none().values("pk")
        others = ActionItem.objects.filter(agreement=self.agreement, deleted_at=None).exclude(pk=action.pk)
        offers: dict[str, Any] = {
            "cooperation_fields": self.agreement.cooperation_fields.all(),
            "department": departments.filter(Q(pk__in=valid) | Q(pk=action.department_id)),
            "person_in_charge": staff.filter(Q(is_active=True) | Q(pk=action.person_in_charge_id)),
            "partner_contact": contacts.filter(
                Q(pk__in=current.order_by().values("pk")) | Q(pk=action.partner_contact_id)
            ),
            "plan_item": nodes.filter(Q(pk__in=open_nodes) | Q(pk=action.plan_item_id)),
            "sub_plan_items": nodes.filter(Q(pk__in=open_nodes) | Q(pk__in=subs)),
            "depends_on": others,
        }
        messages = {
            "plan_item": "この自治体の総合計画にない施策です。選び直してください。",
            "sub_plan_items": "この自治体の総合計画にない施策が含まれています。選び直してください。",
            "depends_on": "この協定にない取組が含まれています。選び直してください。",
        }
        for name, rows in offers.items():
            field: Any = self.fields[name]
            field.queryset = rows
            field.help_text = ""
            if name in messages:
                field.error_messages["invalid_choice"] = messages[name]
                field.error_messages["invalid_pk_value"] = messages[name]
            if name in _CHOOSERS:
                field.empty_label = "（未定）"
        for name in ("funding", "budget_round", "budget_status", "contract_method", "fairness"):
            choice: Any = self.fields[name]
            choice.choices = [("", "（未登録）"), *(pair for pair in choice.choices if pair[0])]
        for name in ("sub_plan_items", "depends_on", "cooperation_fields"):
            if not offers[name].exists():
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, due_on = cleaned.get("starts_on"), cleaned.get("due_on")
        if starts_on and due_on and due_on < starts_on:
            self.add_error("due_on", "期限が開始日より前です。どちらかの日付を直してください。")
        self._check_figures(cleaned)
        self._check_funding(cleaned)
        self._check_contract(cleaned)
        self._check_plan(cleaned)
        self._check_dependencies(cleaned)
        return cleaned

    def _check_figures(self, cleaned: dict[str, Any]) -> None:
        has_figure = any(cleaned.get(name) is not None for name in ("target_value", "baseline_value"))
        if has_figure and not cleaned.get("target_unit") and "target_unit" not in self.errors:
            self.add_error("target_unit", "目標値・基準値の単位を入力してください（例：人、回、件）。")
        if cleaned.get("effect_yen") is not None:
            self._need("effect_method", "効果額をどう算定したかを入力してください。")

    def _check_funding(self, cleaned: dict[str, Any]) -> None:
        funding = cleaned.get("funding")
        filled = [name for name in _BUDGET if cleaned.get(name) not in (None, "")]
        if not funding:
            if filled and "funding" not in self.errors:
                self.add_error("funding", "予算の欄を入力したときは、財源を選んでください。")
        elif funding == Funding.MUNICIPAL_BUDGET:
            self._need("budget_project", "財源が自治体予算のときは、予算事業名を入力してください。")
            self._need("contract_method", "財源が自治体予算のときは、契約方式を選んでください。")
        elif funding == Funding.ZERO_BUDGET and cleaned.get("budget_thousands") is not None:
            self.add_error("budget_thousands", "ゼロ予算のときは、額を空欄にしてください。")
        if funding and funding not in WITH_BUDGET_LINE:
            named = [str(self.fields[name].label) for name in filled if name in _BUDGET_LINE]
            if named:
                label = Funding(funding).label
                self.add_error(
                    "funding", f"財源が「{label}」のときは、{'・'.join(named)}を空欄にしてください。"
                )

    def _check_contract(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("contract_method") == ContractMethod.NEGOTIATED:
            self._need("contract_reason", "随意契約のときは、根拠（条項と理由）を入力してください。")
        if cleaned.get("fairness"):
            self._need("fairness_note", "なぜその形でよいのか、理由を入力してください。")
        elif cleaned.get("fairness_note"):
            self._need("fairness", "公平性メモを書いたときは、整理の区分も選んでください。")

    def _check_plan(self, cleaned: dict[str, Any]) -> None:
        main = cleaned.get("plan_item")
        if main is not None and main in cleaned.get("sub_plan_items", ()):
            self.add_error("sub_plan_items", "主施策と同じ施策が副施策にも選ばれています。")

    def _check_dependencies(self, cleaned: dict[str, Any]) -> None:
        wanted = list(cleaned.get("depends_on", ()))
        way = circle(self.instance, wanted) if wanted and self.instance.pk else []
        if way:
            self.add_circle(way)

    def add_circle(self, way: list[ActionItem]) -> None:
        told = "→".join(f"「{action}」" for action in way)
        self.add_error(
            "depends_on", f"先に終える取組が一回りして、どれも始められません（{told}）。選び直してください。"
        )

    def _need(self, name: str, message: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, message)

    def validate_constraints(self) -> None:
        """The floor below the checks above, which tell the same at the field."""
        if not self.errors:
            super().validate_constraints()

    def values(self) -> dict[str, Any]:
        names = [name for name in self.fields if name != "seen"]
        return {name: self.cleaned_data[name] for name in names}


class CompleteForm(ConflictMixin, SeenMixin, NoticesMixin, forms.Form):
    """完了: what was done, and the figure reached where there is a target."""

    completed_on = WarekiDateField(label="完了日")
    result_value = FigureField(label="実績値")
    result_text = form_field(
        ActionItem,
        "result_text",
        required=True,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="いつ・どこで・だれに・何を行い、どうなったか",
        error_messages={"required": "何を行ったかを入力してください。"},
    )
    effect_yen = AmountField(
        label="効果額（円）", help_text="自治体だけで行った場合にかかる費用の見積り（任意）"
    )
    effect_method = form_field(ActionItem, "effect_method", widget=forms.Textarea(attrs={"rows": 2}))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, action: ActionItem, today: date) -> None:
        super().__init__(data)
        self.action, self.today = action, today
        self.initial = {
            "completed_on": action.completed_on or today,
            "result_value": action.figure,
            "result_text": action.result_text,
            "effect_yen": action.effect_yen,
            "effect_method": action.effect_method,
            "seen": action.updated_at.isoformat(),
        }
        if action.target_value is None:
            if action.result_value is None and not action.target_unit:
                del self.fields["result_value"]
        else:
            field = self.fields["result_value"]
            field.required = True
            field.help_text = f"目標は{spell(action.target_value)}{action.target_unit}です。"
            field.error_messages["required"] = "目標値に対して、どこまで届いたかを入力してください。"

    def kwargs_for(self, stored: ActionItem) -> dict[str, Any]:
        return {"action": stored, "today": self.today}

    def clean_completed_on(self) -> date:
        completed_on = self.cleaned_data["completed_on"]
        if completed_on > self.today:
            raise forms.ValidationError("完了日が今日より後です。日付を確かめてください。", code="to_come")
        return completed_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("effect_yen") is not None and not cleaned.get("effect_method"):
            self.add_error("effect_method", "効果額をどう算定したかを入力してください。")
        return cleaned

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.fields if name != "seen"}


class CancelForm(SeenMixin, forms.Form):
    reason = form_field(
        ActionItem,
        "cancelled_reason",
        required=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "なぜ中止するのかを入力してください。"},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, action: ActionItem) -> None:
        super().__init__(data)
        self.initial = {"seen": action.updated_at.isoformat()}
