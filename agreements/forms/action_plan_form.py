"""What the views of a 年度 are narrowed down by."""

from datetime import date
from typing import Any

from django import forms

from agreements.choices import FieldCategory, Funding
from agreements.models import ActionItem, Agreement, Company
from municipalities import fiscal_year
from municipalities.models import Department
from municipalities.widgets import PlainSelect

GROUPS = {"department": "担当課", "agreement": "協定", "plan": "施策"}
_YEARS_BACK, _YEARS_AHEAD = 10, 3


class ActionPlanForm(forms.Form):
    """Bound to the URL. A value that makes no sense is an error, and nothing is shown."""

    year = forms.TypedChoiceField(label="年度", coerce=int, required=False, widget=PlainSelect)
    department = forms.ModelChoiceField(
        label="担当課", queryset=Department.objects.none(), required=False, widget=PlainSelect
    )
    funding = forms.ChoiceField(
        label="財源", choices=[("", "すべて"), *Funding.choices], required=False, widget=PlainSelect
    )
    category = forms.ChoiceField(
        label="分野", choices=[("", "すべて"), *FieldCategory.choices], required=False, widget=PlainSelect
    )
    group = forms.ChoiceField(
        label="まとめ方", choices=list(GROUPS.items()), required=False, widget=PlainSelect
    )
    company = forms.ModelChoiceField(
        label="相手方", queryset=Company.objects.all(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, data: Any, *, user: Any, today: date) -> None:
        super().__init__(data)
        self.user, self.this_year = user, fiscal_year.fiscal_year_of(today)
        years = range(self.this_year + _YEARS_AHEAD, self.this_year - _YEARS_BACK - 1, -1)
        year: Any = self.fields["year"]
        year.choices = [("", "今年度"), *((each, fiscal_year.label(each)) for each in years)]
        department: Any = self.fields["department"]
        department.queryset = Department.objects.visible_to(user)
        department.empty_label = "すべて"
        for name, field in self.fields.items():
            field.error_messages["invalid_choice"] = (
                f"指定された{field.label}が見つかりません。選び直してください。" if name else ""
            )

    @property
    def shown_year(self) -> int:
        return (self.cleaned_data.get("year") if self.is_valid() else None) or self.this_year

    @property
    def shown_group(self) -> str:
        return (self.cleaned_data.get("group") if self.is_valid() else "") or "department"

    def actions(self, *, of_year: bool = True) -> Any:
        """The actions of the own municipality that meet the conditions."""
        found = ActionItem.objects.internal_to(self.user)
        if not self.is_valid():
            return found.none()
        chosen = self.cleaned_data
        if of_year:
            found = found.in_fiscal_year(self.shown_year)
        if chosen["department"]:
            found = found.filter(department=chosen["department"])
        if chosen["funding"]:
            found = found.filter(funding=chosen["funding"])
        if chosen["company"]:
            with_company = Agreement.objects.with_company(chosen["company"])
            found = found.filter(agreement__in=with_company.order_by().values("pk"))
        if chosen["category"]:
            with_category = ActionItem.objects.filter(
                cooperation_fields__categories__category=chosen["category"]
            )
            found = found.filter(pk__in=with_category.values("pk"))
        return found
